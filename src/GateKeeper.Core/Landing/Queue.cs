using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>A change in the queue, with what its place depends on; the priority is what was asked for in a comment.</summary>
internal sealed record Entry(Change Change, QueueRecord? Record, int Priority, DateTimeOffset Since, DateTimeOffset? Retried)
{
    /// <summary>Why it may not land although it is eligible: frozen. It takes no place in the window.</summary>
    public string? Frozen { get; init; }

    /// <summary>The priority that the rules give for its labels. It comes before what was asked for in comments.</summary>
    public int Labelled { get; init; }

    public Revision Revision => Change.Current;
}

/// <summary>Says which changes are eligible, and in which order they stand.</summary>
internal sealed class Queue
{
    private const string Depends = "depends";
    private const int MostNamed = 20;
    private readonly Snapshot now;
    private readonly Dictionary<ChangeId, Change> open;
    private readonly TestView tests;
    private readonly Needs needs;
    private readonly Dictionary<ChangeId, IReadOnlyList<ChangeId>> circles;

    public Queue(Snapshot now, TestView tests)
    {
        (this.now, this.tests) = (now, tests);
        open = now.Changes.ToDictionary(change => change.Id);
        needs = new(open);
        circles = needs.Circles();
        Bases = new(now, open, needs, circles.Keys);
        (OfTrunk, ToRemember) = (Last(certain: false), Last(certain: true));
        foreach (var change in now.Changes)
            Judgements[change.Id] = Judge.Of(now.Rules, now.Around(change) with { AssumeTests = true, Tests = tests.OfRevision(change) }).And(Beside(change));
        Entries = Order();
    }

    /// <summary>For every open change, what the rules would say if every test not yet known passed.</summary>
    public Dictionary<ChangeId, Judgement> Judgements { get; } = [];

    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>What each open change is judged and tested on.</summary>
    public Bases Bases { get; }

    /// <summary>What was last asked of the trunk: remembered, or new. While it is not known whether somebody may freeze it, it is frozen.</summary>
    public AskedOfTrunk? OfTrunk { get; }

    /// <summary>The same of those who are known to be let: what is not known holds up only as long as it is not.</summary>
    public AskedOfTrunk? ToRemember { get; }

    private AskedOfTrunk? Last(bool certain) =>
        Asked.Freeze(now.Rules, now.Changes.Select(now.Around), certain) is { } asked && now.Asked?.IsBefore(asked) != false
            ? new(asked.Kind is RequestKind.Freeze, asked.By, asked.Reason, asked.At, asked.Order) : now.Asked;

    public string? FreezeOf(Change change) =>
        OfTrunk is { Frozen: true } freeze ? $"frozen by {freeze.By}{(freeze.Reason.Length > 0 ? $": {freeze.Reason}" : "")}"
        : Asked.Frozen(now.Rules, now.Around(change));

    /// <summary>What stands in the way beside the gates: an ejection, a conflict with what it lies on, rules that only a mend may pass.</summary>
    private IEnumerable<Verdict> Beside(Change change)
    {
        if (RecordOf(change)?.Ejected is { } ejected && !(Asked.Retried(now.Rules, now.Around(change)) > ejected.At))
            yield return Verdict.Block(ejected.Outcome, $"{ejected.Why}\n(a new revision or /gatekeeper retry brings it back)") with { LastLines = ejected.LastLines };
        if (Bases.Of(change).Lacks is { } lacks)
            yield return Verdict.Wait(Depends, $"depends on {lacks.Id}, which does not merge with {now.Trunk}; this one is tested when that is mended");
        switch (Bases.Facts(change))
        {
            case CandidateFacts.Conflict conflict:
                yield return Verdict.Block("conflict", Words.Conflicts(now.Trunk, Bases.Of(change).On, conflict.Files));
                break;
            case CandidateFacts.Unknown unknown:
                yield return Verdict.Wait("not all of it is there", unknown.Why);
                break;
            case CandidateFacts.Refused { NeedsRebase: true } refused:
                yield return Verdict.Wait("rebase needed", refused.Why, change.Author.Name);
                break;
            case CandidateFacts.Refused refused:
                yield return Verdict.Block("cannot be merged", refused.Why);
                break;
        }

        foreach (var (dependency, at) in change.DependsOn.Where(dependency => !dependency.Landed).Select(dependency => (dependency, dependency.Change is { } id && open.TryGetValue(id, out var other) ? other.Current.Commit : (CommitSha?)null)))
        {
            if (dependency.On is { } on && at is { } current && on != current)
                yield return Verdict.Block(Depends, $"depends on {dependency.Named} as it was in {on}, and it is now {current}: rebase onto that");
        }

        var absent = change.DependsOn.Where(dependency => !dependency.Landed && (dependency.Change is not { } id || !open.ContainsKey(id))).ToList();
        foreach (var dependency in absent.Take(MostNamed))
            yield return Verdict.Wait(Depends, $"depends on {dependency.Named}, which is not open for {now.Trunk}");
        if (absent.Count > MostNamed)
            yield return Verdict.Wait(Depends, $"depends on {absent.Count - MostNamed} more that are not open for {now.Trunk}");
    }

