using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Who may not approve a change, and why: the reason is told to whoever tried.</summary>
internal static class SecondEyes
{
    /// <summary>Null when the person's approval is a second pair of eyes.</summary>
    public static string? WhyNot(Account by, Circumstances now, string group, bool self, bool coAuthors) =>
        WhyNever(by, now, group, self, coAuthors)
        ?? (self || now.UnknownPush is not { } unknown ? null : $"the forge does not tell who pushed {unknown}: the approval counts once {now.Change.Author} asks to land this revision (/gatekeeper land)");

    /// <summary>The same, whoever turns out to have pushed it: who has no such reason may be asked for his vote.</summary>
    public static string? WhyNever(Account by, Circumstances now, string group, bool self, bool coAuthors)
    {
        var change = now.Change;
        if (by == now.Forge.Gate)
            return $"{by} is the gate itself";
        if (now.Forge.Bots.Contains(by) && (group == Membership.Anyone || !now.People.Has(group, by)))
            return $"{by} is a bot that the group does not name";
        if (self)
            return null;
        if (by == change.Author)
            return $"{by} is the author";
        if (by == change.Uploader)
            return $"{by} pushed this revision";
        if (change.Commits.Any(commit => commit.Author == by))
            return $"{by} wrote a commit of it";
        if (change.Commits.FirstOrDefault(commit => commit.Committer == by) is { } committed)
            return $"{by} committed {committed.Sha} of it";
        if (change.Commits.FirstOrDefault(commit => commit.PushedBy.Contains(by)) is { } pushed)
            return $"{by} pushed {pushed.Sha} of it, or an earlier form of that";
        if (!coAuthors && (change.CoAuthors.Contains(by) || change.Commits.Any(commit => commit.CoAuthors.Contains(by))))
            return $"{by} is a co-author";
        return null;
    }

    /// <summary>The end of a sentence where too few of a group are left for a change: those who made it are no second pair of eyes.</summary>
    public static string? WhyNobody(Circumstances now, string group, int count, bool self, bool coAuthors)
    {
        var members = now.People.Of(group);
        var barred = members.Select(member => WhyNever(member, now, group, self, coAuthors)).OfType<string>().ToList();
        var left = members.Count - barred.Count;
        return left >= count ? null
            : $"; nobody can meet this: {group} has {Number(members.Count)}{(barred.Count == 0 ? "" : $", and {(left == 0 ? "none" : $"only {left}")} of them may vote here ({Words(barred)})")}";
    }

    private static string Number(int members) => members switch { 0 => "no members", 1 => "1 member", _ => $"{members} members" };

    private static string Words(List<string> barred) => barred.Count <= 3 ? string.Join(", ", barred) : $"{string.Join(", ", barred.Take(3))} and {barred.Count - 3} more";
}

/// <summary>N different members of a group approve this revision, and no member of it has a veto standing.</summary>
public sealed record Approvals(int Count, string From) : Requirement
{
    public bool DespiteVetoes { get; init; }

    public string? LiftedBy { get; init; }

    public bool Self { get; init; }

    public bool CoAuthors { get; init; }

    public override IEnumerable<string> Groups => new[] { From, LiftedBy }.OfType<string>();

