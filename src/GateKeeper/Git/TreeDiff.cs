using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>One path that differs between two trees. A side that lacks it has mode 0 and no id.</summary>
internal readonly record struct TreeChange(string Path, Mode OldMode, string OldId, Mode NewMode, string NewId);

/// <summary>
/// Compares trees by content, level by level and without recursion, so that a tree of any depth costs time and never the stack. Subtrees
/// that are equal are not opened.
/// </summary>
internal static class TreeDiff
{
    /// <summary>The files that differ; a directory that one side lacks is opened and its files are named.</summary>
    public static IEnumerable<TreeChange> Between(Repository repository, string? from, string? to)
    {
        var open = new Stack<(string Prefix, string? From, string? To)>();
        open.Push(("", from, to));
        while (open.TryPop(out var level))
        {
            if (level.From == level.To)
                continue;
            var (before, after) = (Entries(repository, level.From), Entries(repository, level.To));
            foreach (var name in before.Keys.Union(after.Keys))
            {
                var (old, young) = (before.GetValueOrDefault(name), after.GetValueOrDefault(name));
                if (old.Id == young.Id && old.Mode == young.Mode)
                    continue;

                var path = level.Prefix + name;
                if (old.Mode is Mode.Directory || young.Mode is Mode.Directory)
                    open.Push((path + "/", old.Mode is Mode.Directory ? old.Id : null, young.Mode is Mode.Directory ? young.Id : null));
                var (oldFile, youngFile) = (old.Mode is Mode.Directory ? default : old, young.Mode is Mode.Directory ? default : young);
                if (oldFile.Id is not null || youngFile.Id is not null)
                    yield return new(path, oldFile.Mode, oldFile.Id ?? "", youngFile.Mode, youngFile.Id ?? "");
            }
        }
    }

    /// <summary>
    /// What lies in a tree; nothing where a side has none. A tree that is named and not there is an error. Where an old tree has a name twice the
    /// first counts; no change may bring such a tree.
    /// </summary>
    public static Dictionary<string, (Mode Mode, string Id)> Entries(Repository repository, string? tree)
    {
        var entries = new Dictionary<string, (Mode Mode, string Id)>(StringComparer.Ordinal);
        foreach (var item in tree is null ? [] : TreeItems.Of(repository, tree))
            entries.TryAdd(item.Name, (item.Mode, item.Id));
        return entries;
    }
}
