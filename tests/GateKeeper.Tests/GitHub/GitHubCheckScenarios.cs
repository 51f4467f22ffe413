using GateKeeper.Settings;

namespace GateKeeper.Tests.GitHub;

/// <summary>Tests that GitHub's own machines run on the candidates that the gate publishes.</summary>
public sealed class GitHubCheckScenarios
{
    private const string Workflow = ".github/workflows/build.yml";
    private const string Prefix = "gatekeeper/";
    private const string Build = """
          build: { check: build, from: { app: github-actions, workflow: .github/workflows/build.yml }, timeout: 60m }
        """;
    private const string Guard = """
          - { name: workflows, when: { paths: [".github/**"] }, require: { approvals: 1, from: core, lifted-by: core } }
        """;
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task A_candidate_is_published_once_people_agree_and_lands_when_its_check_has_passed()
    {
        await using var world = await OpenAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.SettleAsync();
        Assert.That(await world.Place.BranchesAsync(Prefix), Is.Empty, "strangers' code reaches the machines only after review");

        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        var branches = await world.Place.BranchesAsync(Prefix);
        Assert.That(branches, Has.Some.StartsWith($"{Prefix}main/{pull}-"), world.Why(pull));
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        await ReportAsync(world, world.Place.Tip(branches.First(branch => branch.Contains($"/{pull}-", StringComparison.Ordinal))));
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature.txt" }));
        await world.SettleAsync();
        Assert.That(await world.Place.BranchesAsync(Prefix), Is.Empty, "what was published is taken away");
        Assert.That(world.Alarms, Is.Empty);
    }

    [Test]
    public async Task A_workflow_of_somebodys_own_branch_may_report_any_name_and_is_not_believed()
    {
        await using var world = await OpenAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        var candidate = await CandidateAsync(world, pull);

        // On the candidate, on the head, by another file, by another event, by another App, and by a status of the name.
        await world.Place.ReportAsync("github-actions", candidate, "build", "completed", "success", ".github/workflows/mine.yml", "push");
        await world.Place.ReportAsync("github-actions", candidate, "build", "completed", "success", Workflow, "workflow_dispatch");
        await world.Place.ReportAsync("other-ci", candidate, "build", "completed", "success");
        await world.Place.ReportAsync("github-actions", world.Place.Head(pull), "build", "completed", "success", Workflow, "push");
        await world.Place.StatusAsync("ana", candidate, "build", "success");
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("awaited: no report of build by github-actions, .github/workflows/build.yml, push yet"));
    }

    [TestCase("neutral")]
    [TestCase("skipped")]
    [TestCase("cancelled")]
    [TestCase("action_required")]
    public async Task What_is_no_success_is_no_pass(string conclusion)
    {
        await using var world = await OpenAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();

        await ReportAsync(world, await CandidateAsync(world, pull), conclusion);
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain($"build reported \"{conclusion}\", which is no pass"));
    }

    [Test]
    public async Task A_check_that_runs_again_in_the_moment_before_landing_is_waited_for()
    {
        await using var world = await OpenAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        var candidate = await CandidateAsync(world, pull);
        var run = await ReportAsync(world, candidate);
        await world.Place.UpdateRunAsync(run, "in_progress");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        await world.Place.UpdateRunAsync(run, "completed", "success");
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature.txt" }));
    }

    [Test]
    public async Task Actions_without_their_workflow_are_whoever_can_push_a_branch()
    {
        await using var world = await OpenAsync("""
              build: { check: build, from: { app: github-actions }, timeout: 60m }
            """);
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();

        Assert.That(world.Why(pull), Does.Contain("whoever can push a branch can have github-actions report under any name, so \"from\" of build must name the workflow too"));
        Assert.That(await world.Place.BranchesAsync(Prefix), Is.Empty);
    }

    private static async Task<GitHubWorld> OpenAsync(string tests = Build)
    {
        var world = await GitHubWorld.StartAsync(gates: Guard, tests: tests);
        world.Repository = (RepositorySettings repository) => repository with { Publish = $"refs/heads/{Prefix}" };
        return world;
    }

    private static async Task<string> CandidateAsync(GitHubWorld world, int pull) =>
        world.Place.Tip((await world.Place.BranchesAsync(Prefix)).First(branch => branch.Contains($"/{pull}-", StringComparison.Ordinal)));

    private static Task<long> ReportAsync(GitHubWorld world, string commit, string conclusion = "success") =>
        world.Place.ReportAsync("github-actions", commit, "build", "completed", conclusion, Workflow, "push");
}
