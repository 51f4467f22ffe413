using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>The guard on a real repository, pushed to by real people with real hooks.</summary>
public sealed class GuardScenarios
{
    [Test]
    public async Task Behind_the_guard_votes_are_who_pushed_them_and_only_the_gate_moves_the_trunk()
    {
        await using var world = await World.StartAsync(World.Rules.Replace("@example.org", "", StringComparison.Ordinal), trusted: false);
        using var people = new People(world);
        await people.GuardAsync();

        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        Assert.That(async () => await people.MoveAsync("ann", "refs/heads/main", "refs/heads/feature"), Throws.TypeOf<GitException>().With.Message.Contains("only the gate (gatekeeper) moves a trunk"));
        Assert.That(async () => await people.VoteAsync("ann", change, speaksAs: "bob"), Throws.TypeOf<GitException>().With.Message.Contains("ann may not speak as"));
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));

        await people.VoteAsync("bob", change, speaksAs: "bob");
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(await world.GitAsync("log", "-1", "--format=%an|%cn", "main"), Is.EqualTo("ann|gatekeeper"));
        Assert.That(await world.GitAsync("log", "--format=%B", PushLog.Ref), Does.Contain("\tbob\t").And.Contain("\tgatekeeper\t"));
    }

    [Test]
    public async Task A_reviewer_who_pushed_to_the_branch_may_not_approve_it()
    {
        await using var world = await World.StartAsync(World.Rules.Replace("@example.org", "", StringComparison.Ordinal), trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        people.Push("bob", "feature", "more.txt", author: "ann");
        await people.VoteAsync("bob", change, speaksAs: "bob");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("bob pushed this revision"));
    }

    [TestCase("{ \"ann\": [\"ann@example.org\"] }")]
    [TestCase("{ \"ann\": ")]
    public async Task An_accounts_file_that_is_no_good_changes_nothing_of_a_guard_that_is_at_work(string bad)
    {
        await using var world = await World.StartAsync(trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        var (installed, offered) = (Path.Combine(world.Url, "gatekeeper", "accounts.json"), Path.GetTempFileName());
        var before = File.ReadAllText(installed);
        File.WriteAllText(offered, bad);

        Assert.That(
            async () => await new Guard(world.Url, TimeProvider.System).InstallAsync(new("gatekeeper", ["main"], []), offered, "gatekeeper", default),
            Throws.TypeOf<FormatException>().With.Message.Contains("the accounts file must read"));

        Assert.That(File.ReadAllText(installed), Is.EqualTo(before));
        File.Delete(offered);
    }
}
