using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Forges;
using GateKeeper.Git;
using GateKeeper.Store;
using LibGit2Sharp;

namespace GateKeeper.Reconcile;

/// <summary>
/// What the gate failed on, change by change. Such a change is left alone for a while, longer each time; the operator sees it named
/// and its people are told once. It is kept in memory only: a worker that starts anew tries anew.
/// </summary>
internal sealed class Troubles(Notebook notebook, string key, TimeProvider time)
{
    /// <summary>What the message is about, of which each is said once for a revision.</summary>
    public const string Topic = "trouble";

    private readonly Dictionary<ChangeId, Trouble> known = [];
    private readonly Dictionary<ChangeId, Trouble> fresh = [];

    private sealed record Trouble(Revision Revision, string Why, DateTimeOffset Until, int Attempts, string ForPeople);

    /// <summary>A tick begins: what is tried again in it and goes well is over.</summary>
    public void Begin() => fresh.Clear();

    /// <summary>Whether a change is left alone at this moment, also because of something in this very tick.</summary>
    public bool Rests(Revision revision) => known.GetValueOrDefault(revision.Change) is { } trouble && trouble.Revision == revision && trouble.Until > time.GetUtcNow();

    /// <param name="revision">Whose trouble it is.</param>
    /// <param name="doing">What the gate was doing: "merging it".</param>
    /// <param name="error">What came of that.</param>
    public void Befell(Revision revision, string doing, Exception error) => Befell(revision, $"{doing} failed: {error.Message}", $"{doing} failed{Told(error)}");

    public void Befell(Revision revision, string why, string? forPeople = null)
    {
        var attempts = known.GetValueOrDefault(revision.Change) is { } before && before.Revision == revision ? before.Attempts : 0;
        if (fresh.ContainsKey(revision.Change))
            return;
        known[revision.Change] = fresh[revision.Change] = new(revision, why, time.GetUtcNow() + Backoff.After(attempts + 1), attempts + 1, forPeople ?? why);
        notebook.Raise(Alarm(key, revision.Change), why);
    }

    /// <summary>What is remembered of the queue, where those that are left alone are parked.</summary>
    public IReadOnlyDictionary<ChangeId, QueueRecord> Over(IReadOnlyDictionary<ChangeId, QueueRecord> queue)
    {
        var resting = known.Values.Where(trouble => trouble.Until > time.GetUtcNow()).ToList();
        if (resting.Count == 0)
            return queue;
        var all = queue.ToDictionary();
        foreach (var trouble in resting)
        {
            var record = all.GetValueOrDefault(trouble.Revision.Change) is { } before && before.Revision == trouble.Revision.Commit ? before : new(trouble.Revision.Commit);
            all[trouble.Revision.Change] = record with { Parked = new(trouble.Why, trouble.Until, trouble.Attempts) };
        }

        return all;
    }

    /// <summary>A tick ends. Answers what people are to be told; what befell several changes alike is no change's fault, and is told to none.</summary>
    public IEnumerable<(Revision Revision, string Words)> End(IReadOnlySet<Revision> open)
    {
        foreach (var (change, _) in known.Where(item => !open.Contains(item.Value.Revision) || (item.Value.Until <= time.GetUtcNow() && !fresh.ContainsKey(item.Key))).ToList())
        {
            known.Remove(change);
            notebook.Mend(Alarm(key, change));
        }

        return [.. fresh.Values.Where(trouble => open.Contains(trouble.Revision) && fresh.Values.Count(other => other.ForPeople == trouble.ForPeople) == 1)
            .Select(trouble => (trouble.Revision, $"the gate failed on this change: {trouble.ForPeople}. It is tried again by itself, at growing intervals; other changes do not wait for it, and an alarm tells the operator."))];
    }

    public bool Knows(ChangeId change) => known.ContainsKey(change);

    public static string Alarm(string key, ChangeId change) => $"parked:{key}:{change}";

    /// <summary>What git says is about the change; what else an error says may be about the worker's own machine.</summary>
    private static string Told(Exception error) => error is GitException or LibGit2SharpException or ForgeException ? $": {error.Message}" : $" ({error.GetType().Name})";
}
