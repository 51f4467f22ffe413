using System.Text.RegularExpressions;

namespace GateKeeper.Core.Gates;

/// <summary>
/// A regular expression that is found anywhere in a text, in time linear in it (non-backtracking); equal when its own text is. Line breaks
/// at the end of what it is held against do not count, so <c>^</c> and <c>$</c> are the very beginning and the very end.
/// </summary>
public sealed class Pattern : IEquatable<Pattern>
{
    private readonly Regex regex;

    private Pattern(Regex regex, long size) => (this.regex, Size) = (regex, size);

    /// <summary>How many steps it has, which each letter of a text may cost.</summary>
    public long Size { get; }

    /// <summary>The first part of the text that matches, which may be empty; null where none does.</summary>
    public string? Found(string text)
    {
        foreach (var match in regex.EnumerateMatches(text.AsSpan().TrimEnd('\n')))
            return text.Substring(match.Index, match.Length);
        return null;
    }

    public bool Matches(string text) => regex.IsMatch(text.AsSpan().TrimEnd('\n'));

    /// <summary>True when it seems to match whatever there is: nothing, and a text that is longer than it can count. What counts far is not tried.</summary>
    public bool AsksNothing => Size <= MostTried && Matches("") && Matches(string.Concat(Enumerable.Repeat(Strange, ((int)Size / Strange.Length) + 3)) + "!");

    private const int MostTried = 100;
    private const string Strange = "\u0001 strange: \n\n[words]!\r\n\u00e9\ud83d\ude00\t;";

    public bool Equals(Pattern? other) => other is not null && other.ToString() == ToString();

    public override bool Equals(object? obj) => Equals(obj as Pattern);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => regex.ToString();

    /// <summary>Null when the text is no pattern that can be matched in linear time.</summary>
    public static Pattern? TryParse(string text, out string problem)
    {
        problem = Problem(text);
        if (problem.Length > 0)
            return null;

        try
        {
            return new(new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), PatternSize.Of(text));
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            problem = $"it cannot be matched in linear time: {error.Message}";
            return null;
        }
    }

    /// <summary>What other programs take for syntax, and a regular expression here would take for letters.</summary>
    private static string Problem(string text) =>
        text.StartsWith('!') ? "a leading ! negates nothing here; write \\! for the character"
        : text.Length > 1 && text.StartsWith('/') && text.AsSpan(1).TrimEnd("dgimsuvxy").EndsWith("/") ? "it stands between slashes, which are letters here; leave them out, and write (?i) first where letter case does not count"
        : PatternSize.Of(text) is > PatternSize.Most and var size ? $"with every {{n,m}} written out (ten times where it stands in another, five where it is repeated) it has {size:N0} steps, and at most {PatternSize.Most} are taken: count less, or write + or *"
        : "";
}
