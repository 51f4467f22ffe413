using GateKeeper.Commands;
using GateKeeper.Forges;

namespace GateKeeper.Tests.Stories;

/// <summary>Git takes a name for several refs. Whoever may push a branch or a tag can use that against the trunk's name; each is tried on every forge.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonNames(string forge)
{
    private static readonly string[] Names = ["refs/heads/refs/heads/main", "refs/tags/refs/heads/main", "refs/heads/heads/main", "refs/tags/heads/main", "refs/tags/main"];

    [Test]
    public async Task A_branch_or_tag_that_git_could_take_for_the_trunk_keeps_nothing_from_landing_and_the_doctor_names_it()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        foreach (var name in Names)
            await world.PlantAsync(name);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }), string.Join('\n', world.House.Notebook.Alarms.Select(alarm => alarm.Words)));
        Assert.That(world.House.Notebook.Alarms, Is.Empty);
        var finding = await ExamineAsync(world);
        Assert.That(finding.State, Is.EqualTo(FindingState.Wrong));
        foreach (var name in Names)
            Assert.That(finding.Why, Does.Contain(name));
    }

    [Test]
    public async Task Names_that_mean_one_thing_are_right()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        await world.PlantAsync("refs/heads/references");
        await world.PlantAsync("refs/tags/v1");
        await world.OpenAsync();

        Assert.That((await ExamineAsync(world)).State, Is.EqualTo(FindingState.Right));
    }

    private static async Task<Finding> ExamineAsync(ForgeWorld world)
    {
        var examined = await DoctorCommand.ExamineAsync(world.House.Settings, world.House.Settings.Repositories[0], null, default);
        return (examined.Findings ?? throw new InvalidOperationException(examined.Silence)).Single(finding => finding.What == "names");
    }
}
