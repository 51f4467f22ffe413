using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>A change whose tests take longer than the trunk stands still is found out all the same.</summary>
public sealed class FollowUpTests
{
    [Test]
    public void After_a_flake_on_one_tip_a_real_failure_on_another_is_followed_up_there()
    {
        var world = new ToyWorld(1);
        End(world, passes: false);
        Tick(world);
        End(world, passes: true);
        world.Bad.Add(1);
        for (var other = 100; other < 130 && world.Ejected.Count == 0; other++)
        {
            world.Move(other);
            End(world, passes: null);
            Tick(world);
        }

        Assert.That(world.Ejected, Contains.Key(1));
        Assert.That(world.Ejected[1], Does.StartWith("unit failed"));
        Assert.That(world.Landed, Does.Not.Contain(1));
    }

    /// <summary>Until a run ends; what else runs ends with it.</summary>
    private static void End(ToyWorld world, bool? passes)
    {
        for (var ticks = 0; ticks < 10 && world.Runs.Count == 0; ticks++)
            Tick(world);
        foreach (var run in world.Runs.ToList())
            world.End(run, passes);
    }

    private static void Tick(ToyWorld world)
    {
        foreach (var effect in world.Plan().Effects.Where(effect => effect is not Effect.Land))
            world.Apply(effect);
    }
}
