using System.Text.RegularExpressions;

namespace GateKeeper.Core.Changes;

/// <summary>What words say that a change depends on: lines "Depends-On: NAME" anywhere in them, for people put them where they like.</summary>
public static partial class DependsOnLines
{
    private const int LongestQuote = 120;

    /// <summary>The names, as people wrote them: several in one line, a remark behind one, and the full stop of a sentence are no part of a name.</summary>
    public static IEnumerable<string> Names(string words) => Lines(words).Select(Value).OfType<string>().SelectMany(Items).Distinct();

    /// <summary>Lines that read like a dependency and are none, cut where they are long.</summary>
    public static IEnumerable<string> NearMisses(string words) => Lines(words).Where(IsNearMiss).Select(line => line.Length > LongestQuote ? $"{line[..LongestQuote]}..." : line).Distinct();

    private static IEnumerable<string> Lines(string words) => words.Split('\n').Select(line => line.Trim()).Where(line => line.Contains("depend", StringComparison.OrdinalIgnoreCase));

    private static string? Value(string line) => Line().Match(line) is { Success: true } match && match.Groups["value"].Value.Trim() is { Length: > 0 } value ? value : null;

    private static IEnumerable<string> Items(string value) =>
        Between().Split(Remark().Replace(Link().Replace(value, Linked), "")).SelectMany(Item).Where(item => item.Length > 0);

    /// <summary>
    /// Several words are one name, which nothing bears and people are told of, unless they begin with what can only be a name, or hold what
    /// could be no ordinary word: to wait for one too many is better than to land before one that was meant.
    /// </summary>
    private static IEnumerable<string> Item(string item)
    {
        var words = item.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Bare).Where(word => word.Any(char.IsLetterOrDigit)).ToList();
        var first = words.TakeWhile(IsName).Count();
        var names = words.Where((word, at) => at < first || Marked().IsMatch(word)).ToList();
        return names.Count > 0 ? names : [Bare(item.Trim())];
    }

    private static string Bare(string word) => word.TrimEnd('.', ':', '!').Trim('<', '>', '`', '"', '\'', '*').TrimEnd('.', ':', '!');

    /// <summary>A link of Markdown is the name that it shows or, where it shows another word, its address.</summary>
    private static string Linked(Match link) => IsName(link.Groups["text"].Value) ? link.Groups["text"].Value : link.Groups["to"].Value;

    private static bool IsName(string word) => Name().IsMatch(word);

    private static bool IsNearMiss(string line)
    {
        if (Value(line) is not null || Near().Match(line) is not { Success: true } near)
            return false;
        var rest = near.Groups["rest"].Value.Trim();
        return near.Groups["colon"].Length > 0 || (Remark().Replace(rest, "").Split((char[]?)null, 2)[0] is var first && Marked().IsMatch(Link().Replace(Bare(first), Linked)));
    }

    [GeneratedRegex(@"\ADepends-On[ \t]*:(?<value>.*)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Line();

    [GeneratedRegex(@"[,;]|\s(?:and|&)\s", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Between();

    [GeneratedRegex(@"\s\([^()]*\)", RegexOptions.NonBacktracking)]
    private static partial Regex Remark();

    [GeneratedRegex(@"\[(?<text>[^\[\]]*)\]\((?<to>[^()\s]*)\)", RegexOptions.NonBacktracking)]
    private static partial Regex Link();

    /// <summary>What can be nothing but a name: a number, a commit or a part of one, a Change-Id, an address, and those with a repository before them.</summary>
    [GeneratedRegex(@"\A(?:(?:[^\s/#]+(?:/[^\s/#]+)?)?#[0-9]{1,9}|GH-[0-9]{1,9}|[0-9]{1,9}|[0-9a-f]{7,64}|I[0-9a-f]{40}|[^\s/#]+/(?:[0-9]{1,9}|[0-9a-f]{7,64})|https?://\S+)\z", RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    /// <summary>The same, without what may be an ordinary number or word of a sentence.</summary>
    [GeneratedRegex(@"\A(?:(?:[^\s/#]+(?:/[^\s/#]+)?)?#[0-9]{1,9}|GH-[0-9]{1,9}|[0-9a-f]{10,64}|I[0-9a-f]{40}|https?://\S+)\z", RegexOptions.NonBacktracking)]
    private static partial Regex Marked();

    [GeneratedRegex(@"\A[\s*+_`~\u2022\-]*(?:\[[ xX]\]\s*)?(?:(?:this|it)\s+)?depend(?:s|ing)?[\s_\-]*on\b[\s*_`]*(?<colon>:?)[\s*_`:]*(?<rest>.*)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Near();
}
