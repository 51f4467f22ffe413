using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>Patterns mean what they show, or are refused: none is taken literally in silence.</summary>
public sealed class PatternTests
{
    private const string Prose = """
        version: 1
        groups: { core: { users: [bob, carol] }, writers: { users: [dora] } }
        gates:
          - { name: two, require: { approvals: 2, from: core } }
          - name: prose
            when: { only-paths: [PATTERNS] }
            instead-of: two
            require: { approvals: 1, from: writers }
        """;

    [TestCase("docs/**, '!docs/security/**'", "docs/guide.md", true)]
    [TestCase("docs/**, '!docs/security/**'", "docs/security/disclosure.md", false)]
    [TestCase("docs/**, '!docs/security/**', docs/security/README.md", "docs/security/README.md", true, Description = "a later one brings back")]
    [TestCase("docs/**, '!docs/security/**', docs/**", "docs/security/disclosure.md", true, Description = "the last one that matches decides")]
    [TestCase("docs/**, '!docs/security/**', docs/security/README.md, '!**/README.md'", "docs/security/README.md", false)]
    [TestCase("README", "README", true)]
    [TestCase("README", "README\n", false, Description = "a line feed at the end is a part of the name")]
    [TestCase("'**'", "any\nthing", true)]
    [TestCase("docs/*", "docs/a\n", true)]
    public void What_is_left_out_of_a_list_is_not_let_through(string patterns, string path, bool prose)
    {
        var rules = Make.Rules(Prose.Replace("PATTERNS", patterns, StringComparison.Ordinal));

        Assert.That(rules.Judged(Make.Change().Approved("dora") with { Paths = [path] }).Passes, Is.EqualTo(prose));
    }

    [TestCase("out/*.xml", "")]
    [TestCase("[\"**/TEST-*.xml\", \"!old/**\", \"{a,b}/the report.xml\"]", "")]
    [TestCase("/tmp/x.xml", "4:18: error: \"/tmp/x.xml\" starts with a slash; patterns are matched from the root without one")]
    [TestCase("../x.xml", "4:18: error: \"../x.xml\" is no pattern: it has a segment of dots alone")]
    [TestCase("./x.xml", "4:18: error: \"./x.xml\" is no pattern: it has a segment of dots alone")]
    [TestCase("out/", "4:18: error: \"out/\" is no pattern: it ends with a slash")]
    [TestCase("[out/*.xml, 'a**']", "4:30: error: \"a**\" is no pattern: it glues **")]
    [TestCase("[]", "4:18: error: \"junit\" is an empty list")]
    [TestCase("a/*.xml b/*.xml", "4:18: warning: \"a/*.xml b/*.xml\" is one pattern with a space in it; several patterns are a list: [\"a/*.xml\", \"b/*.xml\"]")]
    public void Where_reports_lie_is_said_in_the_same_patterns(string junit, string said)
    {
        var loaded = RulesLoader.Load($$"""
            version: 1
            groups: { core: { users: [bob] } }
            tests:
              unit: { junit: {{junit}}, run: make }
            gates: [{ name: a, require: { all: [{ tests: [unit] }, { approvals: 1, from: core, lifted-by: core }] } }]
            """);

        Assert.That(string.Join('\n', loaded.Problems), said.Length == 0 ? Is.Empty : Does.Contain(said));
        Assert.That(loaded.Rules is null, Is.EqualTo(said.Contains("error", StringComparison.Ordinal)));
    }

