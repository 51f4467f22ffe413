using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Forges.PlainGit;

/// <summary>Reads a notes ref: for each annotated object the lines of its note. Fan-out directories are folded away.</summary>
internal static class Notes
{
    public const string Reviews = "refs/notes/devtools/reviews";
    public const string Discuss = "refs/notes/devtools/discuss";
    public const string Ci = "refs/notes/devtools/ci";
    public const string Analyses = "refs/notes/devtools/analyses";
    public const int MaxNote = 4 << 20;

    /// <summary>Refs beside branches and tags that the gate, its guard or people's clients read and write by name.</summary>
    public static IReadOnlyList<string> Own { get; } = [Reviews, Discuss, Ci, Analyses, PlainGitForge.EvidenceRef, PlainGitForge.GuardRef, PushLog.Ref];

    /// <summary>The annotated ids whose notes differ between two states of a notes ref, given as commits.</summary>
    public static IEnumerable<string> Moved(Repository repository, string? from, string to) =>
        TreeDiff.Between(repository, TreeOf(repository, from), TreeOf(repository, to)).Select(change => Key(change.Path)).Distinct();

    /// <summary>
    /// The blobs of every note, by what they annotate: for reading many, where looking each up would read the tree each time. A key may be
    /// there twice, in two places of the fan-out; what is said in either is said.
    /// </summary>
    public static ILookup<string, string> Index(Repository repository, string? commit) =>
        (TreeOf(repository, commit) is { } tree ? TreeDiff.Between(repository, null, tree) : []).ToLookup(change => Key(change.Path), change => change.NewId);

    /// <summary>The lines of a note; null where one of its blobs cannot be read or is too large to be a note, for what is in it is not known.</summary>
    public static IReadOnlyList<string>? All(Repository repository, IEnumerable<string> blobs)
    {
        var lines = new List<string>();
        foreach (var blob in blobs)
        {
            if (repository.FindBlob(blob) is not { Size: <= MaxNote } found)
                return null;
            lines.AddRange(NoteLines.Split(found.GetContentText()));
        }

        return lines;
    }

    /// <summary>The lines of the note of one object, for those to whom one that cannot be read says as little as none.</summary>
    public static IReadOnlyList<string> Lines(Repository repository, string? commit, string key) =>
        LinesOrNull(repository, commit, key) ?? [];

    /// <summary>The lines of the note of one object; null when they cannot be read.</summary>
    public static IReadOnlyList<string>? LinesOrNull(Repository repository, string? commit, string key) =>
        Find(repository, commit, key) is { } entry ? All(repository, [entry.Target.Sha]) : [];

    /// <summary>The entry of a key, whatever the fan-out.</summary>
    public static TreeEntry? Find(Repository repository, string? commit, string key)
    {
        var tree = commit is null ? null : repository.Commit(commit).Tree;
        for (var rest = key; tree is not null && rest.Length > 0;)
        {
            if (tree[rest] is { TargetType: TreeEntryTargetType.Blob } entry)
                return entry;
            tree = rest.Length > 2 ? tree[rest[..2]]?.Target as Tree : null;
            rest = rest.Length > 2 ? rest[2..] : "";
        }

        return null;
    }

    /// <summary>A tree with notes more or changed, in the fan-out that the tree has already; written once, however many they are.</summary>
    public static Tree With(Repository repository, Tree? tree, IEnumerable<KeyValuePair<string, Blob>> notes)
    {
        var definition = tree is null ? new TreeDefinition() : TreeDefinition.From(tree);
        var fans = tree is not null && tree.Any(entry => entry.TargetType is TreeEntryTargetType.Tree);
        var deeper = notes.ToLookup(note => fans && note.Key.Length > 2 && tree![note.Key] is null);
        foreach (var (rest, blob) in deeper[false])
            definition.Add(rest, blob, Mode.NonExecutableFile);
        foreach (var fan in deeper[true].GroupBy(note => note.Key[..2]))
            definition.Add(fan.Key, With(repository, tree![fan.Key]?.Target as Tree, fan.Select(note => KeyValuePair.Create(note.Key[2..], note.Value))));
        return repository.ObjectDatabase.CreateTree(definition);
    }

    private static string? TreeOf(Repository repository, string? commit) => commit is null ? null : repository.Commit(commit).Tree.Sha;

    private static string Key(string path) => path.Replace("/", "", StringComparison.Ordinal);
}
