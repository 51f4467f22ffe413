using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>The examples of all documents are valid, and the whole ones of the guides judge as the file before them did.</summary>
public sealed class GuideExampleTests
{
    private static readonly Dictionary<string, string[]> Teams = new()
    {
        ["acme/maintainers"] = ["erin"], ["acme/core"] = ["bob", "carol"], ["acme/data"] = ["dora"], ["acme/leads"] = ["lea"], ["acme/devtools"] = ["bob", "carol", "dave"], ["acme/security"] = ["sue"], ["acme/developers"] = ["ann", "ada"],
    };

    private static IEnumerable<TestCaseData> Codes =>
        from name in Documents.Names
        from code in Documents.Codes(name)
        where Kind(code) is not null && !code.Contains("...", StringComparison.Ordinal)
        select new TestCaseData(name, code).SetArgDisplayNames(name, code);

    private static IEnumerable<TestCaseData> Files =>
        from name in Documents.Names
        from block in Documents.Blocks(name)
        where block.StartsWith("version: 1", StringComparison.Ordinal)
        select new TestCaseData(name, block).SetArgDisplayNames(name, block.Split('\n')[1]);

    [TestCaseSource(nameof(Codes))]
    public void A_short_example_is_valid(string name, string code)
    {
        var loaded = RulesLoader.Load(Kind(code)!.Replace("CODE", code, StringComparison.Ordinal));

        Assert.That(loaded.Errors, Is.Empty, $"{name}: {code}");
        Assert.That(() => Judged(loaded.Rules!, Make.Change()), Throws.Nothing);
    }

    [TestCaseSource(nameof(Files))]
    public void A_whole_example_is_valid_and_lets_nothing_through_unseen(string name, string file)
    {
        var loaded = RulesLoader.Load(file);

        Assert.That(loaded.Errors, Is.Empty, name);
        Assert.That(Judged(loaded.Rules!, Make.Change()).Passes, Is.False);
        Assert.That(Judged(loaded.Rules!, Make.Change() with { Paths = ["rules.yaml"] }).Passes, Is.False);
    }

    [TestCase("ann", "src/a.c", "bob carol", "", true)]
    [TestCase("ann", "src/a.c", "bob", "", false)]
    [TestCase("ann", "src/a.c", "bob carol", "dave", false, Description = "a disapproval")]
    [TestCase("ann", "staging/a", "", "", true, Description = "only staging files have changed")]
    [TestCase("ann", "staging/a src/b", "", "", false)]
    [TestCase("ann", "src/crypto/a.c", "bob carol", "", false, Description = "security looked")]
    [TestCase("ann", "src/crypto/a.c", "bob carol sue", "", true)]
    [TestCase("dependabot[bot]", "src/a.c", "bob carol", "", false, Description = "a lead looks at what bots do")]
    [TestCase("dependabot[bot]", "src/a.c", "bob carol lea", "", true)]
    [TestCase("dependabot[bot]+ann", "src/a.c", "bob carol", "", false, Description = "a commit by somebody else does not get round it")]
    [TestCase("bob", "src/a.c", "bob carol", "", false, Description = "allow_author: false")]
    [TestCase("ann+bob", "src/a.c", "bob carol", "", false, Description = "allow_contributor: false")]
    public void The_rules_of_policy_bot_judge_as_the_policy_before_them(string by, string paths, string approved, string vetoed, bool lands)
    {
        var (author, others) = (by.Split('+')[0], by.Split('+').Skip(1));
        var change = Make.Change(author: author) with { Paths = [.. paths.Split(' ')] };
        change = change with { Commits = [.. change.Commits, .. others.Select(other => change.Commits[0] with { Author = new(other) })] };
        change = change.Approved(Words(approved)).Vetoed(Words(vetoed));

        Assert.That(Judged(After("policy-bot"), change).Passes, Is.EqualTo(lands));
    }

