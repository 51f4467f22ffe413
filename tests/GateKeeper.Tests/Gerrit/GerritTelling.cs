namespace GateKeeper.Tests.Gerrit;

/// <summary>What only Gerrit has to tell of why a change does not land: patch sets below it, private changes, the server's own demands.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritTelling(string kind)
{
    [Test]
    public async Task A_change_on_a_patch_set_that_was_replaced_is_told_to_rebase_once()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var parent = await world.ProposeAsync("parent");
        var child = await world.ProposeAsync("child", onto: parent.Commit);
        await world.ApproveAsync(child);
        var again = await world.AmendAsync(parent, "more.txt");
        await world.ApproveAsync(again);
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.Place.StatusAsync(again), Is.EqualTo("MERGED"));
        Assert.That(await world.Place.StatusAsync(child), Is.EqualTo("NEW"));
        Assert.That(await world.SaidAsync(child), Has.One.Contains($"it stands on {parent.Commit[..10]}").And.One.Contains("rebase onto main"));
    }

    [Test]
    public async Task A_change_on_a_private_one_is_told_so_once()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var parent = await world.ProposeAsync("parent", options: "%private");
        var child = await world.ProposeAsync("child", onto: parent.Commit);
        await world.ApproveAsync(child);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.Place.StatusAsync(child), Is.EqualTo("NEW"));
        Assert.That(await world.SaidAsync(child), Has.One.Contains($"it stands on {parent.Commit[..10]}"));
    }

    [Test]
    public async Task A_change_that_only_the_servers_own_demand_keeps_is_told_so_once()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.Place.RequireAsync("Legal", "hashtag:cleared");
        await world.ApproveAsync(change);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.SaidAsync(change), Has.One.Contains("the server's own requirement Legal is not met (hashtag:cleared)"));
    }

    [Test]
    public async Task Nobody_is_told_of_what_was_there_before_the_gate()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var parent = await world.ProposeAsync("parent");
        var child = await world.ProposeAsync("child", onto: parent.Commit);
        await world.AmendAsync(parent, "more.txt");
        await world.ApproveAsync(child);
        await world.OpenAsync(met: false);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.SaidAsync(child), Is.Empty);
    }
}
