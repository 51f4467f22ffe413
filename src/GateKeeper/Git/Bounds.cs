using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>Limits on what a change may bring, held before any program that recurses sees it.</summary>
internal static class Bounds
{
    private const int MaxDepth = 100;
    private const int MaxEntries = 1_000_000;
    private const int MaxLookedAt = 3_000_000;
    private const int MaxPath = 1024;
    private const long MaxBlob = 200L << 20;
    private const long MaxAll = 2L << 30;
    private const long MaxCommit = 1L << 20;
    private const long MaxCommits = 16L << 20;

    /// <summary>Why the tree may not be worked with, or null when it may. Looks only at what differs from a tree that was looked at before.</summary>
    public static string? Problem(Repository repository, string? known, string tree)
    {
        var looked = 0L;
        return Problem(repository, known, tree, ref looked);
    }

    private static string? Problem(Repository repository, string? known, string tree, ref long looked)
    {
        var open = new Stack<(string Prefix, int Depth, string? Known, string Tree)>();
        open.Push(("", 1, known, tree));
        var (entries, all) = (0, 0L);
        while (open.TryPop(out var level))
        {
            if (level.Known == level.Tree)
                continue;
            if (level.Depth > MaxDepth)
                return $"its directories are nested deeper than {MaxDepth}";

            var (before, items) = (TreeDiff.Entries(repository, level.Known), TreeItems.Of(repository, level.Tree));
            if ((looked += before.Count + items.Count) > MaxLookedAt)
                return $"it touches directories with more than {MaxLookedAt:N0} entries, counted once for each commit of it: squash it, or propose it in parts";
            if (Twice(items, () => level.Known is null ? [] : TreeItems.Of(repository, level.Known)) is { } twice)
                return $"it has \"{level.Prefix}{twice}\" twice, so it is not known what it brings: make that commit anew";
            foreach (var entry in items)
            {
                if (++entries > MaxEntries)
                    return $"it brings more than {MaxEntries:N0} entries";

                // A name that was there before is an old fact, whatever it is: who changes the directory beside it did not make it.
                if (!before.TryGetValue(entry.Name, out var old) && NameProblem(level.Prefix, entry.Name) is { } problem)
                    return problem;
                if (old.Id == entry.Id)
                    continue;
                if (entry.Mode is Mode.Directory)
                    open.Push(($"{level.Prefix}{entry.Name}/", level.Depth + 1, old.Mode is Mode.Directory ? old.Id : null, entry.Id));
                else if (entry.Mode is not Mode.GitLink && repository.SizeOf(entry.Id) is var size)
                {
                    if (size > MaxBlob)
                        return $"{level.Prefix}{entry.Name} is larger than {MaxBlob >> 20} MiB";
                    if ((all += size) > MaxAll)
                        return $"it brings more than {MaxAll >> 30} GiB";
                }
            }
        }

        return null;
    }

    /// <summary>Why the words of these commits may not be read, by their sizes alone; null when they may.</summary>
    public static string? Messages(Repository repository, IReadOnlyList<Commit> commits)
    {
        var all = 0L;
        foreach (var commit in commits)
        {
            var size = repository.SizeOf(commit.Sha);
            if (size > MaxCommit)
                return $"the message of its commit {commit.Sha[..10]} is larger than {MaxCommit >> 20} MiB";
            all += size;
        }

        return all > MaxCommits ? $"its commits' messages come to more than {MaxCommits >> 20} MiB" : null;
    }

    /// <summary>
    /// Why what some commits bring may not be worked with, one after the other: what a later one took out again counts too, for it is replayed
    /// and sent. A large directory costs its size with each commit that touches it, and a commit costs next to nothing to make.
    /// </summary>
    public static string? Problem(Repository repository, IReadOnlyList<Commit> commits)
    {
        var looked = 0L;
        foreach (var commit in commits)
        {
            if (Problem(repository, repository.Below(commit)?.Tree.Sha, commit.Tree.Sha, ref looked) is { } problem)
                return problem;
        }

        return null;
    }

    /// <summary>Why what one commit brings may not be worked with.</summary>
    public static string? Problem(Repository repository, Commit commit) =>
        Problem(repository, repository.Below(commit)?.Tree.Sha, commit.Tree.Sha);

    /// <summary>
    /// A name that a tree has more than once, and not in the very same way as before; null where it has none. Git refuses to fetch such a tree
    /// as a proposal, and gives it where an old branch has brought it: which of the two somebody sees is anybody's guess.
    /// </summary>
    private static string? Twice(IReadOnlyList<TreeItem> items, Func<IReadOnlyList<TreeItem>> before)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in items.Select(item => item.Name).Where(name => !names.Add(name)))
        {
            if (!items.Where(item => item.Name == name).SequenceEqual(before().Where(item => item.Name == name)))
                return name;
        }

        return null;
    }

    private static string? NameProblem(string prefix, string name) =>
        name is "" or "." or ".." || name.Equals(".git", StringComparison.OrdinalIgnoreCase) || name.Contains('/', StringComparison.Ordinal)
            ? $"\"{prefix}{name}\" is no name that a checkout may have"
        : !TreeItems.IsText(name) ? $"a name below \"{prefix}\" is not UTF-8"
        : prefix.Length + name.Length > MaxPath ? $"a path is longer than {MaxPath} characters"
        : null;
}
