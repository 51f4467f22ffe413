using System.Collections;

namespace GateKeeper.Core.Changes;

/// <summary>One entry of a list of patterns: what it matches is meant, or left out.</summary>
public sealed record PathPattern(Glob Glob, bool LeavesOut)
{
    public string Pattern => LeavesOut ? $"!{Glob.Pattern}" : Glob.Pattern;

    public override string ToString() => Pattern;
}

/// <summary>
/// Patterns in order, of which the last one that matches a name decides: one with a leading <c>!</c> leaves out what those before it
/// meant, and a later one can bring part of that back.
/// </summary>
public sealed class PatternList : IReadOnlyList<PathPattern>, IEquatable<PatternList>
{
    private readonly ValueList<PathPattern> patterns;
    private readonly PatternOf of;
    private GlobTree? all;
    private GlobTree? meant;

    private PatternList(ValueList<PathPattern> patterns, PatternOf of) => (this.patterns, this.of) = (patterns, of);

    public int Count => patterns.Count;

    public PathPattern this[int index] => patterns[index];

    /// <summary>True when every name is meant.</summary>
    public bool MatchesAll
    {
        get
        {
            var last = patterns.LastOrDefault(pattern => pattern.LeavesOut || pattern.Glob.MatchesAll);
            return last is { LeavesOut: false };
        }
    }

    public bool Matches(string name) =>
        (all ??= GlobTree.Of(patterns.Select(pattern => pattern.Glob), of)).Last(name) is >= 0 and var last && !patterns[last].LeavesOut;

    /// <summary>Whether some path below the directory could be meant: asked before a tree is walked. May say yes too often, never no.</summary>
    public bool MayMatchBelow(string directory) =>
        (meant ??= GlobTree.Of(patterns.Where(pattern => !pattern.LeavesOut).Select(pattern => pattern.Glob), of)).MayGoOn($"{directory}/");

    /// <summary>Whether all that the very same pattern matches is meant here.</summary>
    public bool Covers(Glob place) => patterns.LastOrDefault(pattern => pattern.LeavesOut || pattern.Glob.Equals(place)) is { LeavesOut: false };

    public bool Equals(PatternList? other) => other is not null && patterns.Equals(other.patterns);

    public override bool Equals(object? obj) => Equals(obj as PatternList);

    public override int GetHashCode() => patterns.GetHashCode();

    public IEnumerator<PathPattern> GetEnumerator() => patterns.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => patterns.ToString();

    /// <summary>A list of one pattern that is known to be sound.</summary>
    public static PatternList Of(string pattern, PatternOf of = PatternOf.Path) => new([new(Glob.TryParse(pattern, out var problem, of) ?? throw new ArgumentException(problem, nameof(pattern)), LeavesOut: false)], of);

    /// <summary>Reads each entry; what cannot be read is told with its place in the list, and left out of the answer.</summary>
    public static PatternList Read(IReadOnlyList<string> texts, PatternOf of, Action<int, string> wrong)
    {
        var read = new List<PathPattern>();
        for (var at = 0; at < texts.Count; at++)
        {
            var leavesOut = texts[at].StartsWith('!') && of is not PatternOf.Label;
            if (leavesOut && at == 0)
                wrong(at, $"\"{texts[at]}\" comes first in its list, where there is nothing to leave it out of; write what is meant before it, such as \"**\", or \\! for the character");
            else if (Glob.TryParse(leavesOut ? texts[at][1..] : texts[at], out var problem, of) is { } glob)
                read.Add(new(glob, leavesOut));
            else
                wrong(at, problem);
        }

        return new([.. read], of);
    }
}
