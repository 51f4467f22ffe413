using System.Text;
using System.Text.RegularExpressions;

namespace GateKeeper.Core.Changes;

/// <summary>
/// A pattern over raw git paths, case-sensitive, from the root: <c>*</c> within a segment, <c>**</c> across segments, <c>?</c>,
/// <c>[abc]</c>, <c>{a,b}</c>. Matching takes time linear in the path, whatever the pattern.
/// </summary>
public sealed class Glob : IEquatable<Glob>
{
    private readonly Regex regex;

    private Glob(string pattern, Regex regex) => (Pattern, this.regex) = (pattern, regex);

    public string Pattern { get; }

    /// <summary>True for the pattern that matches every path.</summary>
    public bool MatchesAll => Pattern is "**" or "**/*";

    public bool Matches(string path) => MatchesAll || regex.IsMatch(path);

    /// <summary>Whether some path below the directory could match: asked before a tree is walked. May say yes too often, never no.</summary>
    public bool MayMatchBelow(string directory)
    {
        var literal = Pattern.AsSpan();
        var special = literal.IndexOfAny("*?[{");
        if (special >= 0)
            literal = literal[..special];
        var below = $"{directory}/";
        return literal.StartsWith(below, StringComparison.Ordinal) || below.AsSpan().StartsWith(literal, StringComparison.Ordinal);
    }

    public bool Equals(Glob? other) => other is not null && Pattern == other.Pattern;

    public override bool Equals(object? obj) => Equals(obj as Glob);

    public override int GetHashCode() => Pattern.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Pattern;

    /// <summary>Null when the pattern cannot be read; <paramref name="problem"/> then says why.</summary>
    public static Glob? TryParse(string pattern, out string problem)
    {
        problem = Problem(pattern);
        if (problem.Length > 0)
            return null;

        var text = new StringBuilder("^");
        if (Translate(pattern, text) is { } wrong)
        {
            problem = wrong;
            return null;
        }

        try
        {
            return new(pattern, new Regex(text.Append('$').ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline));
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            problem = $"\"{pattern}\" is no pattern: {error.Message}";
            return null;
        }
    }

    private static string Problem(string pattern) => pattern switch
    {
        "" => "a path pattern is empty",
        { Length: > 1024 } => "a path pattern is longer than 1,024 characters",
        _ when pattern.StartsWith('/') => $"\"{pattern}\" starts with a slash; patterns are matched from the root without one",
        _ when pattern.Any(char.IsControl) => "a path pattern holds a control character",
        _ => "",
    };

    private static string? Translate(string pattern, StringBuilder text)
    {
        var depth = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when i + 1 < pattern.Length && pattern[i + 1] == '*':
                    var slash = i + 2 < pattern.Length && pattern[i + 2] == '/';
                    text.Append(slash ? "(?:.*/)?" : ".*");
                    i += slash ? 2 : 1;
                    break;
                case '*':
                    text.Append("[^/]*");
                    break;
                case '?':
                    text.Append("[^/]");
                    break;
                case '[':
                    var end = pattern.IndexOf(']', i + 1);
                    if (end <= i + 1)
                        return $"\"{pattern}\" opens [ and does not close it, or holds nothing between";
                    var negated = pattern[i + 1] is '!' or '^';
                    text.Append(negated ? "[^/" : "[").Append(Regex.Escape(pattern[(i + (negated ? 2 : 1))..end])).Append(']');
                    i = end;
                    break;
                case '{':
                    depth++;
                    text.Append("(?:");
                    break;
                case '}' when depth > 0:
                    depth--;
                    text.Append(')');
                    break;
                case ',' when depth > 0:
                    text.Append('|');
                    break;
                default:
                    text.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return depth == 0 ? null : $"\"{pattern}\" opens {{ and does not close it";
    }
}
