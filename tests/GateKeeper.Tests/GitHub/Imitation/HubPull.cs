using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub.Imitation;

internal sealed class HubReview(long id, HubAccount author, string state, string commit, DateTimeOffset at, string body)
{
    public long Id => id;

    public HubAccount Author => author;

    /// <summary>A dismissal rewrites it.</summary>
    public string State { get; set; } = state;

    /// <summary>The recorded head when it was made; gone when the commit is gone.</summary>
    public string? Commit { get; set; } = commit;

    public DateTimeOffset At => at;

    public string Body { get; set; } = body;

    public DateTimeOffset? Edited { get; set; }

    public bool Minimized { get; set; }
}

internal sealed class HubComment(long id, HubPull pull, HubAccount author, string body, DateTimeOffset at)
{
    public long Id => id;

    public HubPull Pull => pull;

    public HubAccount Author => author;

    public string Body { get; set; } = body;

    public DateTimeOffset At => at;

    public DateTimeOffset Updated { get => field == default ? at : field; set; }

    /// <summary>Null until somebody edits it.</summary>
    public DateTimeOffset? Edited { get; set; }

    public HubAccount? Editor { get; set; }

    public bool Minimized { get; set; }

    public List<(long Id, HubAccount Who, string Content, DateTimeOffset At)> Reactions { get; } = [];
}

internal sealed class HubThread(long id, string path)
{
    public long Id => id;

    public string Path => path;

    public bool Resolved { get; set; }

    public bool Outdated { get; set; }
}

/// <summary>One entry of a pull request's timeline: its GraphQL type, and what that type tells.</summary>
internal sealed record HubEvent(long Id, string Type, DateTimeOffset At, HubAccount? Actor, IReadOnlyDictionary<string, object?> Told);

internal sealed class HubPull(HubRepository repository, long id, int number, HubAccount author, DateTimeOffset created)
{
    public HubRepository Repository => repository;

    public long Id => id;

    public int Number => number;

    public HubAccount Author => author;

    public DateTimeOffset Created => created;

    public DateTimeOffset Updated { get => field == default ? created : field; set; }

    public required string Title { get; set; }

    public required string Body { get; set; }

    public required string BaseRef { get; set; }

    /// <summary>The base's tip, as long as it is open; then the one at which it was closed.</summary>
    public required string BaseSha { get; set; }

    public required HubRepository HeadRepository { get; init; }

    public required string HeadRef { get; init; }

    /// <summary>The head as it is recorded.</summary>
    public required string HeadSha { get; set; }

    public string State { get; set; } = "OPEN";

    public bool Draft { get; set; }

    public bool Locked { get; set; }

    public DateTimeOffset? Closed { get; set; }

    public DateTimeOffset? Merged { get; set; }

    public HubAccount? MergedBy { get; set; }

    public string? MergeCommit { get; set; }

    public List<HubLabel> Labels { get; } = [];

    /// <summary>A <see cref="HubAccount"/> or a <see cref="HubTeam"/>, and whether the code owners' file asked.</summary>
    public List<(object Reviewer, bool AsCodeOwner)> Requests { get; } = [];

    public List<HubReview> Reviews { get; } = [];

    public List<HubComment> Comments { get; } = [];

    public List<HubThread> Threads { get; } = [];

    public List<HubEvent> Timeline { get; } = [];

    /// <summary>Who asks whether it can be merged is told only after the server has found it out; a moved branch makes it forget.</summary>
    public bool MergeabilityKnown { get; set; }

    /// <summary>Its own commits, the oldest first.</summary>
    public List<Commit> Commits() => repository.Commit(HeadSha) is not { } head ? [] :
        [.. repository.Git.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = head, ExcludeReachableFrom = repository.Commit(BaseSha), SortBy = CommitSortStrategies.Topological | CommitSortStrategies.Reverse })];

    public Patch Changes()
    {
        var head = repository.Commit(HeadSha)!;
        var fork = repository.Git.ObjectDatabase.FindMergeBase(repository.Commit(BaseSha)!, head);
        return repository.Git.Diff.Compare<Patch>(fork?.Tree, head.Tree);
    }

    public bool Conflicts() => repository.Commit(repository.Tip(BaseRef)) is not { } tip || !repository.Git.ObjectDatabase.CanMergeWithoutConflict(tip, repository.Commit(HeadSha)!);

    /// <summary>MERGEABLE, CONFLICTING or UNKNOWN; to ask is what makes the server find out.</summary>
    public string Mergeable()
    {
        if (State != "OPEN" || !MergeabilityKnown)
        {
            MergeabilityKnown = true;
            return "UNKNOWN";
        }

        return Conflicts() ? "CONFLICTING" : "MERGEABLE";
    }

    /// <summary>The newest of each person's that says yes or no, or that was dismissed.</summary>
    public IEnumerable<HubReview> Opinions(bool commented) => Reviews
        .Where(review => review.State is "APPROVED" or "CHANGES_REQUESTED" or "DISMISSED" || commented && review.State == "COMMENTED")
        .GroupBy(review => review.Author).Select(group => group.MaxBy(review => (review.At, review.Id))!).OrderBy(review => review.Id);
}
