namespace GateKeeper.Tests;

/// <summary>Commits and branches whose names and dates no reader expects: each is its own change's failure and holds up nobody else.</summary>
public sealed class HostileNames
{
    [TestCase("ann <ann@example.org> 999999999999999 +1459", "ann <ann@example.org> 1795336000 +0000", "merge", TestName = "A commit dated beyond all time blocks its own change alone")]
    [TestCase(" <ann@example.org> 1795336000 +0000", "ann <ann@example.org> 1795336000 +0000", "merge", TestName = "A commit by nobody's name blocks its own change alone")]
    [TestCase("ann <> 1795336000 +0000", "ann <> 1795336000 +0000", "rebase", TestName = "A commit without an address blocks its own change alone")]
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
