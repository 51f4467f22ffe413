using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Tests;

/// <summary>
/// What a migration guide puts beside the other program's words means the same, as its own example is judged here and as the other program
/// is documented; where it says stricter, it is never looser.
/// </summary>
public sealed class GuideTests
{
    private static readonly string[] Paths = ["config/a", "config/deep/a.yaml", "config/README.md", "configs/a", "docs/a.md", "docs/deep/a", "a/docs/b", "schema/a.sql", "src/a.c", "src/deep/a.c", "src/a.h", "README", "docs/a\n"];

    private static IEnumerable<string[]> PathLists => Paths.Select(path => (string[])[path]).Concat([[], ["docs/a.md", "src/a.c"], ["config/a", "docs/a.md"], ["docs/a.md", "docs/deep/a"], ["config/README.md", "docs/a.md"]]);

    private static readonly string[] People = ["ann", "gina", "gert", "pat", "pam"];

    [TestCase("policy-bot", "modified_lines: { total: \"> 200\" }", true)]
    [TestCase("policy-bot", "modified_lines: { total: \"< 200\" }", false)]
    public void A_condition_on_lines_holds_on_the_same_side(string guide, string theirs, bool more)
    {
        foreach (var lines in (int[])[0, 1, 199, 200, 201, 5000, int.MaxValue])
            Assert.That(Applies(guide, theirs, Make.Change().Sized(lines)), Is.EqualTo(more ? lines > 200 : lines < 200), $"{lines} lines");
    }

    [TestCase("policy-bot", "`changed_files: { paths:", "^config/.*$", null, false)]
    [TestCase("policy-bot", "its `ignore:", "^config/.*$", @"^config/.*\.md$", false)]
    [TestCase("policy-bot", "only_changed_files: { paths:", "^docs/.*$", null, true)]
    [TestCase("mergify", "files ~= ^schema/", "^schema/", null, false)]
    [TestCase("mergify", "(all files match)", "^docs/", null, true)]
    public void A_condition_on_paths_holds_for_the_same_paths(string guide, string theirs, string regex, string? but, bool only)
    {
        // Theirs is RE2 or Python, where . ends at a line feed; a name with one in it is matched here.
        bool Means(string path) => Regex.IsMatch(path, regex.Replace("$", @"\z", StringComparison.Ordinal), RegexOptions.Singleline) && !(but is not null && Regex.IsMatch(path, but));
        foreach (var paths in PathLists)
            Assert.That(Applies(guide, theirs, Make.Change() with { Paths = [.. paths] }), Is.EqualTo(only ? paths.Length > 0 && paths.All(Means) : paths.Any(Means)), string.Join(", ", paths));
    }

    [Test]
    public void Mergifys_regular_expression_of_paths_is_the_glob_beside_it()
    {
        Assert.That(Documents.Guide("mergify"), Does.Contain(@"`^src/.*\.c$` is `src/**/*.c`"));
        var glob = Glob.TryParse("src/**/*.c", out _)!;
        foreach (var path in Paths)
            Assert.That(glob.Matches(path), Is.EqualTo(Regex.IsMatch(path, @"^src/.*\.c\z")), path);
    }

    [Test]
    public void Who_contributed_is_asked_of_the_same_people_or_more()
    {
        foreach (var (author, uploader, wrote) in from author in People from uploader in People from wrote in People select (author, uploader, wrote))
        {
            var change = Make.Change(author: author) with { Uploader = new(uploader) };
            change = change with { Commits = [.. change.Commits, change.Commits[0] with { Author = new(wrote) }] };
            var contributors = new[] { author, uploader, wrote };
            bool InG(string who) => who is "gina" or "gert";
            bool InP(string who) => who is "pat" or "pam";

            Assert.That(Applies("policy-bot", "only_has_contributors_in: G", change), Is.EqualTo(contributors.All(InG)));
            foreach (var (guide, less, more) in (IEnumerable<(string, string, string)>)[("policy-bot", "has_author_in: G`, where the rule asks for less", "where the rule asks for more"), ("mergify", "where that asks for less", "where it asks for more")])
            {
                Assert.That(Applies(guide, less, change) && !InG(author), Is.False, "looser where less is asked");
                Assert.That(!InP(author) && !Applies(guide, more, change), Is.False, "looser where more is asked");
                Assert.That(contributors.Any(who => !InP(who)) && !Applies(guide, more, change), Is.False, "looser where more is asked");
            }
        }
    }

