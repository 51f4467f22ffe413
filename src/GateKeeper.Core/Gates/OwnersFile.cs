using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>One line of an owners file: whose approval the matching paths need. The last line that matches a path decides.</summary>
public sealed record OwnersLine(int Number, Glob Pattern, ValueList<string> Owners)
{
    /// <summary>What each path begins with that it matches: of many lines most are told apart by this alone.</summary>
    public string Stem { get; init; } = "";

    public bool Matches(string path) => path.StartsWith(Stem, StringComparison.Ordinal) && Pattern.Matches(path);
}

/// <summary>
/// An owners file of the trunk. Patterns are those of CODEOWNERS: without a slash they match at any depth, with one from the root, a
/// directory stands for all below it, and <c>docs/*</c> for what lies in it directly. Whom its words mean, the forge says: accounts and groups
/// of the rules with a leading @, or accounts and teams with one.
/// </summary>
public sealed partial record OwnersFile(ValueList<OwnersLine> Lines, ValueList<string> Problems)
{
    /// <summary>Whom those words mean that neither are accounts as they stand nor groups of the rules, as it was read at this moment.</summary>
    public IReadOnlyDictionary<string, GroupMembers> Meant { get; init; } = new Dictionary<string, GroupMembers>();

    /// <summary>The teams that it names, on forges where those have a leading @.</summary>
    public IEnumerable<string> Teams => Words.Where(IsTeam).Select(word => word[1..]);

    private IEnumerable<string> Words => Lines.SelectMany(line => line.Owners).Distinct();

    private const int MostLines = 5000;
    private const int MostProblems = 20;

    public static OwnersFile Parse(string text)
    {
        var lines = new List<OwnersLine>();
        var problems = new List<string>();
        foreach (var (number, line) in text.Split('\n').Select((line, index) => (index + 1, Comment().Replace(line, "").Trim())))
        {
            if (lines.Count == MostLines || problems.Count == MostProblems)
            {
                problems.Add($"line {number}: it has more than {(lines.Count == MostLines ? $"{MostLines:N0} lines that name owners" : $"{MostProblems} lines that cannot be read")}");
                break;
            }

            var words = Word().Matches(line).Select(match => match.Value).ToList();
            if (words.Count == 0)
                continue;
            if (Unread(words) is { } unread)
                problems.Add($"line {number}: {unread}");
            else if (Glob.TryParse(Anchor(words[0]), out var problem) is { } pattern)
                lines.Add(new(number, pattern, [.. words.Skip(1)]) { Stem = Stem(words[0]) });
            else
                problems.Add($"line {number}: {problem}");
        }

        return new([.. lines], [.. problems]);
    }

    /// <summary>The same with its people named as the forge names them; groups keep their names.</summary>
    public OwnersFile Known(Func<string, string> account) =>
        this with { Lines = [.. Lines.Select(line => line with { Owners = [.. line.Owners.Select(owner => owner.StartsWith('@') ? owner : account(owner))] })] };

    /// <summary>The same where @name is an account, @organization/team a team, and anything else an account's address.</summary>
    public OwnersFile ByAt(Func<string, Account> account, Func<string, GroupMembers> team, Func<string, Account?> address) => this with
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
    public OwnersLine? For(string path) => Lines.LastOrDefault(line => line.Matches(path));

    /// <summary>The letters that a pattern from the root begins with; none where it may match at any depth.</summary>
    private static string Stem(string pattern) =>
        pattern.TrimEnd('/').Contains('/', StringComparison.Ordinal) && pattern.Trim('/') is var body ? body[..(body.IndexOfAny(['*', '?', '\\']) is >= 0 and var special ? special : body.Length)] : "";

    private static bool IsTeam(string word) => word.StartsWith('@') && word.Contains('/', StringComparison.Ordinal);

    /// <summary>What CODEOWNERS does not know, or what is read in more than one way, decides nothing: then all waits until it is written otherwise.</summary>
    private static string? Unread(List<string> words) =>
        words.Exists(word => word.Contains('#', StringComparison.Ordinal)) ? "a comment begins with # at the beginning of a word, and nothing else may hold one"
        : words[0].Trim('/').Length == 0 ? "it names no path"
        : words[0].Contains("//", StringComparison.Ordinal) ? "it has an empty segment, which no path has"
        : words[0].StartsWith('!') ? "a pattern that begins with ! is none here: write a later line for what others own"
        : words[0].AsSpan().ContainsAny('[', ']') ? "patterns have no [ ] here"
        : words[0].Replace("\\ ", "", StringComparison.Ordinal).Contains('\\', StringComparison.Ordinal) ? "\\ stands before a space and nowhere else"
        : words[0].Split('/').Any(part => part.Length > 2 && part.Contains("**", StringComparison.Ordinal)) ? "** stands for whole directories: write it between slashes"
        : null;

    private static string Anchor(string pattern)
    {
        var rooted = pattern.TrimEnd('/').Contains('/', StringComparison.Ordinal);

        // All but stars and question marks are letters here.
        var body = Letters().Replace(pattern.Trim('/'), @"\$0");
        var anchored = rooted ? body : $"**/{body}";
        return pattern == "*" ? "**"
            : pattern.EndsWith("/*", StringComparison.Ordinal) ? anchored
            : pattern.EndsWith('/') ? $"{anchored}/**"
            : $"{{{anchored},{anchored}/**}}";
    }

    [GeneratedRegex(@"[{},!#^$:~|()-]", RegexOptions.NonBacktracking)]
    private static partial Regex Letters();

    [GeneratedRegex(@"(\A|[ \t\r])#.*\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"(\\ |[^ \t\r])+", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
