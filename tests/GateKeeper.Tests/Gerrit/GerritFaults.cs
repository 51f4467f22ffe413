namespace GateKeeper.Tests.Gerrit;

/// <summary>How much a Gerrit is asked; what comes of faults is told of every forge in <see cref="Stories.CommonFaults"/>.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritFaults(string kind)
{
    [Test]
    public async Task Before_a_landing_all_that_is_open_is_listed_once_and_then_only_what_was_touched()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.ApproveAsync(change);
        world.Place.Door.Forget();

        await world.SettleAsync();

        var before = world.Place.Door.Requests.TakeWhile(request => !request.Contains("git-receive-pack", StringComparison.Ordinal)).ToList();
        Assert.That(before, Has.One.Contains("status%3Aopen"));
        Assert.That(before, Has.One.Contains("after%3A").And.Exactly(2).Contains("/members/").And.Exactly(2).Contains("/branches/"));
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }));
    }

    [Test]
    public async Task A_look_at_a_project_where_nothing_moved_is_one_question()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        await world.ProposeAsync("feature");
        await world.SettleAsync();
        world.Time.Pass(TimeSpan.FromSeconds(10));
        await world.House.SettleAsync(default);
        world.Place.Door.Forget();

        world.Time.Pass(TimeSpan.FromSeconds(10));
        await world.House.SettleAsync(default);

        Assert.That(world.Place.Door.Requests, Has.Count.EqualTo(1).And.All.StartsWith("GET /a/changes/?q="));
    }
}
