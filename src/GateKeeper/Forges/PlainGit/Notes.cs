using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Forges.PlainGit;

/// <summary>Reads a notes ref: for each annotated object the lines of its note. Fan-out directories are folded away.</summary>
internal static class Notes
{
    public const string Reviews = "refs/notes/devtools/reviews";
    public const string Discuss = "refs/notes/devtools/discuss";
    public const string Ci = "refs/notes/devtools/ci";
    private const int MaxNote = 4 << 20;

    /// <summary>The annotated ids whose notes differ between two states of a notes ref, given as commits.</summary>
    public static IEnumerable<string> Moved(Repository repository, string? from, string to) =>
        TreeDiff.Between(repository, TreeOf(repository, from), TreeOf(repository, to) ?? "").Select(change => Key(change.Path)).Distinct();

    /// <summary>The blob of every note, by what it annotates: for reading many, where looking each up would read the tree each time.</summary>
    public static Dictionary<string, string> Index(Repository repository, string? commit) =>
        TreeOf(repository, commit) is { } tree
            ? TreeDiff.Between(repository, null, tree).GroupBy(change => Key(change.Path)).ToDictionary(group => group.Key, group => group.First().NewId)
            : [];

    /// <summary>The lines of one blob; empty for none, or for one that is too large to be a note.</summary>
    public static IReadOnlyList<string> Lines(Repository repository, string? blob) =>
        blob is not null && repository.Lookup<Blob>(blob) is { } found && found.Size <= MaxNote ? [.. NoteLines.Split(found.GetContentText())] : [];

    /// <summary>The lines of the notes of one object; empty when there is none.</summary>
    public static IReadOnlyList<string> Lines(Repository repository, string? commit, string key) =>
        Lines(repository, Find(repository, commit, key)?.Target.Sha);

    /// <summary>The entry of a key, whatever the fan-out.</summary>
    public static TreeEntry? Find(Repository repository, string? commit, string key)
    {
        var tree = commit is null ? null : repository.Lookup<Commit>(commit)?.Tree;
        for (var rest = key; tree is not null && rest.Length > 0;)
        {
            if (tree[rest] is { TargetType: TreeEntryTargetType.Blob } entry)
                return entry;
            tree = rest.Length > 2 ? tree[rest[..2]]?.Target as Tree : null;
            rest = rest.Length > 2 ? rest[2..] : "";
        }

        return null;
    }

    /// <summary>A tree with one note more or changed, in the fan-out that the tree has already.</summary>
    public static Tree With(Repository repository, Tree? tree, string key, string text)
    {
        var blob = repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)));
        return With(repository, tree, key, blob);
    }

    private static Tree With(Repository repository, Tree? tree, string rest, Blob blob)
    {
        var definition = tree is null ? new TreeDefinition() : TreeDefinition.From(tree);
        var fanned = tree?[rest] is null && rest.Length > 2 && tree is not null && tree.Any(entry => entry.TargetType is TreeEntryTargetType.Tree);
        if (fanned)
            definition.Add(rest[..2], With(repository, tree![rest[..2]]?.Target as Tree, rest[2..], blob));
        else
            definition.Add(rest, blob, Mode.NonExecutableFile);
        return repository.ObjectDatabase.CreateTree(definition);
    }

    private static string? TreeOf(Repository repository, string? commit) => commit is null ? null : repository.Lookup<Commit>(commit)?.Tree.Sha;

    private static string Key(string path) => path.Replace("/", "", StringComparison.Ordinal);
}