    public override Verdict Judge(Circumstances now)
    {
        var name = $"{Count} {(Count == 1 ? "approval" : "approvals")} from {From}";
        if (Unreadable(name, now, From, LiftedBy) is { } unreadable)
            return unreadable;

        var standings = Standing.Of(now, remover => LiftedBy is { } lifters && now.People.Has(lifters, remover)).ToList();
        var vetoes = DespiteVetoes ? Verdict.Pass(name, "") : NoVeto.Judge(name, From, standings, now);
        var counted = Counted(standings, now);
        var found = string.Join(", ", counted);
        if (counted.Count >= Count)
            return vetoes.Passes ? Verdict.Pass(name, $"approved by {found}") : vetoes;

        ValueList<string> lapsed = [.. standings.Where(standing => now.People.Has(From, standing.By)).Select(standing => Lapse(standing, now)).OfType<string>()];
        var nobody = From == Membership.Anyone ? null : SecondEyes.WhyNobody(now, From, Count, Self, CoAuthors);
        var reason = string.Join("; ", lapsed.Prepend($"{counted.Count} of {Count} approvals from {From}{(counted.Count > 0 ? $" ({found})" : "")}{nobody}"));
        var missing = Verdict.Wait(name, reason, nobody is null ? Voters(counted, now) : []) with { Uncounted = lapsed, IsUnknown = lapsed.Count > 0 && now.VotesMayCountLater };
        return vetoes.Passes ? missing : Verdict.All(name, [vetoes, missing]);
    }

    public override (IReadOnlyCollection<Account> Who, int Count)? Seats(Circumstances now) => (Counted([.. Standing.Of(now)], now), Count);

    private List<Account> Counted(List<Standing> standings, Circumstances now) =>
        [.. standings.Where(standing => standing.Approves && now.People.Has(From, standing.By) && WhyNot(standing.By, now) is null).Select(standing => standing.By)];

    private string? Lapse(Standing standing, Circumstances now) => standing.Approves ? WhyNot(standing.By, now) : standing.WhyNot;

    private string? WhyNot(Account by, Circumstances now) => SecondEyes.WhyNot(by, now, From, Self, CoAuthors);

    private string[] Voters(List<Account> counted, Circumstances now) =>
        From == Membership.Anyone
            ? ["@anyone"]
            : [.. now.People.Of(From).Where(member => !counted.Contains(member) && SecondEyes.WhyNever(member, now, From, Self, CoAuthors) is null).Select(member => member.Name)];
}

/// <summary>No member of a group has a veto standing, on whatever revision it was cast.</summary>
public sealed record NoVeto(string From) : Requirement
{
    public string? LiftedBy { get; init; }

    public override IEnumerable<string> Groups => new[] { From, LiftedBy }.OfType<string>();

    public override Verdict Judge(Circumstances now)
    {
        var name = $"no veto from {From}";
        return Unreadable(name, now, From, LiftedBy)
            ?? Judge(name, From, Standing.Of(now, remover => LiftedBy is { } lifters && now.People.Has(lifters, remover)), now);
    }

    internal static Verdict Judge(string name, string from, IEnumerable<Standing> standings, Circumstances now)
    {
        var vetoes = standings.Where(standing => standing.Veto is not null && now.People.Has(from, standing.By)).ToList();
        if (vetoes.Count == 0)
            return Verdict.Pass(name, $"nobody of {from} objects");

        return new(name, Decision.Block, string.Join("; ", vetoes.Select(Say)))
        {
            Cures = [.. vetoes.Select(standing => standing.By.Name)],
        };

        static string Say(Standing standing) => standing.Veto!.RemovedBy is { } remover
            ? $"vetoed by {standing.By} on {standing.Veto.On}; {remover} removed the veto and may not"
            : $"vetoed by {standing.By} on {standing.Veto.On}, until {standing.By} approves or withdraws it";
    }
}

/// <summary>N members of a group gave a named label at least a score on this revision, on forges that have such.</summary>
public sealed record LabelVote(string Label, int AtLeast, int Count, string From) : Requirement
{
    public bool Self { get; init; }

    public bool CoAuthors { get; init; }

    public override IEnumerable<string> Groups => [From];

