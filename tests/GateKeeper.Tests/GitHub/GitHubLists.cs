using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub;

/// <summary>What GitHub tells in pages, in part or not at all is read to the end, or waited for.</summary>
public sealed class GitHubLists
{
    private const int Many = 105;
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task The_veto_behind_a_hundred_reviews_is_seen()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        for (var i = 0; i < Many; i++)
            await world.Place.ReviewAsync("mallory", pull, "COMMENT", "noise");
        await world.Place.VetoAsync("carol", pull);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("vetoed by carol"));
    }

    [TestCase("{ \"type\": \"SERVICE_UNAVAILABLE\", \"path\": [\"nodes\", 0], \"message\": \"Something went wrong\" }", "Something went wrong")]
    [TestCase(null, "GitHub tells nothing of it, and not why")]
    public async Task One_that_is_not_told_is_not_taken_for_gone(string? error, string said)
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.SettleAsync();
        for (var times = 0; times < 20; times++)
            world.Place.Orders.AnswerGraph("GateKeeperPulls", JsonNode.Parse($$"""{ "data": { "nodes": [null], "rateLimit": null }{{(error is null ? "" : $", \"errors\": [{error}]")}} }""")!.AsObject());
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(world.Why(pull), Does.Contain(said));
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
    }

    [Test]
    public async Task The_hold_behind_a_hundred_comments_is_seen()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        for (var i = 0; i < Many; i++)
            await world.Place.CommentAsync("mallory", pull, "noise");
        await world.Place.CommentAsync("carol", pull, "/gatekeeper hold");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("held by carol"));
    }

    [Test]
    public async Task The_new_target_behind_a_hundred_labels_set_and_taken_away_is_seen()
    {
        await using var world = await GitHubWorld.StartAsync(gates: "  - { name: quiet, when: { labels: [z-quiet] }, require: { approvals: 2, from: core } }");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        for (var i = 0; i < Many; i++)
            await world.Place.LabelAsync("ana", pull, $"label-{i}");
        await world.Place.LabelAsync("ana", pull, "z-quiet");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("1 of 2 approvals"));
    }

    [Test]
    public async Task The_reviewers_own_commit_among_a_hundred_is_seen()
    {
        await using var world = await GitHubWorld.StartAsync();
        var at = world.Place.Tip();
        for (var i = 0; i < Many; i++)
            at = await world.Place.CommitAsync(i == 0 ? "bob" : "ana", $"Step {i}", new Dictionary<string, string?> { ["steps.txt"] = $"{i}\n" }, at);
        await world.Place.MoveBranchAsync("ana", "steps", at);
        var pull = await world.Place.OpenAsync("ana", "steps", "Many steps");
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("bob wrote a commit of it"));

        await world.Place.ApproveAsync("carol", pull);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Many steps"));
    }

    [Test]
    public async Task More_pull_requests_than_one_page_holds_are_all_looked_after()
    {
        await using var world = await GitHubWorld.StartAsync(test: "true");
        var pulls = new List<int>();
        for (var i = 0; i < Many; i++)
            pulls.Add(await world.Place.ProposeAsync("ana", $"{i}.txt", draft: i > 0));
        await world.Place.ApproveAsync("bob", pulls[0]);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add 0.txt" }));
        Assert.That(world.House.Pictures.SelectMany(picture => picture.Plan.Open).Count(), Is.EqualTo(Many - 1));
    }

    [Test]
    public async Task What_may_not_be_seen_of_one_makes_that_one_wait()
    {
        await using var world = await GitHubWorld.StartAsync();
        var (one, two) = (await world.Place.ProposeAsync("ana", "one.txt"), await world.Place.ProposeAsync("ana", "two.txt"));
        await world.Place.ApproveAsync("bob", one);
        await world.Place.ApproveAsync("bob", two);
        await world.Place.LabelAsync("ana", one, "secret");
        world.Place.Orders.Forbidden.Add("LabeledEvent.actor");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add two.txt" }));
        Assert.That(world.Why(one), Does.Contain("GitHub did not tell all of it"));

        world.Place.Orders.Forbidden.Clear();
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add one.txt"));
    }

    [Test]
    public async Task A_list_that_may_not_be_seen_at_all_is_not_an_empty_one()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        world.Place.Orders.Forbidden.Add("PullRequest.labels");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("GitHub did not tell all of it"));

        world.Place.Orders.Forbidden.Clear();
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
    }

    [Test]
    public async Task What_is_not_told_without_a_word_is_not_known(
        [Values("labels", "reviews", "timelineItems", "comments", "reviewThreads", "commits")] string list, [Values("the list", "its nodes", "its page", "one of it")] string missing)
    {
        await using var world = await GitHubWorld.StartAsync(gates: "  - { name: labels, require: { no-labels: [do-not-merge] } }");
        var (pull, other) = (await world.Place.ProposeAsync("ana", "feature.txt"), await world.Place.ProposeAsync("ana", "other.txt"));
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.LabelAsync("ana", pull, list == "labels" ? "do-not-merge" : "harmless");
        await world.Place.CommentAsync("carol", pull, list == "comments" ? "/gatekeeper hold" : "fine");
        await world.Place.StartThreadAsync(pull, "feature.txt");
        if (list == "reviews")
            await world.Place.VetoAsync("carol", pull);
        await world.Place.ApproveAsync("bob", other);
        world.Place.Orders.Retell = (pull, told =>
        {
            if (missing == "the list")
                told[list] = null;
            else if (missing == "its nodes")
                told[list]!["nodes"] = null;
            else if (missing == "its page")
                told[list]!["pageInfo"] = null;
            else
                told[list]!["nodes"]!.AsArray()[^1] = null;
        });

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add other.txt" }));
        Assert.That(world.Why(pull), Does.Contain("GitHub did not tell all of it"));
        world.Place.Orders.Retell = null;
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), list is "labels" or "reviews" or "comments" ? Has.No.Member("Add feature.txt") : Has.Member("Add feature.txt"));
    }

    [Test]
    public async Task A_conversation_is_waited_for_where_the_branchs_rules_demand_that_all_be_resolved()
    {
        await using var world = await GitHubWorld.StartAsync();
        await world.Place.AddRulesetAsync("reviews", "main", "pull_request", new JsonObject { ["required_review_thread_resolution"] = true }, ("Integration", GitHubPlace.AppId, "always"));
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        var thread = await world.Place.StartThreadAsync(pull, "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("unresolved conversations: 1"));

        await world.Place.ResolveThreadAsync(pull, thread);
        await world.Place.CommentAsync("carol", pull, "done");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
    }

    [Test]
    public async Task Rules_of_a_branch_that_may_not_be_seen_are_not_none()
    {
        await using var world = await GitHubWorld.StartAsync();
        await world.Place.AddRulesetAsync("reviews", "main", "pull_request", new JsonObject { ["required_review_thread_resolution"] = true }, ("Integration", GitHubPlace.AppId, "always"));
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.StartThreadAsync(pull, "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        world.Place.Orders.FailNext("GET", "/rules/branches/", 404, times: 1000);

        Assert.That(world.SettleAsync, Throws.InstanceOf<Exception>().With.Message.Contains("what the host demands of main is not known"));

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
    }

    [Test]
    public async Task A_conversation_that_nobodys_rules_demand_to_be_resolved_is_talk()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.StartThreadAsync(pull, "feature.txt");
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
    }
}
