using GateKeeper.Forges.GitHub;

namespace GateKeeper.Tests.GitHub;

/// <summary>What is said of what could refuse the gate's own landing, each when it is right, when it is wrong, and when it could not be seen.</summary>
public sealed class WayDoctorTests
{
    private const string Push = "push to main by the gate", Merge = "merge into main for the gate", Method = "merge method on main", Queue = "merge queue on main";

    [Test]
    public void A_gate_that_passes_the_trunks_ruleset_gets_through()
    {
        Assert.That(Sights.Good.Of(Push), Is.EqualTo("Right: gatekeeper passes the ruleset \"trunk\""));
        Assert.That(Sights.Good.Without("update").Of(Push), Is.EqualTo("Right: nothing is in its way"));
        Assert.That(Sights.Good.Unlent("always").Of(Push), Is.EqualTo("Right: gatekeeper passes the ruleset \"trunk\""));
    }

    [TestCase("always", "Right")]
    [TestCase("exempt", "Right")]
    [TestCase("pull_request", "Wrong")]
    public void A_push_is_helped_only_by_who_may_always_pass(string mode, string expected)
    {
        Assert.That(Sights.Good.Passed(1, Sights.Gate with { BypassMode = mode }).Of(Push), Does.StartWith($"{expected}: "));
    }

    [TestCase("update", null, "restricts who may update the branch")]
    [TestCase("pull_request", null, "demands a pull request, and the gate pushes")]
    [TestCase("required_status_checks", """{"required_status_checks":[{"context":"build"},{"context":"lint"}]}""", "demands checks on what is pushed (build, lint)")]
    [TestCase("required_signatures", null, "demands signed commits, and the gate does not sign")]
    [TestCase("required_deployments", null, "demands deployments before anything lands")]
    [TestCase("required_linear_history", null, "forbids merge commits, and the rules land by merges")]
    [TestCase("commit_message_pattern", null, "demands a pattern of commit messages")]
    [TestCase("workflows", null, "demands workflows of its own")]
    public void A_rule_that_the_gate_cannot_meet_is_wrong_unless_it_passes_and_unknown_where_that_is_not_shown(string type, string? parameters, string words)
    {
        var held = Sights.Good.With(Sights.Rule(type, 8, parameters)).Passed(8);

        Assert.That(held.Of(Push), Is.EqualTo($"Wrong: the ruleset \"number 8\" {words}"));
        Assert.That(held.Findings.Cure(Push), Does.Contain("put gatekeeper on").Or.Contain("put gatekeeper on its bypass list"));
        Assert.That(held.Passed(8, Sights.Gate).Of(Push), Does.StartWith("Right: "));
        Assert.That(held.Unlent().Of(Push), Does.StartWith("Unknown: ").And.Contain($"the ruleset \"number 8\" {words}").And.EndWith("whether gatekeeper passes that is not shown"));
        Assert.That(held.Unlent("never").Of(Push), Does.StartWith("Wrong: "));
    }

    [TestCase("creation")]
    [TestCase("deletion")]
    [TestCase("non_fast_forward")]
    public void Rules_about_what_the_gate_never_does_are_none_of_its_business(string type)
    {
        Assert.That(Sights.Good.With(Sights.Rule(type, 8)).Passed(8).Of(Push), Does.StartWith("Right: "));
    }

    [Test]
    public void A_kind_of_rule_that_is_new_is_not_taken_for_harmless()
    {
        var odd = Sights.Good.With(Sights.Rule("moon_phase", 8)).Passed(8);

        Assert.That(odd.Of(Push), Is.EqualTo("Unknown: the ruleset \"number 8\" has a rule that is new to this program (moon_phase); whether gatekeeper passes that is not shown"));
    }

    [Test]
    public void Linear_history_is_met_by_every_method_but_merges()
    {
        var linear = Sights.Good.With(Sights.Rule("required_linear_history", 8)).Passed(8);

        Assert.That(linear.Landing("fast-forward").Of(Push), Does.StartWith("Right: "));
        Assert.That(linear.Landing("merge").Of(Push), Does.StartWith("Wrong: "));
        Assert.That(linear.Landing("squash").Of(Merge), Does.StartWith("Right: "));
        Assert.That(linear.OnMain(trunk => trunk with { Gates = Told<Core.Rules.Ruleset>.Unseen("404") }).Of(Push), Does.StartWith("Wrong: "));
    }

    [Test]
    public void Where_neither_rules_nor_protection_were_read_the_way_is_unknown()
    {
        Assert.That(Sights.Good.OnMain(trunk => trunk with { Rules = Told<IReadOnlyList<BranchRuleDto>>.Unseen("403") }).Of(Push), Is.EqualTo("Unknown: the rules for the branch cannot be read: 403"));
        Assert.That(Sights.Good.OnMain(trunk => trunk with { Protection = Told<ProtectionDto>.Unseen("403") }).Of(Push), Is.EqualTo("Unknown: the rulesets let it; the branch's protection cannot be read: 403"));
    }

