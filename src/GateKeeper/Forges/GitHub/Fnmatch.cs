using System.Text;
using System.Text.RegularExpressions;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// A pattern of branches as rulesets mean it: a star stops at a slash, and so do two of them, but for two that are a segment with others
/// after it, which are any number of segments. So gatekeeper/** is gatekeeper/x and not gatekeeper/x/y; gatekeeper/**/* is both.
/// </summary>
internal static class Fnmatch
{
    private const string Any = "**/";

    /// <param name="pattern">As a ruleset has it: refs/heads/main, ~ALL, ~DEFAULT_BRANCH, or with stars.</param>
    /// <param name="reference">The whole name of a branch.</param>
    /// <param name="defaultBranch">The short name of the repository's default branch.</param>
    public static bool Matches(string pattern, string reference, string defaultBranch) => pattern switch
    {
        "~ALL" => true,
        "~DEFAULT_BRANCH" => reference == $"refs/heads/{defaultBranch}",
        _ => Fits(pattern, reference),
    };

    /// <summary>What is no pattern fits nothing: a ruleset that cannot be read guards nothing.</summary>
    private static bool Fits(string pattern, string reference)
    {
        try
        {
            return new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline).IsMatch(reference);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Translate(string pattern)
    {
        var text = new StringBuilder(@"\A");
        for (var at = 0; at < pattern.Length; at++)
        {
            var letter = pattern[at];
            if (letter == '*' && (at == 0 || pattern[at - 1] == '/') && pattern.AsSpan(at).StartsWith(Any, StringComparison.Ordinal))
            {
                text.Append("(?:[^/]+/)*");
                at += Any.Length - 1;
            }
            else if (letter == '[' && pattern.IndexOf(']', at + 1) is var end && end > at + 1)
            {
                var inside = pattern[(at + 1)..end];
                text.Append('[').Append(inside[0] is '!' or '^' ? "^" : "").Append(inside.TrimStart('!', '^').Replace(@"\", @"\\", StringComparison.Ordinal).Replace("[", @"\[", StringComparison.Ordinal)).Append(']');
                at = end;
            }
            else if (letter == '\\' && at + 1 < pattern.Length)
            {
                text.Append(Regex.Escape(pattern[++at].ToString()));
            }
            else
            {
                text.Append(letter switch { '*' => "[^/]*", '?' => "[^/]", _ => Regex.Escape(letter.ToString()) });
            }
        }

        return text.Append(@"\z").ToString();
    }
}
