using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// Merges two commits, and does not take git's word for what it read: git 2.39 takes a tree that is missing for an empty one and ends well.
/// So all that a merge may read is looked for before, and a merge that lost what neither side removed is none.
/// </summary>
internal sealed class MergeProcess(Mirror mirror, string attributes) : IAsyncDisposable
{
    private readonly Repository repository = mirror.Repository;
    private readonly MergeStream stream = new(mirror.Git, attributes);
    private readonly HashSet<(string Known, string Tree)> whole = [];

    /// <summary>The directory with the trunk's .gitattributes files that merges read.</summary>
    public string Attributes => stream.Attributes;

    /// <exception cref="ObjectMissingException">Not all that would be merged is there.</exception>
    public async Task<MergeAnswer> MergeAsync(string ours, string theirs, CancellationToken cancellation)
    {
        var (one, other) = (repository.Commit(ours), repository.Commit(theirs));
        if (repository.ObjectDatabase.FindMergeBase(one, other) is not { } fork)
            return new(null, [], "it shares no history with the trunk");
        Need(fork.Tree.Sha, one.Tree.Sha);
        Need(fork.Tree.Sha, other.Tree.Sha);
        var answer = await stream.MergeAsync(one, other, cancellation);
        if (answer.Tree is not { } merged || MergeLoss.Of(repository, [fork.Tree.Sha], one.Tree.Sha, other.Tree.Sha, merged) is null)
            return answer;

        // Where histories cross there are several bases, and what is gone may have been removed since another of them.
        var bases = (await mirror.Git.NeedAsync(["merge-base", "--all", ours, theirs], cancellation)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return MergeLoss.Of(repository, [.. bases.Select(commit => repository.Commit(commit).Tree.Sha)], one.Tree.Sha, other.Tree.Sha, merged) is { } lost
            ? new(null, [], $"git's merge would lose {lost}, which neither side removed: nothing is built of that; rebase, or merge it by hand")
            : answer;
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    /// <summary>Everything that differs from the base is there: trees and what lies in them.</summary>
    private void Need(string known, string tree)
    {
        if (whole.Contains((known, tree)))
            return;
        foreach (var change in TreeDiff.Between(repository, known, tree))
        {
            foreach (var (mode, id) in (ReadOnlySpan<(Mode, string)>)[(change.OldMode, change.OldId), (change.NewMode, change.NewId)])
            {
                if (id.Length > 0 && mode is not Mode.GitLink && !repository.Has(id))
                    _ = repository.Blob(id);
            }
        }

        whole.Add((known, tree));
    }
}
