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

    [Test]
    public async Task How_one_stands_that_cannot_be_shown_delays_no_other()
    {
        await using var world = await StartAsync();
        var odd = await world.Place.ProposeAsync("ana", "odd.txt");
        world.Place.Orders.FailNext("POST", $"\"{world.Place.Head(odd)}\"", times: 10_000);
        for (var looks = 0; looks < 6; looks++)
            await world.SettleAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");

        await world.SettleAsync();

        Assert.That(await world.Place.GateChecksAsync(pull), Is.Not.Empty);
        Assert.That(world.House.Notebook.Alarms.Select(alarm => alarm.Name), Has.Some.StartWith("showing:"));
        world.Place.Orders.Forget();
        world.Time.Pass(TimeSpan.FromHours(1));
        await world.SettleAsync();
        Assert.That(await world.Place.GateChecksAsync(odd), Is.Not.Empty);
        Assert.That(world.House.Notebook.Alarms.Select(alarm => alarm.Name), Has.None.StartWith("showing:"));
    }

    [Test]
    public async Task Who_pushed_one_that_GitHub_does_not_say_keeps_no_other_from_landing()
    {
        await using var world = await StartAsync();
        var (odd, pull) = (await world.Place.ProposeAsync("ana", "odd.txt"), await world.Place.ProposeAsync("ana", "feature.txt"));
        world.Place.Orders.FailNext("GET", "refs%2Fheads%2Fadd-odd.txt", times: 10_000);
        await world.Place.ApproveAsync("bob", odd);
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
        Assert.That(world.Why(odd), Does.Contain("who pushed it could not be asked, which is tried again"));
        world.Place.Orders.Forget();
        world.Time.Pass(TimeSpan.FromHours(1));
        await world.SettleAsync();
        Assert.That(await world.Place.StateAsync(odd), Is.EqualTo("MERGED"));
    }

    [TestCase(true, "not known", TestName = "A landing under way whose candidate is gone is closed as not known where the trunk went on")]
    [TestCase(false, "not landed", TestName = "A landing under way whose candidate is gone is closed as not landed where the trunk stands where it stood")]
    public async Task A_landing_under_way_whose_candidate_is_gone(bool moved, string closed)
    {
        await using var world = await StartAsync();
        var change = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.SettleAsync();
        var (journal, from, revision) = (world.House.Tools.Journal, world.House.Pictures.First(picture => picture.Trunk == "main").Tip, world.Status(change).Change.Current.Commit);
        var fact = $$"""{"change":"{{change}}","revision":"{{revision.Hex}}","commit":"{{new string('1', 40)}}","rewritten":true,"title":"Add feature","author":"ana","tests":[]}""";
        journal.Write("widgets/main", "intent", $$"""{"from":"{{from.Hex}}","to":"{{new string('1', 40)}}","rules":"","method":"Squash","changes":[{{fact}}]}""");
        if (moved)
            await world.Place.PushAsync(GitHubPlace.Admin, "main", "Past the gate", new Dictionary<string, string?> { ["x"] = "x\n" });
        await world.CloseAsync();
        await world.Place.ApproveAsync("bob", change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
        Assert.That(world.House.Tools.Journal.Entries().Select(entry => entry.Kind).Where(kind => kind is not "foreign push"), Is.EqualTo(new[] { "intent", closed, "intent", "landed" }));
        Assert.That(world.House.Notebook.Alarms.Any(alarm => alarm.Name == "foreign:widgets/main"), Is.EqualTo(moved), "whose push it was is not known");
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
