using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>What people ask of the gate, and what comes of it.</summary>
public sealed class AskedTests
{
    [Test]
    public void The_author_lifts_his_own_hold_and_not_a_reviewers()
    {
        var change = Make.Change().Approved("bob").Asked(RequestKind.Hold, "ann").Asked(RequestKind.Hold, "bob", reason: "not before the release").Asked(RequestKind.Unhold, "ann");

        Assert.That(Make.Rules(ToyWorld.Yaml).Judged(change).Whole.Reason, Does.Contain("held by bob: not before the release").And.Not.Contains("held by ann"));
    }

    [Test]
    public void A_hold_stands_while_the_group_that_may_hold_cannot_be_read()
    {
        var rules = Make.Rules(ToyWorld.Yaml.Replace("groups: {", "may: { hold: [team], land: [author] }\ngroups: { team: { teams: [acme/people] },", StringComparison.Ordinal));

        Assert.That(rules.Judged(Make.Change().Approved("bob").Asked(RequestKind.Hold, "erin")).Whole.Reason, Does.Contain("held by erin"));
    }

    [Test]
    public void A_freeze_outlives_the_change_on_which_it_was_asked_until_somebody_lifts_it()
    {
        var world = new ToyWorld(2) { Rules = Make.Rules(ToyWorld.Yaml + "\nmay: { freeze: core }") };
        world.Open[1] = world.Open[1].Asked(RequestKind.Freeze, "bob", reason: "release");
        foreach (var effect in world.Plan().Effects)
            world.Apply(effect);
        world.Open.Remove(1);
        world.Settle();
        Assert.That(world.Landed, Is.Empty);
        Assert.That(world.Plan().Open.Single().Judgement.Whole.Reason, Does.Contain("frozen by bob: release"));

        world.Open[2] = world.Open[2].Asked(RequestKind.Unfreeze, "bob") with { };
        world.Open[2] = world.Open[2] with { Requests = [world.Open[2].Requests[0] with { At = world.Now }] };
        world.Settle();
        Assert.That(world.Landed, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void A_freeze_by_somebody_of_whom_it_is_not_known_whether_he_may_ends_when_it_is()
    {
        var world = new ToyWorld(1) { Rules = Make.Rules(ToyWorld.Yaml.Replace("groups: {", "may: { freeze: [team] }\ngroups: { team: { teams: [acme/people] },", StringComparison.Ordinal)) };
        world.Open[1] = world.Open[1].Asked(RequestKind.Freeze, "mallory");

        world.Settle();
        Assert.That(world.Landed, Is.Empty);
        Assert.That(world.Plan().Open.Single().Judgement.Whole.Reason, Does.Contain("frozen by mallory"));

        world.Teams["acme/people"] = new([new("erin")]);
        world.Settle();
        Assert.That(world.Landed, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void Who_asks_is_answered_once_and_who_may_not_is_told_who_may()
    {
        var world = new ToyWorld(1);
        world.Open[1] = Make.Change(1).Asked(RequestKind.Land, "ann").Asked(RequestKind.Hold, "mallory");

        world.Settle();
        world.Settle();

        Assert.That(world.Said, Has.One.Contains("ann asked to land it. Before it lands:\n- 0 of 1 approvals from core"));
        Assert.That(world.Said, Has.One.Contains("mallory may not ask for hold here: the rules let author, core"));
    }

    [Test]
    public void What_was_open_before_the_gate_came_is_tested_and_not_spoken_to_until_it_moves()
    {
        var world = new ToyWorld(1) { FirstSight = true };
        world.Open[1] = Make.Change(1);
        foreach (var effect in world.Plan().Effects)
            world.Apply(effect);
        world.FirstSight = false;

        world.Settle();
        Assert.That(world.Said, Is.Empty);
        Assert.That(world.MostRuns, Is.EqualTo(1));

        world.Open[1] = world.Open[1].Pushed(77);
        world.Settle();
        Assert.That(world.Said, Has.One.Contains("tests passed"));
    }

    [Test]
    public void Where_strangers_need_a_word_the_author_is_none_who_can_give_it()
    {
        var world = new ToyWorld(1) { RunFor = RunFor.Approved };
        world.Open[1] = Make.Change(1).Asked(RequestKind.Test, "ann");
        world.Settle();
        Assert.That(world.MostRuns, Is.Zero);

        world.Open[1] = world.Open[1].Asked(RequestKind.Test, "bob");
        world.Settle();
        Assert.That(world.MostRuns, Is.EqualTo(1));
    }

    [Test]
    public void An_override_of_one_gate_lifts_no_tests_of_the_gate_that_stands_instead()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob, carol] } }
            tests: { unit: { run: make } }
            may: { override: { from: core, second: core, gates: [two] } }
            gates:
              - { name: two, require: { approvals: 2, from: core, lifted-by: core } }
              - { name: prose, when: { only-paths: ["docs/**"] }, instead-of: two, require: { all: [{ approvals: 1, from: core, lifted-by: core }, { tests: all }] } }
            """);
        var change = Make.Change().Asked(RequestKind.Override, "bob", "two", "urgent").Asked(RequestKind.Confirm, "carol");

        Assert.That(rules.Judged(change).Gates.Single().Passes, Is.True);
        Assert.That(rules.Judged(change).Overridden.Single(), Does.Contain("two: OVERRIDDEN by bob, confirmed by carol: urgent"));
        Assert.That(rules.Judged(change with { Paths = ["docs/guide.md"] }).Gates.Single().Passes, Is.False);
        Assert.That(rules.Judged(change with { Uploader = null }).Gates.Single().Passes, Is.False, "who pushed it may be one of the two");
    }

    [Test]
    public void The_last_score_of_a_label_is_the_one_that_counts()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [alice] } }
            gates: [{ name: two, require: { vote: { label: Code-Review, at-least: 2, count: 1 }, from: core } }]
            """);
        var change = Make.Change() with { Votes = [Score(2, 1), Score(-1, 2)] };

