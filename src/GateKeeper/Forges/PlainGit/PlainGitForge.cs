using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Forges.PlainGit;

/// <summary>
/// Reviews in git notes, in the format of git-appraise. Who wrote what, and in which order, comes from the guard's push log; without a
/// guard nobody's vote counts, unless the operator trusts what notes say.
/// </summary>
internal sealed class PlainGitForge(Mirror mirror, GateIdentity gate, bool trusted, ChangePages? page, TimeProvider time, string? guard = null) : IForge
{
    public const string GuardRef = "refs/gatekeeper/guard";

    /// <summary>Where each landing's place in the journal is noted, so that a cut-off journal shows.</summary>
    public const string EvidenceRef = "refs/notes/gatekeeper";
    private readonly Repository repository = mirror.Repository;
    private readonly PushLog pushes = new(mirror.Repository);
    private readonly Dictionary<string, Review> reviews = [];
    private readonly LineLog lines = new(mirror.Repository);
    private readonly GuardProof proof = new(mirror, guard);
    private readonly HashSet<string> waiting = [];
    private readonly NoteTeller teller = new(mirror, gate, page, time);
    private readonly ReviewTargets targets = new(mirror);
    private readonly ProposedBranches proposed = new(mirror.Repository);
    private readonly FirstPushes first = new(mirror.Repository);
    private readonly Dictionary<string, string?> read = [];
    private ILookup<string, string> ci = Enumerable.Empty<string>().ToLookup(key => key);
    private Accounts accounts = Accounts.Trusting;
    private (IReadOnlyDictionary<string, string>? Refs, string Tips) seen;
    private ForgeView view = new([], new Dictionary<string, GroupMembers>(), null);

    /// <summary>What it has, whoever the gate is there.</summary>
    public static ForgeTraits Has { get; } = new("plain git") { Vouched = ["account"], HasBranches = true };

    public ForgeTraits Traits { get; init; } = Has with { Gate = new(gate.Email) };

    /// <summary>The guard says at once when anything is wrong; there is nothing that only the operator would know.</summary>
    public string? Complaint => null;

    /// <summary>Which branches are trunks by the operator's word: those are followed, and of the others only what somebody proposes.</summary>
    public Func<string, bool> IsTrunk { get; init; } = _ => true;

    /// <summary>The notes first, for they say what is proposed.</summary>
    public async Task<bool> RefreshAsync(IReadOnlySet<string> moving, CancellationToken cancellation)
    {
        var there = await mirror.ListAsync(cancellation);
        var moved = await mirror.BringAsync(there, OfInterest, moving, cancellation);
        return proposed.Read(mirror.Refs.GetValueOrDefault(Notes.Reviews)) ? await mirror.BringAsync(there, OfInterest, moving, cancellation, anew: true) || moved : moved;
    }

    public Task<bool> MovedAsync(IReadOnlyList<Revision> landing, IReadOnlySet<string> moving, CancellationToken cancellation) => RefreshAsync(moving, cancellation);

    public Task<PushAnswer> LandAsync(string trunk, Effect.Land land, LandingMethod method, TimeSpan limit) => mirror.PushAsync(trunk, land.From, land.To, limit, CancellationToken.None);

    public bool LandsSingly(LandingMethod method) => false;

    public Task ReadTeamsAsync(IEnumerable<string> names, CancellationToken cancellation) => Task.CompletedTask;

    private bool OfInterest(string reference) =>
        (reference.StartsWith("refs/heads/", StringComparison.Ordinal) && (IsTrunk(reference["refs/heads/".Length..]) || proposed.Contains(reference))) || reference is Notes.Reviews or Notes.Discuss or Notes.Ci or PushLog.Ref or GuardRef or EvidenceRef;