    [TestCase("ready", "bob carol", "", "src/a.c", true)]
    [TestCase("", "bob carol", "", "src/a.c", false)]
    [TestCase("ready Do-Not-Merge", "bob carol", "", "src/a.c", false)]
    [TestCase("ready", "bob", "", "src/a.c", false)]
    [TestCase("ready", "bob carol", "erin", "src/a.c", false)]
    [TestCase("ready", "bob carol", "", "schema/a.sql", false)]
    [TestCase("ready", "bob carol dora", "", "schema/a.sql", true)]
    public void The_rules_of_Mergify_judge_as_the_configuration_before_them(string labels, string approved, string vetoed, string paths, bool lands)
    {
        var change = (Make.Change() with { Paths = [.. paths.Split(' ')], Labels = [.. Words(labels).Select(label => new Label(label, null))] }).Approved(Words(approved)).Vetoed(Words(vetoed));

        Assert.That(Judged(After("mergify"), change).Passes, Is.EqualTo(lands));
        Assert.That(Judged(After("mergify"), change, new TestStanding.Failed("")).Passes, Is.False, "merge_conditions: check-success = build");
    }

    [Test]
    public void Mergifys_priority_is_that_of_the_label()
    {
        var rules = After("mergify");

        Assert.That(Asked.Labelled(rules, Now(rules, Make.Change() with { Labels = [new("Hotfix", new Account("erin"))] })), Is.EqualTo(100));
        Assert.That(Asked.Labelled(rules, Now(rules, Make.Change() with { Labels = [new("hotfix", new Account("ann"))] })), Is.Zero, "a label counts only with set-by");
    }

    [TestCase("", "bob carol", "bob", true)]
    [TestCase("", "bob", "bob", false)]
    [TestCase("", "bob carol", "", false, Description = "nobody said r+")]
    [TestCase("", "bob carol", "ann", false, Description = "the author has no r+")]
    [TestCase("Needs-Decision", "bob carol", "bob", false)]
    public void The_rules_of_bors_judge_as_the_bors_toml_before_them(string labels, string approved, string asked, bool lands)
    {
        var change = (Make.Change() with { Labels = [.. Words(labels).Select(label => new Label(label, null))] }).Approved(Words(approved));
        foreach (var who in Words(asked))
            change = change.Asked(RequestKind.Land, who);

        Assert.That(Judged(After("bors"), change).Passes, Is.EqualTo(lands));
    }

    [TestCase("bob carol", "ann", true)]
    [TestCase("bob", "ann", false)]
    [TestCase("bob carol", "", false, Description = "nobody pressed Merge when ready")]
    public void The_rules_of_the_merge_queue_judge_as_the_ruleset_before_them(string approved, string asked, bool lands)
    {
        var change = Make.Change().Approved(Words(approved));
        foreach (var who in Words(asked))
            change = change.Asked(RequestKind.Land, who);

        Assert.That(Judged(After("merge-queue"), change).Passes, Is.EqualTo(lands));
        Assert.That(Judged(After("merge-queue"), change with { Paths = ["owned/by-dave"] }).Passes, Is.False, "code owners");
    }

    [TestCase("success", true)]
    [TestCase("skipped", false)]
    [TestCase("neutral", false)]
    public void A_skipped_check_passes_only_where_the_test_says_so(string state, bool passes)
    {
        bool Passes(string accept)
        {
            var rules = Make.Rules($"version: 1\ntests: {{ build: {{ check: build, from: {{ app: ci }}, on: revision, {accept} }} }}\ngates: [{{ name: g, require: {{ tests: all }} }}]");
            var now = Now(rules, Make.Change() with { Checks = [new() { Name = "build", State = state, On = Make.Sha(1), Source = [new("app", "ci")] }] });
            return SavedChecks.Of(rules, now, null)["build"] is TestStanding.Passed;
        }

        Assert.That(Documents.Guide("merge-queue"), Does.Contain("`accept: [success, skipped, neutral]`"));
        Assert.That((Passes("at: [queue]"), Passes("accept: [success, skipped, neutral]")), Is.EqualTo((passes, true)));
    }

