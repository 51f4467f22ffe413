namespace GateKeeper.Tests.Gerrit;

/// <summary>Stories that only Gerrit has, word for word the same on an imitated server and on a real one; the others are in <see cref="Stories.CommonStories"/>.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritScenarios(string kind)
{
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task A_vote_that_the_server_copies_to_a_new_patch_set_does_not_count_there()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        await world.Place.SetCopyConditionAsync("Code-Review", "is:ANY");
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        var later = await world.AmendAsync(change, "sneaked.txt");
        Assert.That(await world.Place.LabelAsync(later, "Code-Review", "bob"), Is.EqualTo(2), "the server shows it like a fresh one");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(later), Does.Contain("bob approved").And.Contain("now it is"));
    }

    [Test]
    public async Task A_vote_on_an_old_patch_set_approves_nothing()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        var later = await world.AmendAsync(change, "more.txt");
        await world.Place.VoteAsync("bob", change, "Code-Review", 2, patchSet: 1);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(later), Does.Contain("0 of 1 approvals"));
    }

    [Test]
    public async Task What_the_server_itself_demands_is_waited_for_by_name()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        await world.Place.RequireAsync("Legal", "hashtag:cleared");
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(world.Why(change), Does.Contain("the server's own requirement Legal is not met (hashtag:cleared)"));

        await world.Place.HashtagAsync("ana", change, ["cleared"]);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }
}
