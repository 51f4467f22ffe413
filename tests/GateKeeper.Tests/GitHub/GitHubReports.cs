namespace GateKeeper.Tests.GitHub;

/// <summary>What people read on GitHub: one check that is edited in place, one comment for whoever must act, and nothing that only makes noise.</summary>
public sealed class GitHubReports
{
    [Test]
    public async Task One_check_stands_at_the_head_and_is_edited_in_place()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.SettleAsync();
        var first = (await world.Place.GateChecksAsync(pull)).Single();
        Assert.That((first.Name, first.Status, first.Title), Is.EqualTo(("gatekeeper", "in_progress", "Waiting: 0 of 1 approvals from core")));
        Assert.That(first.Summary, Does.Contain("**What would have to happen**").And.Contain("- 0 of 1 approvals from core").And.Contain("wait  reviewer:").And.Contain("pass  tests:"));

        await world.Place.VetoAsync("carol", pull);
        await world.SettleAsync();
        var second = (await world.Place.GateChecksAsync(pull)).Single();
        Assert.That((second.Id, second.Conclusion), Is.EqualTo((first.Id, "failure")));
        Assert.That(second.Title, Does.StartWith("Blocked: vetoed by carol"));

        await world.Place.ApproveAsync("carol", pull);
        await world.SettleAsync();
        Assert.That((await world.Place.GateChecksAsync(pull))[^1].Conclusion, Is.EqualTo("success"));
        Assert.That(await world.Place.GateChecksAsync(pull), Has.Count.LessThanOrEqualTo(2), "what has ended is not opened again: one more takes its place");
    }

    [Test]
    public async Task The_errors_of_a_rules_file_are_told_with_their_lines()
    {
        await using var world = await GitHubWorld.StartAsync();
        var rules = world.Place.File("rules.yaml")!;
        await world.Place.PushAsync("ana", "rules", "Change the rules", new Dictionary<string, string?> { ["rules.yaml"] = rules.Replace("approvals: 1", "approvals: many", StringComparison.Ordinal) });
        var pull = await world.Place.OpenAsync("ana", "rules", "Change the rules");

        await world.SettleAsync();

        Assert.That(await world.Place.GateCommentsAsync(pull), Has.Exactly(1).Items.And.One.Contains("the rules.yaml it brings is invalid: 8:45: error: \"approvals\" must be a whole number from 1 to 100, not \"many\""));
        Assert.That(world.Place.Repository.CheckRuns.Single(run => run.Sha == world.Place.Head(pull)).Annotations.Select(remark => ((string)remark["path"]!, (int)remark["start_line"]!)), Has.Some.EqualTo(("rules.yaml", 8)).And.All.EqualTo(("rules.yaml", 8)));
    }

    [Test]
    public async Task One_comment_is_edited_in_place_for_whoever_must_act()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "bad");
        await world.SettleAsync();
        var first = (await world.Place.CommentsAsync(pull)).Single();
        Assert.That(first.Text, Does.StartWith("<!-- gatekeeper -->\n").And.Contain("tests failed"));

        await world.Place.PushAsync("ana", "add-bad", "Clash", new Dictionary<string, string?> { ["bad"] = null, ["a.txt"] = "mine\n" });
        await world.Place.PushPastTheGateAsync("a.txt");
        await world.SettleAsync();
        var second = (await world.Place.CommentsAsync(pull)).Single();
        Assert.That(second.Id, Is.EqualTo(first.Id));
        Assert.That(second.Text, Does.StartWith("<!-- gatekeeper -->\nconflict: it does not merge with main in a.txt").And.Contain("<summary>Said before</summary>\n\ntests failed"));
    }

    [Test]
    public async Task A_request_that_is_refused_is_told_why_and_one_that_was_read_bears_a_sign()
    {
        await using var world = await GitHubWorld.StartAsync(more: "may: { freeze: core }");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        var request = await world.Place.CommentAsync("mallory", pull, "/gatekeeper freeze now");
        var talk = await world.Place.CommentAsync("mallory", pull, "please");

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.Place.ReactionsAsync(request), Is.EqualTo(new[] { "gatekeeper[bot] eyes" }));
        Assert.That(await world.Place.ReactionsAsync(talk), Is.Empty);
        Assert.That(await world.Place.GateCommentsAsync(pull), Has.Exactly(1).Items.And.One.Contains("mallory may not ask for freeze here: the rules let core."));
    }

    [Test]
    public async Task Explain_tells_all_that_is_missing_and_who_can_meet_it()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.CommentAsync("ana", pull, "/gatekeeper explain");

        await world.SettleAsync();

        Assert.That(await world.Place.GateCommentsAsync(pull), Has.One.Contains("What would have to happen:").And.Contains("0 of 1 approvals from core (can be met by bob, carol)"));
    }

    [Test]
    public async Task With_a_token_and_no_App_a_status_says_it_in_its_few_letters()
    {
        await using var world = await GitHubWorld.StartAsync();
        var secret = Path.Combine(Path.GetDirectoryName(world.Place.KeyFile)!, "token");
        await File.WriteAllTextAsync(secret, GitHubPlace.Token("erin") + "\n");
        world.Repository = repository => repository with { App = null, Credential = $"file:{secret}" };
        var (pull, bad) = (await world.Place.ProposeAsync("ana", "feature.txt"), await world.Place.ProposeAsync("ana", "bad"));
        await world.SettleAsync();
        Assert.That(await world.Place.StatusesAsync(world.Place.Head(pull)), Is.EqualTo(new[] { "gatekeeper pending: Waiting: 0 of 1 approvals from core" }));
        Assert.That(await world.Place.StatusesAsync(world.Place.Head(bad)), Has.One.StartsWith("gatekeeper failure: "));
        Assert.That(world.Place.Repository.CheckRuns, Is.Empty);

        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        Assert.That(await world.Place.StatusesAsync(world.Place.Head(pull)), Has.One.StartsWith("gatekeeper success: Landed on widgets/main as"));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("MERGED"));
    }

    [Test]
    public async Task Words_of_a_hostile_author_call_nobody_and_are_no_markup()
    {
        await using var world = await GitHubWorld.StartAsync();
        const string Words = "@everyone <img src=x onerror=alert(1)> `code` [here](https://example.org) <!-- gatekeeper -->";
        await world.Place.PushAsync("ana", "hostile", Words, new Dictionary<string, string?> { ["feature.txt"] = "x\n" });
        var pull = await world.Place.OpenAsync("ana", "hostile", Words, body: $"Depends-On: {Words}");
        await world.Place.CommentAsync("carol", pull, $"/gatekeeper hold {Words}");

        await world.SettleAsync();

        var said = (await world.Place.GateCommentsAsync(pull)).Single();
        Assert.That(said, Does.Contain("held, as carol asked"));
        foreach (var text in (string[])[said["<!-- gatekeeper -->".Length..], OutsideFences((await world.Place.GateChecksAsync(pull)).Single().Summary!)])
            Assert.That(text, Does.Not.Contain("@everyone").And.Not.Contain("<img").And.Not.Contain(" `code`").And.Not.Contain(" [here](").And.Not.Contain("<!--"));
    }

    [Test]
    public async Task After_a_restart_nothing_is_written_that_stands_there_already()
    {
        await using var world = await GitHubWorld.StartAsync();
        await world.Place.ProposeAsync("ana", "feature.txt");
        var bad = await world.Place.ProposeAsync("ana", "bad");
        await world.Place.CommentAsync("carol", bad, "/gatekeeper hold");
        await world.SettleAsync();
        await world.SettleAsync();
        var before = world.Place.Limits.Creating;
        await world.CloseAsync();

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(world.Place.Limits.Creating, Is.EqualTo(before));
    }

    private static string OutsideFences(string markdown) => string.Concat(markdown.Split("```").Where((_, at) => at % 2 == 0));
}
