namespace GateKeeper.Core.Changes;

/// <summary>What the forge's word for a vote comes to: it opens, it closes, or it does neither.</summary>
public enum VoteValue
{
    Neither,
    Approval,
    Veto,

    /// <summary>The voter takes back what he last said.</summary>
    Withdrawal,
}

/// <summary>One thing that a reviewer said with a vote in it, bound to the commit that he looked at.</summary>
public sealed record Vote
{
    public required Account By { get; init; }

    public required VoteValue Value { get; init; }

    public required CommitSha On { get; init; }

    /// <summary>The forge's named label and the score on it, where it has such.</summary>
    public string? Label { get; init; }

    public int Score { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>
    /// The place of this vote in the order that the forge vouches for; null where it vouches for none. Two votes with the same place
    /// have no order: then a veto stands.
    /// </summary>
    public long? Order { get; init; }

    /// <summary>Who took the vote away in the forge's own way (dismissed, deleted), if anybody did.</summary>
    public Account? RemovedBy { get; init; }

    /// <summary>
    /// Why it cannot open anything whatever the rules say, as the end of a sentence about it: "was given for another target". A veto
    /// stands all the same.
    /// </summary>
    public string? Void { get; init; }

    /// <summary>Whether that may pass by itself: what vouches for its giver has not come yet.</summary>
    public bool VoidForNow { get; init; }

    /// <summary>Whether this vote is known to come after another of the same person.</summary>
    public bool IsAfter(Vote other) => Order is { } mine && other.Order is { } theirs && mine > theirs;
}
