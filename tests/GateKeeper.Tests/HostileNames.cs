namespace GateKeeper.Tests;

/// <summary>Commits and branches whose names and dates no reader expects: each is its own change's failure and holds up nobody else.</summary>
public sealed class HostileNames
{
    [TestCase("ann <ann@example.org> 999999999999999 +1459", "ann <ann@example.org> 1795336000 +0000", "merge", TestName = "A commit dated beyond all time blocks its own change alone")]
    [TestCase(" <ann@example.org> 1795336000 +0000", "ann <ann@example.org> 1795336000 +0000", "merge", TestName = "A commit by nobody's name blocks its own change alone")]
    [TestCase("ann <ann@example.org> 1795336000 +0000", "ann <ann@example.org> 999999999999999 +1459", "fast-forward", TestName = "A commit that was made beyond all time blocks its own change alone")]
    public async Task A_commit_that_nobody_can_read(string author, string committer, string method)
    {
        await using var world = await World.StartAsync($"landing: {{ method: {method} }}\n{World.Rules}");
        var hostile = await world.GitAsync("hash-object", "-t", "commit", "-w", "--stdin", "--literally",
            $"<tree {await world.GitAsync("rev-parse", "main^{tree}")}\nparent {await world.GitAsync("rev-parse", "main")}\nauthor {author}\ncommitter {committer}\n\nHostile\n");
        await world.GitAsync("update-ref", "refs/heads/hostile", hostile);
        var change = await world.People.ProposeAsync("hostile", "ann", default);
        await world.ApproveAsync(change);
        await world.ProposeApprovedAsync("feature", "feature.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("cannot be read").And.Contain("amend it"));
    }

    [TestCase("ann <ann@example.org> 253402300800 +0000", "ann <ann@example.org> 1795336000 +0000", TestName = "A trunk whose commit was written beyond the calendar goes on")]
    [TestCase("ann <ann@example.org> 1795336000 +0000", "ann <ann@example.org> 9223372036854775807 +0000", TestName = "A trunk whose commit was made at the end of all numbers goes on")]
    [TestCase("ann <ann@example.org> -5 +0000", "ann <ann@example.org> -99999999999999 +0000", TestName = "A trunk whose commit is older than time goes on")]
    [TestCase("ann <ann@example.org> 1795336000 -12345", "ann <ann@example.org> 1795336000 +9959", TestName = "A trunk whose commit comes from no zone of this world goes on")]
    public async Task A_trunk_goes_on_over_a_commit_whose_date_nobody_can_read(string author, string committer)
    {
        await using var world = await World.StartAsync();
        await world.SettleAsync();
        for (var times = 0; times < 2; times++)
        {
            var odd = await world.GitAsync("hash-object", "-t", "commit", "-w", "--stdin", "--literally",
                $"<tree {await world.GitAsync("rev-parse", "main^{tree}")}\nparent {await world.GitAsync("rev-parse", "main")}\nauthor {author}\ncommitter {committer}\n\nOdd\n");
            await world.GitAsync("update-ref", "refs/heads/main", odd);
            await world.ProposeApprovedAsync($"feature{times}", $"feature{times}.txt");
            world.Time.Pass(TimeSpan.FromSeconds(61));
            await world.SettleAsync();
        }

        await world.CloseAsync();
        await world.ProposeApprovedAsync("last", "last.txt");
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Odd", "Add feature0", "Odd", "Add feature1", "Add last" }));
        Assert.That(world.Alarms, Is.EqualTo(new[] { "foreign:tool/main" }));
    }

    [Test]
    public async Task A_trunk_whose_commit_bears_a_date_beyond_all_numbers_is_closed_with_the_commits_name()
    {
        await using var world = await World.StartAsync();
        await world.SettleAsync();
        var (tree, parent) = (await world.GitAsync("rev-parse", "main^{tree}"), await world.GitAsync("rev-parse", "main"));
        var odd = await world.GitAsync("hash-object", "-t", "commit", "-w", "--stdin", "--literally",
            $"<tree {tree}\nparent {parent}\nauthor ann <ann@example.org> 1795336000 +0000\ncommitter ann <ann@example.org> 99999999999999999999 +0000\n\nOdd\n");
        await world.GitAsync("update-ref", "refs/heads/main", odd);
        world.Time.Pass(TimeSpan.FromSeconds(61));

        Assert.That(async () => await world.SettleAsync(), Throws.Exception);

        Assert.That(world.House.Notebook.Alarms.Select(alarm => $"{alarm.Name}: {alarm.Words}"), Has.Some.StartWith("failing:tool/main").And.Contain(odd));

        // As the operator's page says: it opens when the commit is taken off.
        await world.GitAsync("update-ref", "refs/heads/main", parent);
        await world.ProposeApprovedAsync("feature", "feature.txt");
        world.Time.Pass(TimeSpan.FromSeconds(61));
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(world.Alarms, Is.Empty);
    }

    [TestCase("", TestName = "Branches whose names are no text are not there")]
    [TestCase("file://", TestName = "Nor are they where they are listed over the wire")]
    public async Task Branches_without_a_name(string scheme)
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("feature", "feature.txt");
        var tip = System.Text.Encoding.ASCII.GetBytes($" {await world.GitAsync("rev-parse", "main")}\n");
        await new Git.GitProgram(world.Url, home: null).NeedAsync(["update-ref", "--stdin"], default, [.. "create refs/heads/"u8, 0xff, .. tip, .. "create refs/heads/"u8, 0xfe, .. tip]);
        world.Configure(repository => repository with { Url = scheme + world.Url });

        await world.SettleAsync();
        await world.GitAsync("pack-refs", "--all");

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
    }
}
