using GateKeeper.Core.Changes;
using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// Knows what a trunk contains. When the trunk grows, only what is new is walked, and what was asked about before is answered from that:
/// the cost is that of the growth, not of the number of open changes.
/// </summary>
internal sealed class Ancestry(Repository repository)
{
    private readonly Dictionary<string, bool> asked = [];
    private string? tip;

    /// <summary>Moves to a new tip; answers the commits that the trunk contains now and did not before, or null when that cannot be told.</summary>
    public IReadOnlySet<string>? Grow(CommitSha to)
    {
        if (to.Hex == tip)
            return new HashSet<string>();

        var old = tip is null ? null : repository.FindCommit(tip);
        tip = to.Hex;
        if (old is null || repository.ObjectDatabase.FindMergeBase(old, repository.Commit(tip))?.Sha != old.Sha)
        {
            asked.Clear();
            return null;
        }

        var fresh = repository.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = tip, ExcludeReachableFrom = old.Sha, SortBy = CommitSortStrategies.None })
            .Select(commit => commit.Sha).ToHashSet();
        foreach (var commit in fresh.Where(asked.ContainsKey))
            asked[commit] = true;
        return fresh;
    }

    public bool Contains(CommitSha commit)
    {
        // What is not here is not on the trunk, all of which is; but it may come.
        if (!asked.TryGetValue(commit.Hex, out var answer) && tip is not null && repository.FindCommit(commit) is { } found)
            asked[commit.Hex] = answer = repository.ObjectDatabase.FindMergeBase(found, repository.Commit(tip))?.Sha == found.Sha;
        return answer;
    }

    /// <summary>Whether one commit lies below another; of the trunk's own tip this is known from before.</summary>
    public bool IsAncestor(CommitSha old, CommitSha young) =>
        old == young || (young.Hex == tip ? Contains(old) : repository.ObjectDatabase.FindMergeBase(repository.Commit(old), repository.Commit(young))?.Sha == old.Hex);
}
