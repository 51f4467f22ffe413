using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>Looks for what a merge lost: files of one side that are not in it although the other side did not take them away.</summary>
internal static class MergeLoss
{
    /// <summary>The path of such a file; null where there is none.</summary>
    /// <param name="repository">Where the trees are.</param>
    /// <param name="bases">The trees that both sides began with; more than one where histories cross.</param>
    /// <param name="ours">One side's tree.</param>
    /// <param name="theirs">The other's.</param>
    /// <param name="merged">The tree that the merge came to.</param>
    public static string? Of(Repository repository, IReadOnlyList<string> bases, string ours, string theirs, string merged) =>
        OfSide(repository, bases, merged, side: ours, other: theirs) ?? OfSide(repository, bases, merged, side: theirs, other: ours);

    private static string? OfSide(Repository repository, IReadOnlyList<string> bases, string merged, string side, string other) =>
        TreeDiff.Between(repository, side, merged).Where(change => change.NewId.Length == 0).Select(change => change.Path)
            .FirstOrDefault(path => TreeItems.IsText(path) && !bases.Any(tree => Removed(repository, tree, other, path)));

    /// <summary>
    /// Whether a side removed a file, or a directory above it: what another adds to a directory that was renamed goes along to its new name.
    /// </summary>
    private static bool Removed(Repository repository, string before, string after, string path)
    {
        var steps = path.Split('/');
        for (var length = 1; length <= steps.Length; length++)
        {
            var part = string.Join('/', steps[..length]);
            if (KindAt(repository, before, part) is not { } was)
                return false;
            if (KindAt(repository, after, part) != was)
                return true;
        }

        return false;
    }

    private static TreeEntryTargetType? KindAt(Repository repository, string tree, string path) => repository.Tree(tree)[path]?.TargetType;
}
