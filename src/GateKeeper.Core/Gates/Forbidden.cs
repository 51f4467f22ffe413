namespace GateKeeper.Core.Gates;

/// <summary>A condition that must be known not to hold.</summary>
public sealed record Forbidden(Condition Condition) : Requirement
{
    public override IEnumerable<string> Groups => Condition.Groups;

    public override Verdict Judge(Circumstances now)
    {
        const string name = "forbidden";
        var answer = Condition.Judge(now);
        if (answer.IsYes)
            return Verdict.Block(name, $"{Condition.Fact(now)}, and this gate forbids {Condition.Words}");
        if (answer.Why is { } why)
            return Verdict.Unknown(name, $"it is not known whether this is forbidden: {why}");

        // Where nobody can set a label, that it is absent says nothing.
        return !now.Forge.HasLabels && Condition.Flatten().Any(part => part is HasLabels)
            ? Verdict.Wait(name, $"{now.Forge.Name} has no labels")
            : Verdict.Pass(name, Condition.Fact(now));
    }
}
