using GateKeeper.Core.Changes;
using GateKeeper.Forges;
using GateKeeper.Git;

namespace GateKeeper.Reconcile;

/// <summary>
/// Finds the revisions of a change whose approvals may follow to the current one: each is taken as its reviewers saw it, without what belongs
/// to others, and compared with what the current one brings.
/// </summary>
internal sealed class Carrying(SameDiff same, TrunkHistory history)
{
    private readonly Dictionary<CommitSha, ChangeId> known = [];

    /// <summary>Remembers which commits were once the revisions of what is open: what stood on one stands on the trunk when that has landed.</summary>
    public void Remember(IEnumerable<Proposal> proposals)
    {
        foreach (var (proposal, commit) in proposals.SelectMany(proposal => proposal.Earlier.Append(proposal.Change.Current.Commit).Select(commit => (proposal, commit))).Where(item => item.commit.Hex is not null))
            known.TryAdd(commit, proposal.Change.Id);
    }

    /// <param name="view">What the forge says.</param>
    /// <param name="change">The change, as the forge tells it.</param>
    /// <param name="tip">The trunk.</param>
    /// <param name="stacked">What it is stacked on now.</param>
    /// <param name="below">What the current revision lies on: the trunk, or another's revision.</param>
    public IEnumerable<CommitSha> SameAs(ForgeView view, Change change, CommitSha tip, Proposal? stacked, CommitSha below)
    {
        CommitSha[] under = stacked is null ? [tip] : [tip, stacked.Change.Current.Commit, .. stacked.Earlier];
        return change.Votes.Select(vote => vote.On).Distinct()
            .Where(on => on != change.Current.Commit && Under(view, change, on, tip, under) is { } seen && same.Of((change.Current.Commit, [tip, below]), (on, seen)));
    }

    /// <summary>What lay below a revision's own commits, with what has landed since; null where that is not known, or where it brought what is another's.</summary>
    private List<CommitSha>? Under(ForgeView view, Change change, CommitSha revision, CommitSha tip, CommitSha[] under)
    {
        if (view.Below(change, revision) is not { } told)
            return null;
        List<CommitSha> below = [.. under, .. told];
        below.AddRange((same.Above(revision, below) ?? []).Where(commit => commit != revision && (history.Of(commit) is not null || IsOfLanded(commit, change.Id))));
        if (same.Above(revision, below) is not { } own)
            return null;
        if (own.Count > 1 && same.Landed(own, tip).LastOrDefault(commit => commit != revision) is { Hex: not null } landed)
        {
            below.Add(landed);
            own = same.Above(revision, below) ?? own;
        }

        return own.Any(commit => commit != revision && view.BelongsElsewhere(change, commit)) ? null : below;
    }

    private bool IsOfLanded(CommitSha commit, ChangeId change) => known.TryGetValue(commit, out var other) && other != change && history.HasLanded(other);
}
