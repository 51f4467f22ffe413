using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Tests;

/// <summary>
/// The plain and slow way to say what a sound pattern means: as a regular expression. Nothing in the program uses it; the matcher is compared
/// with it, in what it answers and in what it costs.
/// </summary>
internal static class SlowGlob
{
    private const string Pair = @"[\uD800-\uDBFF][\uDC00-\uDFFF]";

    public static Regex Of(string pattern, PatternOf of = PatternOf.Path, RegexOptions how = RegexOptions.NonBacktracking) =>
        new(Translate(pattern, of), how | RegexOptions.CultureInvariant | RegexOptions.Singleline | (of is PatternOf.Label ? RegexOptions.IgnoreCase : 0));

    /// <summary>The pattern of whole paths that a line of an owners file stands for.</summary>
    public static string OfOwners(string pattern)
    {
        var rooted = pattern.TrimEnd('/').Contains('/', StringComparison.Ordinal);
        var body = Regex.Replace(pattern.Trim('/'), @"[{},!#^$:~|()-]", @"\$0");
        var anchored = rooted ? body : $"**/{body}";
        return pattern == "*" ? "**"
            : pattern.EndsWith("/*", StringComparison.Ordinal) ? anchored
            : pattern.EndsWith('/') ? $"{anchored}/**"
            : $"{{{anchored},{anchored}/**}}";
    }

    private static string Translate(string pattern, PatternOf of)
    {
        var text = new StringBuilder(@"\A");
        var depth = 0;
        for (var at = 0; at < pattern.Length; at++)
        {
            text.Append(pattern[at] switch
            {
                '*' when pattern.AsSpan(at).StartsWith("**/") => Skip("(?:.*/)?", 2),
                '*' when pattern.AsSpan(at).StartsWith("**") => Skip(".*", 1),
                '*' => of is PatternOf.Label ? ".*" : "[^/]*",
                '?' => of is PatternOf.Label ? $@"(?:{Pair}|[^\uD800-\uDFFF])" : $@"(?:{Pair}|[^/\uD800-\uDFFF])",
                '[' => Class(),
                '{' => Deeper(1, "(?:"),
                '}' => Deeper(-1, ")"),
                ',' when depth > 0 => "|",
                '\\' => Escaped(pattern[++at]),
                _ => Escaped(pattern[at]),
            });

            string Skip(string expression, int more)
            {
                at += more;
                return expression;
            }

            string Deeper(int by, string expression)
            {
                depth += by;
                return expression;
            }

            string Class()
            {
                var items = new StringBuilder();
                var negated = pattern[++at] is '!' or '^';
                for (at += negated ? 1 : 0; pattern[at] != ']'; at++)
                {
                    var isRange = pattern[at] == '-' && items.Length > 0 && pattern[at + 1] != ']' && items[^1] != '-';
                    items.Append(isRange ? "-" : pattern[at] == '\\' ? Escaped(pattern[++at]) : Escaped(pattern[at]));
                }

                return negated ? $@"(?:{Pair}|[^/\uD800-\uDFFF{items}])" : $"[{items}-[/]]";
            }
        }

        return text.Append(@"\z").ToString();
    }

    private static string Escaped(char letter) => char.IsAsciiLetterOrDigit(letter) ? $"{letter}" : string.Create(CultureInfo.InvariantCulture, $@"\u{(int)letter:X4}");
}
