using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;
using GateKeeper.Git;
using GateKeeper.Reconcile;

namespace GateKeeper.Tests.GitHub;

/// <summary>How a pull request comes to land on GitHub: pushed, or merged by GitHub itself and compared; and what GitHub refuses.</summary>
public sealed class GitHubLandings
{
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task A_fast_forward_lands_the_very_commits_and_is_shown_as_merged()
    {
        await using var world = await GitHubWorld.StartAsync("landing: { method: fast-forward }");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(world.Place.Tip(), Is.EqualTo(world.Place.Head(pull)));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("MERGED"));
    }

    [TestCase("squash")]
    [TestCase("rebase")]
    public async Task What_is_rewritten_is_merged_by_GitHub_itself_and_is_what_was_tested(string method)
    {
        await using var world = await GitHubWorld.StartAsync($"landing: {{ method: {method} }}");
        var (one, two) = (await world.Place.ProposeAsync("ana", "one.txt"), await world.Place.ProposeAsync("ana", "two.txt"));
        await world.Place.ApproveAsync("bob", one);
        await world.Place.ApproveAsync("bob", two);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EquivalentTo(new[] { "The beginning", "Add one.txt", "Add two.txt" }));
        Assert.That((await world.Place.StateAsync(one), await world.Place.StateAsync(two)), Is.EqualTo(("MERGED", "MERGED")));
        var tip = world.Place.CommitOf(world.Place.Tip());
        Assert.That((tip.Author.Name, tip.Committer.Name), Is.EqualTo(("ana", method == "rebase" ? "gatekeeper[bot]" : "GitHub")));
        Assert.That(tip.Tree.Select(entry => entry.Name), Is.EquivalentTo(new[] { "a.txt", "one.txt", "rules.yaml", "test.sh", "two.txt" }));
        Assert.That((await world.Place.GateChecksAsync(one)).Single().Title, Does.StartWith("Landed on widgets/main as"));
        Assert.That(await world.Place.GateCommentsAsync(one), Is.Empty, "GitHub shows it merged, so nobody has to be written to");
        Assert.That(world.Alarms, Is.Empty);
    }

    [Test]
    public async Task A_push_past_the_gate_in_the_very_moment_of_GitHubs_merge_stops_the_gate_with_the_words()
    {
        await using var world = await GitHubWorld.StartAsync("landing: { method: squash }");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        world.Place.Orders.Before("PUT", "/merge", () => world.Place.PushPastTheGateAsync("b.txt"));

        await world.SettleAsync();

        Assert.That(world.Alarms, Has.One.StartsWith("stopped:widgets/main").And.One.Contains("that is not what was tested").And.One.Contains("git diff"));
        var next = await world.Place.ProposeAsync("ana", "next.txt");
        await world.Place.ApproveAsync("bob", next);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.No.Member("Add next.txt"));
    }

    [Test]
    public async Task A_base_that_GitHub_says_was_modified_is_tried_again()
    {
        await using var world = await GitHubWorld.StartAsync("landing: { method: squash }");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        world.Place.Orders.FailNext("PUT", "/merge", 405, body: """{"message":"Base branch was modified. Review and try the merge again.","documentation_url":"https://docs.github.com/rest","status":"405"}""");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature.txt" }));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("MERGED"));
        Assert.That((await world.Place.GateChecksAsync(pull)).Single().Title, Does.StartWith("Landed on widgets/main as"));
    }

    [Test]
    public async Task A_squash_that_the_gate_pushes_itself_closes_the_pull_request_with_the_commit_named()
    {
        await using var world = await GitHubWorld.StartAsync("landing: { method: squash }");
        world.Repository = repository => repository with { ThroughForge = false };
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature.txt" }));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("CLOSED"));
        Assert.That(await world.Place.GateCommentsAsync(pull), Has.Exactly(1).Items.And.One.Contains($"landed on widgets/main as {world.Place.Tip()[..10]}"));
    }

    [Test]
    public async Task Where_GitHub_does_not_notice_the_gate_closes_it_after_a_minute_with_the_commit_named()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt", "stable");
        await world.Place.ApproveAsync("bob", pull);
        world.Place.Server.MergesLag = true;
        await world.SettleAsync();
        Assert.That(await world.Place.TrunkLogAsync("stable"), Has.Count.EqualTo(2));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("OPEN"));

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("CLOSED"));
        Assert.That(await world.Place.GateCommentsAsync(pull), Has.Exactly(1).Items.And.One.Contains($"landed on widgets/stable as {world.Place.Tip("stable")[..10]}"));
        Assert.That(await world.Place.TrunkLogAsync("stable"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Workflow_files_that_the_App_may_not_write_park_their_own_pull_request_and_name_the_permission()
    {
        await using var world = await GitHubWorld.StartAsync();
        await world.Place.PushAsync("dave", "workflow", "Add a workflow", new Dictionary<string, string?> { [".github/workflows/x.yml"] = "on: push\n" }, fork: "dave");
        var (workflow, other) = (await world.Place.OpenAsync("dave", "workflow", "Add a workflow", fork: "dave"), await world.Place.ProposeAsync("ana", "other.txt"));
        await world.Place.ApproveAsync("bob", workflow);
        await world.Place.ApproveAsync("bob", other);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add other.txt" }));
        Assert.That(world.Status(workflow).Note, Does.Contain("an App may push only with the permission Workflows (write)"));

        await world.Place.GrantAsync("workflows", "write");
        world.Place.Server.RevokeTokens();
        world.Time.Pass(TimeSpan.FromHours(1));
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add a workflow"));
    }

    [Test]
    public async Task Where_signatures_are_required_what_to_do_is_said()
    {
        await using var world = await GitHubWorld.StartAsync();
        await world.Place.AddRulesetAsync("signed", "main", "required_signatures");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Status(pull).Note, Does.Contain("demand signed commits").And.Contain("set \"landing\": {\"through\": \"forge\"} with squash, which GitHub signs"));
    }

    [Test]
    public async Task Where_signatures_are_required_GitHubs_own_squash_lands()
    {
        await using var world = await GitHubWorld.StartAsync("landing: { method: squash }");
        await world.Place.AddRulesetAsync("signed", "main", "required_signatures");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
    }

    [TestCase("PUT", "/merge", "squash", TestName = "A merge whose answer was lost is found on the trunk, also by a worker that is started anew")]
    [TestCase("POST", "/git-receive-pack", "merge", TestName = "A push whose answer was lost is found on the trunk, also by a worker that is started anew")]
    public async Task A_landing_whose_answer_was_lost(string method, string part, string landing)
    {
        await using var world = await GitHubWorld.StartAsync($"landing: {{ method: {landing} }}");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.OpenAsync();
        world.Place.Orders.CloseNext(method, part, afterDoing: true);
        await world.SettleAsync();
        await world.CloseAsync();

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature.txt" }));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("MERGED"));
        Assert.That((await world.Place.GateChecksAsync(pull)).Select(check => check.Conclusion), Is.EqualTo(new[] { "success" }));
        Assert.That(world.Alarms, Is.Empty);
    }

    [Test]
    public async Task What_a_landing_sees_of_the_trunk_is_for_the_loop_to_take()
    {
        await using var world = await GitHubWorld.StartAsync();
        world.Repository = repository => repository with { ThroughForge = true };
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        var settings = world.Settings();
        var (mirror, forge, _) = await Connection.OpenAsync(settings.Repositories[0], settings.Page, settings.Work, world.Time, default);
        await forge.RefreshAsync(new HashSet<string>(), default);
        var (before, revision) = (new CommitSha(mirror.Refs["refs/heads/main"]), new Revision(new($"{pull}"), new(world.Place.Head(pull))));

        var answer = await forge.LandAsync("refs/heads/main", new(before, [new(new(before, revision), revision.Commit)]), LandingMethod.Merge, TimeSpan.FromSeconds(30));

        Assert.That(answer, Is.EqualTo(new PushAnswer.Done(new CommitSha(world.Place.Tip()))));
        Assert.That(mirror.Refs["refs/heads/main"], Is.EqualTo(before.Hex), "a tick in between would take it for somebody else's push");
        (forge as IDisposable)?.Dispose();
        mirror.Dispose();
    }

    [Test]
    public async Task A_refusal_that_only_a_rebase_can_mend_is_told_to_the_author_and_not_tried_again_before()
    {
        await using var world = await GitHubWorld.StartAsync("landing: { method: rebase }");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        world.Place.Orders.FailNext("PUT", "/merge", 405, times: 5, body: """{"message":"This branch can't be rebased","documentation_url":"https://docs.github.com/rest","status":"405"}""");
        world.Place.IsWrongOnPurpose = true;

        for (var hours = 0; hours < 3; hours++)
        {
            await world.SettleAsync();
            world.Time.Pass(TimeSpan.FromHours(1));
        }

        var refusals = world.Place.Transcript.Lines.Count(line => line.Contains("PUT", StringComparison.Ordinal) && line.Contains("/merge", StringComparison.Ordinal));
        Assert.That(refusals, Is.EqualTo(1));
        Assert.That(await world.Place.GateCommentsAsync(pull), Has.One.Contains("can't be rebased").And.One.Contains("forge refused"));
        Assert.That((await world.Place.GateChecksAsync(pull))[^1].Title, Does.StartWith("Forge refused"));
    }

    [TestCase("merge")]
    [TestCase("squash")]
    [TestCase("rebase")]
    public async Task What_landed_is_accounted_for_and_what_was_pushed_past_the_gate_is_not(string method)
    {
        await using var world = await GitHubWorld.StartAsync($"landing: {{ method: {method} }}");
        foreach (var file in (string[])["one.txt", "two.txt"])
            await world.Place.ApproveAsync("bob", await world.Place.ProposeAsync("ana", file));
        await world.SettleAsync();
        using var terminal = new Terminal();

        var audit = await terminal.RunAsync("audit", "--config", world.WriteSettings());

        Assert.That((audit.Code, audit.Output), Is.EqualTo((0, "Everything on the trunks is accounted for.\n")), audit.Errors);
        var sneaked = await world.Place.PushPastTheGateAsync("sneaked.txt");
        var found = await terminal.RunAsync("audit", "--config", world.WriteSettings());
        Assert.That((found.Code, found.Output), Is.EqualTo((1, $"widgets/main: {sneaked} did not come through the gate\n")));
    }
}