    private static string[] Words(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static Ruleset After(string guide) => Make.Rules(Documents.Blocks($"docs/migrating-from-{guide}.md").Single(block => block.StartsWith("version: 1", StringComparison.Ordinal)));

    private static Judgement Judged(Ruleset rules, Change change, TestStanding? build = null) =>
        Judge.Of(rules, Now(rules, change) with { Tests = rules.Tests.ToDictionary(test => test.Name, test => build ?? new TestStanding.Passed("")) });

    private static Circumstances Now(Ruleset rules, Change change) => new()
    {
        Change = change,
        People = People.Resolve(rules, Teams.ToDictionary(team => team.Key, team => new GroupMembers([.. team.Value.Select(name => new Account(name))])), name => new(name)),
        Forge = ForgeTraits.Everything,
        Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero),
        Owners = rules.Gates.SelectMany(gate => gate.Require.Flatten()).OfType<OwnersApprove>().Select(owners => owners.File).Distinct().ToDictionary(file => file, _ => OwnersFile.Parse("* @bob @erin\nowned/ @dave\n").ByAt(name => new(name), _ => new([]), _ => null)),
    };

    /// <summary>A file around a short example, with CODE where it belongs; null for what is no part of a rules file.</summary>
    private static string? Kind(string code)
    {
        const string head = """
            version: 1
            groups: { core: { users: [bob, carol, dan] }, maintainers: { users: [erin] }, data: { users: [dora] }, reviewers: { users: [rita] }, leads: { users: [lea] }, people: { users: [pam] }, G: { users: [gina] }, H: { users: [hal] }, P: { users: [pat] }, bots: { users: [renovate] }, vendors: { users: [vic] } }
            """;
        const string land = "may: { land: [author, core] }";
        const string test = "tests: { unit: { run: make }, build: { check: build, from: { app: ci } } }";
        const string gate = "gates: [{ name: g, require: { commits: { max: 9 } } }]";
        return code.Split(':', 2) is not [var key, [' ', ..]] ? null : key switch
        {
            "landing" when code.Contains("through", StringComparison.Ordinal) => null,
            "labels" when code.Contains("set-by", StringComparison.Ordinal) => $"{head}\n{test}\ngates: [{{ name: g, when: {{ CODE }}, require: {{ commits: {{ max: 9 }} }} }}]",
            "message" when code.Contains("subject", StringComparison.Ordinal) => $"{head}\n{test}\nlanding: {{ CODE }}\n{gate}",
            "when" => $"{head}\n{test}\ngates: [{{ name: g, CODE, require: {{ commits: {{ max: 9 }} }} }}]",
            "require" => $"{head}\n{land}\n{test}\ngates: [{{ name: g, CODE }}]",
            "approvals" or "no-veto-from" or "vote" or "no-vote" or "go-ahead" or "owners" or "labels" or "any-label" or "no-labels" or "trailer" or "message" or "commits" or "linear" or "size" or "not" => $"{head}\n{land}\n{test}\ngates: [{{ name: g, require: {{ CODE }} }}]",
            "may" or "landing" or "carry-approvals" or "trunks" => $"{head}\n{test}\nCODE\n{gate}",
            "inputs" or "timeout" or "retries" or "env" or "junit" or "voting" or "at" or "fresh-for" or "network" => $"{head}\ntests: {{ u: {{ run: make, CODE }} }}\n{gate}",
            "accept" => $"{head}\ntests: {{ u: {{ check: u, from: {{ app: ci }}, CODE }} }}\n{gate}",
            "priority" or "method" or "window" => $"{head}\n{test}\nlanding: {{ CODE }}\n{gate}",
            _ => null,
        };
    }
}
