using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Every changed path with an owner in the trunk's file is approved by one of its owners, or by each of them.</summary>
public sealed record OwnersApprove(string File) : Requirement
{
    private const int MostReasons = 3;

    /// <summary>Whether each owner whom the deciding line names must approve: each account, and somebody of each group.</summary>
    public bool Each { get; init; }

    /// <summary>Whether files of that name in any directory are meant, each for what lies there and below.</summary>
    public bool Nested { get; init; }

    /// <summary>The group that approves paths without an owner; null where those need nobody.</summary>
    public string? Unowned { get; init; }

    /// <summary>Whether the author's own word counts, on a revision that they pushed or asked to land.</summary>
    public bool AuthorCounts { get; init; }

    /// <summary>What the file, or all of them together, goes by among the trunk's owners files.</summary>
    public string Key => Nested ? $"**/{File}" : File;

    public override IEnumerable<string> Groups => new[] { Unowned }.OfType<string>();

    /// <summary>Whether a path of the trunk is a file that it reads.</summary>
    public bool Reads(string path) => path == File || (Nested && path.EndsWith(File, StringComparison.Ordinal) && path[^(File.Length + 1)] == '/');

    public override Verdict Judge(Circumstances now)
    {
        var name = $"owners ({File})";
        if (!now.Owners.TryGetValue(Key, out var owners))
            return Verdict.Wait(name, Nested ? $"the trunk has no {File} in any directory" : $"the trunk has no {File}");
        if (owners.Problems.Count > 0)
            return Verdict.Wait(name, $"{File} cannot be read: {string.Join("; ", owners.Problems)}");
        if (now.ChangedPaths is not { } paths)
            return Verdict.Wait(name, "the changed paths are not known");

        var approving = Approving(now).ToHashSet();
        if (AuthorCounts && now.IsTheAuthors)
            approving.Add(now.Change.Author);

        var unmet = paths.Select(path => (Path: path, Line: owners.For(path) is { Owners.Count: > 0 } line ? line : null))
            .GroupBy(item => item.Line is { } line ? string.Join(' ', line.Owners) : "")
            .Select(group => Judge([.. group.Select(item => item.Path)], group.First().Line, owners, approving, now)).ToList();
        return unmet.Count == 0 ? Verdict.Pass(name, "no path has an owner") : Verdict.All(name, unmet);
    }

    public override IEnumerable<Account> Approvers(Circumstances now)
    {
        if (!now.Owners.TryGetValue(Key, out var owners) || owners.Problems.Count > 0 || now.ChangedPaths is not { } paths)
            return [];
        var people = paths.Select(path => owners.For(path) is { Owners.Count: > 0 } line ? line : null).Distinct()
            .SelectMany(line => (line?.Owners ?? (Unowned is null ? [] : [$"@{Unowned}"])).SelectMany(word => Meant(word, line, owners, now).Accounts)).ToHashSet();
        return Approving(now).Where(people.Contains);
    }

    private static IEnumerable<Account> Approving(Circumstances now) => Standing.Of(now).Where(standing => standing.Approves).Select(standing => standing.By)
        .Where(by => SecondEyes.WhyNot(by, now, Membership.Anyone, self: false, coAuthors: false) is null);

    private Verdict Judge(List<string> paths, OwnersLine? line, OwnersFile owners, HashSet<Account> approving, Circumstances now)
    {
        var name = Harmless.Line(paths.Count == 1 ? paths[0] : $"{paths[0]} and {paths.Count - 1} more");
        if (line is null && Unowned is null)
            return Verdict.Pass(name, $"{name} needs no owner");

        var named = (line?.Owners ?? [$"@{Unowned}"]).Distinct().Select(word => new Owner(word, Meant(word, line, owners, now))).ToList();
        List<Verdict> unknown = [.. named.Where(owner => owner.Meant.Unreadable is not null).Select(owner => Unknown(name, line, owner))];
        if (!Each || line is null)
            return unknown.Count > 0 ? unknown[0] : Approved(name, new(string.Join(' ', named.Select(owner => owner.Word)), new([.. named.SelectMany(owner => owner.Meant.Accounts).Distinct()])), line, approving, now);

        var missing = named.Where(owner => owner.Meant.Unreadable is null && !owner.Meant.Accounts.Any(approving.Contains)).ToList();
        return missing.Count > 0 ? Verdict.All(name, [.. unknown, Lacking(name, named, missing, line, now)])
            : unknown.Count > 0 ? Verdict.All(name, unknown)
            : Verdict.Pass(name, $"{name}: approved by each of its owners: {Words(named)}");
    }

