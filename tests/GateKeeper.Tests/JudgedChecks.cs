using GateKeeper.Commands;
using GateKeeper.Core.Rules;

namespace GateKeeper.Tests;

/// <summary>What a saved change says of others' tests is read as a forge's reports are, and the documented example is a saved change.</summary>
public sealed class JudgedChecks
{
    private const string Revision = "1111111111111111111111111111111111111111";
    private const string Candidate = "2222222222222222222222222222222222222222";

    private static readonly Ruleset Rules = RulesLoader.Load("""
        version: 1
        tests:
          alone: { check: alone, from: { agent: ci, account: ci-bot }, on: revision }
          merged: { check: merged, from: { account: ci-bot } }
        gates:
          - { name: alone, require: { tests: [alone] } }
          - { name: merged, require: { tests: [merged] } }
        """).Rules!;

    [TestCase("""{ "name": "alone", "state": "success", "source": { "agent": "ci", "account": "ci-bot" } }""", true, false)]
    [TestCase("""{ "name": "alone", "state": "failure", "source": { "agent": "ci", "account": "ci-bot" } }""", false, false)]
    [TestCase("""{ "name": "alone", "state": "skipped", "source": { "agent": "ci", "account": "ci-bot" } }""", false, false)]
    [TestCase("""{ "name": "alone", "state": "success", "source": { "agent": "ci", "account": "mallory" } }""", false, false)]
    [TestCase("""{ "name": "alone", "state": "success", "source": {} }""", false, false)]
    [TestCase("""{ "name": "alone", "state": "success", "source": { "agent": "ci", "account": "ci-bot" }, "on": "CANDIDATE" }""", false, false)]
    [TestCase("""{ "name": "merged", "state": "success", "source": { "account": "ci-bot" } }""", false, false)]
    [TestCase("""{ "name": "merged", "state": "success", "source": { "account": "ci-bot" }, "on": "CANDIDATE" }""", false, true)]
    [TestCase("""{ "name": "merged", "state": "success", "source": { "account": "ci-bot" }, "on": "CANDIDATE" }, { "name": "merged", "state": "pending", "source": { "account": "ci-bot" }, "on": "CANDIDATE" }""", false, false)]
    public void A_check_passes_by_the_report_of_its_source_on_its_commit(string checks, bool alone, bool merged)
    {
        var judged = Judged($$"""{ "version": 1, "author": "ana", "revision": "{{Revision}}", "candidate": "{{Candidate}}", "checks": [{{checks.Replace("CANDIDATE", Candidate, StringComparison.Ordinal)}}] }""");

        Assert.That(judged.Gates.Select(gate => gate.Passes), Is.EqualTo(new[] { alone, merged }), judged.Whole.Reason);
    }

    [Test]
    public void Without_a_candidate_no_report_on_one_counts() =>
        Assert.That(Judged($$"""{ "version": 1, "author": "ana", "revision": "{{Revision}}", "checks": [{ "name": "merged", "state": "success", "source": { "account": "ci-bot" }, "on": "{{Candidate}}" }] }""").Gates[1].Passes, Is.False);

    [TestCase("", "running", TestName = "A check in progress is one that runs now, where it is not said since when")]
    [TestCase(""", "at": "2026-11-20T11:30:00Z" """, "running", TestName = "A check within its time is waited for")]
    [TestCase(""", "at": "2026-11-20T10:30:00Z" """, "in progress since 2026-11-20 10:30 UTC, longer than 60 min", TestName = "A check beyond its time is said to be")]
    public void Since_when_a_check_is_in_progress(string at, string reason)
    {
        var pending = $$"""{ "name": "alone", "state": "pending", "source": { "agent": "ci", "account": "ci-bot" } {{at}} }""";
        var judged = Judged($$"""{ "version": 1, "now": "2026-11-20T12:00:00Z", "author": "ana", "revision": "{{Revision}}", "checks": [{{pending}}] }""");

        Assert.That(judged.Gates[0].Passes, Is.False);
        Assert.That(judged.Gates[0].Reason, Does.Contain(reason).And.Not.Contain("0001"));
    }

    [TestCase("[]", true)]
    [TestCase("""[{ "name": "alone", "state": "failure", "source": { "agent": "ci", "account": "ci-bot" } }]""", false)]
    public void What_is_written_of_the_result_stands_where_no_report_is_written_down(string checks, bool passes) =>
        Assert.That(Judged($$"""{ "version": 1, "author": "ana", "revision": "{{Revision}}", "tests": { "alone": "passed" }, "checks": {{checks}} }""").Gates[0].Passes, Is.EqualTo(passes));

