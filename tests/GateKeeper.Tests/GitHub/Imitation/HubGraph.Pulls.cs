using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>Pull requests, and what happened to them.</summary>
internal sealed partial class HubGraph
{
    private static readonly (string Word, string Graph)[] Reactions = [("+1", "THUMBS_UP"), ("-1", "THUMBS_DOWN"), ("laugh", "LAUGH"), ("hooray", "HOORAY"), ("confused", "CONFUSED"), ("heart", "HEART"), ("rocket", "ROCKET"), ("eyes", "EYES")];

    public static string Kind(ChangeKind kind) => kind switch { ChangeKind.Added => "ADDED", ChangeKind.Deleted => "DELETED", ChangeKind.Renamed => "RENAMED", ChangeKind.Copied => "COPIED", ChangeKind.TypeChanged => "CHANGED", _ => "MODIFIED" };

    private HubNode Pull(HubPull pull)
    {
        var repository = pull.Repository;
        var mergeable = new Lazy<string>(pull.Mergeable);
        var changes = new Lazy<Patch>(pull.Changes);
        var commits = new Lazy<List<Commit>>(pull.Commits);
        var fork = pull.HeadRepository;
        return new("PullRequest")
        {
            ["id"] = _ => HubJson.NodeId("PR", pull.Id),
            ["databaseId"] = _ => pull.Id,
            ["fullDatabaseId"] = _ => $"{pull.Id}",
            ["number"] = _ => pull.Number,
            ["url"] = _ => json.Html(pull),
            ["title"] = _ => pull.Title,
            ["body"] = _ => pull.Body,
            ["bodyText"] = _ => pull.Body,
            ["state"] = _ => pull.State,
            ["isDraft"] = _ => pull.Draft,
            ["locked"] = _ => pull.Locked,
            ["closed"] = _ => pull.State != "OPEN",
            ["closedAt"] = _ => HubJson.At(pull.Closed),
            ["merged"] = _ => pull.State == "MERGED",
            ["mergedAt"] = _ => HubJson.At(pull.Merged),
            ["mergedBy"] = _ => Who(pull.MergedBy),
            ["mergeCommit"] = _ => pull.State == "MERGED" && repository.Commit(pull.MergeCommit) is { } commit ? Commit(repository, commit) : null,
            ["potentialMergeCommit"] = _ => pull.State == "OPEN" && repository.Commit(pull.MergeCommit) is { } commit ? Commit(repository, commit) : null,
            ["createdAt"] = _ => HubJson.At(pull.Created),
            ["updatedAt"] = _ => HubJson.At(pull.Updated),
            ["lastEditedAt"] = _ => null,
            ["author"] = _ => Who(pull.Author),
            ["authorAssociation"] = _ => server.Association(repository, pull.Author),
            ["viewerDidAuthor"] = _ => pull.Author == caller.Account,
            ["repository"] = _ => Repository(repository),
            ["baseRefName"] = _ => pull.BaseRef,
            ["baseRefOid"] = _ => pull.BaseSha,
            ["baseRef"] = _ => Reference(repository, $"refs/heads/{pull.BaseRef}"),
            ["baseRepository"] = _ => Repository(repository),
            ["headRefName"] = _ => pull.HeadRef,
            ["headRefOid"] = _ => pull.HeadSha,
            ["headRef"] = _ => fork.Deleted ? null : Reference(fork, $"refs/heads/{pull.HeadRef}"),
            ["headRepository"] = _ => fork.Deleted || !caller.Sees(fork) ? null : Repository(fork),
            ["headRepositoryOwner"] = _ => fork.Deleted ? null : Who(fork.Owner),
            ["isCrossRepository"] = _ => fork != repository,
            ["maintainerCanModify"] = _ => false,
            ["mergeable"] = _ => mergeable.Value,
            ["mergeStateStatus"] = _ => MergeState(pull, mergeable.Value),
            ["reviewDecision"] = _ => Decision(pull),
            ["isInMergeQueue"] = _ => false,
            ["isMergeQueueEnabled"] = _ => repository.MergeQueues.Contains(pull.BaseRef),
            ["mergeQueueEntry"] = _ => null,
            ["autoMergeRequest"] = _ => null,
            ["changedFiles"] = _ => changes.Value.Count(),
            ["additions"] = _ => changes.Value.LinesAdded,
            ["deletions"] = _ => changes.Value.LinesDeleted,
            ["labels"] = arguments => HubNode.Connection(arguments, "Label", pull.Labels, Label),
            ["reviewRequests"] = arguments => HubNode.Connection(arguments, "ReviewRequest", pull.Requests, request => Request(pull, request)),
            ["latestOpinionatedReviews"] = arguments => HubNode.Connection(arguments, "PullRequestReview", pull.Opinions(commented: false), review => Review(pull, review), review => review.Id),
            ["latestReviews"] = arguments => HubNode.Connection(arguments, "PullRequestReview", pull.Opinions(commented: true), review => Review(pull, review), review => review.Id),
            ["reviews"] = arguments => HubNode.Connection(arguments, "PullRequestReview", pull.Reviews.Where(review => arguments.Texts("states")?.Contains(review.State) ?? true), review => Review(pull, review), review => review.Id),
            ["comments"] = arguments => HubNode.Connection(arguments, "IssueComment", pull.Comments, Comment, comment => comment.Id),
            ["reviewThreads"] = arguments => HubNode.Connection(arguments, "PullRequestReviewThread", pull.Threads, Thread, thread => thread.Id),
            ["timelineItems"] = arguments => Timeline(pull, arguments),
            ["commits"] = arguments => HubNode.Connection(arguments, "PullRequestCommit", commits.Value, commit => PullCommit(pull, commit)),
            ["statusCheckRollup"] = _ => repository.Commit(pull.HeadSha) is { } head ? Rollup(repository, head) : null,
            ["files"] = arguments => HubNode.Connection(arguments, "PullRequestChangedFile", changes.Value, change => new HubNode("PullRequestChangedFile")
            {
                ["path"] = _ => change.Path,
                ["changeType"] = _ => Kind(change.Status),
                ["additions"] = _ => change.LinesAdded,
                ["deletions"] = _ => change.LinesDeleted,
            }),
        };
    }

