using System.Collections.Concurrent;
using GateKeeper.Core.Changes;
using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// The entries of a tree that match a test's inputs, as a tree object: its id is the content part of the key, and it is what a run is
/// given, so what is hashed is what is run by construction. Subtrees seen before are remembered; the cost is that of the difference.
/// </summary>
internal sealed class InputTree
{
    private const int MaxRemembered = 200_000;
    private readonly ConcurrentDictionary<(string Tree, string Prefix, string Inputs), string> known = new();

    /// <summary>The id of the filtered tree; the empty tree's where nothing matches.</summary>
    public string Of(Repository repository, string tree, PatternList inputs)
    {
        if (inputs.MatchesAll)
            return tree;
        if (known.Count > MaxRemembered)
            known.Clear();

        var filtered = Filter(repository, tree, "", inputs, string.Join('\n', inputs));
        return filtered ?? TreeItems.Write(repository, []);
    }

    // Recursion is safe: trees deeper than the bounds never come here.
    private string? Filter(Repository repository, string tree, string prefix, PatternList inputs, string id)
    {
        // What was made before may have been pruned since: no ref holds it.
        if (known.TryGetValue((tree, prefix, id), out var before) && (before.Length == 0 || repository.Has(before)))
            return before.Length == 0 ? null : before;

        var kept = new List<TreeItem>();
        foreach (var item in TreeItems.Of(repository, tree))
        {
            var path = prefix + item.Name;
            if (item.Mode is not Mode.Directory)
            {
                if (inputs.Matches(path))
                    kept.Add(item);
            }
            else if (inputs.MayMatchBelow(path) && Filter(repository, item.Id, path + "/", inputs, id) is { } below)
            {
                kept.Add(item with { Id = below });
            }
        }

        var result = kept.Count == 0 ? null : TreeItems.Write(repository, kept);
        known[(tree, prefix, id)] = result ?? "";
        return result;
    }
}
