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
        All(repository, Places(commit is null ? null : repository.Commit(commit).Tree, key));

    /// <summary>The blobs in all the places where a key's note lies: one where git wrote it, however it fans out, and others that somebody made by hand.</summary>
    private static IEnumerable<string> Places(Tree? tree, string rest)
    {
        for (var length = 1; tree is not null && length <= rest.Length; length++)
        {
            if (tree[rest[..length]] is not { } entry)
                continue;
            if (length == rest.Length && entry.TargetType is TreeEntryTargetType.Blob)
                yield return entry.Target.Sha;
            if (length == rest.Length || entry.TargetType is not TreeEntryTargetType.Tree)
                continue;
            foreach (var place in Places((Tree)entry.Target, rest[length..]))
                yield return place;
        }
    }

    /// <summary>A tree with notes more or changed, in the fan-out that the tree has already; written once, however many they are.</summary>
    public static Tree With(Repository repository, Tree? tree, IEnumerable<KeyValuePair<string, Blob>> notes) => With(repository, tree, notes, least: 1);

    /// <param name="repository">Where the tree lies.</param>
    /// <param name="tree">What is there.</param>
    /// <param name="notes">What comes, by the rest of its name.</param>
    /// <param name="least">How many directories make a fan-out: below the first level git has none before each of sixteen has some notes.</param>
    private static Tree With(Repository repository, Tree? tree, IEnumerable<KeyValuePair<string, Blob>> notes, int least)
    {
        var definition = tree is null ? new TreeDefinition() : TreeDefinition.From(tree);
        var fans = tree is not null && tree.Count(entry => entry.TargetType is TreeEntryTargetType.Tree) >= least;
        var deeper = notes.ToLookup(note => fans && note.Key.Length > 2 && tree![note.Key] is null);
        foreach (var (rest, blob) in deeper[false])
            definition.Add(rest, blob, Mode.NonExecutableFile);
        foreach (var fan in deeper[true].GroupBy(note => note.Key[..2]))
            definition.Add(fan.Key, With(repository, tree![fan.Key]?.Target as Tree, fan.Select(note => KeyValuePair.Create(note.Key[2..], note.Value)), least: 16));
        return repository.ObjectDatabase.CreateTree(definition);
    }

    private static string? TreeOf(Repository repository, string? commit) => commit is null ? null : repository.Commit(commit).Tree.Sha;

    /// <summary>What a file of a notes tree annotates: git reads names in capitals too.</summary>
    public static string Key(string path) => path.Replace("/", "", StringComparison.Ordinal).ToLowerInvariant();
}
