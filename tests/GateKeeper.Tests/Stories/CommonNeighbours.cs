namespace GateKeeper.Tests.Stories;

/// <summary>Several repositories in one worker, on every forge: what lies in one is in no run of another.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonNeighbours(string forge)
{
    [Test]
    public async Task No_run_sees_a_file_of_another_repository()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        using var neighbour = await Neighbour.BeginAsync("beside", "test ! -e a.txt && test ! -e feature.txt", new Dictionary<string, string?> { ["bad"] = "secret\n", ["one/two"] = "x\n" }, world.Time);
        world.Beside(neighbour.Settings);
        await neighbour.ProposeApprovedAsync("first", "one/first.txt");
        await world.SettleAsync();
        Assert.That(neighbour.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add first" }));

        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }), "a file \"bad\" of the neighbour's would fail it");

        await neighbour.ProposeApprovedAsync("second", "one/second.txt");
        await world.SettleAsync();
        Assert.That(neighbour.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add first", "Add second" }), "files of the other's would fail it");
    }

    [Test]
    public async Task Repositories_that_hold_the_same_are_each_tested_and_landed_as_their_own()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var files = new Dictionary<string, string?> { ["one/two"] = "x\n" };
        using var first = await Neighbour.BeginAsync("first", "test ! -e bad", files, world.Time);
        using var second = await Neighbour.BeginAsync("second", "test ! -e bad", files, world.Time);
        world.Beside(first.Settings, second.Settings);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        foreach (var neighbour in (Neighbour[])[first, second])
        {
            await neighbour.ProposeApprovedAsync("same", "one/same.txt");
            await world.SettleAsync();
            await neighbour.ProposeApprovedAsync("trouble", "bad");
            await neighbour.ProposeApprovedAsync(neighbour.Settings.Name, $"{neighbour.Settings.Name}.txt");
            await world.SettleAsync();
        }

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(first.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add same", "Add first" }));
        Assert.That(second.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add same", "Add second" }));
    }
}
