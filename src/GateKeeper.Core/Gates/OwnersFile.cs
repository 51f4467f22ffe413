using System.Runtime.InteropServices;
using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>One line of an owners file: whose approval the matching paths need. The last line that matches a path decides.</summary>
/// <param name="Number">Its number in its file.</param>
/// <param name="Owners">The words that it has for them.</param>
/// <param name="File">The path of its file; null where there is only one, which the rules name.</param>
public sealed record OwnersLine(int Number, ValueList<string> Owners, string? File = null);

/// <summary>One of the owners files that have the same name in several directories.</summary>
/// <param name="Path">Its whole path.</param>
/// <param name="Text">What it says.</param>
/// <param name="Unread">Why nobody can tell what it says; null where that is known.</param>
public sealed record OwnersPart(string Path, string Text, string? Unread = null);

/// <summary>
/// An owners file of the trunk. Patterns are those of CODEOWNERS: without a slash they match at any depth, with one from the root, a
/// directory stands for all below it, and <c>docs/*</c> for what lies in it directly. Whom its words mean, the forge says: accounts and groups
/// of the rules with a leading @, or accounts and teams with one. What was read costs nothing to read again in the names of a forge. It may be
/// made of many files, each for the directory that it lies in: the line of the deepest file that has one for a path decides.
/// </summary>
public sealed class OwnersFile
{
    /// <summary>What GitHub reads; a larger file decides nothing.</summary>
    public const int MostBytes = 3 << 20;

    /// <summary>So many files of one name are read in the directories of a trunk, and so much in all of them.</summary>
    public const int MostFiles = 20_000;

    public const int MostBytesInAll = 6 << 20;

    private const int MostProblems = 20;
    private readonly GlobTree tree = new(PatternOf.Path);
    private readonly List<(int Number, int Owners)> lines = [];
    private readonly List<string> problems = [];

    /// <summary>The files that it is made of, and the first line of each; none where there is only one, which has no name of its own here.</summary>
    private readonly List<(string Path, int First)> files = [];

    /// <summary>The different lists of owners; many lines have the same.</summary>
    private List<ValueList<string>> owners = [];

    private OwnersFile()
    {
    }

    private OwnersFile(OwnersFile other) => (tree, lines, problems, files, owners, Words, Meant) = (other.tree, other.lines, other.problems, other.files, other.owners, other.Words, other.Meant);

    public IReadOnlyList<string> Problems => problems;

    /// <summary>Whom those words mean that neither are accounts as they stand nor groups of the rules, as it was read at this moment.</summary>
    public IReadOnlyDictionary<string, GroupMembers> Meant { get; private init; } = new Dictionary<string, GroupMembers>();

    /// <summary>The teams that it names, on forges where those have a leading @.</summary>
    public IEnumerable<string> Teams => Words.Where(IsTeam).Select(word => word[1..]);

    /// <summary>Every word that names owners, once.</summary>
    private IReadOnlyList<string> Words { get; set; } = [];

    /// <summary>A file that nobody can read, with the reason.</summary>
    public static OwnersFile Unreadable(string why)
    {
        var file = new OwnersFile();
        file.problems.Add(why);
        return file;
    }

    public static OwnersFile Parse(string text)
    {
        if (text.Length > MostBytes)
            return Unreadable(TooLarge);
        var file = new OwnersFile();
        file.Read(text, [], "", []);
        file.Words = [.. file.owners.SelectMany(list => list).Distinct()];
        return file;
    }

    /// <summary>Many files as one, each for what lies in its directory and below: its patterns are from there. A deeper file comes after those above it.</summary>
    public static OwnersFile Of(IReadOnlyCollection<OwnersPart> parts)
    {
        if (parts.Count > MostFiles)
            return Unreadable($"the trunk has more than {MostFiles:N0} files of that name");
        if (parts.Sum(part => (long)part.Text.Length) > MostBytesInAll)
            return Unreadable(TooLargeInAll);
        var (file, lists) = (new OwnersFile(), new Dictionary<string, int>());
        foreach (var part in parts.OrderBy(part => part.Path.Count('/')).ThenBy(part => part.Path, StringComparer.Ordinal).TakeWhile(_ => file.problems.Count <= MostProblems))
        {
            var name = Harmless.Line(part.Path);
            file.files.Add((name, file.lines.Count));
            if ((part.Unread ?? (part.Text.Length > MostBytes ? TooLarge : null)) is { } unread)
                file.problems.Add($"{name}: {unread}");
            else
                file.Read(part.Text, [.. part.Path[..(part.Path.LastIndexOf('/') + 1)].Select(letter => new GlobToken(GlobKind.Letter, letter))], $"{name}, ", lists);
        }

        file.Words = [.. file.owners.SelectMany(list => list).Distinct()];
        return file;
    }