    public override Verdict Judge(Circumstances now)
    {
        var name = $"{Label} at least {AtLeast:+0;-0;0} by {Count} of {From}";
        if (!now.Forge.HasScores)
            return Verdict.Wait(name, $"{now.Forge.Name} has no labels with scores: nobody can give {Label}");
        if (Unreadable(name, now, From) is { } unreadable)
            return unreadable;

        var counted = Counted(now);
        var nobody = From == Membership.Anyone ? null : SecondEyes.WhyNobody(now, From, Count, Self, CoAuthors);
        return counted.Count >= Count
            ? Verdict.Pass(name, $"{Label} by {string.Join(", ", counted)}")
            : Verdict.Wait(
                name, string.Join("; ", Uncounted(counted, now).Prepend($"{counted.Count} of {Count} {Label} {AtLeast:+0;-0;0} from {From}{nobody}")),
                nobody is not null ? [] : [.. now.People.Of(From).Except(counted).Where(by => WhyNot(by, now) is null).Select(by => by.Name)]) with { Uncounted = Uncounted(counted, now), IsUnknown = now.VotesMayCountLater && Uncounted(counted, now).Count > 0 };
    }

    /// <summary>Why what members of the group gave does not count.</summary>
    private ValueList<string> Uncounted(List<Account> counted, Circumstances now) =>
        [.. now.Change.Votes.Where(vote => vote.Label == Label && vote.Score >= AtLeast && now.People.Has(From, vote.By) && !counted.Contains(vote.By))
            .Select(vote => Standing.LapseOfItself(vote, now) ?? WhyNot(vote.By, now)).OfType<string>().Distinct()];

    public override (IReadOnlyCollection<Account> Who, int Count)? Seats(Circumstances now) => (Counted(now), Count);

    private List<Account> Counted(Circumstances now) =>
        [.. now.Change.Votes
            .Where(vote => IsIt(vote) && vote.Score >= AtLeast && Standing.LapseOfItself(vote, now) is null)
            .Where(vote => !now.Change.Votes.Any(other => other.By == vote.By && IsIt(other) && other.Score < AtLeast && other.RemovedBy is null && !vote.IsAfter(other)))
            .Select(vote => vote.By).Distinct()
            .Where(by => now.People.Has(From, by) && WhyNot(by, now) is null)];

    /// <summary>Labels with scores compare as Gerrit compares them, where two cannot differ in letter case alone.</summary>
    private bool IsIt(Vote vote) => Label.Equals(vote.Label, StringComparison.OrdinalIgnoreCase);

    private string? WhyNot(Account by, Circumstances now) => SecondEyes.WhyNot(by, now, From, Self, CoAuthors);
}

/// <summary>Nobody of a group stands at or below a score of a named label, on whatever revision he gave it.</summary>
public sealed record NoLabelVote(string Label, int AtMost, string From) : Requirement
{
    public override IEnumerable<string> Groups => [From];

    public override Verdict Judge(Circumstances now)
    {
        var name = $"no {Label} {AtMost:+0;-0;0} or below from {From}";
        if (!now.Forge.HasScores)
            return Verdict.Wait(name, $"{now.Forge.Name} has no labels with scores: {Label} is never given");
        if (Unreadable(name, now, From) is { } unreadable)
            return unreadable;

        var against = now.Change.Votes
            .Where(vote => IsIt(vote) && vote.Score <= AtMost && vote.RemovedBy != vote.By && now.People.Has(From, vote.By))
            .Where(low => !now.Change.Votes.Any(later => later.By == low.By && IsIt(later) && later.Score > AtMost && later.IsAfter(low) && later.RemovedBy is null && later.Void is null))
            .Select(vote => vote.By).Distinct().ToList();
        return against.Count == 0
            ? Verdict.Pass(name, $"nobody of {From} gave {Label} {AtMost:+0;-0;0}")
            : new(name, Decision.Block, $"{string.Join(", ", against)} gave {Label} {AtMost:+0;-0;0}") { Cures = [.. against.Select(by => by.Name)] };
    }

    /// <summary>Labels with scores compare as Gerrit compares them, where two cannot differ in letter case alone.</summary>
    private bool IsIt(Vote vote) => Label.Equals(vote.Label, StringComparison.OrdinalIgnoreCase);
}
