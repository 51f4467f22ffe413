using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>It is proposed for one of these trunks.</summary>
public sealed record ForTrunks(PatternList Trunks) : Condition
{
    public override Applies Judge(Circumstances now) => Applies.If(Trunks.Matches(now.Change.Target));
}

/// <summary>It is a draft, or is none.</summary>
public sealed record IsDraft(bool Draft) : Condition
{
    public override Applies Judge(Circumstances now) => Applies.If(now.Change.Draft == Draft);
}
