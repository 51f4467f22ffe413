using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Every changed path with an owner in the trunk's file is approved by one of its owners.</summary>
public sealed record OwnersApprove(string File) : Requirement
{
    /// <summary>The group that approves paths without an owner; null where those need nobody.</summary>
    public string? Unowned { get; init; }

    public bool AuthorCounts { get; init; }

    public override IEnumerable<string> Groups => new[] { Unowned }.OfType<string>();

    public override Verdict Judge(Circumstances now)
    {
        var name = $"owners ({File})";
        if (!now.Owners.TryGetValue(File, out var owners))
            return Verdict.Wait(name, $"the trunk has no {File}");
        if (owners.Problems.Count > 0)
            return Verdict.Wait(name, $"{File} cannot be read: {string.Join("; ", owners.Problems)}");
        if (now.ChangedPaths is not { } paths)
            return Verdict.Wait(name, "the changed paths are not known");

        var approving = Standing.Of(now).Where(standing => standing.Approves).Select(standing => standing.By)
            .Where(by => SecondEyes.WhyNot(by, now, Membership.Anyone, self: false, coAuthors: false) is null).ToHashSet();
        if (AuthorCounts)
            approving.Add(now.Change.Author);

        var unmet = paths.Select(path => (Path: path, Line: owners.For(path) is { Owners.Count: > 0 } line ? line : null))
            .GroupBy(item => item.Line is { } line ? string.Join(' ', line.Owners) : "")
            .Select(group => Judge([.. group.Select(item => item.Path)], group.First().Line, owners, approving, now)).ToList();
        return unmet.Count == 0 ? Verdict.Pass(name, "no path has an owner") : Verdict.All(name, unmet);
    }

    private Verdict Judge(List<string> paths, OwnersLine? line, OwnersFile owners, HashSet<Account> approving, Circumstances now)
    {
        var name = Harmless.Line(paths.Count == 1 ? paths[0] : $"{paths[0]} and {paths.Count - 1} more");
        if (line is null && Unowned is null)
            return Verdict.Pass(name, $"{name} needs no owner");

        var words = line?.Owners ?? [$"@{Unowned}"];
        var people = new HashSet<Account>();
        foreach (var word in words)
        {
            var meant = line is not null && owners.Meant.TryGetValue(word, out var known) ? known
                : word.StartsWith('@') ? new([.. now.People.Of(word[1..])], now.People.Unreadable(word[1..]))
                : new GroupMembers([new(word)]);
            if (meant.Unreadable is { } why)
                return Verdict.Unknown(name, line is null ? $"{name}: {why}" : $"{name}: {File}, line {line.Number}, names {word}: {why}");
            people.UnionWith(meant.Accounts);
        }

        return people.FirstOrDefault(approving.Contains) is { Name: not null } who
            ? Verdict.Pass(name, $"{name}: approved by its owner {who}")
            : Lacking(name, words, people, now);
    }

    private static Verdict Lacking(string name, IEnumerable<string> words, HashSet<Account> people, Circumstances now)
    {
        ValueList<string> uncounted = [.. Standing.Of(now).Where(standing => people.Contains(standing.By))
            .Select(standing => standing.Approves ? SecondEyes.WhyNot(standing.By, now, Membership.Anyone, self: false, coAuthors: false) : standing.WhyNot).OfType<string>()];
        var able = people.Where(person => SecondEyes.WhyNever(person, now, Membership.Anyone, self: false, coAuthors: false) is null).ToList();
        var nobody = able.Count > 0 ? "" : "; nobody can meet this: no owner is there who did not make the change";
        return Verdict.Wait(name, string.Join("; ", uncounted.Prepend($"{name} needs an approval by an owner: {string.Join(' ', words)}{nobody}")), [.. able.Select(person => person.Name)]) with { Uncounted = uncounted, IsUnknown = uncounted.Count > 0 && now.VotesMayCountLater };
    }
}
