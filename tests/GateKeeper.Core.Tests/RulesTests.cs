using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>The language: what is accepted, and how each mistake is told.</summary>
public sealed class RulesTests
{
    private const string Small = """
        version: 1
        groups: { core: { users: [bob, carol] } }
        tests: { unit: { run: make test } }
        gates:
          - name: reviewers
            require: { approvals: 2, from: core, lifted-by: core }
          - name: tests
            require: { tests: all }
        """;

    [Test]
    public void A_small_file_is_read_with_safe_defaults()
    {
        var rules = Make.Rules(Small);

        Assert.That(rules.Trunks.Single().Pattern, Is.EqualTo("main"));
        Assert.That(rules.Landing, Is.EqualTo(new LandingRules()));
        Assert.That(rules.CarrySameDiff, Is.False);
        Assert.That(rules.Tests.Single().Retries, Is.EqualTo(1));
        Assert.That(rules.May.Land, Is.EqualTo(new[] { "author", "core" }));
        Assert.That(rules.May.Freeze, Is.Empty);
    }

    [Test]
    public void All_errors_are_named_at_once_each_with_its_place_and_its_cure()
    {
        var loaded = RulesLoader.Load("""
            version: 1
            trunk: [main]
            groups:
              core: { users: [bob] }
              empty: {}
            tests:
              unit: { run: make, timeot: 3m }
              ci: { check: build }
              ci2: { check: build, from: {} }
            gates:
              - name: reviewers
                require: { approvals: 0, from: cor }
              - name: reviewers
                require: { tests: [unti] }
            """);

        Assert.That(loaded.Rules, Is.Null);
        Assert.That(loaded.Errors.Select(problem => $"{problem}"), Is.EqualTo(new[]
        {
            "2:1: error: a rules file has no \"trunk\"; did you mean \"trunks\"?",
            "5:10: error: group empty is empty: name users, teams or groups",
            "7:22: error: test unit has no \"timeot\"; did you mean \"timeout\"?",
            "8:7: error: test ci is a check: \"from\" must say whose report counts",
            "9:8: error: \"from\" of ci2 is empty: it must say whose report counts",
            "12:27: error: \"approvals\" must be a whole number from 1 to 100, not \"0\"",
            "12:36: error: there is no group \"cor\"; did you mean \"core\"?",
            "13:5: error: there are two gates named \"reviewers\"",
            "14:23: error: there is no test \"unti\"; did you mean \"unit\"?",
        }));
    }

    [TestCase("", "the file is empty")]
    [TestCase("gates: &a [*a]", "anchors and aliases")]
    [TestCase("version: !!int 1", "tags are not allowed")]
    [TestCase("version: 1\nversion: 1", "is there twice")]
    [TestCase("version: 2\ngates: []", "version 2 is not known")]
    [TestCase("version: 1\ngates: []", "at least one gate")]
    [TestCase("- a", "must be a mapping")]
    [TestCase("a: [", "")]
    public void Hostile_or_broken_files_are_refused_with_a_reason(string text, string reason)
    {
        var loaded = RulesLoader.Load(text);

        Assert.That(loaded.Rules, Is.Null);
        Assert.That(loaded.Errors.Select(error => error.Message), Has.Some.Contains(reason));
    }

    [TestCase("timeout: 31d", "may be at most 30d")]
    [TestCase("timeout: 1000000d", "may be at most 30d")]
    [TestCase("prepare: { run: x, inputs: ['**'], timeout: 1000000d }", "may be at most 30d")]
    [TestCase("fresh-for: 1000000d", "may be at most 36500d")]
    public void No_clock_can_be_set_to_a_time_that_no_clock_can_be_set_to(string field, string reason)
    {
        var tests = string.Concat(Enumerable.Range(0, 12).Select(number => $"  t{number}: {{ run: x, fresh-for: 2d, {field} }}\n").Select(line => field.StartsWith("fresh", StringComparison.Ordinal) ? line.Replace("fresh-for: 2d, ", "", StringComparison.Ordinal) : line));

        Assert.That(RulesLoader.Load($"version: 1\ntests:\n{tests}gates: [{{ name: g, require: {{ tests: all }} }}]").Errors.Select(error => error.Message), Has.Exactly(12).Contains(reason));
    }

