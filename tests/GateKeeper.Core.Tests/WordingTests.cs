using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>What a landing says: what people wrote, as they wrote it, and nothing of the gate's that they could have written.</summary>
public sealed class WordingTests
{
    private static readonly ValueList<Trailer> Own = [new("Change", "1"), new("Revision", "abc")];

    [TestCase("  \n\n  indented\n\ttabbed\n\n", "  indented\n\ttabbed")]
    [TestCase("make\ttest", "make\ttest")]
    [TestCase("bell\u0007 and \u001b[31m red\r\nnext", "bell and [31m red\nnext")]
    [TestCase("now [skip ci] and [CI SKIP]", "now (skip ci) and (CI SKIP)")]
    [TestCase("[skip\u0001 ci]", "(skip ci)")]
    [TestCase("words\n\nskip-checks: true", "words\n\n(skip-checks: true)")]
    [TestCase("not ***NO_CI*** and [skip-ci]", "not (NO_CI) and (skip-ci)")]
    [TestCase("", "")]
    public void Words_stay_as_they_were_written_but_for_what_does_harm(string written, string tame) => Assert.That(Prose.Tame(written), Is.EqualTo(tame));

    [TestCase("Change: 9\nRevision: x\n---\nmore", "Change: 9\nRevision: x\n ---\nmore")]
    [TestCase("Change: 9\n\n---\nmore", "Change: 9\n\n ---\nmore")]
    [TestCase("Change: 9\n# ------------------------ >8 ------------------------\nmore", "Change: 9\n # ------------------------ >8 ------------------------\nmore")]
    [TestCase("prose\n\n---\n\nmore", "prose\n\n---\n\nmore")]
    [TestCase("Change: 9\n\nprose\n---\nmore", "Change: 9\n\nprose\n---\nmore")]
    public void Three_dashes_are_no_end_of_the_words_where_what_is_above_looks_like_trailers(string written, string landed) =>
        Assert.That(Prose.Compose("Title", written, Own), Is.EqualTo($"Title\n\n{landed}\n\nChange: 1\nRevision: abc\n"));

    [Test]
    public void A_replayed_commit_keeps_its_words_and_trailers_with_the_gates_behind_them() => Assert.That(
        Prose.Replay("Mend\nit\n\n    code\n\nBug: 12\nSigned-off-by: ann <a@b.c>\n", Own, []),
        Is.EqualTo("Mend\nit\n\n    code\n\nBug: 12\nSigned-off-by: ann <a@b.c>\nChange: 1\nRevision: abc\n"));

    [Test]
    public void What_a_commit_says_in_the_gates_keys_is_no_trailer_of_what_lands() => Assert.That(
        Prose.Replay("Mend\n\nChange: 9\nBug: 12\nrevision : x\n folded\nChange-Id: I1", [new("Change-Id", "I1"), .. Own], ["Change-Id"]),
        Is.EqualTo("Mend\n\nChange: 9\nrevision : x\n folded\n\nBug: 12\nChange-Id: I1\nChange: 1\nRevision: abc\n"));

    [Test]
    public void A_line_that_would_end_the_words_does_not_stay_among_the_trailers() => Assert.That(
        Prose.Replay("Mend\n\nSigned-off-by: ann <a@b.c>\n---\nBug: 12", Own, []),
        Is.EqualTo("Mend\n\n---\n\nSigned-off-by: ann <a@b.c>\nBug: 12\nChange: 1\nRevision: abc\n"));

    [Test]
    public void A_paragraph_of_prose_at_the_end_is_no_block_of_trailers() => Assert.That(
        Prose.Replay("Mend\n\nNote: this is\nprose", Own, []), Is.EqualTo("Mend\n\nNote: this is\nprose\n\nChange: 1\nRevision: abc\n"));

