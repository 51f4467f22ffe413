using GateKeeper.Core.Changes;
using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// Where the forge itself makes the commit that lands, the gate does not take its word for which that is: the trunk's own line tells, and
/// the tree tells whether it is what was tested.
/// </summary>
internal static class ForgeMade
{
    private const int MostSteps = 10_000;

    /// <summary>
    /// With what the trunk's own line went on from where the candidate was built: the revision, where it lies on that line as it was proposed,
    /// else the commit as far above as the candidate is. Null where the line does not come from there.
    /// </summary>
    /// <param name="repository">Where to look.</param>
    /// <param name="tip">The end of the line.</param>
    /// <param name="from">What the candidate was built on.</param>
    /// <param name="candidate">What was tested.</param>
    /// <param name="revision">What was to land.</param>
    /// <param name="replayed">Whether commits were replayed one by one.</param>
    public static CommitSha? Of(Repository repository, string? tip, CommitSha from, CommitSha candidate, CommitSha revision, bool replayed = false)
    {
        if (tip is null || Above(repository, new(tip), from) is not { Count: > 0 } line)
            return null;
        if (line.Contains(revision))
            return revision;
        var (least, most) = Steps(repository, from, candidate, revision, replayed);
        var there = Enumerable.Range(least, most - least + 1).Where(steps => steps <= line.Count).Select(steps => line[^steps]).ToList();
        return there.Count == 0 ? null : there.Where(commit => IsTested(repository, commit, candidate)).Cast<CommitSha?>().LastOrDefault() ?? there[0];
    }

    /// <summary>Whether a commit holds the very content of a candidate.</summary>
    public static bool IsTested(Repository repository, CommitSha commit, CommitSha candidate) =>
        repository.Commit(commit).Tree.Sha == repository.Commit(candidate).Tree.Sha;

    /// <summary>Whether a commit stands as far above as the candidate does, on the first-parent line from where that was built.</summary>
    public static bool StandsOn(Repository repository, CommitSha commit, CommitSha from, CommitSha candidate, CommitSha revision, bool replayed) =>
        Above(repository, commit, from) is { } line && Steps(repository, from, candidate, revision, replayed) is var (least, most) && line.Count >= least && line.Count <= most;

    /// <summary>
    /// How many commits a landing is made of: as many as the candidate, or, where commits were replayed, those besides that have become
    /// empty, which the gate leaves out and a forge may keep.
    /// </summary>
    private static (int Least, int Most) Steps(Repository repository, CommitSha from, CommitSha candidate, CommitSha revision, bool replayed)
    {
        var least = Above(repository, candidate, from)?.Count ?? 1;
        if (!replayed || repository.FindCommit(revision) is not { } head)
            return (least, least);
        var own = repository.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = head, ExcludeReachableFrom = from.Hex, SortBy = CommitSortStrategies.None }).Take(MostSteps).Count();
        return (least, Math.Max(least, own));
    }

    /// <summary>The commits of a first-parent line down to one that is not among them, the youngest first; null where it does not go there.</summary>
    private static List<CommitSha>? Above(Repository repository, CommitSha tip, CommitSha from)
    {
        var line = new List<CommitSha>();
        for (var commit = repository.Commit(tip); commit is not null && line.Count < MostSteps; commit = repository.Below(commit))
        {
            if (commit.Sha == from.Hex)
                return line;
            line.Add(new(commit.Sha));
        }

        return null;
    }
}
