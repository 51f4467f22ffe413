using GateKeeper.Forges.PlainGit;

namespace GateKeeper.Tests;

/// <summary>Changes on top of others: what lands is what somebody was shown, whatever became of the branch below.</summary>
public sealed class StackScenarios
{
    private static readonly Dictionary<string, string?> More = new() { ["more.txt"] = "x\n" };

    [Test]
    public async Task What_was_pushed_to_a_branch_after_it_landed_does_not_ride_in_with_what_is_above_it()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("below", "below.txt");
        await world.SettleAsync();
        world.People.Push("below", "ann", "Nobody is shown this", More);
        world.People.Push("above", "ann", "Add above", new Dictionary<string, string?> { ["above.txt"] = "x\n" }, "below");
        var above = await world.People.ProposeAsync("above", "ann", default, "below");
        await world.ApproveAsync(above);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add below" }));
        Assert.That(world.Status(above).Judgement.Whole.Reason, Does.Contain("its reviewers were not shown"));
    }

    [TestCase(true, TestName = "Nor does what is merged in from there")]
    [TestCase(false, TestName = "Nor does it where the branch is gone")]
    public async Task Whatever_way_it_comes(bool merged)
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("below", "below.txt");
        await world.SettleAsync();
        if (merged)
            world.People.Push("above", "ann", "Add above", new Dictionary<string, string?> { ["above.txt"] = "x\n" }, "below");
        var unseen = world.People.Push("below", "ann", "Nobody is shown this", More);
        if (merged)
            await world.GitAsync("update-ref", "refs/heads/above", await world.GitAsync("-c", "user.name=ann", "-c", "user.email=ann@example.org", "commit-tree", $"{unseen.Hex}^{{tree}}", "-p", "above", "-p", unseen.Hex, "-m", "Joined"));
        else
            world.People.Push("above", "ann", "Add above", new Dictionary<string, string?> { ["above.txt"] = "x\n" }, "below");
        var above = await world.People.ProposeAsync("above", "ann", default, "below");
        if (!merged)
            await world.GitAsync("update-ref", "-d", "refs/heads/below");
        await world.ApproveAsync(above);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add below" }));
    }

    [TestCase(false, false)]
    [TestCase(false, true)]
    [TestCase(true, false)]
    public async Task What_lay_on_the_branch_below_when_it_was_reviewed_does_not_come_along_when_that_branch_drops_it(bool merged, bool named)
    {
        await using var world = await World.StartAsync(World.Rules.Replace("@example.org", "", StringComparison.Ordinal), trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "below", "below.txt");
        var below = await people.ProposeAsync("ann", "below");
        if (merged)
        {
            await people.MoveAsync("ann", "refs/heads/above", "refs/heads/below");
            people.Push("ann", "above", "above.txt");
        }

        people.Push("ann", "below", "unseen.txt");
        await world.SettleAsync();
        var unseen = await world.GitAsync("rev-parse", "below");
        if (merged)
        {
            var tree = (await world.GitAsync("merge-tree", "--write-tree", "above", "below")).Split('\n')[0];
            var join = await world.GitAsync("-c", "user.name=ann", "-c", "user.email=ann@example.org", "commit-tree", tree, "-p", "above", "-p", "below", "-m", "Joined");
            await world.GitAsync("update-ref", "refs/heads/made", join);
            await people.MoveAsync("ann", "refs/heads/above", "refs/heads/made");
        }
        else
        {
            await people.MoveAsync("ann", "refs/heads/above", "refs/heads/below");
            people.Push("ann", "above", "above.txt");
        }

        string above;
        if (named)
        {
            var request = GoJson.Canonical(new RequestLine { Timestamp = $"{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}", ReviewRef = "refs/heads/above", TargetRef = "refs/heads/below", Requester = "ann@example.org", Description = "Add above" });
            Assert.That(await people.SayAsync("ann", Notes.Reviews, above = unseen, request), Is.Null);
        }
        else
        {
            above = await people.ProposeAsync("ann", "above", "below");
        }

        await people.VoteAsync("bob", above, speaksAs: "bob");
        await world.SettleAsync();
        Assert.That(await people.PushAsync("ann", $"{below}:refs/heads/below"), Is.Null);
        await people.VoteAsync("bob", below, speaksAs: "bob");

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add below" }));
        Assert.That(world.Status(above).Judgement.Whole.Reason, Does.Contain("its reviewers were not shown"));
    }

    [Test]
    public async Task What_a_change_depends_on_by_its_description_lands_before_it()
    {
        await using var world = await World.StartAsync();
        var first = await world.ProposeAsync("first", "first.txt");
        world.People.Push("second", "ann", "Add second", new Dictionary<string, string?> { ["second.txt"] = "x\n" });
        var second = await world.People.ProposeAsync("second", "ann", default, description: $"Add second\n\nIt needs the other.\nDepends-On: {first}\n");
        await world.ApproveAsync(second);
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(second).Judgement.Whole.Reason, Is.EqualTo($"depends on {first[..10]}, which is not ready to land"));

        await world.ApproveAsync(first);
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add first", "Add second" }));
    }

    [TestCase("merge")]
    [TestCase("squash")]
    [TestCase("rebase")]
    public async Task What_is_above_a_landed_change_lands_after_it(string method)
    {
        await using var world = await World.StartAsync($"landing: {{ method: {method} }}\n{World.Rules}");
        world.People.Push("below", "ann", "Begin below", new Dictionary<string, string?> { ["below.txt"] = "1\n2\n3\n" });
        world.People.Push("below", "ann", "Add below", new Dictionary<string, string?> { ["below.txt"] = "one\n2\n3\n" });
        var below = await world.People.ProposeAsync("below", "ann", default);
        var above = await world.ProposeAsync("above", "below.txt", "ONE\n2\n3\n", on: "below");
        await world.ApproveAsync(below);
        await world.SettleAsync();
        await world.ApproveAsync(above);

        await world.SettleAsync();

        Assert.That(world.TrunkLog[^1], Is.EqualTo("Add above"));
        Assert.That(await world.GitAsync("show", "main:below.txt"), Is.EqualTo("ONE\n2\n3"));
        Assert.That(world.House.Pictures.Single().Plan.Open, Is.Empty);
    }

    [Test]
    public async Task What_was_withdrawn_does_not_ride_in_as_a_commit_of_what_was_approved_above_it()
    {
        await using var world = await World.StartAsync("carry-approvals: same-diff\n" + World.Rules);
        var below = await world.ProposeAsync("below", "below.txt");
        world.People.Push("above", "ann", "Add above", new Dictionary<string, string?> { ["above.txt"] = "x\n" }, "below");
        var above = await world.People.ProposeAsync("above", "ann", default, "below");
        await world.People.VoteAsync(below, "carol", false, "no", default);
        await world.ApproveAsync(above);
        await world.SettleAsync();
        await (await world.People.ClientAsync("ann", default)).AbandonAsync(below, default);
        var trunk = world.People.Push("main", "ann", "Past the gate", More);
        using (var git = new LibGit2Sharp.Repository(world.Url))
        {
            var branch = git.Refs["refs/heads/above"];
            var first = Stories.OnGitHub.Replay(git, git.Refs["refs/heads/below"].TargetIdentifier, trunk.Hex);
            git.Refs.UpdateTarget(branch, new LibGit2Sharp.ObjectId(Stories.OnGitHub.Replay(git, branch.TargetIdentifier, first)));
        }

        world.Time.Pass(TimeSpan.FromSeconds(10));
        var request = (await world.People.ClientAsync("ann", default)).Find(above).Request! with { Alias = await world.GitAsync("rev-parse", "above"), Timestamp = $"{world.Time.GetUtcNow().ToUnixTimeSeconds()}" };
        await world.GitAsync("-c", "user.name=ann", "-c", "user.email=ann@example.org", "notes", "--ref", Notes.Reviews, "append", "-m", GoJson.Canonical(request), above);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Past the gate" }));
    }

    [Test]
    public async Task A_contributors_own_words_in_a_replayed_commit_are_no_landing()
    {
        await using var world = await World.StartAsync($"landing: {{ method: rebase }}\n{World.Rules}");
        var victim = await world.ProposeAsync("victim", "victim.txt");
        world.People.Push("two", "ann", $"Add one\n\nChange: {victim}\nRevision: {victim}", new Dictionary<string, string?> { ["one.txt"] = "x\n" });
        world.People.Push("two", "ann", $"Add two\n\nChange: {victim}\nRevision: {victim}", new Dictionary<string, string?> { ["two.txt"] = "x\n" });
        await world.ApproveAsync(await world.People.ProposeAsync("two", "ann", default));
        await world.SettleAsync();
        Assert.That(world.House.Pictures.Single().Plan.Open.Select(status => status.Change.Id.Value), Is.EqualTo(new[] { victim }), "it is open still");

        await world.ApproveAsync(victim);
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one", "Add two", "Add victim" }));
    }
}
