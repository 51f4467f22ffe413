using GateKeeper.Core.Changes;
using GateKeeper.Forges.GitHub;

namespace GateKeeper.Tests.GitHub;

/// <summary>What reviews, dismissals, labels and comments on GitHub come to.</summary>
public sealed class OpinionTests
{
    private const string Head = "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1", Older = "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2";
    private static readonly DateTimeOffset Ten = new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero);
    private readonly GitHubAccounts accounts = new();

    [Test]
    public void An_approval_is_bound_to_the_commit_that_was_looked_at()
    {
        var vote = Votes(Pull([Review(1, "APPROVED", "bob", Older)])).Single();

        Assert.That((vote.By.Name, vote.Value, vote.On.Hex), Is.EqualTo(("bob", VoteValue.Approval, Older)));
    }

    [Test]
    public void A_comment_after_an_approval_takes_nothing_back() =>
        Assert.That(Votes(Pull([Review(1, "APPROVED", "bob"), Review(2, "COMMENTED", "bob")])).Select(vote => vote.Value), Is.EqualTo(new[] { VoteValue.Approval }));

    [Test]
    public void A_dismissed_veto_names_who_dismissed_it()
    {
        var vote = Votes(Pull([Review(1, "DISMISSED", "bob")], new EventDto("ReviewDismissedEvent", Ten, Who("mallory"), "CHANGES_REQUESTED", new("1")))).Single();

        Assert.That((vote.Value, vote.RemovedBy?.Name), Is.EqualTo((VoteValue.Veto, "mallory")));
    }

    [Test]
    public void A_dismissed_review_of_which_nobody_says_what_it_was_stands_as_an_objection()
    {
        var vote = Votes(Pull([Review(1, "DISMISSED", "bob")])).Single();

        Assert.That((vote.Value, vote.RemovedBy), Is.EqualTo((VoteValue.Veto, (Account?)null)));
    }

    [Test]
    public void A_dismissed_approval_approves_nothing()
    {
        var votes = Votes(Pull([Review(1, "DISMISSED", "bob")], new EventDto("ReviewDismissedEvent", Ten, null, "APPROVED", new("1"))));

        Assert.That(votes.Select(vote => (vote.Value, vote.Void)), Is.EqualTo(new[] { (VoteValue.Withdrawal, "was dismissed"), (VoteValue.Approval, "was dismissed, and the host does not say by whom") }));
    }

    [Test]
    public void A_word_never_seen_before_is_no_approval()
    {
        var vote = Votes(Pull([Review(1, "BLESSED", "bob")])).Single();

        Assert.That((vote.Value, vote.Void), Is.EqualTo((VoteValue.Veto, "is of a kind that the gate does not know (BLESSED)")));
    }

    [Test]
    public void An_approval_within_the_second_of_a_new_target_may_have_been_for_the_old_one()
    {
        var pull = Pull([Review(1, "APPROVED", "bob")], new EventDto("BaseRefChangedEvent", Ten.AddSeconds(1), Who("ana"), CurrentRefName: "main"));

        Assert.That(Opinions.TargetSetAt(pull), Is.GreaterThan(Votes(pull).Single().At));
    }

    [Test]
    public void A_label_belongs_to_who_last_set_it()
    {
        var pull = Pull([], new EventDto("LabeledEvent", Ten, Who("bob"), Label: new("hotfix")), new EventDto("UnlabeledEvent", Ten, Who("ana"), Label: new("hotfix")), new EventDto("LabeledEvent", Ten, Who("ana"), Label: new("Hotfix"))) with
        {
            Labels = Page<NameDto>(new("hotfix"), new("old")),
        };

        Assert.That(Opinions.Labels(pull, accounts.Of).Select(label => (label.Name, label.SetBy?.Name)), Is.EqualTo(new[] { ("hotfix", "ana"), ("old", null) }));
    }

    [Test]
    public void A_request_is_for_the_revision_that_had_been_pushed_before_it()
    {
        var uploads = new Uploads([Push(Head, Ten.AddSeconds(20)), Push(Older, Ten)]);

        Assert.That(
            Asked(Pull([], comments: [Comment(1, Ten.AddSeconds(10)), Comment(2, Ten.AddSeconds(20)), Comment(3, Ten.AddSeconds(21))]), uploads).Select(request => request.On.Hex),
            Is.EqualTo(new[] { Older, Older, Head }));
    }

    [Test]
    public void Where_pushes_are_not_known_only_what_the_gate_had_seen_before_is_what_was_asked_for() =>
        Assert.That(
            Asked(Pull([], comments: [Comment(1, Ten), Comment(2, Ten.AddSeconds(31))]), Uploads.Unknown).Select(request => request.On.Hex),
            Is.EqualTo(new[] { new string('0', 40), Head }));

    [Test]
    public void Edited_quoted_and_described_requests_and_those_of_programs_do_nothing() =>
        Assert.That(
            Asked(Pull([], comments:
            [
                Comment(1, Ten) with { LastEditedAt = Ten }, Comment(2, Ten) with { Body = "> /gatekeeper land" }, Comment(3, Ten) with { Body = "say\n/gatekeeper land" },
                Comment(4, Ten) with { Author = new("Bot", "helper", 9) }, Comment(5, Ten) with { ViewerDidAuthor = true }, Comment(6, Ten) with { Author = null },
            ]), Uploads.Unknown),
            Is.Empty);

    [Test]
    public void A_login_that_another_took_over_is_the_others()
    {
        accounts.Learn("bob", 1);
        accounts.Learn("BOB", 2);

        Assert.That(accounts.Of(1).Name, Is.EqualTo("bob (account 1, who bore that name before)"));
        Assert.That(accounts.Named("Bob"), Is.EqualTo(accounts.Of(2)));
    }

    [Test]
    public void A_person_cannot_be_named_like_a_program() =>
        Assert.That(accounts.Of(new WhoDto("Bot", "dependabot", 7)).Name, Is.EqualTo("dependabot[bot]"));

    [Test]
    public void Only_what_the_host_vouches_for_is_a_reports_source()
    {
        var check = Reports.Of(new(Head), [new("CheckRun", 5, "build", "COMPLETED", "SUCCESS", Ten, null, new(9, new(15368, "github-actions"), new("push", new(".github/workflows/build.yml"))))]).Single();

        Assert.That((check.State, check.Run, check.Source), Is.EqualTo(("success", "9", (ValueList<KeyValuePair<string, string>>)[new("app", "github-actions"), new("event", "push"), new("workflow", ".github/workflows/build.yml")])));
    }

    [TestCase(false, "acme", "acme/tool", "one")]
    [TestCase(true, "dave", "dave/tool", "dave:one")]
    [TestCase(true, "dave", null, "dave:one", Description = "a fork that the App may not see")]
    [TestCase(true, null, "dave/tool", "dave:one")]
    [TestCase(true, null, null, null, Description = "a fork that is gone")]
    [TestCase(null, "acme", "acme/tool", null, Description = "an answer that does not say whether it is a fork")]
    public void The_branch_of_a_fork_is_written_with_its_owner_and_that_of_nobody_is_not_known(bool? fork, string? owner, string? repository, string? label) =>
        Assert.That((Pull([]) with { IsCrossRepository = fork, HeadRepositoryOwner = owner is null ? null : new(owner), HeadRepository = repository is null ? null : new(repository) }).HeadLabel, Is.EqualTo(label));

    [Test]
    public void Words_call_nobody_and_close_nothing()
    {
        Assert.That(Markdown.Plain("@bob <b>*x*</b>"), Is.EqualTo("@\u200bbob &lt;b&gt;\\*x\\*&lt;/b&gt;"));
        Assert.That(Markdown.Block("a\n````\nb"), Is.EqualTo("`````text\na\n````\nb\n`````"));
    }

    private IEnumerable<Vote> Votes(PullDto pull) => Opinions.Votes(pull, accounts.Of);

    private IEnumerable<Request> Asked(PullDto pull, Uploads uploads) =>
        AskedOnGitHub.Requests(pull, uploads, null, Ten.AddSeconds(30), accounts.Of, _ => Ten).Select(item => item.Request);

    private static PullDto Pull(OpinionDto[] reviews, params EventDto[] events) => Pull(reviews, [], events);

    private static PullDto Pull(OpinionDto[] reviews, CommentDto[] comments, params EventDto[] events) => new(
        "PullRequest", "PR_1", 1, "One", "", "OPEN", false, Ten, Ten, Who("ana"), "main", "one", Head, null, Page<NameDto>(), Page(reviews), Page(events), Page(comments), Page<ThreadDto>(), Page<PullCommitDto>());

    private static PagesDto<T> Page<T>(params T[] nodes) => new(new(false, null), nodes);

    private static OpinionDto Review(long id, string state, string by, string on = Head) => new($"{id}", state, Ten.AddSeconds(id), Who(by), new(on));

    private static CommentDto Comment(long id, DateTimeOffset at) => new($"{id}", Who("ana"), "/gatekeeper land", at, null, false, null);

    private static PushDto Push(string after, DateTimeOffset at) => new("", after, "refs/heads/one", at, new("ana", 1));

    private static WhoDto Who(string login) => new("User", login, login.Sum(letter => letter));
}