    private QueueRecord? RecordOf(Change change) =>
        now.Queue.GetValueOrDefault(change.Id) is { } record && record.Revision == change.Current.Commit ? record : null;

    private List<Entry> Order()
    {
        var eligible = now.Changes.Where(change => Judgements[change.Id].Passes).Select(Enter).ToDictionary(entry => entry.Change.Id);
        DropCircles(eligible);
        DropDependants(eligible);

        var (order, frozen) = (new List<Entry>(), new HashSet<ChangeId>());
        foreach (var id in needs.InOrder(ByWorth(eligible.Values).Select(entry => entry.Change.Id)))
        {
            var entry = needs.Of(id).Any(frozen.Contains) ? eligible[id] with { Frozen = "depends on a change that is frozen" } : eligible[id];
            if (entry.Frozen is not null)
                frozen.Add(id);
            order.Add(entry);
        }

        return order;
    }

    private Entry Enter(Change change)
    {
        var record = RecordOf(change);
        var around = now.Around(change);
        var since = record?.EligibleSince ?? now.Now;
        return new(change, record, Asked.Priority(now.Rules, around), since, Asked.Retried(now.Rules, around)) { Frozen = FreezeOf(change), Labelled = Asked.Labelled(now.Rules, around) };
    }

    /// <summary>
    /// The worthiest first, some of them more than once. Waiting raises what was asked for by one every hour, and every day to the next higher
    /// priority that the rules give, so that nothing starves; never past a change that was asked to go before it and is in flight.
    /// </summary>
    private IEnumerable<Entry> ByWorth(IReadOnlyCollection<Entry> entries)
    {
        var flying = now.Runs.Where(run => run.Order.Purpose is RunPurpose.Gate).Select(run => run.Order.Candidate.Revision).ToHashSet();
        if (now.Published.Count > 0)
        {
            var shown = now.Published.Select(published => published.Commit).ToHashSet();
            flying.UnionWith(now.Candidates.Where(item => item.Value is CandidateFacts.Built built && shown.Contains(built.Commit)).Select(item => item.Key.Revision));
        }

        int[] steps = [.. now.Rules.Landing.Priority.Select(rule => rule.Value).Append(0).Distinct().Order()];
        var aged = entries.OrderByDescending(Raised).ThenByDescending(entry => entry.Priority + (int)Waited(entry).TotalHours).ThenBy(entry => entry.Since).ThenBy(entry => entry.Change.ProposedAt)
            .ThenBy(entry => entry.Change.Number.Length).ThenBy(entry => entry.Change.Number, StringComparer.Ordinal).ThenBy(entry => entry.Change.Id.Value, StringComparer.Ordinal).ToList();

        // Those in flight hold back what was asked to go behind them, and not their equals; what comes in after them holds back nothing.
        var first = aged.FindAll(entry => flying.Contains(entry.Revision));
        return aged.SelectMany(entry => first.Where(other => (other.Labelled, other.Priority).CompareTo((entry.Labelled, entry.Priority)) > 0).Append(entry));

        int Raised(Entry entry) => steps[Math.Min(steps.Length - 1, Array.IndexOf(steps, entry.Labelled) + (int)Waited(entry).TotalDays)];

        TimeSpan Waited(Entry entry) => TimeSpan.FromHours(Math.Clamp((now.Now - entry.Since).TotalHours, 0, 10_000));
    }

    /// <summary>A change whose predecessor is not eligible waits for it.</summary>
    private void DropDependants(Dictionary<ChangeId, Entry> eligible)
    {
        var lacking = needs.Lacking(eligible.Keys.ToHashSet());
        foreach (var id in lacking)
            eligible.Remove(id);

        // Whatever else a change lacks, it is told what it waits for, unless it is told more of that.
        foreach (var id in open.Keys.Where(id => !eligible.ContainsKey(id) && !circles.ContainsKey(id) && !Judgements[id].Missing.Any(verdict => verdict.Name == Depends)))
        {
            if (needs.Of(id).FirstOrDefault(other => !eligible.ContainsKey(other)) is not { Value: not null } other)
                continue;
            var missing = open[other];
            Add(open[id], RecordOf(missing)?.Ejected is null
                ? Verdict.Wait(Depends, $"depends on {missing.Id}, which is not ready to land")
                : Verdict.Block(Depends, $"depends on {missing.Id}, which failed"));
        }
    }

    private void DropCircles(Dictionary<ChangeId, Entry> eligible)
    {
        foreach (var (id, circle) in circles.Where(item => eligible.Remove(item.Key)))
            Add(open[id], Verdict.Block(Depends, $"the changes depend on each other in a circle: {Words.Some([.. circle.Select(change => $"{change}")])}"));
    }

    private void Add(Change change, Verdict verdict) => Judgements[change.Id] = Judgements[change.Id].And(verdict);
}