    [TestCase("main", true)]
    [TestCase("main\n", false)]
    [TestCase("maintenance", false)]
    [TestCase("release/1", false)]
    public void Branches_are_the_same(string target, bool main)
    {
        Assert.That(Applies("policy-bot", "targets_branch", Make.Change() with { Target = target }), Is.EqualTo(main));
        var trunks = Make.Rules($"version: 1\n{Documents.Here("mergify", "base = main`, `base ~= ^release/")}\ngates: [{{ name: g, require: {{ commits: {{ max: 1 }} }} }}]");
        Assert.That((trunks.Guards(target), trunks.Guards("release/a/b"), trunks.Guards("old/release/a")), Is.EqualTo((main || target.StartsWith("release/", StringComparison.Ordinal), true, false)));
    }

    [TestCase("hotfix", true)]
    [TestCase("HotFix", true)]
    [TestCase("hotfixes", false)]
    public void Labels_are_the_same_as_GitHub_compares_them(string label, bool same) =>
        Assert.That(Applies("policy-bot", "has_labels", Make.Change() with { Labels = [new(label, null)] }), Is.EqualTo(same));

    [TestCase("mergify", "label = ready", "ready", true)]
    [TestCase("mergify", "label != wip", "wip", false)]
    [TestCase("bors", "block_labels = [\"wip\"]", "wip", false)]
    public void A_label_opens_or_blocks_as_there(string guide, string theirs, string label, bool opens)
    {
        Assert.That(Passes(guide, theirs, Make.Change() with { Labels = [new(label, null)] }), Is.EqualTo(opens));
        Assert.That(Passes(guide, theirs, Make.Change() with { Labels = [new(label.ToUpperInvariant(), null)] }), Is.EqualTo(opens));
        Assert.That(Passes(guide, theirs, Make.Change() with { Labels = [new("other", null)] }), Is.EqualTo(!opens));
    }

    [TestCase("policy-bot", "title: { matches:", "^(fix|feat): ")]
    [TestCase("mergify", "title ~= ^feat", "^feat")]
    [TestCase("merge-queue", "Metadata restrictions", @"^[A-Z]+-\d+: ")]
    public void A_pattern_of_titles_finds_the_same(string guide, string theirs, string regex)
    {
        foreach (var title in (string[])["feat: mend it", "fix: it", "feature", "mend it", "xfeat: it", "A\nfeat: it", "PROJ-12: it", "proj-12: it"])
            Assert.That(Passes(guide, theirs, Make.Change() with { Title = title, Commits = [Make.Change().Commits[0] with { Message = title }] }), Is.EqualTo(Regex.IsMatch(title, regex)), title);
    }

    [TestCase("policy-bot", "title: { not_matches:", "(?i)wip")]
    [TestCase("mergify", "-title ~= (?i)wip", "(?i)wip")]
    public void A_pattern_that_must_not_be_found_in_titles_is_found_in_the_same(string guide, string theirs, string regex)
    {
        foreach (var title in (string[])["WIP: it", "mend it", "swiped", "wi p"])
            Assert.That(Passes(guide, theirs, Make.Change() with { Title = title }), Is.EqualTo(!Regex.IsMatch(title, regex)), title);
    }

