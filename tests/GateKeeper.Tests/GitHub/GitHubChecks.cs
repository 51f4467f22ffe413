namespace GateKeeper.Tests.GitHub;

/// <summary>Whose reports count on GitHub, where anybody who may push has a workflow say anything about any commit.</summary>
public sealed class GitHubChecks
{
    private const string Build = "  build: { check: build, from: { app: github-actions, workflow: .github/workflows/build.yml }, on: revision }";
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [TestCase("github-actions", ".github/workflows/evil.yml", "push", TestName = "A workflow on a side branch that reports the required checks name on somebody elses commit counts for nothing")]
    [TestCase("github-actions", ".github/workflows/build.yml", "workflow_dispatch", TestName = "The right workflow that somebody started by hand counts for nothing")]
    [TestCase("other-ci", null, "push", TestName = "Another App that reports the required checks name counts for nothing")]
    public async Task A_report_by_somebody_else(string app, string? workflow, string @event)
    {
        await using var world = await GitHubWorld.StartAsync(tests: Build);
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.ReportAsync(app, world.Place.Head(pull), "build", "completed", "success", workflow, @event);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        await world.Place.ReportAsync("github-actions", world.Place.Head(pull), "build", "completed", "success", ".github/workflows/build.yml");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
    }

    [Test]
    public async Task A_status_that_somebody_sets_under_the_checks_name_counts_for_nothing()
    {
        await using var world = await GitHubWorld.StartAsync(tests: Build);
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.StatusAsync("ana", world.Place.Head(pull), "build", "success");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
    }
}
