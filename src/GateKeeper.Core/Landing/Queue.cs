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
    private readonly Snapshot now;
    private readonly Dictionary<ChangeId, Change> open;
    private readonly TestView tests;

    public Queue(Snapshot now, TestView tests)
    {
        (this.now, this.tests) = (now, tests);
        open = now.Changes.ToDictionary(change => change.Id);
        (OfTrunk, ToRemember) = (Last(certain: false), Last(certain: true));
        foreach (var change in now.Changes)
            Judgements[change.Id] = Judge.Of(now.Rules, now.Around(change) with { AssumeTests = true, Tests = tests.OfRevision(change) }).And(Beside(change));
        Entries = Order();
    }

    /// <summary>For every open change, what the rules would say if every test not yet known passed.</summary>
    public Dictionary<ChangeId, Judgement> Judgements { get; } = [];

    public IReadOnlyList<Entry> Entries { get; }

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

    /// <summary>What stands in the way beside the gates: an ejection, a conflict with the tip, rules that only a mend may pass.</summary>
    private IEnumerable<Verdict> Beside(Change change)
    {
        if (RecordOf(change)?.Ejected is { } ejected && !(Asked.Retried(now.Rules, now.Around(change)) > ejected.At))
            yield return Verdict.Block(ejected.Outcome, $"{ejected.Why}\n(a new revision or /gatekeeper retry brings it back)");
        switch (now.Candidates.GetValueOrDefault(new(now.Tip, change.Current)))
        {
            case CandidateFacts.Conflict conflict:
                yield return Verdict.Block("conflict", Words.ConflictsWithTrunk(now.Trunk, conflict.Files));
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
                yield return Verdict.Block("depends", $"depends on {dependency.Named} as it was in {on}, and it is now {current}: rebase onto that");
        }

        foreach (var dependency in change.DependsOn.Where(dependency => !dependency.Landed && (dependency.Change is not { } id || !open.ContainsKey(id))))
            yield return Verdict.Wait("depends", $"depends on {dependency.Named}, which is not open for {now.Trunk}");
    }

    private QueueRecord? RecordOf(Change change) =>
        now.Queue.GetValueOrDefault(change.Id) is { } record && record.Revision == change.Current.Commit ? record : null;

    private List<Entry> Order()
    {
        var eligible = now.Changes.Where(change => Judgements[change.Id].Passes).Select(Enter).ToDictionary(entry => entry.Change.Id);
        DropCycles(eligible);
        DropDependants(eligible);

        var order = new List<Entry>();
        var placed = new HashSet<ChangeId>();
        foreach (var entry in Aged([.. eligible.Values]).OrderByDescending(entry => entry.Labelled).ThenByDescending(entry => entry.Priority).ThenBy(entry => entry.Since).ThenBy(entry => entry.Change.ProposedAt)
            .ThenBy(entry => entry.Change.Number.Length).ThenBy(entry => entry.Change.Number, StringComparer.Ordinal).ThenBy(entry => entry.Change.Id.Value, StringComparer.Ordinal))
            Place(entry, []);
        return order;

        void Place(Entry entry, HashSet<ChangeId> path)
        {
            if (!path.Add(entry.Change.Id) || placed.Contains(entry.Change.Id))
                return;
            var ahead = Needs(entry.Change).Select(id => eligible[id]).ToList();
            foreach (var other in ahead)
                Place(other, path);
            if (placed.Add(entry.Change.Id))
                order.Add(ahead.Exists(other => order.Exists(before => before.Change.Id == other.Change.Id && before.Frozen is not null)) ? entry with { Frozen = "depends on a change that is frozen" } : entry);
        }
    }

    private Entry Enter(Change change)
    {
        var record = RecordOf(change);
        var around = now.Around(change);
        var since = record?.EligibleSince ?? now.Now;
        return new(change, record, Asked.Priority(now.Rules, around), since, Asked.Retried(now.Rules, around)) { Frozen = FreezeOf(change), Labelled = Asked.Labelled(now.Rules, around) };
    }

    /// <summary>
    /// Waiting raises what was asked for by one every hour, and every day to the next higher priority that the rules give, so that nothing
    /// starves; never past a change that was asked to go before it and is in flight.
    /// </summary>
    private List<Entry> Aged(List<Entry> entries)
    {
        var flying = now.Runs.Where(run => run.Order.Purpose is RunPurpose.Gate).Select(run => run.Order.Candidate.Revision).ToHashSet();
        if (now.Published.Count > 0)
        {
            var shown = now.Published.Select(published => published.Commit).ToHashSet();
            flying.UnionWith(now.Candidates.Where(item => item.Value is CandidateFacts.Built built && shown.Contains(built.Commit)).Select(item => item.Key.Revision));
        }

        // From those that were asked to go first: what flies ahead bounds all that was asked to go behind it, and not its equals.
        int[] steps = [.. now.Rules.Landing.Priority.Select(rule => rule.Value).Append(0).Distinct().Order()];
        var aged = new List<Entry>();
        (int Labelled, int Priority) bound = (int.MaxValue, int.MaxValue);
        foreach (var equals in entries.GroupBy(entry => (entry.Labelled, entry.Priority)).OrderByDescending(group => group.Key))
        {
            var next = bound;
            foreach (var entry in equals)
            {
                var raised = entry with { Labelled = Raised(entry), Priority = entry.Priority + (int)Waited(entry).TotalHours };
                if ((raised.Labelled, raised.Priority).CompareTo(bound) >= 0)
                    raised = raised with { Labelled = bound.Labelled, Priority = Math.Min(raised.Priority, bound.Priority - 1) };
                aged.Add(raised);
                if (flying.Contains(entry.Revision) && (raised.Labelled, raised.Priority).CompareTo(next) < 0)
                    next = (raised.Labelled, raised.Priority);
            }

            bound = next;
        }

        return aged;

        int Raised(Entry entry) => steps[Math.Min(steps.Length - 1, Array.IndexOf(steps, entry.Labelled) + (int)Waited(entry).TotalDays)];

        TimeSpan Waited(Entry entry) => TimeSpan.FromHours(Math.Clamp((now.Now - entry.Since).TotalHours, 0, 10_000));
    }

    /// <summary>A change whose predecessor is not eligible waits for it.</summary>
    private void DropDependants(Dictionary<ChangeId, Entry> eligible)
    {
        for (var dropped = true; dropped;)
        {
            dropped = false;
            foreach (var entry in eligible.Values.ToList())
            {
                if (Needs(entry.Change).Where(id => !eligible.ContainsKey(id)).Select(id => open[id]).FirstOrDefault() is not { } missing)
                    continue;
                eligible.Remove(entry.Change.Id);
                Add(entry.Change, missing.Id == entry.Change.Id || RecordOf(missing)?.Ejected is null
                    ? Verdict.Wait("depends", $"depends on {missing.Id}, which is not ready to land")
                    : Verdict.Block("depends", $"depends on {missing.Id}, which failed"));
                dropped = true;
            }
        }
    }

    private void DropCycles(Dictionary<ChangeId, Entry> eligible)
    {
        foreach (var entry in eligible.Values.Where(entry => Cycle(entry.Change) is not null).ToList())
        {
            eligible.Remove(entry.Change.Id);
            Add(entry.Change, Verdict.Block("depends", $"the changes depend on each other in a circle: {Cycle(entry.Change)}"));
        }
    }

    private void Add(Change change, Verdict verdict) => Judgements[change.Id] = Judgements[change.Id].And(verdict);

    private IEnumerable<ChangeId> Needs(Change change) =>
        change.DependsOn.Where(dependency => !dependency.Landed).Select(dependency => dependency.Change).OfType<ChangeId>().Where(open.ContainsKey);

    private string? Cycle(Change start)
    {
        var trail = new List<ChangeId>();
        return Reaches(start, []) ? string.Join(", ", trail.Order(Comparer<ChangeId>.Create((one, two) => string.CompareOrdinal(one.Value, two.Value)))) : null;

        bool Reaches(Change change, HashSet<ChangeId> seen) => Needs(change).Any(id =>
        {
            if (id != start.Id && !(seen.Add(id) && Reaches(open[id], seen)))
                return false;
            trail.Add(change.Id);
            return true;
        });
    }
}