    public ForgeView Observe(ForgeQuestion question)
    {
        // Refs that move while they are read make this view old at once, and the next one is made anew.
        var refs = mirror.Refs;
        var tips = string.Join(' ', question.Trunks.Values.Select(trunk => trunk.Tip.Hex));
        if (ReferenceEquals(seen.Refs, refs) && seen.Tips == tips)
            return view;

        var doubt = ReadGuard();
        ReadNotes();
        var open = reviews.Values.Where(review => review.Request is { IsAbandoned: false }).ToList();
        var byBranch = reviews.Values.Where(review => review.Request?.ReviewRef is not null).GroupBy(review => review.Request!.ReviewRef!).ToDictionary(group => group.Key, group => group.ToList());
        var shown = new Shown(repository, targets.Ancestors.IsAncestor, byBranch, question);
        var missing = false;
        var proposals = open.Select(Try).OfType<Proposal>().ToList();
        seen = missing ? default : (refs, tips);
        var requested = reviews.Values.Where(review => review.Request is not null).ToDictionary(review => review.Id);
        teller.Requests = requested.ToDictionary(item => item.Key, item => item.Value.Request!);
        var (names, listed) = (new Lazy<ReviewNames>(() => new(requested.Values)), proposals.Select(proposal => proposal.Change.Id.Value).ToHashSet());
        return view = new(proposals, new Dictionary<string, GroupMembers>(), UnreadRefs.Problem(mirror, question))
        {
            AccountOf = accounts.Of, Canonical = accounts.Named, Version = view.Version + 1,
            DescribesDependencies = true,
            Names = ReviewNames.OfBranches(requested.Values.Where(review => !listed.Contains(review.Id))),
            FirstPushed = (change, commits) => doubt is null && reviews[change.Id.Value].Request?.ReviewRef is { } branch ? first.Of(change.Id, commits, pushes.Of(branch, commits)) : new Dictionary<CommitSha, Pushers>(),
            Below = (change, revision) => shown.Below(reviews[change.Id.Value], revision),
            BelongsElsewhere = (change, commit) => commit.Hex != change.Id.Value && requested.ContainsKey(commit.Hex),
            Means = (_, name) => names.Value.Meant(name, review => !listed.Contains(review.Id) || (review.Request!.ReviewRef is not null && !targets.IsOnItsBranch(review))) is [var only] ? (new ChangeId(only.Id), null) : null,
        };

        // What is missing of one change, or wrong with it, makes that one wait, and is looked at again.
        Proposal? Try(Review review)
        {
            try
            {
                return Propose(review, byBranch, doubt, question);
            }
            catch (Exception error) when (question.Trunks.Count > 0)
            {
                missing = true;
                var id = new ChangeId(review.Id);
                var trunk = question.Trunks.Keys.FirstOrDefault(name => review.Target == $"refs/heads/{name}") ?? question.Trunks.Keys.First();
                return new(new() { Id = id, Number = id.ToString(), Title = review.Title, Current = new(id, new(review.Start)), Target = trunk, Author = accounts.Of(review.Request!.Requester) ?? new("nobody"), Unknowns = [error.Message] }, trunk);
            }
        }
    }

    public Task TellAsync(IReadOnlyList<Message> messages, CancellationToken cancellation) => teller.TellAsync(messages, cancellation);

    /// <summary>Answers why the repository is not taken for guarded; null when it is, by a push log and a mapping of accounts that only the guard can write.</summary>
    private string? ReadGuard()
    {
        lines.Grow(pushes.Grow(mirror.Refs.GetValueOrDefault(PushLog.Ref)));
        var doubt = proof.Doubt(mirror.Refs.ContainsKey(PushLog.Ref) ? pushes.First : null);
        var mapping = doubt is null ? mirror.Refs[GuardRef] : null;
        if (read.GetValueOrDefault(GuardRef) == mapping)
            return doubt;
        accounts = mapping is null ? Accounts.Trusting
            : repository.FindCommit(mapping) is { } commit ? Accounts.Parse(commit.Message)
            : throw new GitException($"{GuardRef} is no commit; the server's operator has to put it back");
        read[GuardRef] = mapping;

        // Whose an address is decides what is whose, so everything is read again.
        waiting.UnionWith(reviews.Keys);
        return doubt;
    }

