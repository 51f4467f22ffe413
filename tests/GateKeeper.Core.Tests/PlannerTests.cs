using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>The queue, as stories.</summary>
public sealed class PlannerTests
{
    [Test]
    public void Three_good_changes_land_in_order()
    {
        var world = new ToyWorld(3);

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(world.Open, Is.Empty);
    }

    [Test]
    public void While_the_rules_that_a_change_brings_are_read_others_land_past_it_and_nobody_is_told_anything_of_it()
    {
        var world = new ToyWorld(3) { Unread = { 1 } };
        world.Open[1] = world.Open[1] with { Paths = ["rules.yaml"] };

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 2, 3 }));
        Assert.That(world.Said, Has.None.StartsWith("1: "));
        Assert.That(world.Plan().Open.Single().Note, Is.EqualTo("the rules.yaml it brings is being read"));
        world.Read(1);
        world.Settle();
        Assert.That(world.Landed, Is.EqualTo(new[] { 2, 3, 1 }));
    }

    [Test]
    public void A_red_change_is_ejected_and_those_behind_it_land()
    {
        var world = new ToyWorld(3) { Bad = { 2 } };

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 1, 3 }));
        Assert.That(world.Ejected, Has.Count.EqualTo(1));
        Assert.That(world.Said, Has.One.Contains("2: tests failed: unit failed: assertion failed"));
    }

    [Test]
    public void Of_two_that_are_green_alone_and_red_together_the_second_is_ejected()
    {
        var world = new ToyWorld(2) { Quarrels = { (1, 2) } };

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 1 }));
        Assert.That(world.Ejected.Keys, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void Of_two_that_conflict_in_text_the_second_is_told_when_the_first_has_landed()
    {
        var world = new ToyWorld(2) { Clashes = { (1, 2) } };

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 1 }));
        Assert.That(world.Plan().Open.Single().Outcome, Is.EqualTo("conflict"));
        Assert.That(world.Said, Has.One.Contains("2: conflict: it does not merge with main in src/1.c"));
    }

    [Test]
    public void While_the_trunk_is_red_nobody_is_ejected_and_nothing_lands()
    {
        var world = new ToyWorld(2) { TrunkIsBad = true };

        world.Settle();

        Assert.That(world.Landed, Is.Empty);
        Assert.That(world.Ejected, Is.Empty);
        Assert.That(world.Alarms, Is.EqualTo(new[] { "red:main:unit" }));
    }

    [Test]
    public void When_the_trunk_is_well_again_everything_goes_on()
    {
        var world = new ToyWorld(2) { TrunkIsBad = true };
        world.Settle();
        world.TrunkIsBad = false;
        world.Now += TimeSpan.FromHours(1);

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(world.Alarms, Is.Empty);
    }

    [Test]
    public void A_failure_that_a_further_run_does_not_repeat_ejects_nobody()
    {
        var world = new ToyWorld(1);
        Tick(world);
        while (world.Runs.Count == 0)
            Tick(world);
        world.End(world.Runs[0], passes: false);

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 1 }));
        Assert.That(world.Ejected, Is.Empty);
    }

    [Test]
    public void A_change_that_fails_is_found_out_though_the_trunk_goes_on_under_it()
    {
        var world = new ToyWorld(1) { Bad = { 1 }, Slots = 1, Rules = Make.Rules(ToyWorld.Yaml.Replace("{ window: 5 }", "{ window: 5, priority: [{ when: { labels: [hotfix], set-by: core }, value: 100 }] }", StringComparison.Ordinal)) };
        for (var hotfix = 2; hotfix < 12 && world.Ejected.Count == 0; hotfix++)
        {
            // Each time that its test has failed once, something urgent lands before it can be run again.
            for (var ticks = 0; ticks < 20 && world.Ejected.Count == 0 && world.Runs.Count == 0; ticks++)
                Tick(world);
            if (world.Runs.Count > 0)
                world.End(world.Runs[0], null);
            world.Open[hotfix] = Make.Change(hotfix).Approved("bob") with { Labels = [new("hotfix", new("bob"))] };
            for (var ticks = 0; ticks < 20 && !world.Landed.Contains(hotfix); ticks++)
            {
                Tick(world);
                foreach (var run in world.Runs.Where(run => run.Order.Candidate.Revision.Change.Value == $"{hotfix}").ToList())
                    world.End(run, null);
                while (world.Runs.Count > 0 && world.Runs[0].Order.Candidate.Revision.Change.Value == "1" && !world.Landed.Contains(hotfix))
                    world.Apply(new Effect.CancelRun(world.Runs[0].Id));
            }
        }

        Assert.That(world.Ejected.Keys, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void An_ejected_change_does_not_come_back_by_itself_but_by_a_retry()
    {
        var world = new ToyWorld(1) { Bad = { 1 } };
        world.Settle();
        world.Bad.Clear();
        world.Settle();
        Assert.That(world.Landed, Is.Empty);

        world.Open[1] = world.Open[1].Asked(RequestKind.Retry, "ann");
        world.Open[1] = world.Open[1] with { Requests = [world.Open[1].Requests[0] with { At = world.Now.AddSeconds(1) }] };
        world.Now = world.Now.AddMinutes(1);
        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_change_that_depends_on_another_lands_after_it_whatever_their_order_of_approval()
    {
        var world = new ToyWorld(2);
        world.Open[1] = world.Open[1] with { DependsOn = [new(new("2"), Make.Sha(2), "2", Landed: false)] };

        for (var steps = 0; steps < 50 && world.Landed.Count < 2; steps++)
        {
            world.Settle();
            if (world.Landed.Count == 1)
                world.Open[1] = world.Open[1] with { DependsOn = [] };
        }

        Assert.That(world.Landed, Is.EqualTo(new[] { 2, 1 }));
    }

    [Test]
    public void Changes_that_depend_on_each_other_are_blocked_by_name()
    {
        var world = new ToyWorld(2);
        world.Open[1] = world.Open[1] with { DependsOn = [new(new("2"), null, "2", Landed: false)] };
        world.Open[2] = world.Open[2] with { DependsOn = [new(new("1"), null, "1", Landed: false)] };

        world.Settle();

        Assert.That(world.Landed, Is.Empty);
        Assert.That(world.Plan().Open.Select(status => status.Judgement.Whole.Reason), Has.All.Contain("in a circle: 1, 2"));
    }

    [Test]
    public void A_withdrawn_approval_takes_the_change_out_and_those_behind_go_on()
    {
        var world = new ToyWorld(3);
        Tick(world);
        Tick(world);
        world.Open[1] = world.Open[1] with { Votes = [] };

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 2, 3 }));
    }

    [Test]
    public void A_change_of_the_rules_lands_alone_and_nothing_is_built_on_it_before()
    {
        var world = new ToyWorld(3);
        world.Open[2] = world.Open[2] with { Paths = ["rules.yaml"] };
        for (var i = 0; i < 5; i++)
            Tick(world);

        Assert.That(world.Plan().Open[2].Note, Does.Contain("2 changes the rules and lands alone"));

        world.Settle();
        Assert.That(world.Landed, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void A_change_of_the_rules_alone_may_land_on_a_trunk_that_is_red()
    {
        var world = new ToyWorld(2) { TrunkIsBad = true };
        world.Open[2] = world.Open[2] with { Paths = ["rules.yaml"] };

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void Why_a_change_does_not_land_as_merged_is_shown_and_no_test_is_taken_for_passed()
    {
        var world = new ToyWorld(1);
        world.Shown = snapshot => snapshot with { Candidates = snapshot.Candidates.ToDictionary(item => item.Key, item => item.Value is CandidateFacts.Built built ? built with { RulesProblem = "3:5: error: a typo" } : item.Value) };

        world.Settle();

        var status = world.Plan().Open.Single();
        Assert.That((status.Outcome, status.Note), Is.EqualTo(("configuration error", "")));
        Assert.That(status.Judgement.Missing.Select(verdict => verdict.Reason), Has.One.Contains("3:5: error: a typo"));
        Assert.That(status.Judgement.Gates.SelectMany(gate => Words.Tree(gate, "")), Has.None.Contains("assumed"));
    }

    [Test]
    public void A_lost_runner_is_nobodys_failure()
    {
        var world = new ToyWorld(2);
        for (var losses = 0; losses < 3;)
        {
            Tick(world);
            if (world.Runs.FirstOrDefault(run => run.Order.Candidate.Revision.Change.Value == "1") is not { } run)
                continue;
            world.Lose(run);
            losses++;
            world.Now += TimeSpan.FromMinutes(1);
        }

        Tick(world);

        Assert.That(world.Ejected, Is.Empty);
        Assert.That(world.Plan().Open[0].Note, Does.Contain("infrastructure lost"));
        world.Settle();
        Assert.That(world.Landed, Is.EqualTo(new[] { 2 }), "the rest goes on past a parked change");
    }

    [Test]
    public void A_closed_trunk_is_tested_and_nothing_lands()
    {
        var world = new ToyWorld(2) { Closed = "frozen by the operator" };
        world.Settle();
        Assert.That(world.Landed, Is.Empty);

        world.Closed = null;
        var effects = world.Plan().Effects;

        Assert.That(effects.OfType<Effect.Land>().Single().Changes, Has.Count.EqualTo(2), "all that passed in between lands in one push");
    }

    [Test]
    public void A_proposal_is_tested_at_once_and_told_what_is_missing()
    {
        var world = new ToyWorld(1);
        world.Open[1] = world.Open[1] with { Votes = [] };

        world.Settle();

        Assert.That(world.Said.Single(), Does.Contain("tests passed").And.Contain("0 of 1 approvals from core (can be met by bob)"));
    }

    [Test]
    public void What_was_tested_when_it_was_proposed_lands_without_another_run()
    {
        var world = new ToyWorld(1);
        var approved = world.Open[1];
        world.Open[1] = approved with { Votes = [] };
        world.Settle();
        world.Open[1] = approved;

        var runs = 0;
        for (var i = 0; i < 5; i++)
        {
            foreach (var effect in world.Plan().Effects)
            {
                runs += effect is Effect.StartRun ? 1 : 0;
                world.Apply(effect);
            }
        }

        Assert.That(world.Landed, Is.EqualTo(new[] { 1 }));
        Assert.That(runs, Is.Zero);
    }

    [Test]
    public void Fifty_proposals_of_one_author_take_one_slot()
    {
        var world = new ToyWorld(50) { Slots = 8 };
        foreach (var (number, change) in world.Open.ToList())
            world.Open[number] = change with { Votes = [] };
        for (var i = 0; i < 5; i++)
            Tick(world);

        Assert.That(world.Runs, Has.Count.EqualTo(1));
    }

    [Test]
    public void Deciding_changes_nothing_and_is_the_same_twice()
    {
        var world = new ToyWorld(4) { Bad = { 2 } };
        Tick(world);
        Tick(world);
        var snapshot = world.Snapshot();

        var first = Planner.Decide(snapshot).Effects;

        Assert.That(Planner.Decide(snapshot).Effects, Is.EqualTo(first));
    }

    private static void Tick(ToyWorld world)
    {
        foreach (var effect in world.Plan().Effects)
            world.Apply(effect);
    }
}
