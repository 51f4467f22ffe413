using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>What a gate forbids, and words that must not be there: what is said to the author, and what is not known.</summary>
public sealed class ForbiddenTests
{
    [TestCase("{ paths: [\"vendor/**\"] }", Decision.Block, "it changes vendor/x.c, and this gate forbids changes to vendor/**")]
    [TestCase("{ paths: [\"docs/**\"] }", Decision.Pass, "it changes nothing in docs/**")]
    [TestCase("{ only-paths: [\"vendor/**\", \"src/**\"] }", Decision.Block, "it changes nothing outside of vendor/**, src/**, and this gate forbids changes to vendor/**, src/** alone")]
    [TestCase("{ only-paths: [\"vendor/**\"] }", Decision.Pass, "it changes src/a.c")]
    [TestCase("{ title: '(?i)^wip\\b' }", Decision.Block, "its title matches (?i)^wip\\b (\"WIP\"), and this gate forbids titles that match (?i)^wip\\b")]
    [TestCase("{ title: '^feat' }", Decision.Pass, "its title does not match ^feat")]
    [TestCase("{ labels: [do-not-*] }", Decision.Block, "the label is set: do-not-merge (by erin), and this gate forbids the label do-not-*")]
    [TestCase("{ labels: [ready] }", Decision.Pass, "the label ready is not set")]
    [TestCase("{ author: bots }", Decision.Pass, "its author ann is not in bots")]
    [TestCase("{ author: { outside: core } }", Decision.Block, "its author ann is not in core, and this gate forbids changes of authors outside of core")]
    [TestCase("{ authors: { outside: core } }", Decision.Block, "ann made it, and is not in core, and this gate forbids changes that others than core had a hand in")]
    [TestCase("{ source-branches: [\"wip/**\"] }", Decision.Block, "it comes from wip/parser, and this gate forbids changes from wip/**")]
    [TestCase("{ trunks: [main], size: { max-files: 5 } }", Decision.Block, "it is proposed for main, and it changes 2 files, and this gate forbids changes for main with changes of at most 5 files")]
    [TestCase("{ any: [{ paths: [\"docs/**\"] }, { draft: false }] }", Decision.Block, "it is no draft, and this gate forbids changes to docs/** or what is no draft")]
    [TestCase("{ not: { trunks: [stable] } }", Decision.Block, "it is proposed for main, and this gate forbids all but changes for stable")]
    [TestCase("{ repositories: [Acme/*] }", Decision.Block, "it is proposed to acme/tool, and this gate forbids changes in Acme/*")]
    public void What_a_gate_forbids_is_said_with_what_of_the_change_it_is(string condition, Decision decision, string reason)
    {
        var verdict = Judged(condition, Change);

        Assert.That((verdict.Decision, verdict.Reason), Is.EqualTo((decision, reason)));
    }

    private static readonly TestCaseData[] Unknown =
    [
        new("{ paths: [\"vendor/**\"] }", Change with { Paths = null }, "the changed paths are not known"),
        new("{ source-branches: [\"wip/**\"] }", Change with { Branch = null }, "it is not known which branch it comes from"),
        new("{ labels: [security], set-by: core }", Change with { Labels = [new("security", null)] }, "the forge does not tell who set the label security"),
        new("{ authors: core }", Change with { Commits = [] }, "the commits are not known"),
        new("{ author: gone }", Change, "the team acme/gone could not be read"),
        new("{ size: { max-lines: 5 } }", Change with { Edits = null }, "the size of the change is not known yet"),
    ];

    [TestCaseSource(nameof(Unknown))]
    public void What_is_not_known_is_neither_forbidden_nor_let_through(string condition, Change change, string why)
    {
        var verdict = Judged(condition, change);

        Assert.That((verdict.Decision, verdict.Unmet().Single().IsUnknown), Is.EqualTo((Decision.Wait, true)));
        Assert.That(verdict.Reason, Does.StartWith("it is not known whether this is forbidden: ").And.Contain(why));
    }

