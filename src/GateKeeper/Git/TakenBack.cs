using GateKeeper.Core.Changes;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Git;

/// <summary>
/// Tells whether the trunk still holds what a revision brought that landed in another form. A revert is known by what it does: to undo the
/// revision in some file would change nothing there.
/// </summary>
internal sealed class TakenBack(Repository repository)
{
    private const int MostKept = 10_000;
    private const long MostBytesToMerge = 4 << 20;
    private readonly Dictionary<(CommitSha Revision, CommitSha Tip), string?> known = [];

    /// <summary>A path in which nothing of what a revision did is on the trunk any more; null where there is none.</summary>
    public string? Path(CommitSha revision, CommitSha tip)
    {
        if (known.TryGetValue((revision, tip), out var path))
            return path;
        if (known.Count >= MostKept)
            known.Clear();
        return known[(revision, tip)] = Find(repository.Commit(revision), repository.Commit(tip));
    }

    private string? Find(Commit revision, Commit tip)
    {
        if (repository.ObjectDatabase.FindMergeBase(revision, tip) is not { } fork)
            return null;
        var did = TreeDiff.Between(repository, fork.Tree.Sha, revision.Tree.Sha).ToList();
        var since = TreeDiff.Between(repository, fork.Tree.Sha, tip.Tree.Sha).ToDictionary(change => change.Path);
        if (did.Find(change => !since.ContainsKey(change.Path)) is { Path: not null } undone)
            return undone.Path;

        // Others went on with these files: then their lines tell.
        var mixed = did.FindAll(change => (since[change.Path].NewMode, since[change.Path].NewId) != (change.NewMode, change.NewId));
        if (mixed.Count == 0 || mixed.Sum(change => Size(change.OldMode, change.OldId) + Size(change.NewMode, change.NewId) + Size(since[change.Path].NewMode, since[change.Path].NewId)) > MostBytesToMerge || Without(revision, fork, tip) is not { } without)
            return null;
        var moved = TreeDiff.Between(repository, tip.Tree.Sha, without).Select(change => change.Path).ToHashSet();
        return mixed.Find(change => !moved.Contains(change.Path)).Path;
    }

    /// <summary>The trunk's tree with what a revision did undone; null where others did something to the same lines.</summary>
    private string? Without(Commit revision, Commit fork, Commit tip)
    {
        var nobody = new Signature("nobody", "nobody", DateTimeOffset.UnixEpoch);
        var whole = repository.ObjectDatabase.CreateCommit(nobody, nobody, "", revision.Tree, [fork], prettifyMessage: false);
        return repository.ObjectDatabase.RevertCommit(whole, tip, 0, new() { FindRenames = false }) is { Status: MergeTreeStatus.Succeeded } made ? made.Tree.Sha : null;
    }

    private long Size(Mode mode, string blob) => blob.Length == 0 || mode is Mode.GitLink ? 0 : repository.SizeOf(blob);
}
