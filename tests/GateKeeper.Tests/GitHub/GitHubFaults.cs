using GateKeeper.Forges;
using GateKeeper.Git;

namespace GateKeeper.Tests.GitHub;

/// <summary>A GitHub that fails, forbids to ask, forgets the gate or tells another time: everything lands in the end, and nothing twice.</summary>
public sealed class GitHubFaults
{
    private static readonly string[] Landed = ["The beginning", "Add feature.txt"];

    [Test]
    public async Task Whatever_request_fails_once_it_lands_in_the_end_and_nothing_is_done_twice(
        [Values("GET /installation", "POST /access_tokens", "POST GateKeeperSelf", "GET /pulls?", "POST GateKeeperPulls", "GET /git/ref/heads/main", "GET /activity", "GET /members", "GET /check-runs", "POST /check-runs", "PATCH /check-runs", "GET service=git-upload-pack", "POST /git-upload-pack", "GET service=git-receive-pack", "POST /git-receive-pack")] string request,
        [Values("before", "after", "broken")] string how)
    {
        await using var world = await StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        var (method, part) = (request.Split(' ')[0], request.Split(' ')[1]);
        if (how == "broken")
            world.Place.Orders.CloseNext(method, part, afterDoing: true);
        else
            world.Place.Orders.FailNext(method, part, how == "before" ? 500 : 502, afterDoing: how == "after");

        for (var looks = 0; looks < 3; looks++)
            await TryAsync(world);

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("MERGED"));
        Assert.That((await world.Place.GateChecksAsync(pull)).Count(check => check.Conclusion == "success"), Is.EqualTo(1));
        Assert.That(await world.Place.GateCommentsAsync(pull), Is.Empty);
    }

    [TestCase("core")]
    [TestCase("graphql")]
    public async Task When_all_is_used_up_nothing_is_asked_before_the_hour_is_over_and_then_it_lands(string resource)
    {
        await using var world = await StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.SettleAsync();
        await world.Place.ApproveAsync("bob", pull);
        world.Place.Limits.UseUp(resource, TimeSpan.FromMinutes(10));
        await TryAsync(world);
        world.Place.Transcript.Forget();

        await TryAsync(world);
        await TryAsync(world);
        Assert.That(world.Place.Transcript.Lines.Where(line => resource == "core" ? !line.Contains("graphql", StringComparison.Ordinal) : line.Contains("graphql", StringComparison.Ordinal)), Is.Empty);
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));

        world.Time.Pass(TimeSpan.FromMinutes(10));
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
    }

    [Test]
    public async Task Who_is_told_to_wait_waits_as_long_as_he_is_told()
    {
        await using var world = await StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.SettleAsync();
        await world.Place.ApproveAsync("bob", pull);
        world.Place.Limits.RefuseNext("core", retryAfter: 300);
        await TryAsync(world);
        world.Place.Transcript.Forget();

        await TryAsync(world);
        Assert.That(world.Place.Transcript.Lines, Is.Empty);
        world.Time.Pass(TimeSpan.FromMinutes(5));
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
    }

    [Test]
    public async Task What_is_too_much_at_once_is_asked_in_halves()
    {
        await using var world = await StartAsync();
        for (var i = 0; i < 4; i++)
            await world.Place.ProposeAsync("ana", $"{i}.txt", draft: true);
        world.Place.Orders.ExceedResources("GateKeeperPulls");

        await world.SettleAsync();

        Assert.That(world.House.Pictures.SelectMany(picture => picture.Plan.Open).Count(), Is.EqualTo(4));
        Assert.That(world.Place.Transcript.All.Where(each => each.Request.Contains("GateKeeperPulls", StringComparison.Ordinal)).Select(each => each.Request.Split("\"PR_").Length - 1).Take(3), Is.EqualTo(new[] { 4, 2, 2 }));
    }

    [Test]
    public async Task A_token_is_renewed_before_its_hour_is_over_and_when_the_server_has_forgotten_it()
    {
        await using var world = await StartAsync();
        var (one, two) = (await world.Place.ProposeAsync("ana", "one.txt"), await world.Place.ProposeAsync("ana", "two.txt"));
        await world.SettleAsync();
        world.Time.Pass(TimeSpan.FromHours(1));
        await world.Place.ApproveAsync("bob", one);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add one.txt" }));
        Assert.That(world.Place.Transcript.Lines, Has.None.EndsWith("-> 401"));

        world.Place.Server.RevokeTokens();
        await world.Place.ApproveAsync("bob", two);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add one.txt", "Add two.txt" }));
        Assert.That(world.Place.Transcript.Lines, Has.Some.EndsWith("-> 401"));
    }

    [TestCase(10)]
    [TestCase(-10)]
    public async Task Clocks_that_differ_by_ten_minutes_do_no_harm(int minutes)
    {
        await using var world = await GitHubWorld.StartAsync(serverIsAhead: TimeSpan.FromMinutes(minutes));
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("MERGED"));
    }

    [Test]
    public async Task Ids_are_as_large_as_they_like()
    {
        await using var world = await GitHubWorld.StartAsync();
        world.Place.Server.CountFrom(5_000_000_000);
        var (pull, bad) = (await world.Place.ProposeAsync("ana", "feature.txt"), await world.Place.ProposeAsync("ana", "bad"));
        await world.Place.CommentAsync("carol", bad, "/gatekeeper hold");
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        await world.Place.PushAsync("ana", "add-bad", "worse.txt");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
        Assert.That((await world.Place.CommentsAsync(bad)).Where(comment => comment.Author == "gatekeeper[bot]").Select(comment => comment.Id), Has.One.GreaterThan(5_000_000_000));
    }

    private static async Task<GitHubWorld> StartAsync()
    {
        var world = await GitHubWorld.StartAsync();
        world.Place.IsWrongOnPurpose = true;
        return world;
    }

    /// <summary>One look of the gate, which may end with what the server did to it.</summary>
    private static async Task TryAsync(GitHubWorld world)
    {
        try
        {
            await world.SettleAsync();
        }
        catch (Exception error) when (error is ForgeException or GitException)
        {
        }
    }
}
