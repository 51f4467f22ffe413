using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>
/// One thing that a gate demands. Judging is pure, total, and answers with a reason written for the change's author. Each requirement of
/// the language is one record with its own judgement; nothing else in the program decides what it means.
/// </summary>
public abstract record Requirement
{
    public abstract Verdict Judge(Circumstances now);

    /// <summary>The requirement and all that it is made of.</summary>
    public virtual IEnumerable<Requirement> Flatten() => [this];

    /// <summary>The groups named anywhere in it, whose members must be known.</summary>
    public virtual IEnumerable<string> Groups => [];

    /// <summary>The people whose votes fill it, and how many it takes: null for a requirement that is not about different people.</summary>
    public virtual (IReadOnlyCollection<Account> Who, int Count)? Seats(Circumstances now) => null;

    /// <summary>Whose approvals count for it, whether or not they are enough.</summary>
    public virtual IEnumerable<Account> Approvers(Circumstances now) => Seats(now) is var (who, _) ? who : [];

    /// <summary>
    /// The ways in which it passes, each as the places that people fill and who may fill each: one for a single requirement, one for each
    /// branch of a choice that passes.
    /// </summary>
    internal virtual IEnumerable<IReadOnlyList<IReadOnlyCollection<Account>>> Ways(Circumstances now) =>
        [Seats(now) is var (who, count) ? [.. Enumerable.Repeat(who, count)] : []];

    /// <summary>The first reason why one of the groups cannot be relied upon, as a verdict; null when all can.</summary>
    protected static Verdict? Unreadable(string name, Circumstances now, params ReadOnlySpan<string?> groups)
    {
        foreach (var group in groups)
        {
            if (group is not null && now.People.Unreadable(group) is { } why)
                return Verdict.Unknown(name, why);
        }

        return null;
    }
}

/// <summary>Every part must pass; with <see cref="DifferentPeople"/> nobody fills two of its places at once.</summary>
public sealed record AllOf(ValueList<Requirement> Parts, bool DifferentPeople) : Requirement
{
    public override IEnumerable<Requirement> Flatten() => Parts.SelectMany(part => part.Flatten()).Prepend(this);

    public override Verdict Judge(Circumstances now)
    {
        var verdict = Verdict.All("all of these", Parts.Select(part => part.Judge(now)));
        if (!DifferentPeople || !verdict.Passes)
            return verdict;

        return Ways(now).Take(MostWays).Any(Assignment.Fills)
            ? verdict
            : Verdict.Wait("all of these", "one person would have to fill two places; somebody else must vote", [.. Flatten().Where(part => part.Seats(now) is not null).SelectMany(part => part.Groups).Distinct().Select(group => $"@{group}")]) with { Parts = verdict.Parts };
    }

    internal override IEnumerable<IReadOnlyList<IReadOnlyCollection<Account>>> Ways(Circumstances now) =>
        Parts.Aggregate(
            (IEnumerable<IReadOnlyList<IReadOnlyCollection<Account>>>)[[]],
            (before, part) => before.SelectMany(places => part.Ways(now).Select(more => (IReadOnlyList<IReadOnlyCollection<Account>>)[.. places, .. more])));

    private const int MostWays = 1000;
}

/// <summary>One part is enough.</summary>
public sealed record AnyOf(ValueList<Requirement> Parts) : Requirement
{
    public override IEnumerable<Requirement> Flatten() => Parts.SelectMany(part => part.Flatten()).Prepend(this);

    public override Verdict Judge(Circumstances now) => Verdict.Any("one of these", Parts.Select(part => part.Judge(now)));

    internal override IEnumerable<IReadOnlyList<IReadOnlyCollection<Account>>> Ways(Circumstances now) =>
        Parts.Where(part => part.Judge(now).Passes).SelectMany(part => part.Ways(now));
}

/// <summary>Whether people can be given places so that each place has one of its own and nobody has two (augmenting paths).</summary>
internal static class Assignment
{
    public static bool Fills(IReadOnlyList<IReadOnlyCollection<Account>> places)
    {
        var seatOf = new Dictionary<Account, int>();
        return Enumerable.Range(0, places.Count).All(place => Seat(place, places, seatOf, []));
    }

    private static bool Seat(int place, IReadOnlyList<IReadOnlyCollection<Account>> places, Dictionary<Account, int> seatOf, HashSet<Account> tried)
    {
        foreach (var person in places[place])
        {
            if (!tried.Add(person))
                continue;
            if (seatOf.TryGetValue(person, out var other) && !Seat(other, places, seatOf, tried))
                continue;
            seatOf[person] = place;
            return true;
        }

        return false;
    }
}
