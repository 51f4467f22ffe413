using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Rules;

/// <summary>
/// What is wrong in one rules file. Anybody may propose one, so what is kept of it is bounded: the first hundred errors are listed and the
/// others counted, and names that were probably meant are looked for only while that costs little.
/// </summary>
internal sealed class ProblemList
{
    private const int MostListed = 100;
    private const int LongestMessage = 500;
    private const int MostPatterns = 5000;
    private const long MostSteps = 5_000_000;
    private const long MostPatternSteps = 10_000;
    private readonly List<RuleProblem> errors = [];
    private readonly List<RuleProblem> warnings = [];
    private readonly Dictionary<Gates.Pattern, bool> expressions = [];
    private int more;
    private int patterns;
    private long patternSteps;
    private long steps;

    /// <summary>Where what was read stands.</summary>
    public RulePlaces Places { get; } = new();

    public bool HasErrors => errors.Count > 0;

    /// <summary>All that is listed, from the top of the file to its end.</summary>
    public ValueList<RuleProblem> Sorted => [.. errors.Concat(warnings).OrderBy(problem => problem.Place.Line).ThenBy(problem => problem.Place.Column), .. More];

    /// <summary>Each is one line, whatever names it holds: others read the answer line by line, and a name may not look like another answer.</summary>
    public void Add(RuleProblem problem)
    {
        problem = problem with { Message = problem.Message.ReplaceLineEndings(@"\n") };
        var list = problem.IsWarning ? warnings : errors;
        if (list.Count < MostListed)
            list.Add(problem.Message.Length > LongestMessage ? problem with { Message = $"{problem.Message[..LongestMessage]}..." } : problem);
        else if (!problem.IsWarning)
            more++;
    }

    /// <summary>Whether the file may hold so many patterns more: each costs more to read, and to match, than its few letters show.</summary>
    public bool MayHold(int count, Place place)
    {
        patterns += count;
        if (patterns <= MostPatterns)
            return true;
        if (patterns - count <= MostPatterns)
            Add(new(place, $"the file holds more than {MostPatterns:N0} path patterns"));
        return false;
    }

    /// <summary>Whether a regular expression matches every text. Each is tried once, and only while all of them together are small.</summary>
    public bool AsksNothing(Gates.Pattern expression, Place place)
    {
        if (expressions.TryGetValue(expression, out var known))
            return known;
        patternSteps += expression.Size;
        if (patternSteps > MostPatternSteps && patternSteps - expression.Size <= MostPatternSteps)
            Add(new(place, $"the regular expressions of the file have more than {MostPatternSteps:N0} steps together, with every {{n,m}} written out (ten times where it stands in another, five where it is repeated)"));
        return expressions[expression] = patternSteps <= MostPatternSteps && expression.AsksNothing;
    }

    /// <summary>"; did you mean ...", or nothing.</summary>
    public string Hint(string text, IEnumerable<string> names) =>
        errors.Count < MostListed && Nearest.To(text, names, ref steps, MostSteps) is { } near ? $"; did you mean \"{near}\"?" : "";

    private IEnumerable<RuleProblem> More => more == 0 ? [] : [new(errors[^1].Place, $"and {more:N0} more errors, which are not listed")];
}

/// <summary>Finds the name that was probably meant.</summary>
internal static class Nearest
{
    private const int Longest = 64;

    /// <summary>Null where none is near, or where looking further would take more than the steps that are left.</summary>
    public static string? To(string text, IEnumerable<string> names, ref long steps, long most)
    {
        if (text.Length > Longest)
            return null;
        var (near, best) = ((string?)null, Math.Max(text.Length < 4 ? 1 : 2, text.Length / 3) + 1);
        foreach (var name in names)
        {
            // What is longer or shorter by as much as that is not nearer.
            var worthIt = name.Length <= Longest && Math.Abs(name.Length - text.Length) < best;
            steps += worthIt ? (text.Length + 1) * (name.Length + 1) : 1;
            if (steps > most)
                return null;
            if (worthIt && Distance(text, name) is var distance && distance < best)
                (near, best) = (name, distance);
        }

        return near;
    }

    private static int Distance(string from, string to)
    {
        Span<int> previous = stackalloc int[Longest + 1], current = stackalloc int[Longest + 1];
        for (var j = 0; j <= to.Length; j++)
            previous[j] = j;
        for (var i = 0; i < from.Length; i++)
        {
            current[0] = i + 1;
            for (var j = 0; j < to.Length; j++)
                current[j + 1] = Math.Min(Math.Min(current[j], previous[j + 1]) + 1, previous[j] + (from[i] == to[j] ? 0 : 1));
            current[..(to.Length + 1)].CopyTo(previous);
        }

        return previous[to.Length];
    }
}