    private HubNode PullCommit(HubPull pull, Commit commit) => new("PullRequestCommit")
    {
        ["id"] = _ => HubJson.NodeId("PRC", $"{pull.Id} {commit.Sha}"),
        ["url"] = _ => $"{json.Html(pull)}/commits/{commit.Sha}",
        ["commit"] = _ => Commit(pull.Repository, commit),
        ["pullRequest"] = _ => Pull(pull),
    };

    private static HubNode Label(HubLabel label) => new("Label")
    {
        ["id"] = _ => HubJson.NodeId("LA", label.Id),
        ["name"] = _ => label.Name,
        ["color"] = _ => "ededed",
        ["description"] = _ => null,
    };

    private static HubNode Thread(HubThread thread) => new("PullRequestReviewThread")
    {
        ["id"] = _ => HubJson.NodeId("PRRT", thread.Id),
        ["isResolved"] = _ => thread.Resolved,
        ["isOutdated"] = _ => thread.Outdated,
        ["isCollapsed"] = _ => thread.Resolved,
        ["path"] = _ => thread.Path,
    };

    private HubNode Request(HubPull pull, (object Reviewer, bool AsCodeOwner) request) => new("ReviewRequest")
    {
        ["id"] = _ => HubJson.NodeId("RR", pull.Id),
        ["asCodeOwner"] = _ => request.AsCodeOwner,
        ["requestedReviewer"] = _ => request.Reviewer switch
        {
            HubAccount account => Who(account),
            HubTeam team => caller.Has("members", "read") ? Team(team) : throw new HubForbidden(),
            _ => null,
        },
    };

    private HubNode Review(HubPull pull, HubReview review) => new("PullRequestReview")
    {
        ["id"] = _ => HubJson.NodeId("PRR", review.Id),
        ["databaseId"] = _ => review.Id,
        ["fullDatabaseId"] = _ => $"{review.Id}",
        ["url"] = _ => $"{json.Html(pull)}#pullrequestreview-{review.Id}",
        ["author"] = _ => Who(review.Author),
        ["authorAssociation"] = _ => server.Association(pull.Repository, review.Author),
        ["authorCanPushToRepository"] = _ => HubCaller.Person(review.Author).AtLeast(pull.Repository, "write"),
        ["viewerDidAuthor"] = _ => review.Author == caller.Account,
        ["state"] = _ => review.State,
        ["body"] = _ => review.Body,
        ["createdAt"] = _ => HubJson.At(review.At),
        ["submittedAt"] = _ => HubJson.At(review.At),
        ["updatedAt"] = _ => HubJson.At(review.Edited ?? review.At),
        ["lastEditedAt"] = _ => HubJson.At(review.Edited),
        ["isMinimized"] = _ => review.Minimized,
        ["minimizedReason"] = _ => review.Minimized ? "outdated" : null,
        ["commit"] = _ => pull.Repository.Commit(review.Commit) is { } commit ? Commit(pull.Repository, commit) : null,
        ["pullRequest"] = _ => Pull(pull),
    };

