using GateKeeper.Forges;
using GateKeeper.Forges.GitHub;

namespace GateKeeper.Tests.GitHub;

/// <summary>What is said of the rules that guard a trunk, each when it is right, when it is wrong, and when it could not be seen.</summary>
public sealed class RulesetDoctorTests
{
    private const string Push = "nobody else: push to main", Deletion = "deletion of main", Force = "forced push to main", Bypass = "bypass of main";
    private static readonly UserDto Bob = new("bob", 1002);

    [Test]
    public void A_trunk_guarded_as_the_guide_says_is_all_right()
    {
        Assert.That(Sights.Good.Findings.Where(finding => finding.State != FindingState.Right), Is.Empty);
        Assert.That(Sights.Good.Of(Push), Is.EqualTo("Right: the ruleset \"trunk\""));
        Assert.That(Sights.Good.Of(Deletion), Is.EqualTo("Right: the ruleset \"history\" forbids it"));
        Assert.That(Sights.Good.Of(Force), Is.EqualTo("Right: the ruleset \"history\" forbids it"));
        Assert.That(Sights.Good.Of(Bypass), Is.EqualTo("Right: the ruleset \"trunk\": only gatekeeper; the ruleset \"history\": nobody"));
    }

    [TestCase("update", Push, "Wrong: no active rule restricts it: whoever may write to the repository may push and merge there", "ruleset-trunk.json")]
    [TestCase("deletion", Deletion, "Wrong: no active rule forbids it", "ruleset-history.json")]
    [TestCase("non_fast_forward", Force, "Wrong: no active rule forbids it", "ruleset-history.json")]
    public void A_rule_that_is_missing_is_named_with_the_file_that_mends_it(string type, string what, string expected, string file)
    {
        var bare = Sights.Good.Without(type);

        Assert.That(bare.Of(what), Is.EqualTo(expected));
        Assert.That(bare.Findings.Cure(what), Does.Contain(file));
        Assert.That(bare.Findings.Count(finding => finding.State != FindingState.Right), Is.EqualTo(1));
    }

    [TestCase(Push, "update")]
    [TestCase(Deletion, "deletion")]
    [TestCase(Force, "non_fast_forward")]
    public void Where_neither_rules_nor_protection_could_be_read_nothing_is_called_fine(string what, string type)
    {
        var unread = Sights.Good.OnMain(trunk => trunk with { Rules = Told<IReadOnlyList<BranchRuleDto>>.Unseen("403") });
        var halfRead = Sights.Good.Without(type).OnMain(trunk => trunk with { Protection = Told<ProtectionDto>.Unseen("403") });

        Assert.That(unread.Of(what), Is.EqualTo("Unknown: the rules for the branch cannot be read: 403"));
        Assert.That(halfRead.Of(what), Is.EqualTo("Unknown: no ruleset does it, and the branch's protection cannot be read: 403"));
        Assert.That(halfRead.Findings.Cure(what), Does.Contain("Administration (read)").And.Contain("--admin"));
        Assert.That(Sights.Good.OnMain(trunk => trunk with { Protection = Told<ProtectionDto>.Unseen("403") }).Of(what), Does.StartWith("Right: "), "a ruleset is enough");
    }

    [Test]
    public void A_ruleset_that_sleeps_guards_nothing_and_is_named()
    {
        var set = Sights.Set(7, "someday") with { Enforcement = "disabled", Rules = [new("update", null)], Conditions = new(new(["~DEFAULT_BRANCH"])) };
        var asleep = Sights.Good.Without("update") with { Rulesets = new Dictionary<long, RulesetDto>(Sights.Good.Rulesets) { [7] = set } };

        Assert.That(asleep.Of(Push), Is.EqualTo("Wrong: the ruleset \"someday\" would, and is not active (its enforcement is \"disabled\")"));
    }

    [Test]
    public void Whoever_else_may_pass_is_named()
    {
        var open = Sights.Good.Passed(1, Sights.Gate, new("Team", 31, "pull_request"), new("RepositoryRole", 5, "always"), new("DeployKey", null, "always")) with
        {
            Names = new Dictionary<(string, long), string> { [("Team", 31)] = "the team acme/core" },
        };
        var rewriting = Sights.Good.Passed(2, new PasserDto("OrganizationAdmin", 1, "always"));

        Assert.That(open.Of(Bypass), Is.EqualTo("Wrong: the ruleset \"trunk\" may be passed by the team acme/core (by merging a pull request), who administers the repository, every deploy key that may write"));
        Assert.That(rewriting.Of(Bypass), Is.EqualTo("Wrong: the ruleset \"history\" may be passed by the owners of the organization"));
        Assert.That(open.Findings.Cure(Bypass), Does.StartWith("leave gatekeeper alone"));
    }

