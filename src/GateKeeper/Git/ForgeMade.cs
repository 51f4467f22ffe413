using GateKeeper.Core.Changes;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Git;

/// <summary>
/// Where the forge itself makes the commit that lands, the gate does not take its word for which that is: the trunk's own line tells, and
/// the tree tells whether it is what was tested.
/// </summary>
internal static class ForgeMade
{
    /// <summary>
    /// With what the trunk's own line went on from where the candidate was built: the revision, where it lies on that line as it was proposed,
    /// else the first commit above. Null where the line does not come from there.
    /// </summary>
    /// <param name="repository">Where to look.</param>
    /// <param name="tip">The end of the line.</param>
    /// <param name="from">What the candidate was built on.</param>
    /// <param name="revision">What was to land.</param>
    public static CommitSha? Of(Repository repository, string? tip, CommitSha from, CommitSha revision)
    {
        for (var commit = tip is null ? null : repository.Lookup<Commit>(tip); commit is not null && commit.Sha != from.Hex; commit = commit.Parents.FirstOrDefault())
        {
            if (commit.Sha == revision.Hex || commit.Parents.FirstOrDefault()?.Sha == from.Hex)
                return new(commit.Sha);
        }

        return null;
    }

    /// <summary>Whether a commit holds the very content of a candidate.</summary>
    public static bool IsTested(Repository repository, CommitSha commit, CommitSha candidate) =>
        repository.Lookup<Commit>(commit.Hex) is { } made && repository.Lookup<Commit>(candidate.Hex) is { } tested && made.Tree.Sha == tested.Tree.Sha;
}
