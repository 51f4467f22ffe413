using GateKeeper.Forges;
using GateKeeper.Forges.Gerrit;

namespace GateKeeper.Tests.Gerrit;

/// <summary>Who is granted what on a trunk, as Gerrit reads its rules: where that is not certain, one right too many.</summary>
public sealed class AccessRulesTests
{
    private const string Main = "refs/heads/main";

    [Test]
    public void The_exclusive_rule_of_the_trunks_own_name_hides_what_is_inherited() =>
        Assert.That(Push(Project("tool", (Main, "bots", "ALLOW", true)), Project("All", ("refs/heads/*", "people", "ALLOW", false))), Is.EqualTo(new[] { "bots" }));

    [Test]
    public void A_star_that_stands_behind_no_slash_is_a_letter_and_hides_nothing() =>
        Assert.That(Push(Project("tool", ("refs/heads/ma*", "bots", "ALLOW", true)), Project("All", ("refs/heads/*", "people", "ALLOW", false))), Is.EqualTo(new[] { "people" }));

    [Test]
    public void An_expression_that_may_be_nearer_than_the_name_is_not_hidden_by_it() =>
        Assert.That(Push(Project("tool", (Main, "bots", "ALLOW", true), ("^refs/heads/main", "leads", "ALLOW", false))), Is.EquivalentTo(new[] { "bots", "leads" }));

    [Test]
    public void An_expression_without_an_end_comes_behind_the_name() =>
        Assert.That(Push(Project("tool", (Main, "bots", "ALLOW", true), ("^refs/heads/.*", "leads", "ALLOW", false))), Is.EqualTo(new[] { "bots" }));

    [Test]
    public void A_block_hides_what_any_project_grants_unless_its_own_allows_somebody_beside_it()
    {
        var below = Project("tool", (Main, "leads", "ALLOW", true));

        Assert.That(Push(below, Project("All", ("refs/heads/*", "leads", "BLOCK", false))), Is.Empty);
        Assert.That(Push(below, Project("All", ("refs/heads/*", KnownGroups.Registered, "BLOCK", false), ("refs/*", "pushers", "ALLOW", false))), Is.EqualTo(new[] { "leads" }));
    }

    [Test]
    public void A_denial_hides_the_same_rule_of_a_parent() =>
        Assert.That(Push(Project("tool", ("refs/heads/*", "people", "DENY", false)), Project("All", ("refs/heads/*", "people", "ALLOW", false))), Is.Empty);

    [TestCase("administrateServer", "those who administer the server")]
    [TestCase("modifyAccount", "nobody else: acting in the gate's name")]
    public void Whoever_decides_who_may_is_as_if_he_might(string capability, string finding)
    {
        AccountDto gate = new(1, Username: "gatekeeper"), admin = new(2, Username: "admin"), erin = new(3, Username: "erin");
        var root = new ProjectAccess("All", true, new Dictionary<string, SectionDto>
        {
            [AccessRules.Capabilities] = new(new Dictionary<string, PermissionDto> { [capability] = new(Rules: new Dictionary<string, RuleDto> { ["admins"] = new() }) }),
        });
        var groups = new GroupBook(
            new Dictionary<string, GroupSeen> { ["admins"] = new("admins", "Admins", [admin], [], "leads"), ["leads"] = new("leads", "Leads", [erin], [], "leads") }, new Dictionary<string, string>(), IsWhole: true);

        var found = new AccessDoctor(new() { User = "gatekeeper", Gate = gate, Project = "tool", Trunks = ["main"], Submits = false, Label = "Verified", Access = new([root]), Groups = groups, GateGroups = new HashSet<string>() })
            .Judge().Single(each => each.What == finding);

        Assert.That(found.State, Is.EqualTo(FindingState.Wrong));
        Assert.That(found.Why, Does.Contain("erin could let anybody in: in Leads, which decides who is in Admins"));
    }

    private static IEnumerable<string> Push(params ProjectAccess[] chain) => new AccessRules(chain).Of(Main, "push").Select(grant => grant.Group);

    private static ProjectAccess Project(string name, params (string Section, string Group, string Action, bool Exclusive)[] rules) => new(name, true, rules.ToDictionary(
        rule => rule.Section,
        rule => new SectionDto(new Dictionary<string, PermissionDto> { ["push"] = new(null, rule.Exclusive, new Dictionary<string, RuleDto> { [rule.Group] = new(rule.Action) }) })));
}