    [Test]
    public void Where_nobody_can_set_a_label_that_it_is_absent_says_nothing() =>
        Assert.That(Judged("{ labels: [do-not-merge] }", Change with { Labels = [] }, ForgeTraits.Everything with { Name = "plain git", HasLabels = false }), Is.EqualTo(Verdict.Wait("g", "plain git has no labels")));

    [Test]
    public void Gerrit_tells_no_branch_so_a_gate_that_asks_for_it_waits_and_says_so()
    {
        var gerrit = ForgeTraits.Everything with { Name = "Gerrit", HasBranches = false };

        Assert.That(Judged("{ source-branches: [main] }", Change, gerrit).Reason, Is.EqualTo("it is not known whether this is forbidden: Gerrit does not tell which branch a change comes from"));
        Assert.That(Make.Rules("version: 1\ngates: [{ name: g, when: { source-branches: [main] }, require: { linear: true } }]").Judged(Change, now => now with { Forge = gerrit }).Whole.Reason, Is.EqualTo("it is not known whether this gate applies: Gerrit does not tell which branch a change comes from"));
    }

    [Test]
    public void A_hostile_path_title_or_branch_stays_on_its_line_and_short()
    {
        var change = Change with { Paths = ["vendor/a\nforged: yes", .. Enumerable.Range(0, 9).Select(n => $"vendor/{n}")], Title = "wip \u001b[31m\u202e", Branch = $"wip/{new string('x', 500)}" };

        Assert.That(Judged("{ paths: [\"vendor/**\"] }", change).Reason, Is.EqualTo(@"it changes vendor/a\u000aforged: yes, vendor/0, vendor/1 and 7 more, and this gate forbids changes to vendor/**"));
        Assert.That(Judged("{ title: 'wip.*' }", change).Reason, Does.Contain(@"(""wip [31m\u202e"")"));
        Assert.That(Judged("{ source-branches: [\"wip/**\"] }", change).Reason, Has.Length.LessThan(300));
    }

