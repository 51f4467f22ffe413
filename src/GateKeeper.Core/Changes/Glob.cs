using System.Buffers;

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

    /// <summary>What a forge calls a repository. Letter case does not count, as on GitHub.</summary>
    Repository,
}

/// <summary>
/// A pattern over whole names: <c>*</c> within a segment, <c>**</c> for whole segments, <c>?</c>, <c>[abc]</c>, <c>[!abc]</c>,
/// <c>{a,b}</c>; <c>\</c> makes the next of these characters plain. What looks like syntax and has no meaning here is refused, never taken
/// literally. Matching takes time linear in the name, whatever the pattern: no regular expression is made.
/// </summary>
public sealed class Glob : IEquatable<Glob>
{
    private const int MaxLength = 1024;
    private static readonly SearchValues<char> Controls = SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(char.IsControl)]);
    private readonly PatternOf of;
    private GlobTree? tree;

    private Glob(string pattern, PatternOf of, bool isDoubtful) => (Pattern, this.of, IsDoubtful) = (pattern, of, isDoubtful);

    public string Pattern { get; }

    /// <summary>True where a class stands for a whole segment, as in <c>app/[id]/page</c>: it means one letter, and perhaps a name was meant.</summary>
    public bool IsDoubtful { get; }

    /// <summary>True for the pattern that matches every name.</summary>
    public bool MatchesAll => Pattern is "**" or "**/*";

    public bool Matches(string name) => (tree ??= GlobTree.Of([this], of)).Last(name) >= 0;

    public bool Equals(Glob? other) => other is not null && Pattern == other.Pattern && of == other.of;

    public override bool Equals(object? obj) => Equals(obj as Glob);

    public override int GetHashCode() => Pattern.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Pattern;

    /// <summary>Null when the pattern cannot be read; <paramref name="problem"/> then says why, and what to write.</summary>
    public static Glob? TryParse(string pattern, out string problem, PatternOf of = PatternOf.Path)
    {
        var isDoubtful = false;
        problem = Problem(pattern, of) ?? Read(pattern, of, [], out isDoubtful) ?? "";
        return problem.Length > 0 ? null : new(pattern, of, isDoubtful);
    }

    /// <summary>Reads a pattern of paths into its pieces; answers what is wrong with it, or null.</summary>
    internal static string? Read(string pattern, List<GlobToken> tokens) => Problem(pattern, PatternOf.Path) ?? Read(pattern, PatternOf.Path, tokens, out _);

    private static string? Read(string pattern, PatternOf of, List<GlobToken> tokens, out bool isDoubtful)
    {
        var syntax = new GlobSyntax(pattern, of, tokens);
        var wrong = syntax.Read();
        isDoubtful = syntax.IsDoubtful;
        return wrong is null ? null : $"\"{pattern}\" is no pattern: it {wrong}";
    }

    /// <summary>Why the settings, or the guard, cannot have this as a trunk; null when they can. Forges know no other patterns of branches than stars.</summary>
    public static string? TrunkProblem(string name) =>
        name.StartsWith('!') ? $"\"{name}\" would leave a trunk out, and only rules.yaml can do that; name those that are meant"
        : name.Any(@"?[]{}\".Contains) ? $"\"{name}\" is no branch name or pattern; * and ** are all the patterns that are known here"
        : TryParse(name, out var problem, PatternOf.Branch) is null ? problem
        : null;

    private static string? Problem(string pattern, PatternOf of) => pattern switch
    {
        "" => "a pattern is empty",
        { Length: > MaxLength } => $"a pattern is longer than {MaxLength:N0} characters",
        _ when pattern.AsSpan().ContainsAny(Controls) => "a pattern holds a control character",
        _ when char.IsWhiteSpace(pattern[0]) || (char.IsWhiteSpace(pattern[^1]) && !EndsPlain(pattern)) =>
            $"\"{pattern}\" begins or ends with a space; take it away, or write \"\\ \" where the name has one",
        ['!', ..] => of is PatternOf.Label
            ? $"\"{pattern}\" begins with !, and nothing is left out of a list of labels: say no-labels, or \\! for the character"
            : $"\"{pattern}\" begins with !, which leaves out only in a list, after the patterns that it leaves out of; write \\! for the character",
        ['/', ..] when of is not PatternOf.Label => $"\"{pattern}\" starts with a slash; patterns are matched from the root without one",
        ['#' or '^' or ':' or '~', ..] => $"\"{pattern}\" begins with {pattern[0]}, which means nothing here (a pattern is no regular expression and is matched whole); write \\{pattern[0]} for the character",
        _ when pattern.EndsWith('$') && !EndsPlain(pattern) => $"\"{pattern}\" ends with $, which means nothing here (a pattern is matched whole); write \\$ for the character",
        _ when of is PatternOf.Branch && pattern.StartsWith("refs/", StringComparison.Ordinal) => $"\"{pattern}\": branches have short names here, without refs/heads/",
        _ => null,
    };

    /// <summary>Whether a \ stands before the last character, and is not itself made plain by another.</summary>
    private static bool EndsPlain(string pattern) => (pattern.Length - 1 - pattern.AsSpan(0, pattern.Length - 1).TrimEnd('\\').Length) % 2 == 1;
}
