namespace GateKeeper.Core.Tests;

/// <summary>What must never happen where others do the testing, on worlds made by a seed. The toy world refuses what the forge does not show as passed.</summary>
public sealed class RandomChecksTests
{
    private static IEnumerable<int> Seeds => Enumerable.Range(1, 150);

    [TestCaseSource(nameof(Seeds))]
    public void The_set_that_lands_is_the_set_that_would_land_one_by_one(int seed)
    {
        var world = Random(seed, out var random);
        var expected = new List<int>();
        foreach (var number in world.Open.Keys)
        {
            if (world.Truth([.. expected, number]))
                expected.Add(number);
        }

        var guilty = world.Open.Keys.Except(expected).ToList();

        world.Settle(random);

        Assert.That(world.Landed, Is.EqualTo(expected));
        Assert.That(world.Ejected.Keys, Is.EquivalentTo(guilty), "nobody innocent, nobody spared");
        Assert.That(world.Ci.Published, Is.Empty, "nothing is left lying about");
    }

    /// <summary>Pushes, votes, others' reports, runs made again and restarts of what is seen, all at once.</summary>
    [TestCaseSource(nameof(Seeds))]
    public void No_order_of_events_lands_what_the_forge_does_not_show_as_passed(int seed)
    {
        var world = Random(seed, out var random);
        var revisions = 100;
        var left = 40;

        world.Settle(random, () =>
        {
            if (world.Open.Count == 0 || left-- <= 0)
                return;
            var (number, change) = world.Open.ElementAt(random.Next(world.Open.Count));
            world.Open[number] = random.Next(8) switch
            {
                0 => change.Pushed(++revisions).Approved("bob"),
                1 => change.Vetoed("bob"),
                2 => change.Approved("bob"),
                _ => change,
            };
            if (random.Next(3) == 0)
                world.Ci.RunAgain(_ => random.Next(3) == 0);
            if (random.Next(5) == 0)
                world.Ci.Follow([]);
            foreach (var published in world.Ci.Published.Where(_ => random.Next(3) == 0))
                world.Ci.Report(published.Commit, $"forged {left}", "success", random.Next(2) == 0 ? "forger" : "actions", "workflow_dispatch");
            world.Now += TimeSpan.FromMinutes(1);
        });

        Assert.That(world.Ejected.Keys, Is.SubsetOf(world.Bad.Concat(world.Quarrels.SelectMany(pair => new[] { pair.Item1, pair.Item2 }))));
    }

    [TestCaseSource(nameof(Seeds))]
    public void While_nobody_reports_on_some_the_others_land_and_when_somebody_does_so_do_they(int seed)
    {
        var world = Random(seed, out var random);
        world.Bad.Clear();
        world.Quarrels.Clear();
        world.Ci.Silent.UnionWith(world.Open.Keys.Where(_ => random.Next(2) == 0));
        var (all, silent) = (world.Open.Keys.ToList(), world.Ci.Silent.ToList());

        for (var hours = 0; hours < 12; hours++)
        {
            world.Settle(random);
            world.Now += TimeSpan.FromMinutes(61);
        }

        Assert.That(world.Landed, Is.EquivalentTo(all.Except(silent)));
        world.Ci.Silent.Clear();
        for (var hours = 0; hours < 12; hours++)
        {
            world.Settle(random);
            world.Now += TimeSpan.FromMinutes(61);
        }

        Assert.That(world.Landed, Is.EquivalentTo(all));
        Assert.That(world.Ejected, Is.Empty);
    }

    [TestCaseSource(nameof(Seeds))]
    public void While_the_trunk_is_red_and_when_it_is_well_again_only_the_bad_are_ejected(int seed)
    {
        var world = Random(seed, out var random);
        world.Quarrels.Clear();
        world.TrunkIsBad = true;
        world.Settle(random);
        Assert.That(world.Ejected.Keys, Is.SubsetOf(world.Bad));

        world.TrunkIsBad = false;
        var healed = world.Now;
        world.Ci.IsForgiven = report => report.At <= healed;
        for (var again = 0; again < 4; again++)
        {
            world.Ci.RunAgain(report => report.On == world.Tip);
            world.Settle(random);
        }

        Assert.That(world.Ejected.Keys, Is.EquivalentTo(world.Bad));
        Assert.That(world.Open.Keys, Is.EquivalentTo(world.Ejected.Keys), "each that is not bad has landed");
        Assert.That(world.Alarms, Is.Empty);
    }

    private static ToyWorld Random(int seed, out Random random)
    {
#pragma warning disable CA5394 // a seed makes the world, and the same seed the same world
        random = new Random(seed);
        var count = random.Next(2, 8);
        var world = new ToyWorld(count) { Rules = Make.Rules(ToyCi.Yaml) };
        for (var i = 1; i <= count; i++)
        {
            if (random.Next(4) == 0)
                world.Bad.Add(i);
            if (random.Next(5) == 0 && random.Next(1, count + 1) is var other && other != i)
                world.Quarrels.Add((other, i));
        }

        return world;
#pragma warning restore CA5394
    }
}