    [Test]
    public void Ever_so_many_conditions_make_no_endless_sentence()
    {
        var many = string.Join(", ", Enumerable.Range(0, 100).Select(n => $"{{ title: 'parse{(n % 2 == 0 ? "" : " it")}' }}"));

        Assert.That(Judged($"{{ all: [{many}] }}", Change).Reason, Has.Length.LessThan(1100));
        Assert.That(Judged($"{{ not: {{ any: [{many.Replace("title: 'parse", "paths: ['parse", StringComparison.Ordinal).Replace("' }", "'] }", StringComparison.Ordinal)}] }} }}", Change).Reason, Has.Length.LessThan(1100));
    }

    [TestCase("feature/x", "feature/**", true)]
    [TestCase("octocat:feature/x", "feature/**", false)]
    [TestCase("octocat:feature/x", "**", false)]
    [TestCase("octocat:feature/x", "octocat:feature/**", true)]
    [TestCase("octocat:feature/x", "octocat:*", false)]
    [TestCase("Octocat:main", "octoCat:main", true)]
    [TestCase("octocat:main", "*:**", true)]
    [TestCase("octocat:main", "octo*:main", true)]
    [TestCase("octocat:main", "{hubot,octocat}:main", true)]
    [TestCase("main", "*:**", false)]
    [TestCase("octocat/main", "octocat:main", false)]
    [TestCase("Main", "main", false)]
    public void A_branch_of_a_fork_is_none_of_the_repositorys_own(string branch, string pattern, bool holds) =>
        Assert.That(Judged($"{{ source-branches: [\"{pattern}\"] }}", Change with { Branch = branch }).Decision == Decision.Block, Is.EqualTo(holds));

    [TestCase("[\"**\", \"!hotfix/*\"]", "hotfix/a", false)]
    [TestCase("[\"**\", \"!hotfix/*\"]", "fix", true)]
    [TestCase("[\"*:**\", main, \"!octocat:**\"]", "octocat:main", false)]
    [TestCase("[\"*:**\", main, \"!octocat:**\"]", "hubot:main", true)]
    public void In_lists_of_branches_the_last_pattern_of_a_kind_decides(string patterns, string branch, bool holds) =>
        Assert.That(Judged($"{{ source-branches: {patterns} }}", Change with { Branch = branch }).Decision == Decision.Block, Is.EqualTo(holds));

    [TestCase("acme/tool", "acme/*", true)]
    [TestCase("ACME/Tool", "acme/tool", true)]
    [TestCase("acme/tool", "tool", false)]
    [TestCase("platform/build/soong", "platform/**", true)]
    [TestCase("acme/tool-fork", "acme/tool", false)]
    public void Repositories_are_told_apart_without_letter_case(string repository, string pattern, bool holds) =>
        Assert.That(Judged($"{{ repositories: [\"{pattern}\"] }}", Change, ForgeTraits.Everything with { Repository = repository }).Decision == Decision.Block, Is.EqualTo(holds));

    [Test]
    public void A_gate_that_forbids_is_lifted_and_replaced_as_any_other()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob] }, lead: { users: [erin] } }
            may: { override: { from: lead, second: core } }
            gates:
              - { name: no vendor, require: { not: { paths: ["vendor/**"] } } }
              - { name: vendor by lead, when: { labels: [vendor], set-by: lead }, instead-of: no vendor, require: { approvals: 1, from: lead, lifted-by: lead } }
            """);

        Assert.That(rules.Judged(Change).Passes, Is.False);
        Assert.That(rules.Judged(Change.Asked(RequestKind.Override, "erin", "no vendor", "a release").Asked(RequestKind.Confirm, "bob")).Passes);
        Assert.That(rules.Judged((Change with { Labels = [new("vendor", new Account("erin"))] }).Approved("erin")).Passes);
    }

    [Test]
    public void Different_people_are_asked_for_by_votes_alone()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob, carol] }, bots: { users: [bot] } }
            gates: [{ name: g, require: { different-people: true, all: [{ approvals: 1, from: core, lifted-by: core }, { approvals: 1, from: core, lifted-by: core }, { not: { author: bots } }] } }]
            """);

        Assert.That(rules.Judged(Change.Approved("bob")).Gates[0].Cures, Is.EqualTo(new[] { "@core" }));
        Assert.That(rules.Judged(Change.Approved("bob", "carol")).Passes);
        Assert.That(rules.Measured, Is.Null);
        Assert.That(Make.Rules("version: 1\ngates: [{ name: g, require: { not: { any: [{ size: { max-lines: 3 } }] } } }]").Measured, Is.Not.Null);
    }

    [TestCase("{ author: anyone }")]
    [TestCase("{ paths: [\"**\"] }")]
    [TestCase("{ any: [{ draft: true }, { trunks: [\"**\"] }] }")]
    [TestCase("{ repositories: [\"**\"] }")]
    public void A_gate_that_forbids_every_change_is_an_error(string condition) =>
        Assert.That(RulesLoader.Load($"version: 1\ngates: [{{ name: g, require: {{ not: {condition} }} }}]").Errors.Single().Message, Does.EndWith("and that is every change: nobody can meet this"));

    private static Change Change => Make.Change() with
    {
        Title = "WIP: parse it",
        Paths = ["src/a.c", "vendor/x.c"],
        Edits = [new("src/a.c", 1), new("vendor/x.c", 1)],
        Branch = "wip/parser",
        Labels = [new("do-not-merge", new Account("erin"))],
    };

    private static Verdict Judged(string condition, Change change, ForgeTraits? forge = null)
    {
        var rules = Make.Rules($$"""
            version: 1
            groups: { core: { users: [bob] }, bots: { users: [dependabot] }, gone: { teams: [acme/gone] } }
            gates: [{ name: g, require: { not: {{condition}} } }]
            """);
        return rules.Judged(change, now => now with { Forge = forge ?? ForgeTraits.Everything with { Repository = "acme/tool" } }).Gates[0];
    }
}