    [Test]
    public void What_is_wrong_is_said_in_one_line_whatever_is_in_the_names()
    {
        var loaded = RulesLoader.Load("version: 1\n\"a\\n::warning::rules.yaml: valid\\rb\": 1\ngates: [{ name: \"x\\ny\", require: { approvals: 1, from: \"core\\n::error::\" } }]");

        Assert.That(loaded.Errors.Select(error => $"{error}"), Has.Exactly(2).Items.And.All.Not.Contains('\n').And.All.Not.Contains('\r'));
    }

    [Test]
    public void A_missing_brace_is_an_error_of_the_file_with_its_place() =>
        Assert.That($"{RulesLoader.Load("version: 1\ngroups:\n  core: { users: [x]\ngates: []\n").Errors.Single()}", Does.Match(@"\A[0-9]+:[0-9]+: error: .*the \{ at 3:9 is not closed"));

    [Test]
    public void Nesting_is_measured_before_anything_recursive_sees_it() =>
        Assert.That(RulesLoader.Load("a: " + new string('[', 100_000)).Errors.Single().Message, Does.Contain("nested deeper"));

    [Test]
    public void A_pattern_that_could_take_for_ever_is_refused_or_linear()
    {
        var loaded = RulesLoader.Load(Small + "\n  - name: title\n    require: { message: { matches: '(a+)+\\1' } }");

        Assert.That(loaded.Errors.Single().Message, Does.Contain("linear time"));
    }

    [TestCase("require: { go-ahead: [core] }", "may: { land: [author] }", "may.land does not let core ask")]
    [TestCase("require: { tests: [lint] }", "", "voting: false")]
    [TestCase("require: { all: [{ owners: O }, { approvals: 1, from: core }], different-people: true }", "", "does not go with owners")]
    [TestCase("instead-of: nobody\n    require: { approvals: 1, from: core }\n    when: { draft: true }", "", "no gate before this one")]
    [TestCase("when: { labels: [hotfix] }\n    instead-of: reviewers\n    require: { approvals: 1, from: core }", "", "needs \"set-by\"")]
    [TestCase("require: { approvals: 1, from: core, tests: all }", "", "one requirement at a time")]
    public void What_could_be_got_subtly_wrong_is_an_error(string gate, string more, string reason)
    {
        var yaml = Small.Replace("tests: { unit: { run: make test } }", "tests: { unit: { run: make test }, lint: { run: make lint, voting: false } }", StringComparison.Ordinal);

        Assert.That(RulesLoader.Load($"{yaml}\n  - name: another\n    {gate}\n{more}").Errors.Select(error => error.Message), Has.Some.Contains(reason));
    }

    [TestCase("2026-11-20T16:59:00+01:00", false)]
    [TestCase("2026-11-20T17:00:00+01:00", true)]
    [TestCase("2026-11-23T07:59:00+01:00", true)]
    [TestCase("2026-11-23T08:00:00+01:00", false)]
    [TestCase("2026-07-10T17:00:00+02:00", true)]
    public void A_weekly_freeze_follows_the_wall_clock_of_its_zone(string at, bool frozen)
    {
        var rules = Make.Rules(Small + "\nfreezes:\n  - name: week-end\n    weekly: { from: Fri 17:00, to: Mon 08:00, zone: Europe/Paris }");

        Assert.That(rules.Freezes.Single().IsOn(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(frozen));
    }

    [TestCase("docs/**", "docs/a/b.md", true)]
    [TestCase("docs/*", "docs/a/b.md", false)]
    [TestCase("**/*.md", "README.md", true)]
    [TestCase("*.md", "docs/README.md", false)]
    [TestCase("src/{a,b}/*.[ch]", "src/b/x.h", true)]
    [TestCase("src/{a,b}/*.[ch]", "src/c/x.h", false)]
    [TestCase("a?c", "a/c", false)]
    [TestCase("Docs/**", "docs/x", false)]
    public void Paths_match_as_the_language_says(string pattern, string path, bool matches) =>
        Assert.That(Changes.Glob.TryParse(pattern, out _)!.Matches(path), Is.EqualTo(matches));
}
