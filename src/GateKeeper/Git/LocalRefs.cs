using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>
/// Reads the names and ids of a repository's refs from its files, as gitrepository-layout(5) describes them: what a listing over the wire
/// tells beside them would open every object, and it is asked for at each tick.
/// </summary>
internal static class LocalRefs
{
    private static readonly EnumerationOptions Below = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Null when they do not lie in such files, or somebody is just then writing them: the git program can tell.</summary>
    public static Dictionary<string, string>? Read(string repository)
    {
        var root = Directory.Exists(Path.Combine(repository, ".git")) ? Path.Combine(repository, ".git") : repository;
        if (!Directory.Exists(Path.Combine(root, "refs")) || Directory.Exists(Path.Combine(root, "reftable")))
            return null;
        try
        {
            // Loose ones first: one that is packed in between is then seen twice, never not at all.
            var loose = Directory.EnumerateFiles(Path.Combine(root, "refs"), "*", Below)
                .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal) && IsText(file))
                .ToDictionary(file => Path.GetRelativePath(root, file), file => File.ReadAllText(file).Trim());
            var refs = Packed(Path.Combine(root, "packed-refs"));
            foreach (var (name, text) in loose)
                refs[name] = text;
            return refs.Keys.Select(name => (name, id: Resolve(refs, name))).Where(item => item.id is not null).ToDictionary(item => item.name, item => item.id!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Removes the locks that a killed process left: each would keep its ref where it is for ever.</summary>
    public static void RemoveLocks(string repository)
    {
        foreach (var file in Directory.EnumerateFiles(repository, "*.lock").Concat(Directory.EnumerateFiles(Path.Combine(repository, "refs"), "*.lock", Below)).ToList())
            File.Delete(file);
    }

    /// <summary>
    /// A name that is no UTF-8 reads like others that are none, so it cannot be told from them: there is no such ref for the gate.
    /// </summary>
    public static bool IsText(string name) => !name.Contains('\uFFFD', StringComparison.Ordinal);

    /// <summary>Lines of an id, a blank and a name; those that begin otherwise are remarks and peeled tags.</summary>
    public static Dictionary<string, string> Packed(string file)
    {
        var refs = new Dictionary<string, string>();
        foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
        {
            if (line.Length > 41 && line[40] == ' ' && line[0] is not ('#' or '^') && IsText(line))
                refs[line[41..]] = line[..40];
        }

        return refs;
    }

    /// <summary>A symbolic ref is what it points at; null for one that points nowhere, or in a circle, or is broken.</summary>
    private static string? Resolve(Dictionary<string, string> refs, string name)
    {
        for (var steps = 0; steps < 5 && refs.TryGetValue(name, out var text); steps++)
        {
            if (CommitSha.TryParse(text, out var id))
                return id.Hex;
            if (!text.StartsWith("ref: ", StringComparison.Ordinal))
                return null;
            name = text["ref: ".Length..].Trim();
        }

        return null;
    }
}