    private void ReadNotes()
    {
        var moved = new HashSet<string>(waiting);
        waiting.Clear();
        foreach (var reference in (ReadOnlySpan<string>)[Notes.Reviews, Notes.Discuss, Notes.Ci])
        {
            // What is no commit, or not there, is said of the whole view; nothing that was read is taken for gone by it.
            var (from, to) = (read.GetValueOrDefault(reference), mirror.Refs.GetValueOrDefault(reference));
            if (to is not null && repository.FindCommit(to) is null)
                continue;
            if (to is not null && from != to)
                moved.UnionWith(Notes.Moved(repository, from is not null && repository.FindCommit(from) is null ? null : from, to));
            read[reference] = to;
        }

        if (moved.Count == 0)
            return;
        var (asked, said) = (Notes.Index(repository, read.GetValueOrDefault(Notes.Reviews)), Notes.Index(repository, read.GetValueOrDefault(Notes.Discuss)));
        ci = Notes.Index(repository, read.GetValueOrDefault(Notes.Ci));
        foreach (var key in moved.Where(key => CommitSha.TryParse(key, out _) && asked.Contains(key)))
            TryRead(key, asked, said);
    }

    /// <summary>What cannot be read opens nothing; it is read again, and the others are read now.</summary>
    private void TryRead(string key, ILookup<string, string> asked, ILookup<string, string> said)
    {
        try
        {
            reviews[key] = Read(key, Notes.All(repository, asked[key]), Notes.All(repository, said[key]));
        }
        catch (Exception)
        {
            reviews.Remove(key);
            waiting.Add(key);
        }
    }

    private Review Read(string key, IReadOnlyList<string>? asked, IReadOnlyList<string>? said)
    {
        // A note may come before its commit does.
        var makers = repository.FindCommit(key) is { } commit ? Signatures.Makers(commit) : [];
        if (makers.Count == 0)
            waiting.Add(key);
        return new(key, asked ?? [], said ?? [],
            asked is null || said is null ? $"its notes cannot be read, or are larger than {Notes.MaxNote >> 20} MiB, so what was said is not known"
            : asked.Any(line => NoteLines.Loses(line, NoteLines.Request)) || said.Any(line => NoteLines.Loses(line, NoteLines.Comment)) ? $"a line of its notes is longer than {NoteLines.MaxLine >> 10} Ki characters, or cannot be read, so what was said is not known; propose it anew"
            : null,
            accounts, address => trusted || accounts.MayRequest(address, makers));
    }