        Assert.That(rules.Judged(change).Whole.Reason, Does.StartWith("0 of 1"));
        Assert.That(rules.Judged(change with { Votes = [Score(-1, 1), Score(2, 2)] }).Whole.Passes, Is.True);

        Vote Score(int score, long order) => new() { By = new("alice"), Value = VoteValue.Neither, Label = "Code-Review", Score = score, Order = order, On = Make.Sha(1) };
    }

    [Test]
    public void Different_people_takes_the_branch_that_can_be_filled_and_says_so_where_none_can()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob, erin] }, leads: { users: [erin] }, ops: { users: [bob] } }
            gates:
              - name: eyes
                require:
                  all: [{ approvals: 1, from: core, lifted-by: core }, { any: [{ approvals: 1, from: leads, lifted-by: core }, { approvals: 1, from: ops, lifted-by: core }] }]
                  different-people: true
            """);

        Assert.That(rules.Judged(Make.Change().Approved("bob", "erin")).Passes, Is.True);
        Assert.That(rules.Judged(Make.Change().Approved("erin")).Missing.Single().Reason, Does.Contain("somebody else must vote"));
    }

    [TestCase("when: { paths: [\"[z-a]\"] }", "is no pattern")]
    [TestCase("when: { not: { labels: [trivial] } }", "needs \"set-by\"")]
    [TestCase("when: { size: { } }", "needs max-lines or max-files")]
    public void What_makes_no_sense_is_an_error_and_ends_nothing(string when, string said)
    {
        var loaded = Rules.RulesLoader.Load($"version: 1\ngroups: {{ core: {{ users: [bob] }} }}\ngates: [{{ name: a, {when}, require: {{ approvals: 1, from: core, lifted-by: core }} }}]");

        Assert.That(loaded.Errors.Select(error => error.Message), Has.One.Contains(said));
    }

    [TestCase("2147483647d")]
    [TestCase("999999999h")]
    public void A_duration_beyond_all_reason_is_an_error(string duration)
    {
        var loaded = Rules.RulesLoader.Load($"version: 1\ntests: {{ unit: {{ run: make, timeout: {duration} }} }}\ngates: [{{ name: t, require: {{ tests: all }} }}]");

        Assert.That(loaded.Errors.Single().Message, Does.Contain("duration"));
    }
}
