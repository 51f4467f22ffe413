namespace GateKeeper.Tests.GitHub;

/// <summary>The same head proposed once more, by another pull request, after what landed of it was reverted.</summary>
public sealed class GitHubAgain
{
    [TestCase("squash", null)]
    [TestCase("squash", false)]
    [TestCase("rebase", null)]
    [TestCase("rebase", false)]
    public async Task It_lands_again_after_a_revert(string method, bool? throughForge)
    {
        await using var world = await GitHubWorld.StartAsync($"landing: {{ method: {method} }}");
        world.Repository = repository => repository with { ThroughForge = throughForge };
        var first = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", first);
        await world.SettleAsync();
        await world.SettleAsync();
        await world.Place.PushAsync("ana", "revert", "Revert it", new Dictionary<string, string?> { ["feature.txt"] = null }, world.Place.Tip());
        await world.Place.ApproveAsync("bob", await world.Place.OpenAsync("ana", "revert", "Revert it"));
        await world.SettleAsync();
        Assert.That(world.Place.File("feature.txt"), Is.Null);

        await world.Place.MoveBranchAsync("ana", "again", world.Place.Head(first));
        var again = await world.Place.OpenAsync("ana", "again", "Add it again");
        await world.Place.ApproveAsync("bob", again);
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(world.Place.File("feature.txt"), Is.EqualTo("feature.txt\n"));
        Assert.That(await world.TrunkLogAsync(), Has.Count.EqualTo(4));
        Assert.That(await world.Place.StateAsync(again), Is.EqualTo(throughForge is null ? "MERGED" : "CLOSED"));
        Assert.That((await world.Place.GateChecksAsync(again)).Select(check => check.Title), Has.All.StartsWith("Landed on widgets/main as"));
    }

    [Test]
    public async Task What_a_commit_that_GitHub_replayed_says_of_another_pull_request_is_not_believed()
    {
        await using var world = await GitHubWorld.StartAsync("landing: { method: rebase }");
        var other = await world.Place.ProposeAsync("ana", "other.txt");
        await world.Place.PushAsync("erin", "feature", $"Add feature\n\nChange: {other}\nRevision: {world.Place.Head(other)}", new Dictionary<string, string?> { ["feature.txt"] = "x\n" });
        await world.Place.ApproveAsync("bob", await world.Place.OpenAsync("erin", "feature", "Add feature"));
        await world.SettleAsync();
        Assert.That(world.Place.File("feature.txt"), Is.EqualTo("x\n"));
        await world.Place.VetoAsync("bob", other);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(world.Why(other), Does.Contain("vetoed by bob"));
        Assert.That(await world.Place.StateAsync(other), Is.EqualTo("OPEN"));
    }

    [TestCase("squash")]
    public async Task What_goes_on_from_it_waits_for_a_rebase_and_lands_with_it_then(string method)
    {
        await using var world = await GitHubWorld.StartAsync($"landing: {{ method: {method} }}");
        var first = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", first);
        await world.SettleAsync();
        await world.SettleAsync();
        await world.Place.PushAsync("ana", "revert", "Revert it", new Dictionary<string, string?> { ["feature.txt"] = null }, world.Place.Tip());
        await world.Place.ApproveAsync("bob", await world.Place.OpenAsync("ana", "revert", "Revert it"));
        await world.SettleAsync();
        await world.Place.MoveBranchAsync("ana", "again", world.Place.Head(first));
        await world.Place.PushAsync("ana", "again", "Go on", new Dictionary<string, string?> { ["more.txt"] = "more\n" });
        var again = await world.Place.OpenAsync("ana", "again", "Add it again, with more");
        await world.Place.ApproveAsync("bob", again);
        await world.SettleAsync();
        await world.SettleAsync();
        Assert.That(world.Place.File("more.txt"), Is.Null);
        Assert.That(world.Why(again), Does.Contain("what that did to feature.txt is not on main any more: rebase onto main"));

        var anew = await world.Place.CommitAsync("ana", "Add it again", new Dictionary<string, string?> { ["feature.txt"] = "feature.txt\n" }, world.Place.Tip());
        await world.Place.MoveBranchAsync("ana", "again", await world.Place.CommitAsync("ana", "Go on", new Dictionary<string, string?> { ["more.txt"] = "more\n" }, anew));
        await world.Place.ApproveAsync("bob", again);
        await world.SettleAsync();
        await world.SettleAsync();
        Assert.That((world.Place.File("feature.txt"), world.Place.File("more.txt")), Is.EqualTo(("feature.txt\n", "more\n")));
    }

    [Test]
    public async Task While_all_of_it_is_on_the_trunk_it_is_refused_with_the_reason()
    {
        await using var world = await GitHubWorld.StartAsync("landing: { method: squash }");
        var first = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", first);
        await world.SettleAsync();
        await world.Place.MoveBranchAsync("ana", "again", world.Place.Head(first));
        var again = await world.Place.OpenAsync("ana", "again", "Add it again");
        await world.Place.ApproveAsync("bob", again);

        await world.SettleAsync();
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Count.EqualTo(2));
        Assert.That(await world.Place.StateAsync(again), Is.EqualTo("OPEN"));
        Assert.That(world.Why(again), Does.Contain("nothing is left of it"));
        Assert.That(await world.Place.GateCommentsAsync(again), Has.One.Contains("nothing is left of it"));
    }

    [Test]
    public async Task A_pull_request_that_landed_lands_once_also_when_it_is_reopened()
    {
        await using var world = await GitHubWorld.StartAsync("landing: { method: squash }");
        world.Repository = repository => repository with { ThroughForge = false };
        var first = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", first);
        await world.SettleAsync();
        await world.SettleAsync();
        await world.Place.PushPastTheGateAsync("other.txt");
        await world.Place.ReopenAsync("ana", first);

        await world.SettleAsync();
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Count.EqualTo(3));
        Assert.That(await world.Place.StateAsync(first), Is.EqualTo("CLOSED"));
        Assert.That(await world.Place.GateCommentsAsync(first), Has.Some.Contains("landed on widgets/main as"));
    }
}