    [Test]
    public void The_older_protection_can_stand_in_the_way()
    {
        Assert.That(Of(new(Restrictions: new(Apps: [new("other-ci")]))), Is.EqualTo("Wrong: the branch's protection does not let gatekeeper push"));
        Assert.That(Of(new(Restrictions: new(Apps: [new("gatekeeper")]))), Is.EqualTo("Right: nothing is in its way"));
        Assert.That(Of(new(RequiredPullRequestReviews: new(2))), Is.EqualTo("Wrong: the branch's protection demands a pull request with 2 approvals"));
        Assert.That(Of(new(RequiredPullRequestReviews: new(2, false, new(Apps: [new("gatekeeper")])))), Does.StartWith("Right: "));
        Assert.That(Of(new(new DemandedChecksDto(["build"]))), Is.EqualTo("Wrong: the branch's protection demands checks on what is pushed (build)"));
        Assert.That(Of(new(RequiredSignatures: new(true))), Does.StartWith("Wrong: the branch's protection demands signed commits"));
        Assert.That(Of(new(RequiredSignatures: new(false))), Does.StartWith("Right: "));
        Assert.That(Of(new(RequiredLinearHistory: new(true))), Does.StartWith("Wrong: the branch's protection forbids merge commits"));
        Assert.That(Of(new(LockBranch: new(true))), Is.EqualTo("Wrong: the branch is locked"));

        static string Of(ProtectionDto protection) => Sights.Good.Protected(protection).Of(Push);
    }

    [Test]
    public void Where_github_merges_its_own_count_of_approvals_can_refuse_what_the_rules_let_pass()
    {
        var squash = Sights.Good.Landing("squash");

        Assert.That(squash.Of(Merge), Is.EqualTo("Right: it may merge there"));
        Assert.That(squash.Passed(1, Sights.Gate with { BypassMode = "pull_request" }).Of(Merge), Does.StartWith("Right: "));
        Assert.That(Pull("""{"required_approving_review_count":2}"""), Does.StartWith("Wrong: the ruleset \"number 8\" demands 2 approvals as GitHub counts them"));
        Assert.That(Pull("""{"required_approving_review_count":0}"""), Does.StartWith("Right: "));
        Assert.That(Pull("""{"required_approving_review_count":0,"require_code_owner_review":true}"""), Does.StartWith("Wrong: "));
        Assert.That(Pull("""{"required_approving_review_count":0,"allowed_merge_methods":["squash"]}"""), Does.StartWith("Right: "));
        Assert.That(Pull("""{"required_approving_review_count":0,"allowed_merge_methods":["merge"]}"""), Does.StartWith("Wrong: "));
        Assert.That(squash.With(Sights.Rule("required_signatures", 8)).Passed(8).Of(Merge), Does.StartWith("Right: "), "GitHub signs what it merges");
        Assert.That(squash.With(Sights.Rule("required_status_checks", 8)).Passed(8).Of(Merge), Does.StartWith("Wrong: "));

        string Pull(string parameters) => squash.With(Sights.Rule("pull_request", 8, parameters)).Passed(8).Of(Merge);
    }

    [Test]
    public void Where_github_merges_its_button_must_know_the_way()
    {
        Assert.That(Sights.Good.Findings.Select(finding => finding.What), Has.No.Member(Method));
        Assert.That(Sights.Good.Landing("squash").Of(Method), Is.EqualTo("Right: the repository allows squash merging"));
        Assert.That(Sights.Good.Landing("rebase").Of(Method), Is.EqualTo("Wrong: the repository does not allow rebase merging, by which the rules land"));
        Assert.That((Sights.Good.Landing("squash") with { Repository = Sights.Good.Repository with { AllowSquashMerge = null } }).Of(Method), Does.StartWith("Unknown: "));
        Assert.That((Sights.Good with { Place = Sights.Good.Place with { ThroughForge = true } }).OnMain(trunk => trunk with { Gates = Told<Core.Rules.Ruleset>.Unseen("there is no rules.yaml on it") }).Of(Method), Does.StartWith("Unknown: ").And.EndWith("there is no rules.yaml on it"));
        Assert.That((Sights.Good.Landing("squash") with { Place = Sights.Good.Place with { ThroughForge = false } }).Findings.Select(finding => finding.What), Has.No.Member(Method).And.Member(Push));
    }

    [Test]
    public void Two_queues_cannot_both_be_right()
    {
        Assert.That(Sights.Good.Of(Queue), Is.EqualTo("Right: it is off"));
        Assert.That(Sights.Good.With(Sights.Rule("merge_queue", 8)).Passed(8, Sights.Gate).Of(Queue), Is.EqualTo("Wrong: GitHub's own queue is on, by the ruleset \"number 8\""));
        Assert.That(Sights.Good.OnMain(trunk => trunk with { Queue = new(new("MQ_1")) }).Of(Queue), Is.EqualTo("Wrong: GitHub's own queue is on, by the branch's protection"));
        Assert.That(Sights.Good.OnMain(trunk => trunk with { Queue = Told<QueueDto>.Unseen("403") }).Of(Queue), Does.StartWith("Unknown: ").And.EndWith("403"));
        Assert.That(Sights.Good.OnMain(trunk => trunk with { Rules = Told<IReadOnlyList<BranchRuleDto>>.Unseen("403") }).Of(Queue), Does.StartWith("Unknown: "));
    }
}