    [TestCase("policy-bot", "`from_branch:", "^hotfix/.*$", "hotfix/a hotfix/a/b hotfix feature")]
    [TestCase("mergify", "`head = develop`", "^(develop$|renovate/)", "develop renovate/a renovate/a/b developer feature")]
    public void Branches_that_a_change_comes_from_are_the_same_and_forks_are_told_apart(string guide, string theirs, string regex, string branches)
    {
        foreach (var branch in branches.Split(' '))
            Assert.That((Applies(guide, theirs, Make.Change() with { Branch = branch }), Applies(guide, theirs, Make.Change() with { Branch = $"octocat:{branch}" })), Is.EqualTo((Regex.IsMatch(branch, regex), false)), branch);
    }

    [Test]
    public void What_is_forbidden_there_is_forbidden_here()
    {
        Assert.That(Passes("mergify", "`-files ~= ^vendor/`", Make.Change() with { Paths = ["vendor/a", "src/b"] }), Is.False);
        Assert.That(Passes("mergify", "`-files ~= ^vendor/`", Make.Change()));
        Assert.That(Passes("policy-bot", "`policy.disapproval.if`", Make.Change() with { Title = "WIP" }), Is.False);
    }

    [Test]
    public void Numbers_are_counted_to_the_same_end()
    {
        foreach (var count in (int[])[1, 4, 5, 6])
            Assert.That(Passes("mergify", "#commits <= 5", Make.Change() with { Commits = [.. Enumerable.Range(1, count).Select(commit => Make.Change(commit).Commits[0])] }), Is.EqualTo(count <= 5));
        foreach (var (files, lines) in from files in (int[])[1, 50, 51] from lines in (int[])[0, 399, 400, 401] select (files, lines))
            Assert.That(Passes("mergify", "#files <= 50", (Make.Change() with { Paths = [.. Enumerable.Range(1, files).Select(file => $"{file}")] }).Sized(lines)), Is.EqualTo(files <= 50 && lines < 400));
        Assert.That(Passes("mergify", "linear-history", Make.Change()));
        Assert.That(Passes("mergify", "linear-history", Make.Change() with { Commits = [Make.Change().Commits[0] with { Parents = 2 }] }), Is.False);
    }

    [TestCase("policy-bot", "count: 2")]
    [TestCase("bors", "required_approvals = 2")]
    [TestCase("mergify", "#approved-reviews-by >= 2")]
    [TestCase("merge-queue", "Required approvals")]
    public void Two_approvals_are_two_other_peoples_of_this_commit(string guide, string theirs)
    {
        var change = Make.Change(author: "bob");

        Assert.That(Passes(guide, theirs, change.Approved("carol", "dave")));
        Assert.That(Passes(guide, theirs, change.Approved("carol", "carol")), Is.False);
        Assert.That(Passes(guide, theirs, change.Approved("carol", "stranger")), Is.False);
        Assert.That(Passes(guide, theirs, change.Approved("carol", "bob")), Is.False, "allow_author: always so");
        Assert.That(Passes(guide, theirs, change.Approved("carol", "dave").Pushed(9)), Is.False, "dismiss stale, up_to_date_approvals, invalidate_on_push: always so");
        Assert.That(Passes(guide, theirs, change.Approved("carol", "dave") with { Uploader = new("dave") }), Is.False, "the most recent push is approved by somebody else: always so");
        Assert.That(Passes(guide, theirs, (change with { Commits = [change.Commits[0] with { Author = new("dave") }] }).Approved("carol", "dave")), Is.False, "allow_contributor: always so");
        Assert.That(Passes(guide, theirs, change.Approved("carol", "dave").Vetoed("erin")), Is.True, "only members' vetoes");
        Assert.That(Passes(guide, theirs, change.Approved("carol").Vetoed("dave")), Is.False);
    }

