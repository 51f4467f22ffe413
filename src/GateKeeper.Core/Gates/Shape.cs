namespace GateKeeper.Core.Gates;

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
