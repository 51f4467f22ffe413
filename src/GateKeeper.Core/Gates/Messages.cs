using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Every commit of the change carries a trailer, with a value that matches if a pattern is given.</summary>
public sealed record CarriesTrailer(string Key, Pattern? Value) : Requirement
{
    public bool WithoutMerges { get; init; }

    public override Verdict Judge(Circumstances now)
    {
        var name = $"trailer {Key}";
        if (now.Change.Commits.Count == 0)
            return Verdict.Wait(name, "the commits are not known");
        var judged = JudgedCommits.Of(now.Change, WithoutMerges);
        var without = judged.Commits.Where(commit => !commit.Trailers.Any(IsIt)).Select(commit => commit.Sha.Abbreviated).ToList();
        return without.Count == 0 ? Verdict.Pass(name, $"every commit{judged.But} carries {Key}")
            : Verdict.Block(name, $"no {Key}: line in {InWords.Some(without, JudgedCommits.MostNamed)}{judged.Alone}");

        bool IsIt(Trailer trailer) =>
            trailer.Key.Equals(Key, StringComparison.OrdinalIgnoreCase) && trailer.Value.Length > 0 && (Value is null || Value.Matches(trailer.Value));
    }
}

/// <summary>The title, or every commit's message, matches one pattern, and does not match another.</summary>
public sealed record MessageMatches(Pattern? Pattern, bool Title, bool Commits) : Requirement
{
    /// <summary>What must not be found there.</summary>
    public Pattern? Never { get; init; }

    public bool WithoutMerges { get; init; }

    public override Verdict Judge(Circumstances now)
    {
        const string name = "message";
        if (Commits && now.Change.Commits.Count == 0)
            return Verdict.Wait(name, "the commits are not known");
        var judged = JudgedCommits.Of(now.Change, WithoutMerges);
        // As it lands: what is not written there is not judged either.
        var wrong = (Title ? Wrong("the title", Prose.Line(now.Change.Title)) : []).ToList();
        if (Commits)
            wrong.AddRange(judged.Commits.SelectMany(commit => Wrong($"the message of {commit.Sha}", commit.Message)));
        var patterns = string.Join(" and ", new[] { Pattern is null ? null : $"matches {Pattern}", Never is null ? null : $"does not match {Never}" }.OfType<string>());
        return wrong.Count == 0 ? Verdict.Pass(name, patterns)
            : Verdict.Block(name, $"{string.Join("; ", wrong.Take(JudgedCommits.MostNamed))}{(wrong.Count > JudgedCommits.MostNamed ? $"; and {wrong.Count - JudgedCommits.MostNamed} more" : "")}{(Commits ? judged.Alone : "")}");
    }

    private IEnumerable<string> Wrong(string what, string text)
    {
        if (Pattern?.Matches(text) == false)
            yield return $"{what} does not match {Pattern}";
        if (Never?.Found(text) is { } found)
            yield return $"{what} matches {Never}, and must not{InWords.Quoted(found)}";
    }
}

/// <summary>
/// The commits whose words are judged: all but the gate's own and, where the rules say so, merges. Where merges are all there is, they are
/// judged all the same: else a change could lie in a merge alone, and nobody would have said a word of it.
/// </summary>
internal sealed record JudgedCommits(List<CommitFacts> Commits, bool AreMerges, bool LeavesOut)
{
    public const int MostNamed = 10;

    public string But => LeavesOut ? " that is no merge" : "";

    public string Alone => AreMerges ? " (there are only merges here, so they are not left out)" : "";

    public static JudgedCommits Of(Change change, bool withoutMerges)
    {
        var people = change.Commits.Where(commit => !commit.ByGate).ToList();
        var plain = withoutMerges ? people.FindAll(commit => commit.Parents < 2) : people;
        var onlyMerges = plain.Count == 0 && people.Count > 0;
        return new(onlyMerges ? people : plain, onlyMerges, plain.Count > 0 && plain.Count < people.Count);
    }
}
