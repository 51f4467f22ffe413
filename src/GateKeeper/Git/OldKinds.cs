using System.Globalization;

namespace GateKeeper.Git;

/// <summary>
/// What <c>git fsck</c> refuses and old histories hold all the same, by git's names for the kinds. What lies on a branch that is not proposed is
/// lived with and noted beside the mirror for the doctor; what is proposed is held to every kind.
/// </summary>
internal static class OldKinds
{
    private const string NotesFile = "old-kinds";
    private const string Object = "object ";

    /// <summary>
    /// Kinds that the program reads with care or never opens. An object without a tree, an author or a readable head stays refused, and so
    /// does a tree whose order or names hide what lies in it: a branch that is named like a trunk could lend it to a proposal.
    /// </summary>
    private static readonly string[] Lowered =
    [
        "badDate", "badDateOverflow", "badEmail", "badFilemode", "badName", "badTagName", "badTimezone", "duplicateEntries", "emptyName", "extraHeaderEntry",
        "gitattributesBlob", "gitattributesLarge", "gitattributesLineLength", "gitattributesMissing", "gitmodulesBlob", "gitmodulesLarge", "gitmodulesMissing", "gitmodulesName",
        "gitmodulesParse", "gitmodulesPath", "gitmodulesSymlink", "gitmodulesUpdate", "gitmodulesUrl", "missingEmail", "missingNameBeforeEmail",
        "missingSpaceBeforeDate", "missingSpaceBeforeEmail", "missingTaggerEntry", "multipleAuthors", "nulInCommit", "zeroPaddedDate", "zeroPaddedFilemode",
    ];

    /// <summary>For a fetch of what is there already: each kind is a warning.</summary>
    public static string[] LivedWith { get; } = [.. Lowered.SelectMany(kind => (string[])["-c", $"fetch.fsck.{kind}=warn"])];

    /// <summary>Whether git refused a fetch for one of these kinds.</summary>
    public static bool AreIn(string said) => said.Split('\n').Any(line => line.StartsWith("error: ", StringComparison.Ordinal) && Of(line) is { } found && Lowered.Contains(found.Kind));

    /// <summary>What git said of a proposal, in words for its author where it was about one of these kinds.</summary>
    public static string Told(string said) =>
        said.Split('\n').Select(line => (line, found: Of(line))).FirstOrDefault(item => item.found is not null) is { found: var (kind, id) } item
            ? $"git refuses the object {id} that it brings ({kind}:{item.line.Split(": ", 4)[3].Insert(0, " ")}), which cannot be read everywhere alike: make that commit anew (git commit --amend --reset-author, or git rebase), or amend it"
            : said;

    /// <summary>The kind and the object in a line of git's such as "warning: object ID: KIND: words"; null in any other line.</summary>
    public static (string Kind, string Id)? Of(string line) =>
        line.Split(": ", 4) is ["warning" or "error", var what, var kind, _] && what.StartsWith(Object, StringComparison.Ordinal) && kind.Length > 0 && kind.All(char.IsAsciiLetterOrDigit)
            ? (kind, what[Object.Length..].Split(' ')[0])
            : null;

    /// <summary>Adds what a fetch warned of to what is noted: for each kind how many objects, and one of them.</summary>
    public static void Note(string mirror, IReadOnlyDictionary<string, (long Count, string Id)> found)
    {
        if (found.Count == 0)
            return;
        var all = Noted(mirror).ToDictionary();
        foreach (var (kind, (count, id)) in found)
            all[kind] = all.TryGetValue(kind, out var before) ? (before.Count + count, before.Id) : (count, id);
        var path = Path.Combine(mirror, NotesFile);
        File.WriteAllLines(path + ".new", all.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Key} {item.Value.Count} {item.Value.Id}")));
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>What is noted beside a mirror, by kind; nothing where there is no mirror yet.</summary>
    public static IReadOnlyDictionary<string, (long Count, string Id)> Noted(string mirror)
    {
        var path = Path.Combine(mirror, NotesFile);
        return (File.Exists(path) ? File.ReadLines(path) : []).Select(line => line.Split(' ')).Where(parts => parts.Length == 3)
            .ToDictionary(parts => parts[0], parts => (long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 1, parts[2]));
    }
}