    [Test]
    public void The_forge_that_is_named_is_the_one_that_judges()
    {
        const string rules = "version: 1\ngroups: { core: { users: [bob, carol] } }\ngates: [{ name: g, require: { approvals: 1, from: core } }, { name: l, require: { no-labels: [wip] } }]";
        string Saved(string forge, string more = "") => $$"""{ "version": 1, "forge": "{{forge}}", "author": "ana", "uploader": "ana", "revision": "{{Revision}}", "votes": [{ "by": "Bob", "value": "approval" } {{more}}] }""";

        Assert.That(Judged(Saved("github"), rules).Passes);
        Assert.That(Judged(Saved("github", """, { "by": "CAROL", "value": "veto" }"""), rules).Passes, Is.False);
        Assert.That(Judged(Saved("gerrit"), rules).Gates[0].Passes, Is.False, "letter case tells people apart there");
        Assert.That(Judged(Saved("git"), rules).Gates[1].Reason, Does.Contain("plain git has no labels"));
    }

    [Test]
    public void The_documented_shape_is_read_and_judged_by_the_documented_rules()
    {
        var text = File.ReadAllText(Path.Combine(HouseRules.Root, "docs/judging.md"));
        var example = text[text.IndexOf("    {", StringComparison.Ordinal)..(text.IndexOf("\n    }\n", StringComparison.Ordinal) + 6)].Replace("40 digits", Revision, StringComparison.Ordinal);
        var rules = RulesLoader.Load("""
            version: 1
            groups: { core: { users: [bob, cyd] }, leads: { teams: [acme/maintainers] } }
            tests: { unit: { run: make }, ci: { check: ci, from: { agent: ci, account: ci-bot }, on: revision } }
            gates:
              - { name: one, require: { approvals: 1, from: core, lifted-by: leads } }
              - { name: owner, require: { owners: CODEOWNERS } }
              - { name: go, require: { go-ahead: [author] } }
              - { name: small, require: { size: { max-lines: 12, max-files: 1 } } }
              - { name: tests, require: { tests: all } }
            """).Rules!;

        var (now, errors) = SavedChange.Read(example, rules, default);

        Assert.That(errors, Is.Empty);
        Assert.That(Judge.Of(rules, now!).Missing.Select(verdict => $"{verdict.Name}: {verdict.Reason}"), Is.Empty);
    }

    [TestCase(""" "paths": ["a.c", "x.lock"], "lines": 12 """, "12 lines changed, at most 3 are allowed", "the size of the change is not known yet")]
    [TestCase(""" "edits": [{ "path": "a.c", "lines": 2 }, { "path": "x.lock", "lines": 10 }] """, "12 lines changed, at most 3 are allowed", null)]
    [TestCase(""" "edits": [{ "path": "a.c", "lines": 0, "from": "x.lock", "lines-before": 9, "lines-after": 9 }] """, null, "9 lines changed, at most 3 are allowed (not counted: *.lock)")]
    [TestCase(""" "paths": ["a.c"] """, "the size of the change is not known yet", "the size of the change is not known yet")]
    public void A_size_is_judged_by_all_lines_or_by_those_of_each_file(string sizes, string? whole, string? without)
    {
        string? Why(string limit) => Judged($$"""{ "version": 1, "author": "ana", "revision": "{{Revision}}", {{sizes}} }""", $"version: 1\ngates: [{{ name: g, require: {{ size: {{ {limit} }} }} }}]").Gates[0] is { Passes: false } gate ? gate.Reason : null;

        Assert.That((Why("max-lines: 3"), Why("max-lines: 3, except: ['*.lock']")), Is.EqualTo((whole, without)));
    }

    [TestCase("git", "bob", "src/a.c needs an approval by each of its owners: bob @core (src/OWNERS, line 1); missing: @core")]
    [TestCase("git", "bob cyd", null)]
    [TestCase("github", "bob", "src/a.c: src/OWNERS, line 1, names bob: bob is neither @account, @organization/team nor an address")]
    public void Owners_files_in_directories_are_written_down_by_their_paths(string forge, string by, string? why)
    {
        const string rules = "version: 1\ngroups: { core: { users: [cyd] } }\ngates: [{ name: g, require: { owners: { file: OWNERS, nested: true, each: true } } }]";
        var votes = string.Join(", ", by.Split(' ').Select(name => $$"""{ "by": "{{name}}", "value": "approval" }"""));
        var judged = Judged($$"""{ "version": 1, "forge": "{{forge}}", "author": "ana", "uploader": "ana", "revision": "{{Revision}}", "paths": ["src/a.c"], "votes": [{{votes}}], "owners": { "OWNERS": "* ana", "src/OWNERS": "*.c bob @core", "OWNERS.md": "!" } }""", rules);

        Assert.That(judged.Gates[0] is { Passes: false } gate ? gate.Unmet().First().Reason : null, Is.EqualTo(why));
    }

    private static Judgement Judged(string json, string? rules = null)
    {
        var ruleset = rules is null ? Rules : RulesLoader.Load(rules).Rules!;
        var (now, errors) = SavedChange.Read(json, ruleset, default);
        return now is null ? throw new AssertionException(string.Join("\n", errors)) : Judge.Of(ruleset, now);
    }
}