    [Test]
    public void Another_app_is_not_the_gate()
    {
        Assert.That(Sights.Good.Passed(1, Sights.Gate, new("Integration", 777, "always")).Of(Bypass), Does.Contain("may be passed by the App 777"));
    }

    [Test]
    public void One_ruleset_that_nobody_else_passes_is_enough_whoever_passes_others()
    {
        var twice = Sights.Good.With(Sights.Rule("update", 8)).Passed(8, Sights.Gate, new("User", 1002, "always"));

        Assert.That(twice.Of(Bypass), Does.StartWith("Right: "));
    }

    [Test]
    public void Without_an_administrators_login_those_who_may_pass_are_unknown()
    {
        var unlent = Sights.Good.Unlent("always");

        Assert.That(unlent.Of(Bypass), Is.EqualTo("Unknown: who may pass the ruleset \"trunk\" and the ruleset \"history\" is shown to those only who may change it"));
        Assert.That(unlent.Findings.Cure(Bypass), Is.EqualTo("let an administrator's login look: --admin USER:env:NAME"));
        Assert.That(unlent.Of(Push), Does.StartWith("Right: "));
    }

    [Test]
    public void What_only_an_owner_of_the_organization_is_told_is_asked_of_one()
    {
        var far = Sights.Good.Without("update").With(Sights.Rule("update", 9, source: "Organization"));

        Assert.That(far.Of(Push), Is.EqualTo("Right: the ruleset 9 of acme"));
        Assert.That(far.Of(Bypass), Does.StartWith("Unknown: who may pass the ruleset 9 of acme"));
        Assert.That(far.Findings.Cure(Bypass), Is.EqualTo("lend the login of an owner of acme: --admin USER:env:NAME"));
    }

    [Test]
    public void The_older_protection_guards_too()
    {
        var shut = new ProtectionDto(EnforceAdmins: new(true), Restrictions: new(Apps: [new("gatekeeper")]), AllowForcePushes: new(false), AllowDeletions: new(false));
        var sight = Sights.Good.Protected(shut);

        Assert.That(sight.Of(Push), Is.EqualTo("Right: the branch's protection lets only gatekeeper push"));
        Assert.That(sight.Of(Deletion), Is.EqualTo("Right: the branch's protection forbids it"));
        Assert.That(sight.Of(Force), Is.EqualTo("Right: the branch's protection forbids it"));
        Assert.That(sight.Findings.Select(finding => finding.What), Has.No.Member(Bypass));

        var others = Sights.Good.Protected(shut with { Restrictions = new([Bob], [new("core", 31)], [new("gatekeeper"), new("other-ci")]) });
        Assert.That(others.Of(Push), Is.EqualTo("Wrong: the branch's protection lets bob, the team core, the App other-ci push too"));
        Assert.That(Sights.Good.Protected(shut with { EnforceAdmins = new(false) }).Of(Push), Is.EqualTo("Wrong: the branch's protection does not hold for those who administer the repository"));
        Assert.That(Sights.Good.Protected(shut with { EnforceAdmins = new(false) }).Of(Deletion), Is.EqualTo("Wrong: the branch's protection does not hold for those who administer the repository"));
        Assert.That(Sights.Good.Protected(shut with { Restrictions = null }).Of(Push), Is.EqualTo("Wrong: the branch's protection does not say who may push"));
        Assert.That(Sights.Good.Protected(shut with { AllowDeletions = new(true) }).Of(Deletion), Is.EqualTo("Wrong: no active rule forbids it"));
        Assert.That(Sights.Good.Protected(shut with { AllowForcePushes = new(true) }).Of(Force), Is.EqualTo("Wrong: no active rule forbids it"));
    }

    [Test]
    public void An_account_is_the_gate_by_its_number_or_by_a_team_of_its_own()
    {
        var account = Sights.Good with { App = null, User = 55, OwnTeams = new HashSet<long> { 31 } };

        Assert.That(account.Passed(1, new PasserDto("User", 55, "always")).Of(Bypass), Does.StartWith("Right: the ruleset \"trunk\": only gatekeeper"));
        Assert.That(account.Passed(1, new PasserDto("Team", 31, "always")).Of(Bypass), Does.StartWith("Right: the ruleset \"trunk\": only gatekeeper"));
        Assert.That(account.Passed(1, new PasserDto("Team", 32, "always")).Of(Bypass), Does.StartWith("Wrong: "));
    }
}
