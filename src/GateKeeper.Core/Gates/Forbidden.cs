namespace GateKeeper.Core.Gates;

/// <summary>A condition that must be known not to hold.</summary>
public sealed record Forbidden(Condition Condition) : Requirement
{
    public override IEnumerable<string> Groups => Condition.Groups;

    /// <summary>Whether it is met wherever whoever proposes a change chooses other words, or sets no label.</summary>
    internal bool IsMetByWords => IsChosen(Condition);

    public override Verdict Judge(Circumstances now)
    {
        const string name = "forbidden";
        var answer = Condition.Judge(now);
        if (answer.IsYes)
            return Verdict.Block(name, $"{InWords.Clause(Condition.Fact(now))}, and this gate forbids {InWords.Clause(Condition.Words)}");
        if (answer.Why is { } why)
            return Verdict.Unknown(name, $"it is not known whether this is forbidden: {why}");

        // Where nobody can set a label, that it is absent says nothing.
        return !now.Forge.HasLabels && Condition.Flatten().Any(part => part is HasLabels)
            ? Verdict.Wait(name, $"{now.Forge.Name} has no labels")
            : Verdict.Pass(name, InWords.Clause(Condition.Fact(now)));
    }

    private static bool IsChosen(Condition condition) => condition switch
    {
        AllHold all => all.Parts.Any(IsChosen),
        OneHolds any => any.Parts.All(IsChosen),
        _ => condition is TitleMatches or FromBranch or HasLabels,
    };
}
