using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Every commit of the change carries a trailer, with a value that matches if a pattern is given.</summary>
public sealed record CarriesTrailer(string Key, Pattern? Value) : Requirement
{
    public override Verdict Judge(Circumstances now)
    {
        var name = $"trailer {Key}";
        var without = now.Change.Commits.Where(commit => !commit.ByGate && !commit.Trailers.Any(IsIt)).Select(commit => commit.Sha.Abbreviated).ToList();
        return now.Change.Commits.Count == 0 ? Verdict.Wait(name, "the commits are not known")
            : without.Count == 0 ? Verdict.Pass(name, $"every commit carries {Key}")
            : Verdict.Block(name, $"no {Key}: line in {string.Join(", ", without)}");

        bool IsIt(Trailer trailer) =>
            trailer.Key.Equals(Key, StringComparison.OrdinalIgnoreCase) && trailer.Value.Length > 0 && (Value is null || Value.Matches(trailer.Value));
    }
}

/// <summary>The title, or every commit's message, matches a pattern.</summary>
public sealed record MessageMatches(Pattern Pattern, bool Title, bool Commits) : Requirement
{
    public override Verdict Judge(Circumstances now)
    {
        const string name = "message";
        var wrong = new List<string>();
        // As it lands: what is not written there is not judged either.
        if (Title && !Pattern.Matches(Prose.Line(now.Change.Title)))
            wrong.Add($"the title does not match {Pattern}");
        if (Commits)
            wrong.AddRange(now.Change.Commits.Where(commit => !commit.ByGate && !Pattern.Matches(commit.Message)).Select(commit => $"the message of {commit.Sha} does not match {Pattern}"));
        return Commits && now.Change.Commits.Count == 0 ? Verdict.Wait(name, "the commits are not known")
            : wrong.Count == 0 ? Verdict.Pass(name, $"matches {Pattern}")
            : Verdict.Block(name, string.Join("; ", wrong));
    }
}

/// <summary>At most so many commits, and with <see cref="Linear"/> no merge among them.</summary>
public sealed record CommitsAre(int? Max, bool Linear) : Requirement
{
    public override Verdict Judge(Circumstances now)
    {
        const string name = "commits";
        var commits = now.Change.Commits;
        if (commits.Count == 0)
            return Verdict.Wait(name, "the commits are not known");
        if (Max is { } max && commits.Count > max)
            return Verdict.Block(name, $"{commits.Count} commits, at most {max} are allowed");
        return Linear && commits.FirstOrDefault(commit => commit.Parents > 1) is { } merge
            ? Verdict.Block(name, $"{merge.Sha} is a merge; the history must be linear")
            : Verdict.Pass(name, commits.Count == 1 ? "1 commit" : $"{commits.Count} commits");
    }
}

/// <summary>The change is no larger than this.</summary>
public sealed record SizeIs(int? MaxLines, int? MaxFiles) : Requirement
{
    public override Verdict Judge(Circumstances now)
    {
        const string name = "size";
        if ((now.Change.Lines is null && MaxLines is not null) || now.ChangedPaths is not { } paths)
            return Verdict.Wait(name, "the size of the change is not known yet");

        var (lines, files) = (now.Change.Lines, paths.Count());
        return MaxLines < lines ? Verdict.Block(name, $"{Say(lines)} changed, at most {MaxLines} are allowed")
            : MaxFiles < files ? Verdict.Block(name, $"{files} files changed, at most {MaxFiles} are allowed")
            : Verdict.Pass(name, lines is null ? $"{files} files" : $"{Say(lines)} in {files} files");
    }

    private static string Say(int? lines) => lines switch { int.MaxValue => "more lines than can be counted", 1 => "1 line", _ => $"{lines} lines" };
}

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
