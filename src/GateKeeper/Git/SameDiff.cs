using System.Security.Cryptography;
using System.Text;
using GateKeeper.Core.Changes;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Git;

/// <summary>
/// Tells whether two revisions bring the same: one after the other the same commits, each with the same words and the same edits of the same
/// files, white space and all. A merge of what lies below is left out where a machine would have made it just so; any other merge, and what
/// cannot be compared, is the same only as the very same commit.
/// </summary>
internal sealed class SameDiff(Repository repository)
{
    private const int MostCommits = 1000;
    private const int MostMerges = 20;
    private const long MostBytesToMerge = 4 << 20;
    private readonly Dictionary<string, string> deeds = [];
    private readonly Dictionary<string, bool> merges = [];

    /// <summary>The commits of a revision that lie above others, oldest first; null where they cannot be had or are too many.</summary>
    public IReadOnlyList<CommitSha>? Above(CommitSha revision, IEnumerable<CommitSha> below) => Walk(revision, below)?.ConvertAll(commit => new CommitSha(commit.Sha));

    /// <param name="one">A revision, and what lies below it.</param>
    /// <param name="other">Another.</param>
    public bool Of((CommitSha Revision, IEnumerable<CommitSha> Below) one, (CommitSha Revision, IEnumerable<CommitSha> Below) other) =>
        Deeds(one.Revision, one.Below) is { Count: > 0 } first && Deeds(other.Revision, other.Below) is { } second && first.SequenceEqual(second);

    /// <summary>
    /// The first of some commits, the oldest first, that the trunk holds in another form since: the forge may have made that, and written
    /// nothing of where it comes from.
    /// </summary>
    public IEnumerable<CommitSha> Landed(IReadOnlyList<CommitSha> commits, CommitSha tip)
    {
        var there = Walk(tip, [commits[^1]])?.Where(commit => commit.Parents.Count() == 1).Select(commit => Deed(commit, commit.Parents.Single())).ToHashSet() ?? [];
        return commits.TakeWhile(commit => repository.FindCommit(commit) is { } found && found.Parents.ToList() is [var parent] && there.Contains(Deed(found, parent)));
    }

    /// <summary>Null also where something of it is not there: then nothing is known of it.</summary>
    private List<Commit>? Walk(CommitSha revision, IEnumerable<CommitSha> below)
    {
        try
        {
            return WalkNow(revision, below);
        }
        catch (Exception error) when (Objects.IsMissing(error))
        {
            return null;
        }
    }

    private List<Commit>? WalkNow(CommitSha revision, IEnumerable<CommitSha> below)
    {
        if (repository.FindCommit(revision.Hex) is not { } head)
            return null;
        var commits = repository.Commits.QueryBy(new CommitFilter
        {
            IncludeReachableFrom = head,
            ExcludeReachableFrom = below.Where(commit => repository.FindCommit(commit.Hex) is not null).Select(commit => commit.Hex).Distinct().ToList(),
            SortBy = CommitSortStrategies.Topological | CommitSortStrategies.Reverse,
        }).Take(MostCommits + 1).ToList();
        return commits.Count <= MostCommits ? commits : null;
    }

    private List<string>? Deeds(CommitSha revision, IEnumerable<CommitSha> below)
    {
        if (Walk(revision, below) is not { } commits)
            return null;
        var own = commits.Select(commit => commit.Sha).ToHashSet();
        var made = new List<string>();
        var merged = 0;
        foreach (var commit in commits)
        {
            var parents = commit.Parents.ToList();
            if (parents.Count > 1 && parents.Exists(parent => !own.Contains(parent.Sha)) && merged++ < MostMerges && IsMadeByMachine(commit, parents))
                continue;
            made.Add(parents.Count > 1 ? commit.Sha : Deed(commit, parents.FirstOrDefault()));
        }

        return made;
    }

    /// <summary>What a commit says and does, as one short text.</summary>
    private string Deed(Commit commit, Commit? parent)
    {
        try
        {
            return deeds.TryGetValue(commit.Sha, out var known) ? known : deeds[commit.Sha] = DeedNow(commit, parent);
        }
        catch (Exception error) when (Objects.IsMissing(error))
        {
            return commit.Sha;
        }
    }

    private string DeedNow(Commit commit, Commit? parent)
    {
        // What was lost in reading may be different all the same.
        if (commit.Message.Contains('\uFFFD', StringComparison.Ordinal) || Bounds.Problem(repository, parent?.Tree.Sha, commit.Tree.Sha) is not null)
            return commit.Sha;
        var text = new StringBuilder().Append(commit.Encoding).Append('\0').Append(commit.Message);
        foreach (var change in TreeDiff.Between(repository, parent?.Tree.Sha, commit.Tree.Sha).OrderBy(change => change.Path, StringComparer.Ordinal))
            text.Append('\0').Append(change.Path).Append('\0').Append($"{change.OldMode} {change.OldId} {change.NewMode} {change.NewId}");
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Whether a merge holds just what merging its parents gives, so that nobody put anything into it.</summary>
    private bool IsMadeByMachine(Commit merge, List<Commit> parents)
    {
        if (!merges.TryGetValue(merge.Sha, out var answer))
            merges[merge.Sha] = answer = parents is [var one, var other] && CanBeMerged(merge, one, other) && Merged(one, other) == merge.Tree.Sha;
        return answer;
    }

    private bool CanBeMerged(Commit merge, Commit one, Commit other) =>
        Bounds.Problem(repository, one.Tree.Sha, merge.Tree.Sha) is null && Bounds.Problem(repository, one.Tree.Sha, other.Tree.Sha) is null
        && repository.ObjectDatabase.FindMergeBase(one, other) is { } fork
        && TreeDiff.Between(repository, fork.Tree.Sha, one.Tree.Sha).ToDictionary(change => change.Path) is var mine
        && TreeDiff.Between(repository, fork.Tree.Sha, other.Tree.Sha).Where(change => mine.ContainsKey(change.Path)).Sum(change => Size(change.NewMode, change.NewId) + Size(mine[change.Path].NewMode, mine[change.Path].NewId)) <= MostBytesToMerge;

    private long Size(Mode mode, string blob) => blob.Length == 0 || mode is Mode.GitLink ? 0 : repository.SizeOf(blob);

    private string? Merged(Commit one, Commit other)
    {
        try
        {
            return repository.ObjectDatabase.MergeCommits(one, other, new()) is { Status: MergeTreeStatus.Succeeded } merged ? merged.Tree.Sha : null;
        }
        catch (Exception error) when (error is LibGit2SharpException || Objects.IsMissing(error))
        {
            return null;
        }
    }
}
