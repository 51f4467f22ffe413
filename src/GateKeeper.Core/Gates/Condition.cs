using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>When a gate applies, or an exception does. Unknown is an answer: what depends on it waits.</summary>
public abstract record Condition
{
    public abstract Applies Judge(Circumstances now);

    /// <summary>What holds it, as the end of a sentence: "this gate forbids ...".</summary>
    public abstract string Words { get; }

    /// <summary>What of the change the answer rests on, as a sentence without its full stop. Asked only where the answer is known.</summary>
    public abstract string Fact(Circumstances now);

    public virtual IEnumerable<string> Groups => [];

    /// <summary>The sizes of a change that the answer can depend on.</summary>
    public virtual IEnumerable<SizeLimit> Sizes => [];

    /// <summary>The single conditions that it is made of.</summary>
    public virtual IEnumerable<Condition> Flatten() => [this];
}

/// <summary>Each part holds.</summary>
public sealed record AllHold(ValueList<Condition> Parts) : Condition
{
    public override IEnumerable<string> Groups => Parts.SelectMany(part => part.Groups);

    public override IEnumerable<SizeLimit> Sizes => Parts.SelectMany(part => part.Sizes);

    public override string Words => $"{string.Join(" with ", Parts.Select(part => part.Words))}";

    public override IEnumerable<Condition> Flatten() => Parts.SelectMany(part => part.Flatten());

    public override string Fact(Circumstances now) =>
        Parts.FirstOrDefault(part => part.Judge(now).IsNo) is { } lacking ? lacking.Fact(now) : string.Join(", and ", Parts.Select(part => part.Fact(now)));

    public override Applies Judge(Circumstances now)
    {
        var answers = Parts.Select(part => part.Judge(now)).ToList();
        return answers.Find(answer => answer.IsNo) ?? answers.Find(answer => answer.Why is not null) ?? Applies.Yes;
    }
}

/// <summary>One part is enough.</summary>
public sealed record OneHolds(ValueList<Condition> Parts) : Condition
{
    public override IEnumerable<string> Groups => Parts.SelectMany(part => part.Groups);

    public override IEnumerable<SizeLimit> Sizes => Parts.SelectMany(part => part.Sizes);

    public override string Words => string.Join(" or ", Parts.Select(part => part.Words));

    public override IEnumerable<Condition> Flatten() => Parts.SelectMany(part => part.Flatten());

    public override string Fact(Circumstances now) =>
        Parts.FirstOrDefault(part => part.Judge(now).IsYes) is { } met ? met.Fact(now) : string.Join(", and ", Parts.Select(part => part.Fact(now)));

    public override Applies Judge(Circumstances now)
    {
        var answers = Parts.Select(part => part.Judge(now)).ToList();
        return answers.Find(answer => answer.IsYes) ?? answers.Find(answer => answer.Why is not null) ?? Applies.No;
    }
}

/// <summary>The part is known not to hold.</summary>
public sealed record HoldsNot(Condition Part) : Condition
{
    public override IEnumerable<string> Groups => Part.Groups;

    public override IEnumerable<SizeLimit> Sizes => Part.Sizes;

    public override string Words => $"all but {Part.Words}";

    public override IEnumerable<Condition> Flatten() => Part.Flatten();

    public override string Fact(Circumstances now) => Part.Fact(now);

    public override Applies Judge(Circumstances now)
    {
        var answer = Part.Judge(now);
        return answer.Why is null ? Applies.If(answer.IsNo) : answer;
    }
}

/// <summary>Yes, no, or not known and why.</summary>
public sealed record Applies
{
    private Applies(bool yes, string? why) => (IsYes, Why) = (yes, why);

    public static Applies Yes { get; } = new(true, null);

    public static Applies No { get; } = new(false, null);

    public bool IsYes { get; }

    public bool IsNo => !IsYes && Why is null;

    /// <summary>Why the answer is not known; null when it is.</summary>
    public string? Why { get; }

    public static Applies If(bool yes) => yes ? Yes : No;

    public static Applies Unknown(string why) => new(false, why);
}