    private Proposal? Propose(Review review, Dictionary<string, List<Review>> byBranch, string? doubt, ForgeQuestion question)
    {
        var guarded = doubt is null;
        var trunks = targets.Trunks(review, byBranch, question, []).DistinctBy(item => item.Name).ToList();
        if (trunks.Count == 0)
            return null;

        var (trunk, request) = (trunks[0], review.Request!);
        var begun = repository.FindCommit(review.Start) is not null;
        var again = review.Start == review.Id ? review.Aliases.Where(trunk.HasLanded).Cast<CommitSha?>().LastOrDefault() : null;
        if ((again is null && trunk.HasLanded(new(review.Start))) || (!begun && !IsOnServer(request)))
            return null;
        var head = request.ReviewRef is { } branch ? mirror.Refs.GetValueOrDefault(branch) : review.Start;
        var (unknowns, anew) = (new List<string>(), $"propose it anew (gatekeeper propose) and take this one back (gatekeeper abandon {review.Id[..10]})");
        if (review.Problem is { } unread)
            unknowns.Add(unread);
        if (trunks.Count > 1)
            unknowns.Add($"its target {request.TargetRef} is proposed for {string.Join(" and ", trunks.Select(item => item.Name).Order())}, so it is not known where this one belongs");
        if (request.ReviewRef is { } name && mirror.Unfetchable.TryGetValue(name, out var problem))
            unknowns.Add($"{name} cannot be fetched: {problem.Why}");
        else if (head is null)
            unknowns.Add($"its branch {request.ReviewRef} does not exist: push it again, or take the proposal back (gatekeeper abandon {review.Id[..10]})");
        else if (!begun)
            unknowns.Add($"the commit {review.Start}, which the review began with, is not on the server any more, or has not been fetched yet; if its branch was rewritten, {anew}");
        else if (!targets.Ancestors.IsAncestor(review.Start, head))
            unknowns.Add($"its branch {request.ReviewRef} no longer contains {review.Start[..10]}, which the review began with: {anew}, or rebase with git appraise");

        var current = new CommitSha(unknowns.Count == 0 ? head! : review.Start);
        var id = new ChangeId(review.Id);
        var commit = unknowns.Count == 0 ? repository.Commit(current) : repository.FindCommit(current);
        var author = accounts.Of(request.Requester);
        if (author is null)
            unknowns.Add($"the address {request.Requester} belongs to no account, or to two");
        var stacked = targets.Below(review, byBranch, trunk);
        Attribution? Said(string line) => lines.Of(review.Id, line) ?? lines.Behind(mirror.Refs.GetValueOrDefault(Notes.Discuss));
        var change = new Change
        {
            Id = id,
            Number = id.ToString(),
            Url = page?.Of(id),
            Branch = request.ReviewRef is { } from && from.StartsWith("refs/heads/", StringComparison.Ordinal) ? from["refs/heads/".Length..] : null,
            Title = review.Title.Length > 0 ? review.Title : commit is null ? review.Id[..10] : CommitWords.Of(mirror.Git, commit).Subject,
            Description = review.Body,
            Current = new(id, current),
            Target = trunk.Name,
            TargetSetAt = review.TargetSetAt(),
            Author = author ?? new($"nobody ({request.Requester})"),
            Uploader = guarded ? request.ReviewRef is { } pushed ? pushes.Uploader(pushed, current) : null : trusted && commit is not null ? accounts.Of(Signatures.Committer(commit)) : null,
            ProposedAt = Review.Time(review.Requests.Select(line => line.Timestamp).FirstOrDefault(text => text is not null)) ?? DateTimeOffset.UnixEpoch,
            Votes = [.. review.Votes(accounts, Said, doubt, trusted)],
            Requests = [.. review.Asked(accounts, Said, guarded, trusted, question.FirstSeen)],
            Checks = [.. (Notes.All(repository, ci[current.Hex]) ?? []).Select(raw => (raw, line: NoteLines.Ci(raw))).Where(item => item.line is not null).Select(item => CiReports.Of(item.line!, current, guarded ? lines.Of(current.Hex, item.raw) : trusted ? Attribution.Trusted(item.line!) : null))],
            Obstacles = again is { } there ? [$"it has landed on {trunk.Name} as {there}, and {ReviewClient.LandsOnce}"] : [],
            Unknowns = [.. unknowns],
        };
        return new(change, trunk.Name)
        {
            Again = again is not null,
            Earlier = [.. review.Starts],
            StackedOn = stacked is null ? null : new ChangeId(stacked.Id),
            OnBranch = review.Target == $"refs/heads/{trunk.Name}" ? null
                : new(review.Target, mirror.Refs.TryGetValue(review.Target, out var below) ? new CommitSha(below) : null, new(review.Start)) { HadOnce = commit => guarded && pushes.Heads(review.Target).Any(head => repository.FindCommit(head) is not null && targets.Ancestors.IsAncestor(commit.Hex, head.Hex)) },
        };
    }

    private bool IsOnServer(RequestLine request) => request.ReviewRef is { } branch && (mirror.Refs.ContainsKey(branch) || mirror.Unfetchable.ContainsKey(branch));
}
