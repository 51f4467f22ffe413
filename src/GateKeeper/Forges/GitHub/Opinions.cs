using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// Reads votes from the whole list of reviews. Nobody is left out for lack of write access: where only the gate may write, reviewers need
/// none. A dismissal rewrites the review, so what it had been is taken from the event.
/// </summary>
internal static class Opinions
{
    public static IEnumerable<Vote> Votes(PullDto pull, Func<WhoDto?, Account> account)
    {
        var dismissals = pull.TimelineItems.Nodes.OfType<EventDto>().Where(item => item is { Kind: "ReviewDismissedEvent", Review: not null })
            .GroupBy(item => item.Review!.FullDatabaseId).ToDictionary(group => group.Key, group => group.Last());
        long order = 0;
        foreach (var review in pull.Reviews.Nodes.OfType<OpinionDto>().OrderBy(review => review.SubmittedAt).ThenBy(review => Number(review.FullDatabaseId)))
        {
            order++;
            if (review.State is "COMMENTED" or "PENDING" || review.SubmittedAt is not { } at)
                continue;
            var dismissed = review.State == "DISMISSED";
            var dismissal = dismissed ? dismissals.GetValueOrDefault(review.FullDatabaseId) : null;
            var value = (dismissed ? dismissal?.PreviousReviewState : review.State) switch
            {
                "APPROVED" => VoteValue.Approval,
                "COMMENTED" => VoteValue.Neither,

                // What is not known to have been anything else stands as an objection.
                _ => VoteValue.Veto,
            };
            if (value is VoteValue.Neither)
                continue;
            var commit = CommitSha.TryParse(review.Commit?.Oid, out var sha) ? sha : (CommitSha?)null;
            var by = account(review.Author);

            // An approval that was dismissed does not bring back an older one of the same person.
            if (dismissed && value is VoteValue.Approval)
                yield return new() { By = by, Value = VoteValue.Withdrawal, On = commit ?? Nowhere, At = at, Order = order, Void = "was dismissed" };
            yield return new()
            {
                By = by,
                Value = value,
                On = commit ?? Nowhere,
                At = at,
                Order = order,
                RemovedBy = dismissal?.Actor is { } actor ? account(actor) : null,
                Void = review.State is not ("APPROVED" or "CHANGES_REQUESTED" or "DISMISSED") ? $"is of a kind that the gate does not know ({review.State})"
                    : commit is null ? "was given for a commit that the host does not have any more"
                    : dismissed && dismissal?.Actor is null ? "was dismissed, and the host does not say by whom"
                    : null,
            };
        }
    }

    /// <summary>When the head was last moved in another way than forwards; what was written within that same second may have been written before.</summary>
    public static DateTimeOffset? ForcedAt(PullDto pull) => pull.TimelineItems.Nodes.OfType<EventDto>().Where(item => item.Kind == "HeadRefForcePushedEvent").Select(item => item.CreatedAt).Max()?.AddSeconds(1);

    /// <summary>The heads that it had and does not contain any more: a head goes only where it is moved by force.</summary>
    public static IEnumerable<CommitSha> Earlier(PullDto pull) => pull.TimelineItems.Nodes.OfType<EventDto>()
        .Select(item => item.Kind == "HeadRefForcePushedEvent" && CommitSha.TryParse(item.BeforeCommit?.Oid, out var before) ? before : (CommitSha?)null).OfType<CommitSha>();

    /// <summary>
    /// When the pull request was last pointed at another branch. The host's times are whole seconds: what was said within that same one may
    /// have been said before.
    /// </summary>
    public static DateTimeOffset? TargetSetAt(PullDto pull) =>
        pull.TimelineItems.Nodes.OfType<EventDto>().Where(item => item.Kind is "BaseRefChangedEvent" or "AutomaticBaseChangeSucceededEvent").Select(item => item.CreatedAt).Max()?.AddSeconds(1);

    /// <summary>Who set each label; null where the host does not tell.</summary>
    public static IEnumerable<Label> Labels(PullDto pull, Func<WhoDto?, Account> account) =>
        pull.Labels.Nodes.OfType<NameDto>().Select(label =>
            new Label(label.Name, pull.TimelineItems.Nodes.OfType<EventDto>().LastOrDefault(item => item.Kind is "LabeledEvent" or "UnlabeledEvent" && item.Label?.Name.Equals(label.Name, StringComparison.OrdinalIgnoreCase) == true) is { Kind: "LabeledEvent", Actor: { } actor } ? account(actor) : null));

    private static CommitSha Nowhere { get; } = new(new string('0', 40));

    private static long Number(string id) => long.TryParse(id, out var number) ? number : 0;
}
