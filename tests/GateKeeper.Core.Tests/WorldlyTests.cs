using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>Tests whose outcome rests on more than the content: the network, the day, other people's reports, the trunk itself.</summary>
public sealed class WorldlyTests
{
    [Test]
    public void Failures_from_before_the_trunk_was_well_again_eject_nobody()
    {
        var world = new ToyWorld(3) { TrunkIsBad = true };
        world.Settle();
        world.Now += TimeSpan.FromMinutes(20);
        world.Settle();
        world.TrunkIsBad = false;
        world.Now += TimeSpan.FromHours(1);

        world.Settle();

        Assert.That(world.Ejected, Is.Empty);
        Assert.That(world.Landed, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void Who_depends_on_a_member_of_a_circle_waits_and_stops_nobody()
    {
        var world = new ToyWorld(4);
        world.Open[1] = On(world.Open[1], 2);
        world.Open[2] = On(world.Open[2], 1);
        world.Open[3] = On(world.Open[3], 1);

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 4 }));
        Assert.That(world.Plan().Open.Single(status => status.Change.Id.Value == "1").Judgement.Whole.Reason, Does.Contain("in a circle: 1, 2"));

        static Change On(Change change, int other) => change with { DependsOn = [new(new($"{other}"), null, $"{other}", Landed: false)] };
    }

    [Test]
    public void What_a_test_with_network_found_at_proposal_serves_no_landing()
    {
        var test = Make.Rules(ToyWorld.Yaml.Replace("run: make test,", "run: make test, network: true,", StringComparison.Ordinal)).Tests[0];

        Assert.That(RunOrder.ProposalKey(test, "k"), Is.Not.EqualTo("k"));
        Assert.That(RunOrder.ProposalKey(test with { Network = false }, "k"), Is.EqualTo("k"));
    }

    [Test]
    public void An_old_pass_of_the_trunk_does_not_blame_a_change_for_a_day_without_network()
    {
        var world = new ToyWorld(1) { Rules = Make.Rules(ToyWorld.Yaml.Replace("run: make test,", "run: make test, prepare: { run: fetch, inputs: [lock], network: true },", StringComparison.Ordinal)) };
        world.Open[1] = Make.Change(1);
        while (!world.Plan().Effects.OfType<Effect.StartRun>().Any())
            Apply(world);
        Apply(world);
        world.End(world.Runs[0], passes: true);
        world.Settle();
        world.Open[2] = Make.Change(2).Approved("bob");
        world.TrunkIsBad = true;

        world.Settle();

        Assert.That(world.Ejected, Is.Empty);
        Assert.That(world.Alarms, Is.EqualTo(new[] { "red:main:unit" }));

        static void Apply(ToyWorld world)
        {
            foreach (var effect in world.Plan().Effects)
                world.Apply(effect);
        }
    }

    [TestCase("failure", "tests failed", "ci reported failure")]
    [TestCase("skipped", "in the queue", "which is no pass (success would be)")]
    public void A_report_that_is_no_pass_holds_its_change_and_nobody_else(string state, string outcome, string why)
    {
        var world = new ToyWorld(2)
        {
            Rules = Make.Rules("""
                version: 1
                groups: { core: { users: [bob] } }
                tests: { ci: { check: ci, from: { account: bot }, on: revision } }
                gates:
                  - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
                  - { name: tests, require: { tests: all } }
                """),
        };
        world.Open[1] = Reported(world.Open[1], state);
        world.Open[2] = Reported(world.Open[2], "success");
        foreach (var _ in Enumerable.Range(0, 10))
        {
            foreach (var effect in world.Plan().Effects.Where(effect => effect is not Effect.Land))
                world.Apply(effect);
        }

        Assert.That(world.Plan().Open[0].Outcome, Is.EqualTo(outcome));
        Assert.That(world.Plan().Open[0].Judgement.Whole.Reason, Does.Contain(why));
        Assert.That(world.Plan().Effects.OfType<Effect.Land>().Single().Changes.Single().Candidate.Revision, Is.EqualTo(world.Open[2].Current));

        static Change Reported(Change change, string state) => change with { Checks = [new() { Name = "ci", On = change.Current.Commit, State = state, Source = [new("account", "bot")] }] };
    }

    [Test]
    public void A_pass_that_would_be_out_of_date_before_all_tests_can_end_is_an_error()
    {
        var loaded = Rules.RulesLoader.Load("""
            version: 1
            tests: { one: { run: a, timeout: 20m, fresh-for: 30m }, two: { run: b, timeout: 20m } }
            gates: [{ name: t, require: { tests: all } }]
            """);

        Assert.That(loaded.Errors.Single().Message, Does.Contain("all timeouts together are 40 min"));
    }
}
