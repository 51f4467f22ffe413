using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>
/// Finds requirements that nobody can ever meet, such as five approvals from a group of three. Counted are the people that the file names;
/// how many a team of the forge holds, only the forge knows.
/// </summary>
internal sealed class Reach(Ruleset rules)
{
    /// <summary>Anybody may propose a rules file, so the assignments that are tried for it are few.</summary>
    private const int MostTried = 100;
    private const int MostPlaces = 200;
    private readonly Dictionary<string, GroupDefinition> groups = rules.Groups.ToDictionary(group => group.Name, StringComparer.Ordinal);
    private readonly Dictionary<string, Named> known = new(StringComparer.Ordinal);
    private int tried;

    private sealed record Named(HashSet<Account> People, bool AreAll);

    /// <summary>The part that cannot be met, and why; null where the requirement can be met, or where that is not known.</summary>
    public (Requirement Part, string Why)? Never(Requirement requirement)
    {
        switch (requirement)
        {
            case AllOf all:
                return all.Parts.Select(Never).FirstOrDefault(part => part is not null) ?? ((Vain.WhyNever([all]) ?? (all.DifferentPeople ? TooFewDifferent(all) : null)) is { } why ? (all, why) : null);
            case LabelsAre labels when Vain.WhyNever([labels]) is { } both:
                return (labels, both);
            case AnyOf any:
                var parts = any.Parts.Select(Never).ToList();
                return parts.Contains(null) ? null : (any, string.Join("; ", parts.Take(3).Select(part => part!.Value.Why)));
            case Approvals approvals:
                return TooFew(approvals.Count, "approvals", approvals.From) is { } few ? (approvals, few) : null;
            case LabelVote vote:
                return TooFew(vote.Count, $"votes of {vote.Label}", vote.From) is { } fewer ? (vote, fewer) : null;
            case GoAhead go when go.From.All(name => name != GoAhead.Author && Of(name) is { AreAll: true, People.Count: 0 }):
                return (go, $"it waits for {string.Join(", ", go.From)} to say go, and there is nobody in it: nobody can meet this");
            case Forbidden forbidden when Always(forbidden.Condition):
                return (forbidden, $"it forbids {forbidden.Condition.Words}, and that is every change: nobody can meet this");
            default:
                return null;
        }
    }

    /// <summary>Whether a condition holds whatever a change is; what only looks so is left to the reader.</summary>
    private static bool Always(Condition condition) => condition switch
    {
        AuthorIs { Outside: false } author => author.Group == Membership.Anyone,
        Touches touches => touches.Patterns.MatchesAll,
        ForTrunks trunks => trunks.Trunks.MatchesAll,
        InRepository repositories => repositories.Repositories.MatchesAll,
        AllHold all => all.Parts.All(Always),
        OneHolds any => any.Parts.Any(Always),
        _ => false,
    };

    /// <summary>Why it may be that the requirement cannot be met: the file does not tell how many people there are.</summary>
    public string? WhyDoubtful(Requirement requirement) => requirement switch
    {
        Approvals { LiftedBy: { } lifters } when IsEmpty(lifters) => NobodyLifts(lifters),
        NoVeto { LiftedBy: { } lifters } when IsEmpty(lifters) => NobodyLifts(lifters),
        OwnersApprove { Unowned: { } group } when IsEmpty(group) => $"paths without an owner wait for {group}, which has no members: nobody can meet this there",
        Approvals { Count: > 1 } approvals => MayBeTooFew(approvals.Count, "approvals", approvals.From),
        OwnersApprove { Unowned: { } group } when Of(group) is { AreAll: true, People.Count: 0 } => $"paths that nobody owns wait for {group}, and {group} has no members: nobody can meet this",
        LabelVote { Count: > 1 } vote => MayBeTooFew(vote.Count, $"votes of {vote.Label}", vote.From),
        _ => null,
    };

