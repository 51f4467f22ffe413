using LibGit2Sharp;

namespace GateKeeper.Tests.Stories;

/// <summary>Servers that do not answer, or answer wrongly, and two workers, on every forge: nothing is lost, and nothing is done twice.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonFaults(string forge)
{
    private static readonly string[] Landed = ["The beginning", "Add feature"];

    [Test]
    public async Task A_server_that_is_gone_for_a_while_costs_time_and_nothing_else()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.GoingAway);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.ApproveAsync(change);
        world.GoDown(true);
        Assert.That(world.SettleAsync, Throws.Exception);

        world.GoDown(false);
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_server_that_answers_with_an_error_after_having_done_it_is_believed_by_what_it_shows(bool push)
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.GoingAway);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        world.FailAfter(push);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
        Assert.That(await world.SaidAsync(change), Has.One.Contains($"landed on {world.Trunk} as"));
    }

    [Test]
    public async Task A_question_that_fails_is_asked_again()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.GoingAway);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.OpenAsync();
        world.FailNextQuestion();

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [Test]
    public async Task What_is_missing_in_the_gates_own_copy_makes_its_change_wait_by_name_and_no_other()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        var mirror = Path.Combine(world.House.Settings.Work, "mirrors", $"{world.Trunk.Split('/')[0]}.git");
        string tree;
        using (var git = new Repository(mirror))
            tree = git.Lookup<Commit>(world.Status(change).Change.Current.Commit.Hex).Tree.Sha;
        await world.CloseAsync();
        var lost = RunRoom.Loosen(mirror, tree);
        File.Move(lost, lost + ".away");
        await world.ApproveAsync(change);
        await world.ApproveAsync(await world.ProposeAsync("other"));

        await world.SettleAsync();

        if (world.FetchesAnewAtTheStart)
        {
            Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature", "Add other" }), "the server had it, and it was fetched again");
            return;
        }

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add other" }));
        Assert.That(world.Why(change), Does.Contain($"the tree {tree} is missing in {Path.GetFileName(mirror)}"));
        Assert.That(world.Alarms, Has.Some.StartWith($"missing:{world.Trunk}"));

        File.Move(lost + ".away", lost);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add other", "Add feature" }));
        Assert.That(world.Alarms, Has.None.StartWith("missing:"));
    }

    [Test]
    public async Task A_second_worker_watches_and_does_nothing()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        Assert.That(await world.ShownAsync(change), Does.Contain(world.WordsOfPassedTests));
        await using var second = await world.OpenSecondAsync();
        await world.ApproveAsync(change);

        await second.SettleAsync(default);
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));

        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
        var said = await world.SaidAsync(change);
        Assert.That(said, Has.One.Contains("landed on"));
        Assert.That(said.Count(words => words.Contains(world.WordsOfPassedTests, StringComparison.Ordinal)), Is.LessThanOrEqualTo(1));
    }
}
