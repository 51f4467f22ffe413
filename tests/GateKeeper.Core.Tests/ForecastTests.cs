using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>When people are told that their change will have landed: by how long its tests took before, and by who is ahead.</summary>
public sealed class ForecastTests
{
    private static readonly TimeSpan Twenty = TimeSpan.FromMinutes(20);

    [Test]
    public void Each_is_expected_when_its_own_tests_and_those_of_all_ahead_have_ended()
    {
        var world = World(3, slots: 2);
        world.Durations["unit"] = Twenty;

        Assert.That(Minutes(world), Is.EqualTo(new double?[] { 20, 20, 40 }), "two run side by side, and the third after them");

        world.Now += TimeSpan.FromMinutes(5);
        Assert.That(Minutes(world), Is.EqualTo(new double?[] { 15, 15, 35 }), "what is running has run for a while");
    }

    [Test]
    public void What_never_passed_before_says_nothing_of_when_and_neither_does_a_closed_trunk()
    {
        Assert.That(Minutes(World(1, slots: 1)), Is.EqualTo(new double?[] { null }));

        var closed = World(1, slots: 1);
        closed.Durations["unit"] = Twenty;
        closed.Closed = "paused by the operator";
        Assert.That(Minutes(closed), Is.EqualTo(new double?[] { null }));
    }

    [Test]
    public void The_answer_to_explain_says_place_and_time()
    {
        var world = World(1, slots: 1);
        world.Durations["unit"] = Twenty;

        Assert.That(Words.Standing(world.Plan().Open.Single()), Does.StartWith("in the queue, place 1, expected to land about 2026-11-20 12:20 UTC"));
    }

    [Test]
    public void Running_and_waiting_for_a_slot_and_for_the_one_before_are_three_things()
    {
        var world = World(6, slots: 2);

        Assert.That(Notes(), Is.EqualTo(new[]
        {
            "tests are running", "tests are running", "its tests wait for a slot (all 2 are taken)", "its tests wait for a slot (all 2 are taken)",
            "its tests wait for a slot (all 2 are taken)", "it waits for 5, the one before it: the window is full",
        }));

        world.Rules = Make.Rules(ToyWorld.Yaml.Replace("window: 5", "window: 2", StringComparison.Ordinal));
        world.End(world.Runs.Single(run => run.Order.Candidate.Revision.Change.Value == "2"), passes: true);
        Assert.That(Notes(), Is.EqualTo(new[]
        {
            "tests are running", "its tests have passed; it waits for 1, the one before it", "it waits for 2, the one before it: the window is full",
            "it waits for 3, the one before it: the window is full", "it waits for 4, the one before it: the window is full", "it waits for 5, the one before it: the window is full",
        }));

        IEnumerable<string> Notes() => world.Plan().Open.Select(status => status.Note);
    }

    private static ToyWorld World(int changes, int slots)
    {
        var world = new ToyWorld(changes) { Slots = slots };
        for (var i = 0; i < 4; i++)
        {
            foreach (var effect in world.Plan().Effects)
                world.Apply(effect);
        }

        return world;
    }

    private static double?[] Minutes(ToyWorld world) => [.. world.Plan().Open.Select(status => (status.Expected - world.Now)?.TotalMinutes)];
}
