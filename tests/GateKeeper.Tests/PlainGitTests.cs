using GateKeeper.Core.Changes;
using GateKeeper.Forges.PlainGit;

namespace GateKeeper.Tests;

/// <summary>The format of git-appraise, byte for byte, and the guard's judgement of what is pushed.</summary>
public sealed class PlainGitTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_795_336_000);

    [TestCase("""{"author":"bob@example.com","resolved":false,"description":"needs work","location":{"commit":"1f94b2d265f0ec2f7fd1fbc8e705307fb62fb22e"}}""", "3d7006f5a5bff2d9792aa8962f47ce5e992b9884")]
    [TestCase("""{"timestamp":"1700000100","author":"bob@example.com","parent":"3d7006f5a5bff2d9792aa8962f47ce5e992b9884","location":{"commit":"1f94b2d265f0ec2f7fd1fbc8e705307fb62fb22e","path":"src/a.c","range":{"startLine":3}},"description":"a < b && c > d","resolved":true}""", "182f8c80cdb0eb081b7234fedcedc4b02312b983")]
    [TestCase("""{"timestamp":"123","author":"a@b"}""", "b6600e2d2253f0795c3894874af34124226f3df6")]
    public void Comments_are_named_as_git_appraise_names_them(string line, string hash) =>
        Assert.That(GoJson.Hash(GoJson.Canonical(NoteLines.Comment(line)!)), Is.EqualTo(hash));

    [TestCase("""{"author":"bob","AUTHOR":"mallory"}""")]
    [TestCase("""{"author":"bob","author":"mallory"}""")]
    [TestCase("""{"author":"bob","v":1}""")]
    [TestCase("""{"\ud800":1}""")]
    [TestCase("""["author"]""")]
    [TestCase("not json")]
    [TestCase("""{"author":3}""")]
    public void A_line_that_readers_could_read_differently_is_no_line(string line) =>
        Assert.That(NoteLines.Comment(line), Is.Null);

    [Test]
    public void Of_equal_requests_an_abandonment_wins_wherever_a_merge_of_notes_put_it()
    {
        var open = NoteLines.Request("""{"timestamp":"1","targetRef":"refs/heads/main","requester":"a@b"}""")!;
        var abandoned = NoteLines.Request("""{"timestamp":"1","targetRef":"","requester":"a@b"}""")!;

        Assert.That(RequestLine.Current([abandoned, open])!.IsAbandoned);
        Assert.That(RequestLine.Current([open, abandoned])!.IsAbandoned);
        Assert.That(RequestLine.Current([abandoned, open with { Timestamp = "2" }])!.IsAbandoned, Is.False);
    }

    [Test]
    public void An_address_of_nobody_or_of_two_is_nobody()
    {
        var accounts = Accounts.Parse("""{"ana": {"emails": ["ana@example.org", "both@example.org"]}, "bob": {"emails": ["bob@example.org", "both@example.org"]}}""");

        Assert.That(accounts.Of("Ana@EXAMPLE.org"), Is.EqualTo(new Account("ana")));
        Assert.That(accounts.Of("both@example.org"), Is.Null);
    }

    [TestCase("mallory", "refs/heads/main", "only the gate")]
    [TestCase("gatekeeper", "refs/heads/main", null)]
    [TestCase("mallory", "refs/heads/release/1", "only the gate")]
    [TestCase("mallory", "refs/heads/topic", null)]
    [TestCase("mallory", "refs/heads/alias", "only the gate")]
    [TestCase("mallory", "refs/heads/\uFFFD", "must be UTF-8")]
    [TestCase("mallory", "refs/replace/1234", "not taken here")]
    [TestCase("mallory", "refs/gatekeeper/push-log", "not taken here")]
    [TestCase("mallory", "refs/notes/gatekeeper", "only the gate")]
    [TestCase("mallory", "refs/notes/commits", "not taken here")]
    [TestCase("mallory", "refs/notes/devtools/ci", "only the gate and the agents")]
    [TestCase(null, "refs/heads/topic", "does not say who is pushing")]
    public void The_guard_lets_each_ref_be_moved_by_whom_it_belongs_to(string? account, string reference, string? refusal)
    {
        var refused = Judge(account, reference, [], ["""{"timestamp":"1795336000","status":"success","agent":"x"}"""]);

        Assert.That(refused, refusal is null ? Is.Null : Does.Contain(refusal));
    }

    [TestCase("""{"author":"bob@example.org","resolved":true}""", "ana may not speak as")]
    [TestCase("""{"author":"ana@example.org","resolved":true}""", null)]
    [TestCase("""{"author":"ana@example.org","Author":"bob@example.org","resolved":true}""", "twice")]
    [TestCase("""{"author":"ana@example.org","Resolved":false}""", "write \"resolved\"")]
    [TestCase("""{"author":"ana@example.org","re\u017Folved":false}""", "write \"resolved\"")]
    [TestCase("""{"author":"ana@example.org","location":{"Path":"a.txt"}}""", "write \"path\"")]
    [TestCase("""{"author":"ana@example.org","Mood":"good"}""", null)]
    [TestCase("""{"author":"ana@example.org","timestamp":"9999999999"}""", "timestamp")]
    [TestCase("""{"author":"ana@example.org","timestamp":"1795336000"}""", null)]
    [TestCase("""{"author":"ana@example.org","timestamp":"1700000000"}""", null)]
    [TestCase("""{"author":"ana@example.org","v":1}""", "format version")]
    [TestCase("not json", "no JSON")]
    public void Nobody_speaks_in_anothers_name(string line, string? refusal) =>
        Assert.That(Judge("ana", Notes.Discuss, [], [line]), refusal is null ? Is.Null : Does.Contain(refusal));

    [TestCase("ana", "only the gate (gatekeeper) tries here whether it can push")]
    [TestCase("gatekeeper", "it is made of a commit and taken back, and does not move")]
    public void The_doctors_ref_is_the_gates_alone(string account, string refusal) =>
        Assert.That(Judge(account, $"refs/gatekeeper/probe/1700000000-{new string('a', 32)}", [], []), Does.Contain(refusal));

    [Test]
    public void What_was_said_is_not_taken_out_again()
    {
        const string veto = """{"author":"bob@example.org","resolved":false}""";

        Assert.That(Judge("ana", Notes.Discuss, [veto], []), Does.Contain("only added to"));
        Assert.That(Judge("bob", Notes.Discuss, [veto], [veto.Replace("false", "true", StringComparison.Ordinal)]), Does.Contain("only added to"));
    }

    [Test]
    public void A_requests_target_does_not_change()
    {
        const string request = """{"timestamp":"1795336000","targetRef":"refs/heads/main","requester":"ana@example.org"}""";

        Assert.That(Judge("ana", Notes.Reviews, [request], [request, request.Replace("main", "other", StringComparison.Ordinal)]), Does.Contain("target does not change"));
        Assert.That(Judge("ana", Notes.Reviews, [request], [request, request.Replace("refs/heads/main", "", StringComparison.Ordinal)]), Is.Null);
    }

    private static string? Judge(string? account, string reference, IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var accounts = Accounts.Parse("""{"ana": {"emails": ["ana@example.org"]}, "bob": {"emails": ["bob@example.org"]}}""");
        var rules = new GuardRules(new("gatekeeper", ["main", "release/*"], []), accounts, new Paper(before, after), Now);
        return rules.Refuse(account is null ? null : new Account(account), [new(new string('1', 40), new string('2', 40), reference)]);
    }

    private sealed class Paper(IReadOnlyList<string> before, IReadOnlyList<string> after) : IGuardedRepository
    {
        public string Resolve(string reference) => reference == "refs/heads/alias" ? "refs/heads/main" : reference;

        public bool IsThere(string reference) => false;

        public bool IsForward(RefUpdate update) => true;

        public bool IsCommit(string id) => true;

        public IReadOnlyList<string> Makers(string commit) => ["ana@example.org"];

        public string? Bulk(RefUpdate update) => null;

        public IEnumerable<NoteUpdate> Notes(RefUpdate update) => [new(update.Ref, new string('3', 40), before, after)];
    }
}
