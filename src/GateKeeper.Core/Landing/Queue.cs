using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>A change in the queue, with what its place depends on.</summary>
internal sealed record Entry(Change Change, QueueRecord? Record, int Priority, DateTimeOffset Since, DateTimeOffset? Retried)
{
    /// <summary>Why it may not land although it is eligible: frozen. It takes no place in the window.</summary>
    public string? Frozen { get; init; }

    public Revision Revision => Change.Current;
}

/// <summary>Says which changes are eligible, and in which order they stand.</summary>
internal sealed class Queue
{
    private readonly Snapshot now;
    private readonly Dictionary<ChangeId, Change> open;
    private readonly Request? freeze;

    public Queue(Snapshot now)
    {
        this.now = now;
        open = now.Changes.ToDictionary(change => change.Id);
        freeze = Asked.Freeze(now.Rules, now.Changes.Select(now.Around));
        foreach (var change in now.Changes)
            Judgements[change.Id] = Judge.Of(now.Rules, now.Around(change) with { AssumeTests = true }).And(Beside(change));
        Entries = Order();
    }

    /// <summary>For every open change, what the rules would say if every test not yet known passed.</summary>
    public Dictionary<ChangeId, Judgement> Judgements { get; } = [];

    public IReadOnlyList<Entry> Entries { get; }

    public string? FreezeOf(Change change) =>
        freeze is not null ? $"frozen by {freeze.By}{(freeze.Reason.Length > 0 ? $": {freeze.Reason}" : "")}"
        : Asked.Frozen(now.Rules, now.Around(change));

    /// <summary>What stands in the way beside the gates: an ejection, a conflict with the tip, rules that only a mend may pass.</summary>
    private IEnumerable<Verdict> Beside(Change change)
    {
        if (RecordOf(change)?.Ejected is { } ejected && !(Asked.Retried(now.Rules, now.Around(change)) > ejected.At))
            yield return Verdict.Block(ejected.Outcome, $"{ejected.Why} (a new revision or /gatekeeper retry brings it back)");
        switch (now.Candidates.GetValueOrDefault(new(now.Tip, change.Current)))
        {
            case CandidateFacts.Conflict conflict:
                yield return Verdict.Block("conflict", Words.ConflictsWithTrunk(now.Trunk, conflict.Files));
                break;
            case CandidateFacts.Refused refused:
                yield return Verdict.Block("cannot be merged", refused.Why);
                break;
        }

        foreach (var dependency in change.DependsOn.Where(dependency => !dependency.Landed && (dependency.Change is not { } id || !open.ContainsKey(id))))
            yield return Verdict.Wait("depends", $"depends on {dependency.Named}, which is not open for {now.Trunk}");
    }

    private QueueRecord? RecordOf(Change change) =>
        now.Queue.GetValueOrDefault(change.Id) is { } record && record.Revision == change.Current.Commit ? record : null;

    private List<Entry> Order()
    {
        var eligible = now.Changes.Where(change => Judgements[change.Id].Passes).Select(Enter).ToDictionary(entry => entry.Change.Id);
        DropDependants(eligible);

        var order = new List<Entry>();
        var placed = new HashSet<ChangeId>();
        foreach (var entry in eligible.Values.OrderByDescending(entry => entry.Priority).ThenBy(entry => entry.Since).ThenBy(entry => entry.Change.ProposedAt).ThenBy(entry => entry.Change.Id.Value, StringComparer.Ordinal))
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
        var asked = Asked.Priority(now.Rules, around);
        var aged = asked > 0 ? asked : Math.Min((int)(now.Now - since).TotalHours, 99);
        return new(change, record, aged, since, Asked.Retried(now.Rules, around)) { Frozen = FreezeOf(change) };
    }

    /// <summary>A change whose predecessor is not eligible waits for it; members of a cycle block each other.</summary>
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
                Add(entry.Change, missing.Id == entry.Change.Id || now.Queue.GetValueOrDefault(missing.Id)?.Ejected is null
                    ? Verdict.Wait("depends", $"depends on {missing.Id}, which is not ready to land")
                    : Verdict.Block("depends", $"depends on {missing.Id}, which failed"));
                dropped = true;
            }
        }

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
