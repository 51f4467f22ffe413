namespace GateKeeper.Tests;

/// <summary>One change and two trunks: what is remembered of it on one is nothing on the other.</summary>
public sealed class RetargetScenarios
{
    private const string Rules = $"trunks: [main, stable]\n{World.Rules}";

    [Test]
    public async Task A_change_that_is_turned_to_another_trunk_starts_there_anew_and_lands_there()
    {
        await using var world = await StartAsync();
        var change = await world.ProposeAsync("one", "bad");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(world.Status(change).Outcome, Is.EqualTo("tests failed"));

        await world.GitAsync("update-ref", "refs/heads/stable", world.People.Push("wide", "erin", "Let it be", new Dictionary<string, string?> { ["test.sh"] = "true\n" }).Hex);
        await TurnAsync(world, "stable");
        await world.SettleAsync();

        var waiting = world.House.Pictures.Single(picture => picture.Plan.Open.Count > 0);
        Assert.That((waiting.Trunk, waiting.Plan.Open.Single().Outcome), Is.EqualTo(("stable", "waiting")), "what failed on main is not known of it here, and who approved it for main did not for stable");

        await world.ApproveAsync(change);
        await world.SettleAsync();

        Assert.That(world.People.TrunkLog("stable").Select(Subject), Is.EqualTo(new[] { "The beginning", "Let it be", "Add one" }));
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
    }

    [Test]
    public async Task A_change_that_has_landed_on_one_trunk_lands_on_the_other_and_each_landing_is_told_once()
    {
        await using var world = await StartAsync();
        var change = await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        await TurnAsync(world, "stable");
        await world.ApproveAsync(change);
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
        Assert.That(world.People.TrunkLog("stable").Select(Subject), Is.EqualTo(new[] { "The beginning", "Add one" }));
        Assert.That(world.House.Notebook.LandingsOf(change).Select(landing => landing.Trunk), Is.EqualTo(new[] { "tool/stable", "tool/main" }));
        Assert.That((await world.CommentsAsync(change)).Count(words => words.Contains("landed", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(world.Alarms, Is.Empty);
    }

    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync(Rules);
        world.Configure(settings => settings with { Trunks = ["main", "stable"] });
        await world.GitAsync("branch", "stable", "main");
        await world.SettleAsync();
        return world;
    }

    private static async Task TurnAsync(World world, string trunk)
    {
        world.Time.Pass(TimeSpan.FromSeconds(1));
        await world.People.ProposeAsync("one", "ann", default, trunk, moves: true);
    }

    private static string Subject(string line) => line.Split(" (")[0];
}
