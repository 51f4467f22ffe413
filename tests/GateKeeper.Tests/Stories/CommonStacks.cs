namespace GateKeeper.Tests.Stories;

/// <summary>Changes on top of others whose commits are rewritten to land, on every forge.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonStacks(string forge)
{
    [Test]
    public async Task A_child_that_edits_what_its_parent_adds_is_tested_on_it_and_told_of_no_conflict()
    {
        await using var world = await ForgeWorld.StartAsync(forge, "landing: { method: squash }");
        var parent = await world.ProposeAsync("parent");
        var child = await world.ProposeAsync("child", "parent.txt", below: parent, text: "parent\nchild\n");
        await world.SettleAsync();
        Assert.That(await world.ShownAsync(child), Does.Contain(world.WordsOfPassedTests).And.Not.Contain("conflict"));

        await world.ApproveAsync(parent);
        await world.ApproveAsync(child);
        await world.SettleAsync();
        if (world.RewritesBranches)
        {
            Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add parent" }));
            Assert.That(await world.SaidAsync(child), Has.One.Contains("Rebase it onto main and push again"));
            Assert.That(world.Alarms, Is.Empty);
            await world.RestackAsync(child);
            await world.ApproveAsync(child);
            await world.SettleAsync();
        }

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add parent", "Add child" }));
        Assert.That(await world.TrunkFileAsync("parent.txt"), Is.EqualTo("parent\nchild\n"));
    }
}
