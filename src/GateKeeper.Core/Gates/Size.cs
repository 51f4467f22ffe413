using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>How large a change may be, without the files that it leaves out.</summary>
public sealed record SizeLimit(int? MaxLines, int? MaxFiles, PatternList? Except)
{
    private const int MostNamed = 3;

    /// <summary>Null where it is not known whether the change is larger.</summary>
    internal Extent? Of(Circumstances now)
    {
        if (now.Change.Edits is not { } edits || now.ChangedPaths is not { } paths)
            return null;
        var (lines, files, known) = (0L, 0, true);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var edit in edits)
        {
            named.Add(edit.Path);
            if (edit.From is { } from)
                named.Add(from);
            if (Counted(edit) is not (true, var more))
                continue;
            files++;
            known &= more is not null;
            lines += more ?? 0;
        }

        // The merge may touch more than the change itself: an edit that it carries to where the trunk moved a file.
        files += paths.Count(path => !named.Contains(path) && Counts(path));
        return known || MaxLines is null ? new(known ? (int)Math.Min(int.MaxValue, lines) : null, files) : null;
    }

    internal bool Holds(Extent extent) => !(extent.Lines > MaxLines) && !(extent.Files > MaxFiles);

    /// <summary>What a verdict says of what is left out; nothing where nothing is.</summary>
    internal string Without => Except is null ? ""
        : $" (not counted: {string.Join(", ", Except.Take(MostNamed))}{(Except.Count > MostNamed ? $" and {Except.Count - MostNamed} more" : "")})";

    private bool Counts(string path) => Except?.Matches(path) != true;

    /// <summary>
    /// Whether a file counts, and its lines. A file that moves between what is left out and what is not is new there, or gone from there:
    /// else somebody could bring it where nothing counts, and move it.
    /// </summary>
    private (bool Counts, int? Lines) Counted(EditedFile edit)
    {
        var here = Counts(edit.Path);
        if (edit.From is null || Counts(edit.From) == here)
            return (here, edit.Lines);
        return (true, (here ? edit.After : edit.Before) is { } whole && edit.Lines is { } edited ? Math.Max(whole, edited) : null);
    }
}

/// <summary>How large the counted part of a change is. The lines are null where nothing asks for them.</summary>
internal sealed record Extent(int? Lines, int Files);

/// <summary>The change is no larger than this.</summary>
public sealed record SizeIs(SizeLimit Limit) : Requirement
{
    public override Verdict Judge(Circumstances now)
    {
        const string name = "size";
        if (Limit.Of(now) is not var (lines, files))
            return Verdict.Wait(name, "the size of the change is not known yet");

        return Limit.MaxLines < lines ? Verdict.Block(name, $"{Say(lines)} changed, at most {Limit.MaxLines} are allowed{Limit.Without}")
            : Limit.MaxFiles < files ? Verdict.Block(name, $"{files} files changed, at most {Limit.MaxFiles} are allowed{Limit.Without}")
            : Verdict.Pass(name, $"{(lines is null ? "" : $"{Say(lines)} in ")}{files} files{Limit.Without}");
    }

    internal static string Files(int files) => files == 1 ? "1 file" : $"{files} files";

    internal static string Say(int? lines) => lines switch { int.MaxValue => "more lines than can be counted", 1 => "1 line", _ => $"{lines} lines" };
}

/// <summary>Holds where the change is no larger than this.</summary>
public sealed record NoLarger(SizeLimit Limit) : Condition
{
    public override IEnumerable<SizeLimit> Sizes => [Limit];

    public override string Words => $"changes of at most {string.Join(" and ", new[] { Limit.MaxLines is { } lines ? SizeIs.Say(lines) : null, Limit.MaxFiles is { } files ? SizeIs.Files(files) : null }.OfType<string>())}{Limit.Without}";

    public override string Fact(Circumstances now) =>
        Limit.Of(now) is not var (lines, files) ? "its size is not known" : $"it changes {(lines is null || Limit.MaxLines is null ? "" : $"{SizeIs.Say(lines)} in ")}{SizeIs.Files(files)}";

    public override Applies Judge(Circumstances now) =>
        Limit.Of(now) is { } extent ? Applies.If(Limit.Holds(extent)) : Applies.Unknown("the size of the change is not known yet");
}
