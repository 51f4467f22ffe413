using GateKeeper.Core.Changes;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Forges.PlainGit;

/// <summary>What the reviewers of a revision were shown: its branch, down to what it began with or to the branch that it is for.</summary>
/// <param name="repository">Where the commits lie.</param>
/// <param name="isAncestor">Whether one commit lies below another.</param>
/// <param name="byBranch">The reviews of each branch.</param>
/// <param name="question">The trunks.</param>
internal sealed class Shown(Repository repository, Func<string, string, bool> isAncestor, IReadOnlyDictionary<string, List<Review>> byBranch, ForgeQuestion question)
{
    /// <summary>What lay below; null where that is not known, because the review of the branch that it was for is gone.</summary>
    public IEnumerable<CommitSha>? Below(Review review, CommitSha revision)
    {
        if (repository.FindCommit(review.Id) is { } first && isAncestor(first.Sha, revision.Hex))
            return first.Parents.Select(parent => new CommitSha(parent.Sha));
        if (question.Trunks.Keys.Any(trunk => review.Target == $"refs/heads/{trunk}"))
            return [];
        return byBranch.GetValueOrDefault(review.Target) is { } others && !others.Exists(other => other.Request!.IsAbandoned) ? others.SelectMany(other => other.Starts) : null;
    }
}