    private HubNode Comment(HubComment comment) => new("IssueComment")
    {
        ["id"] = _ => HubJson.NodeId("IC", comment.Id),
        ["databaseId"] = _ => comment.Id,
        ["fullDatabaseId"] = _ => $"{comment.Id}",
        ["url"] = _ => $"{json.Html(comment.Pull)}#issuecomment-{comment.Id}",
        ["author"] = _ => Who(comment.Author),
        ["authorAssociation"] = _ => server.Association(comment.Pull.Repository, comment.Author),
        ["body"] = _ => comment.Body,
        ["createdAt"] = _ => HubJson.At(comment.At),
        ["updatedAt"] = _ => HubJson.At(comment.Updated),
        ["lastEditedAt"] = _ => HubJson.At(comment.Edited),
        ["editor"] = _ => Who(comment.Editor),
        ["includesCreatedEdit"] = _ => comment.Edited is not null && comment.Edited == comment.At,
        ["isMinimized"] = _ => comment.Minimized,
        ["minimizedReason"] = _ => comment.Minimized ? "outdated" : null,
        ["viewerDidAuthor"] = _ => comment.Author == caller.Account,
        ["pullRequest"] = _ => Pull(comment.Pull),
        ["reactionGroups"] = _ => Reactions.Select(each => (object?)new HubNode("ReactionGroup")
        {
            ["content"] = _ => each.Graph,
            ["viewerHasReacted"] = _ => comment.Reactions.Exists(reaction => reaction.Content == each.Word && reaction.Who == caller.Account),
            ["createdAt"] = _ => comment.Reactions.Find(reaction => reaction.Content == each.Word) is { Id: > 0 } first ? HubJson.At(first.At) : null,
        }).ToList(),
        ["reactions"] = arguments => HubNode.Connection(arguments, "Reaction", comment.Reactions, each => new HubNode("Reaction")
        {
            ["id"] = _ => HubJson.NodeId("REA", each.Id),
            ["databaseId"] = _ => each.Id,
            ["createdAt"] = _ => HubJson.At(each.At),
            ["user"] = _ => Who(each.Who),
            ["content"] = _ => Reactions.First(known => known.Word == each.Content).Graph,
        }),
    };

    private HubNode Timeline(HubPull pull, HubArguments arguments)
    {
        var types = arguments.Texts("itemTypes")?.Select(type => string.Concat(type.Split('_').Select(word => word[..1] + word[1..].ToLowerInvariant()))).ToHashSet();
        var current = new Lazy<HashSet<string>>(() => [.. pull.Commits().Select(commit => commit.Sha)]);
        var connection = HubNode.Connection(arguments, "PullRequestTimelineItems", pull.Timeline.Where(each => (types?.Contains(each.Type) ?? true) && (each.Type != "PullRequestCommit" || current.Value.Contains((string)each.Told["commit"]!))), each => Event(pull, each), each => each.Id);
        connection["filteredCount"] = connection.Find("totalCount")!;
        connection["updatedAt"] = _ => HubJson.At(pull.Updated);
        return connection;
    }

    private HubNode Event(HubPull pull, HubEvent happened)
    {
        if (happened.Type == "IssueComment")
            return Comment((HubComment)happened.Told["comment"]!);
        if (happened.Type == "PullRequestReview")
            return Review(pull, (HubReview)happened.Told["review"]!);
        if (happened.Type == "PullRequestCommit")
            return PullCommit(pull, pull.Repository.Commit((string)happened.Told["commit"]!)!);
        var node = new HubNode(happened.Type)
        {
            ["id"] = _ => HubJson.NodeId("EV", happened.Id),
            ["createdAt"] = _ => HubJson.At(happened.At),
            ["actor"] = _ => Who(happened.Actor),
            ["pullRequest"] = _ => Pull(pull),
        };
        foreach (var (name, value) in happened.Told)
        {
            node[name] = _ => value switch
            {
                HubReview review => Review(pull, review),
                HubLabel label => Label(label),
                string sha when name is "commit" or "beforeCommit" or "afterCommit" => pull.Repository.Commit(sha) is { } commit ? Commit(pull.Repository, commit) : null,
                _ => value,
            };
        }

        return node;
    }

    private string MergeState(HubPull pull, string mergeable)
    {
        var reference = $"refs/heads/{pull.BaseRef}";
        return mergeable == "UNKNOWN" ? "UNKNOWN" : mergeable == "CONFLICTING" ? "DIRTY" : pull.Draft ? "DRAFT"
            : HubRules.On(pull.Repository, reference).Any(rule => rule.Type is "update" or "pull_request" or "required_status_checks" && !caller.Passes(pull.Repository, rule.Set, server.Teams)) ? "BLOCKED"
            : pull.Repository.Commit(pull.HeadSha) is { } head && RollupState(pull.Repository, head) is "FAILURE" or "ERROR" or "PENDING" ? "UNSTABLE" : "CLEAN";
    }

    /// <summary>Null where no rule asks for reviews.</summary>
    private static string? Decision(HubPull pull)
    {
        var needed = HubRules.On(pull.Repository, $"refs/heads/{pull.BaseRef}").Where(rule => rule.Type == "pull_request").Select(rule => (int?)rule.Parameters?["required_approving_review_count"] ?? 0).DefaultIfEmpty(0).Max();
        if (needed == 0)
            return null;
        var opinions = pull.Opinions(commented: false).Where(review => HubCaller.Person(review.Author).AtLeast(pull.Repository, "write")).ToList();
        return opinions.Exists(review => review.State == "CHANGES_REQUESTED") ? "CHANGES_REQUESTED" : opinions.Count(review => review.State == "APPROVED") >= needed ? "APPROVED" : "REVIEW_REQUIRED";
    }
}