    /// <summary>What is said of a file that is larger than can be.</summary>
    public static string TooLarge => $"it is larger than {MostBytes >> 20} MiB";

    public static string TooLargeInAll => $"the files of that name come to more than {MostBytesInAll >> 20} MiB";

    /// <summary>The same with its people named as the forge names them; groups keep their names.</summary>
    public OwnersFile Known(Func<string, string> account)
    {
        var names = Words.ToDictionary(word => word, word => word.StartsWith('@') ? word : account(word));
        return new(this) { owners = [.. owners.Select(list => (ValueList<string>)[.. list.Select(word => names[word])])], Words = [.. names.Values.Distinct()] };
    }

    /// <summary>The same where @name is an account, @organization/team a team, and anything else an account's address.</summary>
    public OwnersFile ByAt(Func<string, Account> account, Func<string, GroupMembers> team, Func<string, Account?> address) => new(this)
    {
        Meant = Words.ToDictionary(word => word, word => word switch
        {
            _ when IsTeam(word) => team(word[1..]),
            ['@', _, ..] => new([account(word[1..])]),
            _ when !word.Contains('@', StringComparison.Ordinal) => new([], $"{word} is neither @account, @organization/team nor an address"),
            _ => address(word) is { } known ? new([known]) : new([], $"whose the address {word} is, the forge does not say: write @account"),
        }),
    };

    /// <summary>Null when no line matches; a line without owners says that nobody owns the path.</summary>
    public OwnersLine? For(string path) => tree.Last(path) is >= 0 and var line ? new(lines[line].Number, owners[lines[line].Owners], FileOf(line)) : null;

    /// <summary>Which of the files a line stands in: the last that begins at it or before it.</summary>
    private string? FileOf(int line)
    {
        var (low, high) = (0, files.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = files[middle].First <= line ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? null : files[low - 1].Path;
    }

    /// <param name="text">What a file says.</param>
    /// <param name="directory">The directory that its patterns are from, with a slash at the end; nothing for the root.</param>
    /// <param name="place">What stands before a line's number where one is named.</param>
    /// <param name="lists">The lists of owners that were read, by how they are written.</param>
    private void Read(string text, GlobToken[] directory, string place, Dictionary<string, int> lists)
    {
        var (number, tokens) = (0, new List<GlobToken>());
        foreach (var range in text.AsSpan().Split('\n'))
        {
            number++;
            if (problems.Count == MostProblems)
            {
                problems.Add($"{place}line {number}: it has more than {MostProblems} lines that cannot be read");
                break;
            }

            var line = OwnersWords.Said(text.AsSpan(range));
            var pattern = OwnersWords.Next(ref line);
            if (pattern.Length == 0)
                continue;
            tokens.Clear();
            tokens.AddRange(directory);
            if (OwnersPattern.Read(pattern, line, tokens) is { } unread)
                problems.Add($"{place}line {number}: {unread}");
            else
                Add(number, tokens, line, lists);
        }
    }

    private void Add(int number, List<GlobToken> pattern, ReadOnlySpan<char> words, Dictionary<string, int> lists)
    {
        var known = lists.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(words, out var list))
        {
            list = lists.Count;
            known[words] = list;
            var named = new List<string>();
            for (var rest = words; OwnersWords.Next(ref rest) is { Length: > 0 } word;)
                named.Add(word.ToString());
            owners.Add([.. named]);
        }

        tree.Add(CollectionsMarshal.AsSpan(pattern));
        lines.Add((number, list));
    }

    private static bool IsTeam(string word) => word.StartsWith('@') && word.Contains('/', StringComparison.Ordinal);
}
