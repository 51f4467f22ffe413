using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>Waiting raises a change, by hours among its equals and by days past labels, so that nothing waits for ever.</summary>
public sealed class AgeingTests
{
    private const string Yaml = """
        version: 1
        groups: { core: { users: [bob] } }
        tests: { unit: { run: make test, retries: 0 } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: tests, require: { tests: all } }
        landing: { window: 1, priority: [{ when: { labels: [urgent], set-by: core }, value: 10 }, { when: { labels: [hotfix], set-by: core }, value: 1000 }] }
        """;

    [TestCase("urgent", 23, false, TestName = "Within a day a label goes before what has waited")]
    [TestCase("urgent", 25, true, TestName = "After a day what has waited counts like the lowest label")]
    [TestCase("hotfix", 47, false, TestName = "Before the second day the highest label still goes first")]
    [TestCase("hotfix", 49, true, TestName = "After two days nothing that comes in goes before it")]
    public void Waiting(string label, int hours, bool goesFirst)
    {
        var world = World(label, out var late);
        world.Open.Remove(2);
        world.Closed = "not now";
        world.Settle();
        world.Now += TimeSpan.FromHours(hours);
        world.Open[2] = late;

        Assert.That(First(world), Is.EqualTo(goesFirst ? "1" : "2"));
    }

    [Test]
    public void Nothing_starves_behind_labels_that_never_end()
    {
        var world = World("hotfix", out var late);
        world.Open.Remove(2);
        world.Closed = "not now";
        world.Settle();
        world.Closed = null;
        world.Slots = 1;
        var hours = 0;
        for (var next = 100; !world.Landed.Contains(1) && hours < 100; next++, hours++)
        {
            // Another hotfix is always there before the one in front has landed.
            world.Open[next] = Make.Change(next).Approved("bob") with { ProposedAt = world.Now, Labels = late.Labels };
            foreach (var effect in world.Plan().Effects)
                world.Apply(effect);
            world.Now += TimeSpan.FromHours(1);
            foreach (var run in world.Runs.ToList())
                world.End(run, true);
        }

        Assert.That(world.Landed, Has.Member(1), $"after {hours} hours");
    }

    [Test]
    public void Waiting_goes_past_nothing_that_was_asked_to_go_first_and_is_in_flight()
    {
        var world = World("urgent", out _);
        foreach (var effect in world.Plan().Effects)
            world.Apply(effect);
        foreach (var effect in world.Plan().Effects)
            world.Apply(effect);
        Assert.That(world.Runs.Select(run => run.Order.Candidate.Revision.Change.Value), Has.Member("2"));
        world.Now += TimeSpan.FromDays(9);

        Assert.That(First(world), Is.EqualTo("2"));
    }

    [Test]
    public void Nothing_starves_behind_labels_of_which_one_is_always_in_flight()
    {
        var world = World("hotfix", out var late);
        world.Rules = Make.Rules(Yaml.Replace("window: 1", "window: 2", StringComparison.Ordinal));
        world.Slots = 4;
        var steps = 0;
        for (var next = 100; !world.Landed.Contains(1) && steps < 600; next++, steps++)
        {
            world.Open[next] = Make.Change(next).Approved("bob") with { ProposedAt = world.Now, Labels = late.Labels };
            for (var plans = 0; plans < 4; plans++)
            {
                foreach (var effect in world.Plan().Effects)
                    world.Apply(effect);
            }

            world.Now += TimeSpan.FromMinutes(10);
            var runs = world.Runs.ToList();
            foreach (var run in runs.Where(run => run.Order.Purpose is not RunPurpose.Gate).Concat(runs.Where(run => run.Order.Purpose is RunPurpose.Gate).Take(1)))
                world.End(run, true);
        }

        Assert.That(world.Landed, Has.Member(1), $"after {steps / 6} hours");
    }

    private static ToyWorld World(string label, out Change late)
    {
        var world = new ToyWorld(2) { Rules = Make.Rules(Yaml) };
        world.Open[2] = late = world.Open[2] with { Labels = [new(label, new("bob"))] };
        return world;
    }

    private static string First(ToyWorld world) => world.Plan().Open.Where(progress => progress.Place is not null).MinBy(progress => progress.Place)!.Change.Id.Value;
}
