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
