using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Git;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Forges.PlainGit;

/// <summary>What a person asked for cannot be done; the text says why and what would do.</summary>
internal sealed class ReviewException(string message) : Exception(message);

/// <summary>
/// Speaks for one person in a repository with reviews in notes: what git-appraise writes, for those who have no such client. Its votes
/// name the commit that was looked at.
/// </summary>
internal sealed class ReviewClient(Mirror mirror, GateIdentity person, TimeProvider time)
{
    /// <summary>Why what has landed cannot be proposed once more, and what can.</summary>
    public const string LandsOnce = "a review is known by its first commit, so it lands once: to land it again, amend that commit (git commit --amend --reset-author), push it and propose it anew";

    private const int MostNamed = 5;
    private readonly Repository repository = mirror.Repository;
    private readonly Dictionary<string, HashSet<string>> trunks = [];
    private readonly ProposedBranches proposed = new(mirror.Repository);
    private Dictionary<string, string> listed = [];
    private List<Review>? reviews;

    /// <summary>The notes first, for they say which branches matter: of all others nothing is fetched but what is asked for by name.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        reviews = null;
        trunks.Clear();
        listed = await mirror.ListAsync(cancellation);
        await mirror.BringAsync(listed, name => IsNotes(name) || mirror.Refs.ContainsKey(name), new HashSet<string>(), cancellation, anew: true);
        proposed.Read(mirror.Refs.GetValueOrDefault(Notes.Reviews));
        await mirror.BringAsync(listed, name => IsNotes(name) || proposed.Contains(name), new HashSet<string>(), cancellation, anew: true);
    }

    /// <summary>Asks for a review of a branch of the server; answers the review's id.</summary>
    /// <param name="branch">The branch.</param>
    /// <param name="target">What it is to land on.</param>
    /// <param name="description">What it is; the first commit's message where none is given.</param>
    /// <param name="reviewers">Who should look.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <param name="moves">Whether a proposal of the same commit from another branch or for another target becomes this one.</param>
    public async Task<string> ProposeAsync(string branch, string target, string? description, IReadOnlyList<string> reviewers, CancellationToken cancellation, bool moves = false)
    {
        var seen = mirror.Refs.ToDictionary();
        foreach (var name in ((string[])[$"refs/heads/{branch}", $"refs/heads/{target}"]).Where(listed.ContainsKey))
            seen[name] = listed[name];
        await mirror.BringAsync(seen, new HashSet<string>(), cancellation);
        if (!listed.ContainsKey($"refs/heads/{target}"))
            throw new ReviewException($"the server has no branch \"{target}\" that it could land on: name the trunk by --target{Known()}");
        var (head, onto) = (Branch(branch), Branch(target));
        var fork = repository.ObjectDatabase.FindMergeBase(head, onto) ?? throw new ReviewException($"{branch} shares no history with {target}");
        var first = repository.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = head, ExcludeReachableFrom = onto, SortBy = CommitSortStrategies.Topological | CommitSortStrategies.Reverse }).FirstOrDefault()
            ?? throw new ReviewException($"{branch} holds nothing that {target} does not");
        var known = Notes.Lines(repository, mirror.Refs.GetValueOrDefault(Notes.Reviews), first.Sha);
        var before = new Review(first.Sha, known, []);
        if (before.Aliases.Any(alias => Holds($"refs/heads/{target}", alias.Hex)))
            throw new ReviewException($"{first.Sha[..12]} has landed on {target}, and {LandsOnce}");
        if (!moves && before.Request is { IsAbandoned: false } open && (open.ReviewRef, open.TargetRef) != ($"refs/heads/{branch}", $"refs/heads/{target}") && !HasLanded(before))
        {
            throw new ReviewException(
                $"{first.Sha[..12]} is proposed already, from {Short(open.ReviewRef)} for {Short(open.TargetRef)}, and a review is known by its first commit. To turn that proposal to {target}, propose with --move; "
                + "to have both, amend the commit in one of the branches (git commit --amend --reset-author), push it and propose that");
        }

        var request = new RequestLine
        {
            Timestamp = Later(known.Select(NoteLines.Request).OfType<RequestLine>().Select(line => line.Timestamp)),
            ReviewRef = $"refs/heads/{branch}",
            TargetRef = $"refs/heads/{target}",
            Requester = person.Email,
            Reviewers = reviewers,
            Description = description ?? CommitWords.Of(mirror.Git, first).Message.Trim('\r', '\n').TrimEnd(),
            BaseCommit = fork.Sha,
        };
        await WriteAsync([new(Notes.Reviews, first.Sha, GoJson.Canonical(request))], cancellation);
        return first.Sha;
    }

    /// <summary>Open reviews of a branch that does not hold any more what they began with: they wait for ever.</summary>
    public IEnumerable<Review> LeftBehind(string branch) => mirror.Refs.ContainsKey($"refs/heads/{branch}")
        ? All().Where(review => review.Request!.ReviewRef == $"refs/heads/{branch}" && !HasLanded(review) && IsLeftBehind(review))
        : [];

    /// <summary>What is in the branch now bears its name: what was amended away is over.</summary>
    private bool IsLeftBehind(Review review) => review.Request!.ReviewRef is { } branch && mirror.Refs.ContainsKey(branch) && !Holds(branch, review.Start);

    /// <summary>Takes a proposal back.</summary>
    public async Task AbandonAsync(string change, CancellationToken cancellation)
    {
        var review = FindOpen(change);
        var line = review.Request! with { TargetRef = "", Timestamp = Later(review.Requests.Select(request => request.Timestamp)) };
        await WriteAsync([new(Notes.Reviews, review.Id, GoJson.Canonical(line))], cancellation);
    }

    /// <summary>Approves (true), vetoes (false) or says something (null) about the revision that is current, or the one named.</summary>
    public async Task CommentAsync(string change, bool? resolved, string words, string? revision, CancellationToken cancellation)
    {
        var review = Find(change);
        var on = revision ?? Head(review);
        var line = new CommentLine { Timestamp = Now(), Author = person.Email, Location = new(on, null, null), Description = words, Resolved = resolved };
        await WriteAsync([new(Notes.Discuss, review.Id, GoJson.Canonical(line))], cancellation);
    }

    /// <summary>Takes back all that one voted on a change.</summary>
    public async Task WithdrawAsync(string change, CancellationToken cancellation)
    {
        var review = Find(change);
        var votes = review.Comments.Select(comment => comment.Line).Where(line => line.Author == person.Email && (line.Resolved is false || line is { Resolved: true, Original: null, Parent: null })).ToList();
        if (votes.Count == 0)
            throw new ReviewException($"{person.Email} has no vote on {change} to take back");
        await WriteAsync([.. votes.Select(vote => new NoteLine(Notes.Discuss, review.Id, GoJson.Canonical(vote with { Timestamp = Now(), Original = GoJson.Hash(GoJson.Canonical(vote)), Resolved = null, Description = "vote withdrawn" })))], cancellation);
    }

    /// <summary>The review that a name means.</summary>
    public Review Find(string change) =>
        new ReviewNames(All()).Meant(change, review => HasLanded(review) || IsLeftBehind(review)) switch
        {
            [var one] => one,
            [] => throw new ReviewException($"there is no change \"{change}\" here; gatekeeper list shows the open ones"),
            var found => throw new ReviewException($"\"{change}\" may mean {string.Join(" or ", found.Select(review => review.Id[..12]))}"),
        };

    /// <summary>As <see cref="Find"/>, for what makes sense only before a change has landed.</summary>
    public Review FindOpen(string change)
    {
        var review = Find(change);
        return HasLanded(review)
            ? throw new ReviewException($"{review.Id[..12]} ({review.Title}) has landed, so votes and requests change nothing any more; to take it back, or to go on from it, propose a new change")
            : review;
    }

    /// <summary>Every review that is not abandoned, those that have landed too.</summary>
    public IReadOnlyList<Review> All()
    {
        if (!mirror.Refs.TryGetValue(Notes.Reviews, out var requests))
            return [];
        var discuss = mirror.Refs.GetValueOrDefault(Notes.Discuss);
        return reviews ??= [.. Notes.Moved(repository, null, requests).Where(key => CommitSha.TryParse(key, out _))
            .Select(key => new Review(key, Notes.Lines(repository, requests, key), Notes.Lines(repository, discuss, key)))
            .Where(review => review.Request is { IsAbandoned: false })];
    }

    /// <summary>Whether the trunk that a review is for, be it by way of others that it is stacked on, holds what it began with, or what the gate landed in its stead.</summary>
    public bool HasLanded(Review review) => Trunks(review, []).Any(trunk => Holds(trunk, review.Start) || review.Aliases.Any(alias => Holds(trunk, alias.Hex)));

    /// <summary>The commit that a review's branch is at on the server.</summary>
    public string Head(Review review) =>
        review.Request!.ReviewRef is { } branch && mirror.Refs.TryGetValue(branch, out var head) ? head : review.Start;

    private IEnumerable<string> Trunks(Review review, HashSet<string> path)
    {
        var below = All().Where(other => other.Id != review.Id && other.Request!.ReviewRef == review.Target).ToList();
        return below.Count == 0 ? [review.Target] : path.Add(review.Id) ? below.SelectMany(other => Trunks(other, path)) : [];
    }

    private bool Holds(string trunk, string commit)
    {
        if (!trunks.TryGetValue(trunk, out var line))
        {
            trunks[trunk] = line = mirror.Refs.TryGetValue(trunk, out var tip)
                ? repository.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = repository.Commit(tip), SortBy = CommitSortStrategies.None }).Select(found => found.Sha).ToHashSet()
                : [];
        }

        return line.Contains(commit);
    }

    private static string Short(string? reference) => reference?.StartsWith("refs/heads/", StringComparison.Ordinal) == true ? reference["refs/heads/".Length..] : reference ?? "";

    /// <summary>Some branches of the server, for who named one that is not there.</summary>
    private string Known() => listed.Keys.Where(name => name.StartsWith("refs/heads/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(MostNamed).Select(Short).ToList() is { Count: > 0 } some
        ? $" (the server has {string.Join(", ", some)}{(listed.Keys.Count(name => name.StartsWith("refs/heads/", StringComparison.Ordinal)) > MostNamed ? " ..." : "")})" : "";

    private Commit Branch(string name) =>
        mirror.Refs.TryGetValue($"refs/heads/{name}", out var hex) ? repository.Commit(hex)
        : mirror.Unfetchable.TryGetValue($"refs/heads/{name}", out var problem) ? throw new GitException($"{name} cannot be fetched: {problem.Why}")
        : throw new ReviewException($"the server has no branch \"{name}\"; push it first");

    private async Task WriteAsync(IReadOnlyList<NoteLine> lines, CancellationToken cancellation)
    {
        await new NoteWriter(mirror, time).AppendAsync(lines, person, cancellation);
        reviews = null;
    }

    private string Now() => time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>A request line must be newer than those before it, or readers may take an old one for the current one.</summary>
    private string Later(IEnumerable<string?> before)
    {
        var last = before.Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0).DefaultIfEmpty(0).Max();
        return Math.Max(last + 1, time.GetUtcNow().ToUnixTimeSeconds()).ToString(CultureInfo.InvariantCulture);
    }

    private static bool IsNotes(string name) => name is Notes.Reviews or Notes.Discuss or Notes.Ci;
}
