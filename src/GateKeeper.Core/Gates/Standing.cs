using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>What one person's votes on a change come to now: an approval that counts or why it does not, and a veto that stands.</summary>
public sealed record Standing(Account By, bool Approves, string? WhyNot, Vote? Veto)
{
    /// <summary>Reads the votes of everybody who voted. Labelled scores have no part in it.</summary>
    public static IEnumerable<Standing> Of(Circumstances now, Func<Account, bool>? mayLift = null) =>
        now.Change.Votes
            .Where(vote => vote.Value is not VoteValue.Neither)
            .GroupBy(vote => vote.By)
            .Select(votes => Read(votes.Key, [.. votes], now, mayLift ?? (_ => false)));

    private static Standing Read(Account by, List<Vote> votes, Circumstances now, Func<Account, bool> mayLift)
    {
        var veto = votes.Find(vote => vote.Value is VoteValue.Veto && Stands(vote, votes, mayLift));
        var approvals = votes.FindAll(vote => vote.Value is VoteValue.Approval);
        if (approvals.Count == 0)
            return new(by, false, null, veto);

        var reasons = approvals.ConvertAll(approval => Lapse(approval, votes, now));
        var counts = reasons.Contains(null);
        return new(by, counts, counts ? null : reasons[^1], veto);
    }

    private static bool Stands(Vote veto, List<Vote> votes, Func<Account, bool> mayLift) =>
        !votes.Exists(vote => vote.Value is VoteValue.Approval or VoteValue.Withdrawal && vote.IsAfter(veto) && vote.RemovedBy is null && vote.Void is null)
        && !(veto.RemovedBy is { } remover && (remover == veto.By || mayLift(remover)));

    private static string? Lapse(Vote approval, List<Vote> votes, Circumstances now)
    {
        if (LapseOfItself(approval, now) is { } lapse)
            return lapse;
        if (votes.Find(vote => vote.Value is VoteValue.Veto or VoteValue.Withdrawal && !approval.IsAfter(vote)) is { } later)
        {
            return later.IsAfter(approval)
                ? $"{approval.By} {(later.Value is VoteValue.Veto ? "vetoed" : "withdrew")} after approving"
                : $"the order of {approval.By}'s votes is not known";
        }

        return null;
    }

    /// <summary>Why an approval does not count whatever else its giver said; null when it may.</summary>
    internal static string? LapseOfItself(Vote approval, Circumstances now)
    {
        var current = now.Change.Current.Commit;
        if (approval.RemovedBy is { } remover)
            return remover == approval.By ? $"{approval.By} withdrew the approval" : $"{approval.By}'s approval was removed by {remover}";
        if (approval.Void is { } why)
            return $"{approval.By}'s approval {why}";
        if (approval.At < now.Change.TargetSetAt)
            return $"{approval.By} approved before the target was {now.Change.Target}";
        if (approval.On != current && !(now.CarrySameDiff && now.Change.SameDiffAs.Contains(approval.On)))
            return $"{approval.By} approved {approval.On}, now it is {current}";
        return null;
    }
}
