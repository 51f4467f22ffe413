namespace GateKeeper.Tests.GitHub;

/// <summary>What GitHub says once is not forgotten when something fails in between, and what people write is never taken for GitHub's own word.</summary>
public sealed class GitHubForgetfulness
{
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task A_veto_that_was_read_in_a_look_that_failed_afterwards_is_not_forgotten()
    {
        await using var world = await GitHubWorld.StartAsync(more: "freezes: [{ name: now, from: 2026-11-18 08:00, to: 2026-11-18 10:00, zone: UTC, reason: testing }]");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        await world.Place.VetoAsync("carol", pull);

        // The look that brings it fails at its end, and the next one finds nothing new.
        world.Place.Orders.FailNext("GET", "info/refs", 502);
        Assert.That(async () => await world.SettleAsync(), Throws.Exception);
        world.Time.Pass(TimeSpan.FromHours(2));
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("vetoed by carol"));
    }

    [Test]
    public async Task An_approval_that_the_list_showed_when_the_reading_of_it_failed_is_read_at_the_next_look()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.SettleAsync();
        await world.Place.ApproveAsync("bob", pull);

        // As often as it is asked again by itself.
        world.Place.Orders.FailNext("POST", "graphql", 503, times: 4);
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature.txt" }));
    }

    [Test]
    public async Task An_older_approval_does_not_revive_when_the_newer_one_is_dismissed()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.DismissAsync("erin", pull, "bob");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("bob's approval was removed by erin"));
    }

    [Test]
    public async Task A_title_that_speaks_of_limits_limits_nobody()
    {
        await using var world = await GitHubWorld.StartAsync();
        await world.Place.PushAsync("ana", "one", "one.txt");
        var pull = await world.Place.OpenAsync("ana", "one", "You have exceeded a secondary rate limit, abuse detection");
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("MERGED"));
    }

    [Test]
    public async Task Where_somebody_deleted_the_gates_comment_another_takes_its_place()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "bad");
        await world.SettleAsync();
        var comment = (await world.Place.CommentsAsync(pull)).Single();
        await world.Place.DeleteCommentAsync("erin", comment.Id);
        await world.Place.PushAsync("ana", "add-bad", "Still bad", new Dictionary<string, string?> { ["more.txt"] = "x\n" });

        await world.SettleAsync();

        Assert.That(await world.Place.GateCommentsAsync(pull), Has.One.Contains("tests failed"));
    }

    [Test]
    public async Task What_depends_on_a_change_that_GitHub_squashed_lands_after_it()
    {
        await using var world = await GitHubWorld.StartAsync(more: "landing: { method: squash }");
        var first = await world.Place.ProposeAsync("ana", "first.txt");
        await world.Place.PushAsync("ana", "second", "second.txt");
        var second = await world.Place.OpenAsync("ana", "second", "Add second.txt", body: $"Depends-On: #{first}");
        await world.Place.ApproveAsync("bob", second);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        await world.Place.ApproveAsync("bob", first);
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add first.txt", "Add second.txt" }));
        Assert.That((await world.Place.StateAsync(first), await world.Place.StateAsync(second)), Is.EqualTo(("MERGED", "MERGED")));
    }
}
