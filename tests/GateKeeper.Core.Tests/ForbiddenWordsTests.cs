using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Tests;

/// <summary>Words that must not be in a title or a commit's message, and merges whose words are not asked for.</summary>
public sealed class ForbiddenWordsTests
{
    private const string Fixup = "message: { not-matches: '^(fixup|squash|amend)!', in: [title, commits] }";

    [Test]
    public void A_commit_that_must_not_be_called_so_is_named_with_the_words_that_are_meant()
    {
        var verdict = Judged(Fixup, Of(("Parse it", 1), ("fixup! Parse it", 1)));

        Assert.That((verdict.Decision, verdict.Reason), Is.EqualTo((Decision.Block, $"the message of {Make.Sha(102)} matches ^(fixup|squash|amend)!, and must not (\"fixup!\")")));
        Assert.That(Judged(Fixup, Of(("Parse it", 1)) with { Title = "squash! it" }).Reason, Is.EqualTo("the title matches ^(fixup|squash|amend)!, and must not (\"squash!\")"));
        Assert.That(Judged(Fixup, Of(("Parse it", 1))).Reason, Is.EqualTo("does not match ^(fixup|squash|amend)!"));
        Assert.That(Judged(Fixup, Of()).Decision, Is.EqualTo(Decision.Wait));
    }

    [Test]
    public void Both_patterns_are_asked_for_where_both_are_given()
    {
        const string both = "message: { matches: '^[A-Z]', not-matches: 'WIP' }";

        Assert.That(Judged(both, Of(("x", 1)) with { Title = "Parse" }).Reason, Is.EqualTo("matches ^[A-Z] and does not match WIP"));
        Assert.That(Judged(both, Of(("x", 1)) with { Title = "parse WIP" }).Reason, Is.EqualTo("the title does not match ^[A-Z]; the title matches WIP, and must not (\"WIP\")"));
    }

    [Test]
    public void What_is_quoted_of_a_commit_is_plain_and_short()
    {
        Assert.That(Judged("message: { not-matches: 'a(.|\\n)*', in: [commits] }", Of(($"x\n\na\n\u001b]0;b\u0007\u202e{new string('c', 99)}", 1))).Reason, Does.EndWith("cc...\")").And.Contain(@"(""a\u000a\u001b]0;b\u0007\u202ec").And.Not.Contain("\u001b"));
        Assert.That(Judged("message: { not-matches: 'z*' }", Of(("x", 1))).Reason, Is.EqualTo("the title matches z*, and must not"));
        Assert.That(Judged(Fixup, Of([.. Enumerable.Repeat(("fixup! x", 1), 500)])).Reason, Does.EndWith("; and 490 more").And.Length.LessThan(1000));
        Assert.That(Judged("trailer: Signed-off-by", Of([.. Enumerable.Repeat(("x", 1), 500)])).Reason, Does.EndWith(" and 490 more").And.Length.LessThan(300));
    }

    [TestCase("trailer: Signed-off-by", false)]
    [TestCase("trailer: Signed-off-by, without-merges: true", true)]
    [TestCase("message: { matches: '^Parse', in: [commits] }", false)]
    [TestCase("message: { matches: '^Parse', in: [commits], without-merges: true }", true)]
    [TestCase("message: { not-matches: '^Merge', in: [commits] }", false)]
    [TestCase("message: { not-matches: '^Merge', in: [commits], without-merges: true }", true)]
    public void A_merge_among_other_commits_says_nothing_where_merges_are_left_out(string require, bool passes) =>
        Assert.That(Judged(require, Of(("Parse it\n\nSigned-off-by: Ann <ann@example.org>", 1), ("Merge branch 'main'", 2), ("Merge branches", 3))).Passes, Is.EqualTo(passes));

    [Test]
    public void A_commit_that_is_no_merge_is_judged_all_the_same()
    {
        var verdict = Judged("trailer: Signed-off-by, without-merges: true", Of(("Parse it", 1), ("Merge branch 'main'", 2)));

        Assert.That((verdict.Decision, verdict.Reason), Is.EqualTo((Decision.Block, $"no Signed-off-by: line in {Make.Sha(101).Abbreviated}")));
        Assert.That(Judged("trailer: Signed-off-by, without-merges: true", Of(("a\n\nSigned-off-by: A", 0), ("Merge", 2))).Reason, Is.EqualTo("every commit that is no merge carries Signed-off-by"));
    }

    /// <summary>A merge can hold everything that a change brings.</summary>
    [TestCase("trailer: Signed-off-by, without-merges: true", "no Signed-off-by: line in ")]
    [TestCase("message: { not-matches: '^Merge', in: [commits], without-merges: true }", "matches ^Merge, and must not (\"Merge\")")]
    public void Where_merges_are_all_there_is_they_are_not_left_out(string require, string reason)
    {
        var verdict = Judged(require, Of(("Merge branch 'main'", 2)));

        Assert.That(verdict.Decision, Is.EqualTo(Decision.Block));
        Assert.That(verdict.Reason, Does.Contain(reason).And.EndWith(" (there are only merges here, so they are not left out)"));
        Assert.That(Judged("trailer: Signed-off-by, without-merges: true", Of(("Merge\n\nSigned-off-by: A", 2))).Passes);
    }

    [Test]
    public void The_gates_own_commits_are_nobodys_words() =>
        Assert.That(Judged("trailer: X, without-merges: true", Of(("a\n\nX: y", 1)) is var change ? change with { Commits = [.. change.Commits, new() { Sha = Make.Sha(9), Message = "b", ByGate = true }] } : change).Passes);

    private static Change Of(params (string Message, int Parents)[] commits) => Make.Change() with
    {
        Commits = [.. commits.Select((commit, at) => new CommitFacts { Sha = Make.Sha(101 + at), Author = new Account("ann"), Message = commit.Message, Trailers = [.. GitTrailers.Of(commit.Message)], Parents = commit.Parents })],
    };

    private static Verdict Judged(string require, Change change) => Make.Rules($"version: 1\ngates: [{{ name: g, require: {{ {require} }} }}]").Judged(change).Gates[0];
}
