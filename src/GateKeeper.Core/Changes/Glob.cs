using System.Text.RegularExpressions;

namespace GateKeeper.Core.Changes;

/// <summary>What a pattern is matched against; each has names of its own kind.</summary>
public enum PatternOf
{
    /// <summary>A raw git path from the root, case-sensitive.</summary>
    Path,

    /// <summary>A label or hashtag. Letter case does not count, as on the forges, and a slash parts nothing.</summary>
    Label,

    /// <summary>The short name of a branch.</summary>
    Branch,
}

/// <summary>
/// A pattern over whole names: <c>*</c> within a segment, <c>**</c> for whole segments, <c>?</c>, <c>[abc]</c>, <c>[!abc]</c>,
/// <c>{a,b}</c>; <c>\</c> makes the next of these characters plain. What looks like syntax and has no meaning here is refused, never taken
/// literally. Matching takes time linear in the name, whatever the pattern.
/// </summary>
public sealed class Glob : IEquatable<Glob>
{
    private const int MaxLength = 1024;
    private readonly Lazy<Regex> regex;
    private readonly PatternOf of;

    private Glob(string pattern, Lazy<Regex> regex, PatternOf of, bool isDoubtful) => (Pattern, this.regex, this.of, IsDoubtful) = (pattern, regex, of, isDoubtful);

    public string Pattern { get; }

    /// <summary>True where a class stands for a whole segment, as in <c>app/[id]/page</c>: it means one letter, and perhaps a name was meant.</summary>
    public bool IsDoubtful { get; }

    /// <summary>True for the pattern that matches every name.</summary>
    public bool MatchesAll => Pattern is "**" or "**/*";

    public bool Matches(string name) => regex.Value.IsMatch(name);

    /// <summary>Whether some path below the directory could match: asked before a tree is walked. May say yes too often, never no.</summary>
    public bool MayMatchBelow(string directory)
    {
        var literal = Pattern.AsSpan();
        var special = literal.IndexOfAny(@"*?[{\");
        if (special >= 0)
            literal = literal[..special];
        var below = $"{directory}/";
        return literal.StartsWith(below, StringComparison.Ordinal) || below.AsSpan().StartsWith(literal, StringComparison.Ordinal);
    }

    public bool Equals(Glob? other) => other is not null && Pattern == other.Pattern && of == other.of;

    public override bool Equals(object? obj) => Equals(obj as Glob);

    public override int GetHashCode() => Pattern.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Pattern;

    /// <summary>Null when the pattern cannot be read; <paramref name="problem"/> then says why, and what to write.</summary>
    public static Glob? TryParse(string pattern, out string problem, PatternOf of = PatternOf.Path)
    {
        problem = Problem(pattern, of);
        if (problem.Length > 0)
            return null;

        var syntax = new GlobSyntax(pattern, of);
        if (syntax.Read() is { } wrong)
        {
            problem = $"\"{pattern}\" is no pattern: it {wrong}";
            return null;
        }

        try
        {
            var options = RegexOptions.CultureInvariant | RegexOptions.Singleline | (of is PatternOf.Label ? RegexOptions.IgnoreCase : 0);

            // That it can be read is seen at once. What makes it linear costs fifty times as much, so it waits for the first name.
            var text = syntax.Regex;
            _ = new Regex(text, options);
            return new(pattern, new(() => new Regex(text, options | RegexOptions.NonBacktracking)), of, syntax.IsDoubtful);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            problem = $"\"{pattern}\" is no pattern: {error.Message}";
            return null;
        }
    }

    /// <summary>Why the settings, or the guard, cannot have this as a trunk; null when they can. Forges know no other patterns of branches than stars.</summary>
    public static string? TrunkProblem(string name) =>
        name.StartsWith('!') ? $"\"{name}\" would leave a trunk out, and only rules.yaml can do that; name those that are meant"
        : name.Any(@"?[]{}\".Contains) ? $"\"{name}\" is no branch name or pattern; * and ** are all the patterns that are known here"
        : TryParse(name, out var problem, PatternOf.Branch) is null ? problem
        : null;

    private static string Problem(string pattern, PatternOf of) => pattern switch
    {
        "" => "a pattern is empty",
        { Length: > MaxLength } => $"a pattern is longer than {MaxLength:N0} characters",
        _ when pattern.Any(char.IsControl) => "a pattern holds a control character",
        _ when char.IsWhiteSpace(pattern[0]) || (char.IsWhiteSpace(pattern[^1]) && !EndsPlain(pattern)) =>
            $"\"{pattern}\" begins or ends with a space; take it away, or write \"\\ \" where the name has one",
        ['!', ..] => of is PatternOf.Label
            ? $"\"{pattern}\" begins with !, and nothing is left out of a list of labels: say no-labels, or \\! for the character"
            : $"\"{pattern}\" begins with !, which leaves out only in a list, after the patterns that it leaves out of; write \\! for the character",
        ['/', ..] when of is not PatternOf.Label => $"\"{pattern}\" starts with a slash; patterns are matched from the root without one",
        ['#' or '^' or ':' or '~', ..] => $"\"{pattern}\" begins with {pattern[0]}, which means nothing here (a pattern is no regular expression and is matched whole); write \\{pattern[0]} for the character",
        _ when pattern.EndsWith('$') && !EndsPlain(pattern) => $"\"{pattern}\" ends with $, which means nothing here (a pattern is matched whole); write \\$ for the character",
        _ when of is PatternOf.Branch && pattern.StartsWith("refs/", StringComparison.Ordinal) => $"\"{pattern}\": branches have short names here, without refs/heads/",
        _ => "",
    };

    /// <summary>Whether a \ stands before the last character, and is not itself made plain by another.</summary>
    private static bool EndsPlain(string pattern) => (pattern.Length - 1 - pattern.AsSpan(0, pattern.Length - 1).TrimEnd('\\').Length) % 2 == 1;
}
