using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>Whoever asks for an override that can never count is told so at once, and why.</summary>
public sealed class OverrideTests
{
    private static readonly Ruleset Rules = Make.Rules("""
        version: 1
        groups: { core: { users: [ann, bob, carol] } }
        tests: { unit: { run: make } }
        may: { override: { from: core, second: core } }
        gates:
          - { name: two, require: { approvals: 2, from: core } }
          - { name: tests, require: { tests: all } }
        """);

    [TestCase("ann", "two", "override: ann is among those who made this change: somebody else has to ask.")]
    [TestCase("bob", "too", "override: there is no gate \"too\"; there are \"two\", \"tests\".")]
    [TestCase("bob", "tests", "override: the gate \"tests\" requires tests, and such a gate is lifted only where may.override.gates names it.")]
    public void What_can_never_count_is_refused_at_once(string by, string gate, string why)
    {
        var world = new ToyWorld(1) { Rules = Rules };
        world.Open[1] = Make.Change(1).Asked(RequestKind.Override, by, gate, "urgent").Asked(RequestKind.Confirm, "carol");

        world.Settle();

        Assert.That(world.Said, Has.One.Contains(why));
        Assert.That(world.Said, Has.None.Contains("asks to lift the gate"));
        Assert.That(world.Landed, Is.Empty);
    }

    [Test]
    public void A_gate_that_the_rules_do_not_name_for_it_is_not_lifted()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob, carol] } }
            may: { override: { from: core, second: core, gates: [one] } }
            gates:
              - { name: one, require: { approvals: 1, from: core } }
              - { name: two, require: { approvals: 2, from: core } }
            """);
        var world = new ToyWorld(1) { Rules = rules };
        world.Open[1] = Make.Change(1).Asked(RequestKind.Override, "bob", "two", "urgent");

        world.Settle();

        Assert.That(world.Said, Has.One.Contains("override: the rules let nobody lift the gate \"two\": may.override.gates names \"one\"."));
    }

    [Test]
    public void Who_made_the_change_confirms_nothing()
    {
        var world = new ToyWorld(1) { Rules = Rules };
        world.Open[1] = Make.Change(1).Asked(RequestKind.Override, "bob", "two", "urgent").Asked(RequestKind.Confirm, "ann");

        world.Settle();

        Assert.That(world.Said, Has.One.Contains("bob asks to lift the gate \"two\" for this revision (urgent). Somebody else of core confirms it"));
        Assert.That(world.Said, Has.One.Contains("confirm: ann is among those who made this change: somebody else has to confirm."));
        Assert.That(world.Landed, Is.Empty);
    }
}