    /// <summary>The part that cannot be met where all authors belong to a group and nobody approves a change of his own; null where it can be, or where that is not known.</summary>
    public (Requirement Part, string Why)? NeverBy(string authors, Requirement requirement) => requirement switch
    {
        AllOf all => all.Parts.Select(part => NeverBy(authors, part)).FirstOrDefault(part => part is not null),
        Approvals { Self: false } approvals => TooFewOthers(authors, approvals.Count, approvals.From) is { } why ? (approvals, why) : null,
        LabelVote { Self: false } vote => TooFewOthers(authors, vote.Count, vote.From) is { } why ? (vote, why) : null,
        _ => null,
    };

    private string? TooFewOthers(string authors, int count, string from) =>
        Of(authors) is { AreAll: true, People: { Count: > 0 } makers } && Of(from) is { AreAll: true, People: var there } && makers.IsSubsetOf(there) && there.Count - 1 < count
            ? $"it is for changes of {authors} alone, who do not approve their own: {(there.Count == 1 ? "nobody else" : $"only {there.Count - 1}")} of {from} is left for {count}: nobody can meet this" : null;

    private bool IsEmpty(string group) => Of(group) is { AreAll: true, People.Count: 0 };

    private static string NobodyLifts(string group) => $"lifted-by names {group}, which has no members: nobody can lift a veto";

    /// <summary>Why no two people can lift a gate together; null where two can, or where that is not known.</summary>
    public string? WhyNeverTwo(OverrideRight right) =>
        Union(right.From) is { AreAll: true } first && Union(right.Second) is { AreAll: true } second && !Assignment.Fills([first.People, second.People])
            ? $"an override needs one of {string.Join(", ", right.From)} and another of {string.Join(", ", right.Second)}, and there are no two such people: nobody can lift a gate" : null;

    private string? TooFew(int count, string what, string from) => Of(from) is { AreAll: true, People.Count: var there } && there < count
        ? $"it asks for {count} {what} from {from}, and {from} has {(there == 0 ? "no members" : there == 1 ? "1 member" : $"{there} members")}: nobody can meet this" : null;

    private string? MayBeTooFew(int count, string what, string from) => from != Membership.Anyone && Of(from) is { AreAll: false, People.Count: var there } && there < count
        ? $"it asks for {count} {what} from {from}, and {(there == 0 ? "its members are a team's" : $"only {there} of its members are named here, the others are a team's")}: see on the forge that there are so many" : null;

    private string? TooFewDifferent(AllOf all)
    {
        var parts = all.Flatten().ToList();
        if (parts.Exists(part => part is AnyOf))
            return null;
        var seats = parts.Select(part => part switch
        {
            Approvals approvals => (approvals.From, approvals.Count),
            LabelVote vote => (vote.From, vote.Count),
            _ => ("", 0),
        }).Where(seat => seat.Item2 > 0 && Of(seat.Item1).AreAll).ToList();
        var count = seats.Sum(seat => seat.Item2);
        if (count is 0 or > MostPlaces || ++tried > MostTried)
            return null;
        return Assignment.Fills([.. seats.SelectMany(seat => Enumerable.Repeat(Of(seat.Item1).People, seat.Item2))]) ? null
            : $"it asks for {count} different people from {string.Join(", ", seats.Select(seat => seat.Item1).Distinct())}, and there are not so many: nobody can meet this";
    }

    private Named Union(IReadOnlyCollection<string> names) =>
        new([.. names.SelectMany(name => Of(name).People)], names.All(name => Of(name).AreAll));

    /// <summary>The people of a group. Groups that include each other are an error of the file, and never come here.</summary>
    private Named Of(string name)
    {
        if (known.TryGetValue(name, out var before))
            return before;
        if (!groups.TryGetValue(name, out var group))
            return known[name] = new([], AreAll: false);
        var inner = group.Groups.Select(Of).ToList();
        HashSet<Account> people = [.. group.Users.Select(user => new Account(user)), .. inner.SelectMany(part => part.People)];
        people.ExceptWith(group.Except.Select(user => new Account(user)));
        return known[name] = new(people, group.Teams.Count == 0 && inner.TrueForAll(part => part.AreAll));
    }
}
