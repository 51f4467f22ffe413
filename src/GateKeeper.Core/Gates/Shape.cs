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