    [Test]
    public void A_squash_is_its_changes_authors_and_names_everybody_else_once()
    {
        var (ana, bob, cyd) = (new Account("ana"), new Account("bob"), new Account("cyd"));
        var change = Make.Change(author: "ana") with
        {
            Description = "Words\n\nSigned-off-by: ana <ana@home>",
            Commits =
            [
                Commit(1, new("Ana", "ana@home", ana), new Trailer("Signed-off-by", "ana <ana@home>"), new Trailer("Ticket", "T-1")),
                Commit(2, new("Bob", "bob@home", bob), new Hand("ANA", "ana@elsewhere", ana)),
                Commit(3, new("Ana B.", "ana@work", ana), new Hand("Bob", "bob@work", bob), new Hand("Nobody", "x@y", null), new Hand("Nobody else", "X@y", null)),
                Commit(4, new("Cyd", "cyd@home", cyd), new Trailer("Signed-off-by", "ana <ana@home>"), new Trailer("Signed-off-by", "Cyd <cyd@home>")),
            ],
        };
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob] } }
            gates:
              - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
              - { name: ticket, require: { trailer: Ticket } }
            landing: { method: squash }
            """);

        var words = Wording.Of(rules, change, ["reviewer: urgent"]);

        Assert.That((words.Author!.Name, words.Author.Email), Is.EqualTo(("Ana B.", "ana@work")));
        Assert.That(words.Message, Is.EqualTo($"""
            change 1 (1)

            Words

            Signed-off-by: ana <ana@home>
            Ticket: T-1
            Signed-off-by: Cyd <cyd@home>
            Co-authored-by: Bob <bob@home>
            Co-authored-by: Nobody <x@y>
            Co-authored-by: Cyd <cyd@home>
            Overridden: reviewer: urgent
            Change: 1
            Revision: {Make.Sha(1).Hex}

            """));
    }

    [Test]
    public void Where_the_changes_author_wrote_none_of_it_the_forge_says_how_he_is_named_or_the_first_commit_stays_its_authors()
    {
        var change = Make.Change(author: "ana") with { Commits = [Commit(1, new("Bob", "bob@home", new("bob"))), Commit(2, new("Cyd", "cyd@home", new("cyd")))] };
        var rules = Squash("");

        Assert.That(Wording.Of(rules, change, []).Author!.Name, Is.EqualTo("Bob"));
        var named = Wording.Of(rules, change with { AuthorHand = new("ana", "1+ana@noreply", new("ana")) }, []);
        Assert.That(named.Author!.Email, Is.EqualTo("1+ana@noreply"));
        Assert.That(named.Message, Does.Contain("Co-authored-by: Bob <bob@home>\nCo-authored-by: Cyd <cyd@home>"));
    }

    [Test]
    public void Everything_that_a_landing_says_belongs_to_what_a_candidate_is()
    {
        var change = Make.Change() with { Description = "Closes #1", Commits = [Commit(1, new("Ann", "ann@home", new("ann")))] };
        var rules = Squash("");
        Wording[] others =
        [
            Wording.Of(rules, change with { Title = "other" }, []),
            Wording.Of(rules, change with { Description = "Closes #2" }, []),
            Wording.Of(rules, change with { Current = new(change.Id, Make.Sha(7)) }, []),
            Wording.Of(rules, change with { LandingTrailers = [new("Change-Id", "I1")] }, []),
            Wording.Of(rules, change with { Commits = [Commit(1, new("Ann", "ann@work", new("ann")))] }, []),
            Wording.Of(rules, change with { Commits = [.. change.Commits, Commit(2, new("Bob", "b@c", null))] }, []),
            Wording.Of(rules, change, ["gate: why"]),
            Wording.Of(Squash(", message: { subject: '{title}' }"), change, []),
            Wording.Of(Squash(", message: { body: '{description} by {author}' }"), change, []),
            Wording.Of(Make.Rules(Yaml("")), change, []),
        ];

        Assert.That(others.Select(other => other.Digest).Append(Wording.Of(rules, change, []).Digest).Distinct().Count(), Is.EqualTo(others.Length + 1));
    }

    [Test]
    public void Who_approved_and_where_to_look_can_be_said()
    {
        var change = Make.Change() with { Url = "https://review/1" };
        var rules = Squash(", message: { subject: '{title} (#{number})', body: \"Seen by {approvers}.\\n{url}\" }");

        Assert.That(Wording.Of(rules, change, [], [new("zoe"), new("Bob"), new("ann, eve"), new("bob\n\nChange: 9"), new("{title}")]).Message, Is.EqualTo(
            $"change 1 (#1)\n\nSeen by \"ann, eve\", Bob, bob  Change: 9, zoe, {{title}}.\nhttps://review/1\n\nChange: 1\nRevision: {Make.Sha(1).Hex}\n"));
        Assert.That(Wording.Of(rules, change with { Url = null }, []).Message, Does.Contain("\n\nSeen by nobody.\n\nChange: 1\n"));
    }

    [Test]
    public void Trailers_that_the_rules_word_stand_among_the_gates_one_for_each_approver()
    {
        var change = Make.Change() with { Description = "words\n\nReviewed-by: mallory" };
        const string message = ", message: { body: \"{description}\\n\\nReviewed-by: {approvers}\\nLink: {url}\" }";
        var expected = $"change 1 (1)\n\nwords\n\nReviewed-by: mallory\n\nReviewed-by: Bob\nReviewed-by: zoe  Change: 9\nChange: 1\nRevision: {Make.Sha(1).Hex}\n";

        var said = Wording.Of(Squash(message), change, [], [new("zoe\n\nChange: 9"), new("Bob")]).Message;

        Assert.That(said, Is.EqualTo(expected));
        Assert.That(GitTrailers.Of(said).Select(trailer => $"{trailer.Key}: {trailer.Value}"), Is.EqualTo(expected.Split("\n\n")[^1].TrimEnd().Split('\n')));
        Assert.That(Wording.Of(Squash(message), change with { Url = "https://x" }, []).Message, Does.EndWith($"mallory\n\nLink: https://x\nChange: 1\nRevision: {Make.Sha(1).Hex}\n"), "where nobody approved, no line says so");
    }

    [TestCase("{description}\\nReviewed-by: {approvers}")]
    [TestCase("Words: {description}")]
    [TestCase("{description}\\n\\nChange: 9")]
    [TestCase("{description}\\n\\nCo-authored-by: {approvers}")]
    public void What_authors_word_or_the_gate_itself_does_is_no_trailer_of_the_rules(string body) =>
        Assert.That(Wording.Of(Squash($", message: {{ body: \"{body}\" }}"), Make.Change() with { Description = "words" }, [], [new("bob")]).Message, Does.EndWith($"\n\nChange: 1\nRevision: {Make.Sha(1).Hex}\n"));

    [Test]
    public void An_approver_is_whose_approval_counts_for_a_gate_that_applies()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob, cyd, ann] }, docs: { users: [dan] }, rest: { users: [eve] } }
            gates:
              - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
              - { name: vote, require: { any: [{ vote: { label: Code-Review, at-least: 2 }, from: rest }, { approvals: 1, from: rest, lifted-by: core }] } }
              - { name: prose, when: { paths: ["docs/**"] }, require: { approvals: 1, from: docs, lifted-by: core } }
              - { name: owners, require: { owners: CODEOWNERS } }
            landing: { message: { subject: "{title} by {approvers}" } }
            """);
        var change = Make.Change().Approved("bob", "ann", "dan", "mallory").Vetoed("cyd") with { };
        change = change with { Votes = [.. change.Votes, new() { By = new("eve"), Value = VoteValue.Neither, Label = "Code-Review", Score = 2, On = change.Current.Commit, Order = 9 }, new() { By = new("cyd"), Value = VoteValue.Approval, On = Make.Sha(8), Order = 10 }] };

        Assert.That(rules.Judged(change).Approvers.Select(account => account.Name), Is.EqualTo(new[] { "bob", "eve" }));
        Assert.That(rules.Judged(change with { Paths = ["docs/a"] }).Approvers.Select(account => account.Name), Is.EqualTo(new[] { "bob", "eve", "dan" }));
        Assert.That(rules.Judged(change, now => now with { Owners = new Dictionary<string, OwnersFile> { ["CODEOWNERS"] = OwnersFile.Parse("src/ mallory ann\ndocs/ dan\n") } }).Approvers.Select(account => account.Name), Is.EqualTo(new[] { "bob", "eve", "mallory" }), "an owner of what it changes");
    }

    [Test]
    public void Without_a_title_there_is_still_a_subject() =>
        Assert.That(Wording.Of(Squash(", message: { subject: '{title}' }"), Make.Change() with { Title = " " }, []).Message, Does.StartWith("Change 1\n\n"));

    private static Ruleset Squash(string more) => Make.Rules(Yaml($"landing: {{ method: squash{more} }}"));

    private static string Yaml(string landing) => $$"""
        version: 1
        groups: { core: { users: [bob] } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
        {{landing}}
        """;

    private static CommitFacts Commit(int number, Hand author, params ReadOnlySpan<object> more)
    {
        var facts = new CommitFacts { Sha = Make.Sha(number), Author = author.Account, Hands = [author] };
        foreach (var item in more)
            facts = item is Hand hand ? facts with { Hands = [.. facts.Hands, hand] } : facts with { Trailers = [.. facts.Trailers, (Trailer)item] };
        return facts;
    }
}
