using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Some changed path matches, or, with <see cref="Only"/>, there is one and all match.</summary>
public sealed record Touches(PatternList Patterns, bool Only) : Condition
{
    public override Applies Judge(Circumstances now)
    {
        if (now.ChangedPaths is not { } paths)
            return Applies.Unknown("the changed paths are not known");

        var list = paths.ToList();
        return Applies.If(Only
            ? list.Count > 0 && list.TrueForAll(Patterns.Matches)
            : list.Exists(Patterns.Matches));
    }
}

/// <summary>The change is no larger than this.</summary>
public sealed record NoLarger(int? MaxLines, int? MaxFiles) : Condition
{
    public override bool AsksForLines => MaxLines is not null;

    public override Applies Judge(Circumstances now) =>
        (now.Change.Lines is null && MaxLines is not null) || now.ChangedPaths is not { } paths
            ? Applies.Unknown("the size of the change is not known yet")
            : Applies.If((MaxLines is null || now.Change.Lines <= MaxLines) && (MaxFiles is null || paths.Count() <= MaxFiles));
}
