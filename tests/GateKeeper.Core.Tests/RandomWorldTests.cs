
namespace GateKeeper.Core.Tests;

/// <summary>What must never happen, on worlds made by a seed. The toy world itself refuses untested, unapproved and double landings.</summary>
public sealed class RandomWorldTests
{
    private static IEnumerable<int> Seeds => Enumerable.Range(1, 300);

    [TestCaseSource(nameof(Seeds))]
    public void The_set_that_lands_is_the_set_that_would_land_one_by_one(int seed)
    {
        var world = Random(seed, out var random);
        var expected = OneByOne(world);
        var guilty = world.Open.Keys.Except(expected).Where(number => !ClashesWith(world, number, expected.Where(other => other < number))).ToList();

        world.Settle(random);

        Assert.That(world.Landed, Is.EqualTo(expected));
        Assert.That(world.Ejected.Keys, Is.EquivalentTo(guilty), "nobody innocent, nobody spared");
        Assert.That(world.MostRuns, Is.LessThanOrEqualTo(world.Slots));
    }

    [TestCaseSource(nameof(Seeds))]
    public void No_order_of_pushes_votes_and_losses_lands_what_was_not_approved_or_not_tested(int seed)
    {
        var world = Random(seed, out var random);
        var revisions = 100;
        var left = 30;

        world.Settle(random, () =>
        {
            if (world.Open.Count == 0 || left-- <= 0)
                return;
            var (number, change) = world.Open.ElementAt(random.Next(world.Open.Count));
            world.Open[number] = random.Next(6) switch
            {
                0 => change.Pushed(++revisions),
                1 => change.Pushed(++revisions).Approved("bob"),
                2 => change.Approved("bob"),
                3 => change.Vetoed("bob"),
                4 => change with { Draft = !change.Draft },
                _ => change,
            };
            if (world.Runs.Count > 0 && random.Next(4) == 0)
                world.Lose(world.Runs[random.Next(world.Runs.Count)]);
            world.Now += TimeSpan.FromMinutes(1);
        });

        Assert.That(world.MostRuns, Is.LessThanOrEqualTo(world.Slots));
        foreach (var status in world.Plan().Open)
            Assert.That(status.Judgement.Passes, Is.False.Or.EqualTo(status.Place is not null), $"{status.Change.Id} has an answer");
    }

    /// <summary>Trees are equal there and what is true of them is not: what one repository finds out says nothing of another.</summary>
    [TestCaseSource(nameof(SomeSeeds))]
    public void Several_repositories_of_one_worker_each_land_what_they_would_alone(int seed)
    {
        ToyWorld[] worlds = [Random(seed, out var random), Random(seed + 1000, out _), Random(seed, out _)];
        worlds[2].Bad.SymmetricExceptWith(Enumerable.Range(1, worlds[2].Open.Count));
        var expected = worlds.Select(OneByOne).ToList();

        ToyWorld.SettleTogether(random, worlds);

        Assert.That(worlds.Select(world => world.Landed), Is.EqualTo(expected));
        Assert.That(worlds.Max(world => world.MostRuns), Is.LessThanOrEqualTo(worlds[0].Slots));
    }

    /// <summary>A trunk that is red for what the world did to it, and well again some time after that was seen, is nobody's fault.</summary>
    [TestCaseSource(nameof(Seeds))]
    public void While_the_trunk_is_red_and_when_it_is_well_again_only_the_bad_are_ejected(int seed)
    {
        var world = Random(seed, out var random);
        world.Quarrels.Clear();
        world.Clashes.Clear();
        world.TrunkIsBad = true;
        var until = world.Now + TimeSpan.FromMinutes(1 + (seed * 37 % 89));
        for (var hours = 0; hours < 6; hours++)
        {
            world.Settle(random, () =>
            {
                world.Now += TimeSpan.FromMinutes(1);
                world.TrunkIsBad &= world.Now < until || world.Alarms.Count == 0;
            });
            world.Now += TimeSpan.FromHours(1);
        }

        Assert.That(world.Ejected.Keys, Is.SubsetOf(world.Bad));
        Assert.That(world.Landed, Is.Unique.And.None.Matches<int>(world.Bad.Contains));
        Assert.That(world.Open.Keys, Is.EquivalentTo(world.Ejected.Keys), "each that is not bad has landed");
    }

    /// <summary>Whenever somebody retitles something, it lands in those words or is not there any more.</summary>
    [TestCaseSource(nameof(CrashSeeds))]
    public void What_is_retitled_at_any_moment_lands_in_its_words(int seed)
    {
        var world = Random(seed, out var random);
        var titles = 0;
        var expected = OneByOne(world);

        world.Settle(random, () =>
        {
            if (titles < 40 && world.Open.Count > 0 && titles++ % 2 == 0)
                world.Open[world.Open.Keys.ElementAt(titles % world.Open.Count)] = world.Open.Values.ElementAt(titles % world.Open.Count) with { Title = $"title {titles}" };
        });

        Assert.That(world.Landed, Is.EquivalentTo(expected));
    }

    /// <summary>A crash loses what a plan had still to do, and nothing else: for every effect of every plan, the trunk ends the same.</summary>
    [TestCaseSource(nameof(CrashSeeds))]
    public void A_crash_after_any_effect_ends_in_the_same_trunk(int seed)
    {
        var whole = Random(seed, out var random);
        whole.Settle(random);

        for (var crash = 1; crash < 400; crash++)
        {
            var world = Random(seed, out random);
            var applied = 0;
            for (var ticks = 0; applied < crash && ticks < 400; ticks++)
            {
                foreach (var effect in world.Plan().Effects)
                {
                    world.Apply(effect);
                    if (++applied == crash)
                        break;
                }

                if (applied < crash && world.Runs.Count > 0)
                    world.End(world.Runs[random.Next(world.Runs.Count)], null);
            }

            foreach (var run in world.Runs.ToList())
                world.Apply(new Landing.Effect.CancelRun(run.Id));
            world.Settle(random);
            Assert.That(world.Landed, Is.EqualTo(whole.Landed), $"after effect {crash}");
            if (applied < crash)
                break;
        }
    }

    private static IEnumerable<int> CrashSeeds => Enumerable.Range(1, 12);

    private static IEnumerable<int> SomeSeeds => Enumerable.Range(1, 60);

    internal static ToyWorld Random(int seed, out Random random)
    {
#pragma warning disable CA5394 // a seed makes the world, and the same seed the same world
        random = new Random(seed);
        var count = random.Next(2, 9);
        var world = new ToyWorld(count) { Slots = random.Next(1, 4) };
        for (var i = 1; i <= count; i++)
        {
            if (random.Next(5) == 0)
                world.Bad.Add(i);
            if (random.Next(4) == 0)
                world.Quarrels.Add((random.Next(1, count + 1), i));
            if (random.Next(6) == 0)
                world.Clashes.Add((random.Next(1, count + 1), i));
        }

        world.Quarrels.RemoveWhere(pair => pair.Item1 == pair.Item2);
        world.Clashes.RemoveWhere(pair => pair.Item1 == pair.Item2);
        return world;
#pragma warning restore CA5394
    }

    internal static List<int> OneByOne(ToyWorld world)
    {
        var landed = new List<int>();
        foreach (var number in world.Open.Keys)
        {
            if (!ClashesWith(world, number, landed.Where(other => other < number)) && world.Truth([.. landed, number]))
                landed.Add(number);
        }

        return landed;
    }

    private static bool ClashesWith(ToyWorld world, int number, IEnumerable<int> landed) =>
        landed.Any(other => world.Clashes.Contains((other, number)) || world.Clashes.Contains((number, other)));
}
