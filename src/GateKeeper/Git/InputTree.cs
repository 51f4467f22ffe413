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
        return filtered ?? repository.ObjectDatabase.CreateTree(new TreeDefinition()).Sha;
    }

    // Recursion is safe: trees deeper than the bounds never come here.
    private string? Filter(Repository repository, string tree, string prefix, PatternList inputs, string id)
    {
        // What was made before may have been pruned since: no ref holds it.
        if (known.TryGetValue((tree, prefix, id), out var before) && (before.Length == 0 || repository.Has(before)))
            return before.Length == 0 ? null : before;

        var definition = new TreeDefinition();
        var kept = 0;
        foreach (var entry in repository.Tree(tree))
        {
            var path = prefix + entry.Name;
            if (entry.Mode is Mode.Directory)
            {
                if (!inputs.MayMatchBelow(path) || Filter(repository, entry.Target.Sha, path + "/", inputs, id) is not { } below)
                    continue;
                definition.Add(entry.Name, repository.Tree(below));
                kept++;
            }
            else if (inputs.Matches(path))
            {
                definition.Add(entry.Name, entry);
                kept++;
            }
        }

        var result = kept == 0 ? null : repository.ObjectDatabase.CreateTree(definition).Sha;
        known[(tree, prefix, id)] = result ?? "";
        return result;
    }
}
