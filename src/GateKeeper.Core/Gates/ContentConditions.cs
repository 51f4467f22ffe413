using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Some changed path matches, or, with <see cref="Only"/>, there is one and all match.</summary>
public sealed record Touches(PatternList Patterns, bool Only) : Condition
{
    public override string Words => $"changes to {InWords.Some(Patterns.Select(pattern => pattern.Pattern))}{(Only ? " alone" : "")}";

    public override Applies Judge(Circumstances now)
    {
        if (now.ChangedPaths is not { } paths)
            return Applies.Unknown("the changed paths are not known");

        var list = paths.ToList();
        return Applies.If(Only
            ? list.Count > 0 && list.TrueForAll(Patterns.Matches)
            : list.Exists(Patterns.Matches));
    }

    public override string Fact(Circumstances now)
    {
        var told = (now.ChangedPaths ?? []).Where(path => Patterns.Matches(path) != Only).ToList();
        var where = InWords.Some(Patterns.Select(pattern => pattern.Pattern));
        return told.Count > 0 ? $"it changes {InWords.Some(told)}" : Only ? $"it changes nothing outside of {where}" : $"it changes nothing in {where}";
    }
}