    [Test]
    public void What_is_left_out_of_when_paths_needs_no_word_of_that_gate_and_all_else_does()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob] }, ops: { users: [olga] } }
            gates:
              - { name: core, require: { approvals: 1, from: core } }
              - { name: ops, when: { paths: ["deploy/**", "!deploy/**/*.md"] }, require: { approvals: 1, from: ops } }
            """);
        bool Lands(params string[] paths) => rules.Judged(Make.Change().Approved("bob") with { Paths = [.. paths] }).Passes;

        Assert.That(Lands("deploy/a/notes.md"));
        Assert.That(Lands("deploy/a/unit.service"), Is.False);
        Assert.That(Lands("deploy/a/notes.md", "deploy/unit.service"), Is.False);
    }

    [Test]
    public void Trunks_can_be_left_out_in_the_file_and_in_conditions()
    {
        var rules = Make.Rules("""
            version: 1
            trunks: [main, "release/*", "!release/old"]
            groups: { core: { users: [bob] }, ops: { users: [olga] } }
            gates:
              - { name: core, require: { approvals: 1, from: core } }
              - { name: ops, when: { trunks: ["**", "!main"] }, require: { approvals: 1, from: ops } }
            """);

        Assert.That(new[] { "main", "release/1", "release/old", "topic", "main\n" }.Select(rules.Guards), Is.EqualTo(new[] { true, true, false, false, false }));
        Assert.That(rules.Judged(Make.Change().Approved("bob")).Passes);
        Assert.That(rules.Judged(Make.Change().Approved("bob") with { Target = "release/1" }).Passes, Is.False);
    }

    [Test]
    public void A_gate_guards_a_definition_only_where_nothing_of_it_is_left_out()
    {
        string File(string paths) => $$"""
            version: 1
            groups: { core: { users: [bob] } }
            tests: { ci: { check: ci, from: { user: x }, defined-in: "ci/**" } }
            gates:
              - { name: ci, when: { paths: [{{paths}}] }, require: { approvals: 1, from: core, lifted-by: core } }
              - { name: tests, require: { tests: all } }
            """;

        Assert.That(RulesLoader.Load(File("ci/**")).Errors, Is.Empty);
        Assert.That(RulesLoader.Load(File("'**', '!ci/**', ci/**")).Errors, Is.Empty);
        Assert.That(RulesLoader.Load(File("ci/**, '!ci/run'")).Errors.Single().Message, Does.Contain("some gate must guard it"));
    }

    [TestCase("src/**, '!src/gen/**'", "src/a.c", true)]
    [TestCase("src/**, '!src/gen/**'", "src/gen/a.c", false)]
    [TestCase("src/**, '!src/gen/**'", "README", false)]
    public void Inputs_leave_out_too(string inputs, string path, bool given)
    {
        var rules = Make.Rules($"version: 1\ntests: {{ unit: {{ run: make, inputs: [{inputs}] }} }}\ngates: [{{ name: g, require: {{ tests: all }} }}]");

        Assert.That(rules.Tests[0].Inputs.Matches(path), Is.EqualTo(given));
    }

    [Test]
    public void All_less_something_is_not_all()
    {
        var rules = Make.Rules("version: 1\ntests: { unit: { run: make, inputs: ['**', '!secret/**'] } }\ngates: [{ name: g, require: { tests: all } }]");

        Assert.That(rules.Tests[0].SeesEverything, Is.False);
        Assert.That(rules.Tests[0].Inputs.MayMatchBelow("src"), Is.True);
    }

    [TestCase("!docs/**", "comes first in its list")]
    [TestCase("docs/", "ends with a slash, and no name does: write /** for all below")]
    [TestCase("/docs/**", "starts with a slash")]
    [TestCase("./docs/**", "has a segment of dots alone")]
    [TestCase("docs/../src/**", "has a segment of dots alone")]
    [TestCase("docs/...", "has a segment of dots alone")]
    [TestCase("docs//a", "has an empty segment")]
    [TestCase("docs/{,a}", "ends with a slash")]
    [TestCase("docs**", "glues ** to other characters")]
    [TestCase("**.md", "glues ** to other characters")]
    [TestCase("docs/***", "glues ** to other characters")]
    [TestCase("{docs,src}**", "glues ** to other characters")]
    [TestCase("{**,a}/b", "parts ** from its slash")]
    [TestCase("+(a|b)", "alternatives are {a,b}")]
    [TestCase("src/@(a)", "pattern list such as +(a|b)")]
    [TestCase("src/!(a)", "pattern list such as +(a|b)")]
    [TestCase("a|b", "alternatives are {a,b}")]
    [TestCase("docs/**,src/**", "holds a comma")]
    [TestCase("src/{a}", "one alternative alone in braces, {a}")]
    [TestCase("src/{}", "one alternative alone in braces")]
    [TestCase("src/{1..9}", "a range in braces")]
    [TestCase("src/{1..9,x}", "a range in braces")]
    [TestCase("src/{a", "opens { and does not close it")]
    [TestCase("src/a}", "closes a { that was not opened")]
    [TestCase("src/a]", "closes a [ that was not opened")]
    [TestCase("src/[a", "opens [ and does not close it")]
    [TestCase("src/[]", "opens [ and does not close it")]
    [TestCase("src/[z-a]", "ends before it begins")]
    [TestCase("src/[a/b]", "a slash in [ ]")]
    [TestCase("src/[[:alpha:]]", "named class")]
    [TestCase("app/[...slug]/page", "names . twice in [ ]")]
    [TestCase("src\\a.c", "directories are parted by /")]
    [TestCase("src/a\\", "directories are parted by /")]
    [TestCase("^src/.*", "begins with ^")]
    [TestCase("src/.*$", "ends with $")]
    [TestCase("#docs", "begins with #")]
    [TestCase(":!docs", "begins with :")]
    [TestCase("~/docs", "begins with ~")]
    [TestCase(" docs/**", "begins or ends with a space")]
    [TestCase("docs/** ", "begins or ends with a space")]
    [TestCase("\u00a0docs", "begins or ends with a space")]
    [TestCase("", "text")]
    [TestCase("docs/\u0007", "control character")]
    public void What_looks_like_syntax_and_is_none_is_refused_with_a_hint(string pattern, string hint)
    {
        var quoted = System.Text.Json.JsonSerializer.Serialize(pattern);
        foreach (var place in (string[])["when: { paths: [P] }, require: { commits: { max: 1 } }", "when: { only-paths: [P] }, require: { commits: { max: 1 } }", "when: { not: { any: [{ paths: [P] }] } }, require: { commits: { max: 1 } }"])
            Assert.That(RulesLoader.Load($"version: 1\ngates: [{{ name: g, {place.Replace("P", quoted, StringComparison.Ordinal)} }}]").Errors.Select(error => error.Message), Has.Some.Contains(hint), place);
        Assert.That(RulesLoader.Load($"version: 1\ntests: {{ u: {{ run: make, inputs: [{quoted}], prepare: {{ run: x, inputs: [{quoted}] }} }} }}\ngates: [{{ name: g, require: {{ tests: all }} }}]").Errors.Count(error => error.Message.Contains(hint, StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [TestCase(@"app/\[id\]/page.tsx", "app/[id]/page.tsx", true)]
    [TestCase(@"\!important", "!important", true)]
    [TestCase(@"a\,b", "a,b", true)]
    [TestCase(@"a\{b\}", "a{b}", true)]
    [TestCase(@"100\*", "100*", true)]
    [TestCase(@"100\*", "1000", false)]
    [TestCase(@"\#1", "#1", true)]
    [TestCase(@"a\ ", "a ", true)]
    [TestCase(@"back\\slash", @"back\slash", true)]
    [TestCase("[!a]b", "cb", true)]
    [TestCase("[!a]b", "ab", false)]
    [TestCase("[^a]b", "ab", false)]
    [TestCase("[!a]b", "/b", false)]
    [TestCase("x[.-9]y", "x/y", false)]
    [TestCase("[a-c-]", "-", true)]
    [TestCase("?.md", "\ud83d\ude00.md", true)]
    [TestCase("file{,.bak}", "file", true)]
    [TestCase("a/{,b/}c", "a/c", true)]
    [TestCase("a/{,b/}c", "a/b/c", true)]
    [TestCase("{src/**,docs/*}", "src/a/b", true)]
    [TestCase("a/**/b", "a/b", true)]
    [TestCase("a/**/b", "a/x/y/b", true)]
    [TestCase("a/**/b", "axb", false)]
    [TestCase(".github/**", ".github/x", true)]
    [TestCase("..hidden", "..hidden", true)]
    [TestCase("c++/(old)/$a", "c++/(old)/$a", true)]
    public void Syntax_and_escapes_mean_what_the_language_says(string pattern, string path, bool matches) =>
        Assert.That(Glob.TryParse(pattern, out var problem) is { } glob ? glob.Matches(path) : throw new AssertionException(problem), Is.EqualTo(matches));

    [Test]
    public void A_class_that_is_a_whole_segment_is_doubted()
    {
        var loaded = RulesLoader.Load("version: 1\ngates: [{ name: g, when: { paths: ['app/[id]/page', 'src/*.[ch]'] }, require: { commits: { max: 1 } } }]");

        Assert.That(loaded.Errors, Is.Empty);
        Assert.That(loaded.Problems.Single().Message, Does.Contain("app/[id]/page").And.Contain(@"\[ and \]"));
    }

    [TestCase("Do-Not-Merge", "do-not-merge", true)]
    [TestCase("do-not-merge", "DO-NOT-MERGE", true)]
    [TestCase("do-not-merge*", "do-not-merge/hold", true)]
    [TestCase("kind/*", "Kind/Bug", true)]
    [TestCase("bug", "bugs", false)]
    [TestCase("bug", "bug\n", false)]
    public void Labels_compare_as_forges_compare_them_wherever_they_are_used(string pattern, string label, bool same)
    {
        var rules = Make.Rules($$"""
            version: 1
            groups: { core: { users: [bob] } }
            gates:
              - { name: none, require: { no-labels: ["{{pattern}}"] } }
              - { name: all, require: { labels: ["{{pattern}}"] } }
              - { name: some, require: { any-label: [x, "{{pattern}}"] } }
              - { name: when, when: { labels: ["{{pattern}}"] }, require: { approvals: 1, from: core } }
            landing: { priority: [{ when: { labels: ["{{pattern}}"], set-by: core }, value: 7 }] }
            freezes: [{ name: f, weekly: { from: Mon 00:00, to: Sun 23:59, zone: Etc/UTC }, except: { labels: ["{{pattern}}"], set-by: core } }]
            """);
        var change = Make.Change() with { Labels = [new(label, new Account("bob"))] };
        var judged = rules.Judged(change);
        bool Passes(string gate) => judged.Gates.Any(verdict => verdict.Name == gate && verdict.Passes);
        var now = new Circumstances { Change = change, People = People.Resolve(rules, new Dictionary<string, GroupMembers>(), name => new(name)), Forge = ForgeTraits.Everything, Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero) };

        Assert.That((Passes("none"), Passes("all"), Passes("some"), judged.Gates.Any(verdict => verdict.Name == "when")), Is.EqualTo((!same, same, same, same)));
        Assert.That((Asked.Labelled(rules, now), Asked.Frozen(rules, now) is null), Is.EqualTo((same ? 7 : 0, same)));
    }

    [Test]
    public void Labels_with_scores_compare_so_too()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob, carol] } }
            gates:
              - { name: plus, require: { vote: { label: code-review, at-least: 2 }, from: core } }
              - { name: minus, require: { no-vote: { label: code-review, at-most: -2 }, from: core } }
            """);
        var change = Make.Change();
        Vote Scored(string by, int score) => new() { By = new(by), Value = VoteValue.Neither, Label = "Code-Review", Score = score, On = change.Current.Commit, Order = 1 };

        Assert.That(rules.Judged(change with { Votes = [Scored("bob", 2)] }).Passes);
        Assert.That(rules.Judged(change with { Votes = [Scored("bob", 2), Scored("carol", -2)] }).Passes, Is.False);
    }

    [TestCase("labels: ['!wip']", "say no-labels")]
    [TestCase("no-labels: ['!ready']", "nothing is left out of a list of labels")]
    [TestCase("any-label: ['kind/*', '!kind/bug']", "nothing is left out of a list of labels")]
    [TestCase("no-labels: ['[wip]']", "write \\[ and \\] for the characters")]
    [TestCase("no-labels: ['#wip']", "begins with #")]
    [TestCase("no-labels: ['wip, hold']", "holds a comma")]
    [TestCase("no-labels: ['do-not-merge/**']", "a single * stands for anything in a label")]
    [TestCase("trailer: 'Signed-off-by:'", "without the colon")]
    [TestCase("trailer: 'Signed-*'", "is no key of trailers")]
    [TestCase("owners: /CODEOWNERS", "no path from the root")]
    [TestCase("owners: '**/OWNERS'", "no path from the root")]
    [TestCase("{ no-vote: { label: 'Code-*', at-most: -2 }, from: anyone }", "looks like a pattern")]
    [TestCase("{ vote: { label: '!Verified', at-least: 1 }, from: anyone }", "looks like a pattern")]
    [TestCase("message: { matches: '/^feat: /i' }", "it stands between slashes")]
    [TestCase("message: { matches: '!^WIP' }", "negates nothing")]
    [TestCase("{ trailer: Ticket, matches: '/A-[0-9]+/' }", "it stands between slashes")]
    public void In_every_other_list_too(string requirement, string hint) =>
        Assert.That(RulesLoader.Load($"version: 1\ngates: [{{ name: g, require: {(requirement.StartsWith('{') ? requirement : $"{{ {requirement} }}")} }}]").Errors.Select(error => error.Message), Has.Some.Contains(hint));

    [TestCase("trunks: ['!main']", "comes first in its list")]
    [TestCase("trunks: [refs/heads/main]", "short names")]
    [TestCase("trunks: ['release:*']", "no branch does")]
    [TestCase("trunks: [main/]", "ends with a slash")]
    [TestCase("trunks: ['~ALL']", "begins with ~")]
    [TestCase("groups: { core: { users: ['*'] } }", "people are named one by one")]
    [TestCase("groups: { core: { users: [bob], except: ['bot-*'] } }", "people are named one by one")]
    [TestCase("groups: { core: { users: [bob, '!mallory'] } }", "people are named one by one")]
    [TestCase("groups: { core: { users: [bob], except: ['@mallory'] } }", "accounts are written without @")]
    [TestCase("groups: { core: { users: [bob], except: ['mallory, eve'] } }", "looks like several")]
    [TestCase("groups: { core: { users: ['bob|carol'] } }", "looks like several")]
    [TestCase("groups: { core: { users: [bob], except: ['mallory '] } }", "begins or ends with a space")]
    [TestCase("groups: { core: { teams: ['acme/*'] } }", "teams are named one by one")]
    [TestCase("tests: { ci: { check: ci, from: { user: 'ci-*' }, on: revision } }", "looks like a pattern")]
    [TestCase("tests: { ci: { check: ci, from: { app: 'github-actions', workflow: '.github/workflows/*.yml', event: push } } }", "looks like a pattern")]
    [TestCase("tests: { ci: { check: ci, from: { app: 'a', event: 'push, pull_request' } } }", "looks like several")]
    [TestCase("tests: { ci: { check: ci, from: { user: x }, on: revision, accept: ['success, neutral'] } }", "looks like several")]
    [TestCase("landing: { message: { subject: '{title' } }", "opens { and does not close it")]
    [TestCase("tests: { ci: { check: ci, from: { user: x }, on: revision, accept: ['!failure'] } }", "accepted results are named one by one")]
    [TestCase("tests: { ci: { check: ci, from: { user: x }, on: revision, defined-in: '!ci/**' } }", "leaves out only in a list")]
    [TestCase("tests: { ci: { check: ci, from: { user: x }, on: revision, defined-in: ci/ } }", "ends with a slash")]
    public void And_outside_of_the_gates(string more, string hint) =>
        Assert.That(RulesLoader.Load($"version: 1\n{more}\ngates: [{{ name: g, require: {{ commits: {{ max: 1 }} }} }}]").Errors.Select(error => error.Message), Has.Some.Contains(hint));

    [Test]
    public void A_bot_with_brackets_in_its_name_is_no_pattern() =>
        Assert.That(RulesLoader.Load("version: 1\ngroups: { bots: { users: ['dependabot[bot]'] } }\ngates: [{ name: g, require: { approvals: 1, from: bots, lifted-by: bots } }]").Problems, Is.Empty);

    [TestCase("^feat: [a-z ]+$", "feat: mend it", true)]
    [TestCase("^feat: [a-z ]+$", "feat: mend it\n", true, Description = "line breaks at the end do not count")]
    [TestCase("^feat: [a-z ]+$", "feat: mend it\nSkip-Review: yes", false)]
    [TestCase("^feat: [a-z ]+$", "feat: mend it\n\nbody", false, Description = "$ is the end of all of it, not of a line")]
    [TestCase("^feat: .*$", "evil\nfeat: mend it", false, Description = "^ is the beginning of all of it")]
    [TestCase("(?m)^feat: .*$", "evil\nfeat: mend it", true, Description = "of a line where somebody says so")]
    [TestCase("A-[0-9]+", "see A-12", true, Description = "found anywhere")]
    public void The_anchors_of_message_patterns_are_the_very_beginning_and_the_very_end(string pattern, string message, bool matches)
    {
        var rules = Make.Rules($"version: 1\ngates: [{{ name: g, require: {{ message: {{ matches: '{pattern}', in: [commits] }} }} }}]");
        var change = Make.Change();

        Assert.That(rules.Judged(change with { Commits = [change.Commits[0] with { Message = message }] }).Passes, Is.EqualTo(matches));
    }

    [TestCase(".*", true)]
    [TestCase("x*", true)]
    [TestCase("^.{0,50}$", false)]
    [TestCase("^[A-Z]+-[0-9]+: ", false)]
    public void A_regular_expression_that_matches_everything_is_warned_of(string pattern, bool warned)
    {
        var loaded = RulesLoader.Load($"version: 1\ngates: [{{ name: g, require: {{ message: {{ matches: '{pattern}' }} }} }}]");

        Assert.That((loaded.Rules is not null, loaded.Problems.Any(problem => problem.IsWarning && problem.Message.Contains("asks for nothing", StringComparison.Ordinal))), Is.EqualTo((true, warned)));
    }

    [TestCase("^((.{1,100}){1,100}){1,100}$", "100,000,002 steps")]
    [TestCase("(?s)(.|..|...){0,300}", "1,801 steps")]
    [TestCase("^(x|q.{1,30}x){1,30}$", "9,902 steps")]
    [TestCase("(a{99999999999}){99999999999}", "1,000,000,000 steps")]
    [TestCase("^[a-z{9}]{1,800}$", "802 steps")]
    [TestCase("(?s)(.{1,99}x)*(.{1,99}q)*z", "1,002 steps")]
    [TestCase("^(.{0,100}\\n)*.{0,100}$", null)]
    [TestCase("^.{0,490}$", null)]
    [TestCase("^(feat|fix|docs)(\\([a-z]+\\))?!?: .{1,72}$", null)]
    [TestCase("^([0-9]{1,3}[.]){3}$", null)]
    [TestCase("x{,9}{a}", null, Description = "these are letters")]
    public void A_regular_expression_that_counts_too_far_is_refused_before_it_is_made(string pattern, string? hint)
    {
        var errors = RulesLoader.Load($"version: 1\ngates: [{{ name: g, require: {{ message: {{ matches: '{pattern}' }} }} }}]").Errors.Select(error => error.Message).ToList();

        Assert.That(errors, hint is null ? Is.Empty : Has.Exactly(1).Contains($"(ten times where it stands in another, five where it is repeated) it has {hint}"));
    }

    [Test]
    public void Many_that_are_slow_are_too_much_for_one_file_and_one_that_stands_often_counts_once()
    {
        IEnumerable<string> Errors(Func<int, string> pattern, int count) => RulesLoader.Load(
            $"version: 1\ngates:\n{string.Concat(Enumerable.Range(0, count).Select(at => $"  - {{ name: g{at}, require: {{ message: {{ matches: '{pattern(at)}' }} }} }}\n"))}").Errors.Select(error => error.Message);

        Assert.That(Errors(at => $"^({(char)('a' + at)}.{{0,480}}|)$", 25), Has.Exactly(1).Contains("more than 10,000 steps together"));
        Assert.That(Errors(_ => "^.{0,480}x$", 900), Is.Empty);
        Assert.That(Errors(at => $"^T{at}: .{{1,72}}$", 100), Is.Empty);
    }

    [TestCase("main", null)]
    [TestCase("release/*", null)]
    [TestCase("**", null)]
    [TestCase("!release/old", "only rules.yaml can do that")]
    [TestCase("release/{1,2}", "* and ** are all the patterns")]
    [TestCase("release/[12]", "* and ** are all the patterns")]
    [TestCase("release/?", "* and ** are all the patterns")]
    [TestCase("refs/heads/main", "short names")]
    [TestCase("release/", "ends with a slash")]
    [TestCase(" main", "begins or ends with a space")]
    [TestCase("release**", "glues ** to other characters")]
    [TestCase("main~1", "no branch does")]
    public void Trunks_of_the_settings_and_the_guard_are_names_or_stars(string name, string? hint) =>
        Assert.That(Glob.TrunkProblem(name), hint is null ? Is.Null : Does.Contain(hint));
}