    [Test]
    public void Somebody_elses_approval_revokes_no_veto_and_a_dismissal_by_the_named_does()
    {
        var change = Make.Change().Vetoed("gina");
        Change Dismissed(string by) => change with { Votes = [change.Votes[0] with { RemovedBy = new(by) }] };

        Assert.That(Documents.Guide("policy-bot"), Does.Contain("Another's approval does not revoke a veto"));
        Assert.That(Passes("policy-bot", "policy.disapproval.requires", change.Approved("gert", "hal")), Is.False);
        Assert.That(Passes("policy-bot", "policy.disapproval.requires", change.Approved("gina")), "its giver approves");
        Assert.That(Passes("policy-bot", "policy.disapproval.requires", Dismissed("hal")), "a member of H dismisses it");
        Assert.That(Passes("policy-bot", "policy.disapproval.requires", Dismissed("gert")), Is.False);
        Assert.That(Passes("mergify", "#changes-requested-reviews-by = 0", Make.Change().Vetoed("bob")), Is.False);
        Assert.That(Passes("merge-queue", "a review that requests changes", Make.Change().Vetoed("bob").Approved("carol")), Is.False);
    }

    [Test]
    public void What_says_the_same_without_a_rule_that_approves_by_itself_asks_where_theirs_asks()
    {
        var here = Documents.Here("policy-bot", "or: [a, only these paths changed]").Replace("[...]", "['docs/**']", StringComparison.Ordinal);
        foreach (var paths in PathLists.Where(paths => paths.Length > 0))
            Assert.That(AppliesOf(here, Make.Change() with { Paths = [.. paths] }), Is.EqualTo(!paths.All(path => path.StartsWith("docs/", StringComparison.Ordinal))));
        Assert.That(Documents.Around(here).Judged(Make.Change() with { Paths = ["docs/a.md"] }).Passes, Is.False, "nothing applies: does not land");
    }

    [Test]
    public void A_gate_stands_instead_of_another_as_one_rule_replaces_another()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob, carol] } }
            gates:
              - { name: the other gate, require: { approvals: 2, from: core } }
              - { name: it, when: { only-paths: ["docs/**"] }, instead-of: the other gate, require: { approvals: 1, from: core } }
            """);

        Assert.That(Documents.Here("policy-bot", "or` where one rule replaces another"), Is.EqualTo("instead-of: the other gate"));
        Assert.That(rules.Judged(Make.Change().Approved("bob") with { Paths = ["docs/a"] }).Passes);
        Assert.That(rules.Judged(Make.Change().Approved("bob") with { Paths = ["docs/a", "b"] }).Passes, Is.False);
    }

    [Test]
    public void A_draft_never_lands() => Assert.That(Passes("mergify", "#commits <= 5", Make.Change() with { Draft = true }), Is.False);

    [TestCase("ann", true)]
    [TestCase("bob", true)]
    [TestCase("stranger", false)]
    public void The_author_goes_ahead_where_bors_delegated(string who, bool may) =>
        Assert.That(Passes("bors", "bors delegate+", Make.Change(author: "ann").Asked(RequestKind.Land, who)), Is.EqualTo(may));

    [Test]
    public void A_reviewer_of_a_team_is_one_whom_the_team_holds()
    {
        var here = Documents.Here("mergify", "approved-reviews-by = @data");

        Assert.That(PassesOf(here, Make.Change().Approved("dora")));
        Assert.That(PassesOf(here, Make.Change().Approved("bob")), Is.False);
    }

    [Test]
    public void A_guide_promises_nothing_of_update_merges_that_is_not_so()
    {
        var row = Documents.Guide("policy-bot").Split('\n').Single(line => line.Contains("`ignore_update_merges", StringComparison.Ordinal));

        Assert.That(row, Does.Contain("| none by itself").And.Contain("With `carry-approvals: same-diff` they follow it"), "as the stories of merges of the trunk show");
    }

    private static bool Applies(string guide, string theirs, Change change) => AppliesOf(Documents.Here(guide, theirs), change);

    private static bool AppliesOf(string here, Change change) => Documents.Around(here).Judged(change).Gates.Any(gate => gate.Name == "it");

    private static bool Passes(string guide, string theirs, Change change) => PassesOf(Documents.Here(guide, theirs), change);

    private static bool PassesOf(string here, Change change) => Documents.Around(here).Judged(change).Passes;
}
