using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>Signatures of commits as a requirement: known to be good, or not there.</summary>
public sealed class SignatureTests
{
    private static readonly CommitSignature ByAnn = new CommitSignature.Good("ann@home", new("ann"));

    [Test]
    public void Every_commit_needs_a_signature_that_is_known_to_be_good()
    {
        Assert.That(Said("signed: true", ByAnn, new CommitSignature.Good("somebody", null)), Is.EqualTo("Pass: signed by ann@home, somebody"));
        Assert.That(Said("signed: true", ByAnn, new CommitSignature.None()), Is.EqualTo("Block: 0000000000 is not signed"));
        Assert.That(Said("signed: true", new CommitSignature.Bad("is signed by nobody"), new CommitSignature.None(), ByAnn), Is.EqualTo("Block: 0000000000 is signed by nobody; 0000000000 is not signed"));
        Assert.That(Said("signed: true", ByAnn, new CommitSignature.Unknown("it is being verified")), Is.EqualTo("Wait: it is being verified"));
        Assert.That(Said("signed: true", new CommitSignature.Unknown("it is being verified"), new CommitSignature.None()), Is.EqualTo("Block: 0000000000 is not signed"), "what is known to be wrong does not wait for what is not known");
        Assert.That(Said("signed: true"), Is.EqualTo("Wait: the commits are not known"));
        Assert.That(Rules("signed: true").Judged(Make.Change()).Gates[0].Reason, Is.EqualTo("nobody tells whether it is signed"));
    }

    [Test]
    public void The_signer_can_be_asked_for()
    {
        Assert.That(Said("signed: { by: core }", ByAnn, new CommitSignature.Good("bob", new("bob"))), Is.EqualTo("Pass: signed by ann@home, bob"));
        Assert.That(Said("signed: { by: core }", ByAnn, new CommitSignature.Good("eve\u001b[1m", new("eve"))), Is.EqualTo("Block: 0000000000 is signed by eve\\u001b[1m, who is not in core"));
        Assert.That(Said("signed: { by: core }", new CommitSignature.Good("GitHub itself", null)), Is.EqualTo("Block: 0000000000 is signed by GitHub itself, and the forge knows no one account of that name"));
        var hidden = Make.Rules(Yaml("signed: { by: team }")).Judged(Change(ByAnn), now => now with { People = People.Resolve(Make.Rules(Yaml("signed: { by: team }")), new Dictionary<string, GroupMembers> { ["x/y"] = new([], "the team x/y may not be seen") }, name => new(name)) });
        Assert.That($"{hidden.Gates[0].Decision}: {hidden.Gates[0].Reason}", Is.EqualTo("Wait: the team x/y may not be seen"));
    }

    [TestCase("signed: true, without-merges: true")]
    [TestCase("signed: { without-merges: true }")]
    [TestCase("signed: { by: core, without-merges: true }")]
    public void Merges_can_be_left_out(string require)
    {
        var change = Change(ByAnn, new CommitSignature.None());
        var merged = change with { Commits = [change.Commits[0], change.Commits[1] with { Parents = 2 }] };

        Assert.That(Rules(require).Judged(merged).Passes);
        Assert.That(Rules(require).Judged(change).Passes, Is.False);
        Assert.That(Rules("signed: true").Judged(merged).Passes, Is.False);
        Assert.That(Rules("signed: true").Judged(change with { Commits = [change.Commits[0], change.Commits[1] with { ByGate = true }] }).Passes, "the gate answers for its own");
    }

    [Test]
    public void Where_commits_are_rewritten_their_signatures_do_not_land_and_check_says_so()
    {
        foreach (var (method, warned) in new[] { ("squash", true), ("rebase", true), ("merge", false), ("fast-forward", false) })
            Assert.That(RulesLoader.Load(Yaml("signed: true") + $"\nlanding: {{ method: {method} }}\n").Problems.Any(problem => problem.Message.Contains("what lands is the gate's own, unsigned", StringComparison.Ordinal)), Is.EqualTo(warned), method);
    }

    [TestCase("signed: false", "\"signed: false\" asks for nothing")]
    [TestCase("signed: yes", "must be true or false")]
    [TestCase("signed: { by: nobody }", "there is no group \"nobody\"")]
    [TestCase("signed: { group: core }", "\"signed\" has no \"group\"")]
    [TestCase("signed: {}", "\"by\" is missing")]
    public void What_cannot_be_meant_is_said(string require, string said) =>
        Assert.That(RulesLoader.Load(Yaml(require)).Problems.Select(problem => problem.Message), Has.Some.Contains(said));

    private static string Said(string require, params CommitSignature[] signatures)
    {
        var gate = Rules(require).Judged(Change(signatures)).Gates[0];
        return $"{gate.Decision}: {gate.Reason}";
    }

    private static Change Change(params CommitSignature[] signatures) =>
        Make.Change() with { Commits = [.. signatures.Select((signature, at) => new CommitFacts { Sha = Make.Sha(at), Signature = signature })] };

    private static Ruleset Rules(string require) => Make.Rules(Yaml(require));

    private static string Yaml(string require) => $$"""
        version: 1
        groups: { core: { users: [ann, bob] }, team: { teams: [x/y] } }
        gates:
          - { name: signed, require: { {{require}} } }
        """;
}