    /// <summary>What a line calls somebody, and whom that means.</summary>
    private sealed record Owner(string Word, GroupMembers Meant);

    private static GroupMembers Meant(string word, OwnersLine? line, OwnersFile owners, Circumstances now) =>
        line is not null && owners.Meant.TryGetValue(word, out var known) ? known
        : word.StartsWith('@') ? new([.. now.People.Of(word[1..])], now.People.Unreadable(word[1..]))
        : new([new(word)]);

    private Verdict Unknown(string name, OwnersLine? line, Owner owner) =>
        Verdict.Unknown(name, line is null ? $"{name}: {owner.Meant.Unreadable}" : $"{name}: {line.File ?? File}, line {line.Number}, names {owner.Word}: {owner.Meant.Unreadable}");

    /// <summary>Any one of them is enough.</summary>
    private Verdict Approved(string name, Owner owners, OwnersLine? line, HashSet<Account> approving, Circumstances now)
    {
        if (owners.Meant.Accounts.FirstOrDefault(approving.Contains) is { Name: not null } who)
            return Verdict.Pass(name, $"{name}: approved by its owner {who}");
        var able = Able(owners, now).ToList();
        var nobody = able.Count > 0 ? "" : "; nobody can meet this: no owner is there who did not make the change";
        return Waits(name, $"{name} needs an approval by an owner: {owners.Word}{Place(line)}{nobody}", owners.Meant.Accounts, able, now);
    }

    /// <summary>Some have approved, or nobody has; each of the missing ones must.</summary>
    private Verdict Lacking(string name, List<Owner> all, List<Owner> missing, OwnersLine? line, Circumstances now)
    {
        var vain = missing.FindAll(owner => !Able(owner, now).Any());
        var able = vain.Count > 0 ? [] : missing.SelectMany(owner => Able(owner, now)).Distinct().ToList();
        var lacks = missing.Count == all.Count ? "" : $"; missing: {Words(missing)}";
        var nobody = vain.Count == 0 ? "" : $"; nobody can meet this: {string.Join("; ", vain.Select(owner => WhyNever(owner, now)))}";
        return Waits(name, $"{name} needs an approval by each of its owners: {Words(all)}{Place(line)}{lacks}{nobody}", [.. missing.SelectMany(owner => owner.Meant.Accounts).Distinct()], able, now);
    }

    private static string WhyNever(Owner owner, Circumstances now)
    {
        var barred = owner.Meant.Accounts.Select(person => SecondEyes.WhyNever(person, now, Membership.Anyone, self: false, coAuthors: false)).OfType<string>().ToList();
        return barred.Count == 0 ? $"{owner.Word} has no members"
            : $"of {owner.Word} nobody may approve it ({string.Join(", ", barred.Take(MostReasons))}{(barred.Count > MostReasons ? $" and {barred.Count - MostReasons} more" : "")})";
    }

    private IEnumerable<Account> Able(Owner owner, Circumstances now) =>
        owner.Meant.Accounts.Where(person => (AuthorCounts && person == now.Change.Author) || SecondEyes.WhyNever(person, now, Membership.Anyone, self: false, coAuthors: false) is null);

    private static string Words(List<Owner> owners) => string.Join(' ', owners.Select(owner => owner.Word));

    /// <summary>Where the line stands, if it may be in one of many files.</summary>
    private static string Place(OwnersLine? line) => line is { File: { } file, Number: var number } ? $" ({file}, line {number})" : "";

    private Verdict Waits(string name, string reason, IReadOnlyCollection<Account> people, List<Account> able, Circumstances now)
    {
        ValueList<string> uncounted = [.. Standing.Of(now).Where(standing => people.Contains(standing.By))
            .Select(standing => standing.Approves ? SecondEyes.WhyNot(standing.By, now, Membership.Anyone, self: false, coAuthors: false) : standing.WhyNot).OfType<string>()];
        if (AuthorCounts && people.Contains(now.Change.Author))
            reason += $"; {now.Change.Author} owns it, which counts once {now.Change.Author} asks to land this revision (/gatekeeper land): {now.Change.Uploader?.Name ?? "nobody knows who"} pushed it";
        return Verdict.Wait(name, string.Join("; ", uncounted.Prepend(reason)), [.. able.Select(person => person.Name)]) with { Uncounted = uncounted, IsUnknown = uncounted.Count > 0 && now.VotesMayCountLater };
    }
}
