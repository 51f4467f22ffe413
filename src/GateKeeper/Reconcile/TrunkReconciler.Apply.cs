using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Forges;
using GateKeeper.Git;

namespace GateKeeper.Reconcile;

/// <content>Applying: one switch, in which nothing is decided.</content>
internal sealed partial class TrunkReconciler
{
    private readonly ILogger log;
    private readonly List<Message> untold = [];
    private readonly HashSet<(Revision, string)> noted = [];
    private HashSet<(Revision, string)> saying = [];
    private Task? telling;

    private async Task<bool> ApplyAsync(Plan plan, Snapshot snapshot, bool observing, CancellationToken cancellation)
    {
        var busy = false;
        var landed = false;
        foreach (var effect in plan.Effects)
        {
            if (landed || (observing && effect is Effect.Land or Effect.Tell or Effect.Publish or Effect.Withdraw))
                continue;
            if (effect is Effect.Land && flight is not null)
                continue;
            if (effect.Whose is { } whose && troubles.Rests(whose))
                continue;
            LogEffect(key, effect);
            (busy, landed) = await TryAsync(effect, plan, snapshot, cancellation) switch
            {
                Did.Nothing => (busy, landed),
                Did.Something => (true, landed),
                _ => (true, true),
            };
        }

        if (landed || snapshot.Changes.Count * 8 + 200 < candidates.Known.Count)
            candidates.Prune(CurrentTip, snapshot.Changes, memory.Queue.Values);
        if (!observing)
            TellOfTroubles(snapshot);
        ForgetSilence(snapshot);
        Tell(cancellation);
        if (observing)
            return busy;
        Show(plan, snapshot, cancellation);
        if (publisher.Begin(cancellation) is { } publishing)
            _ = publishing.ContinueWith(_ => wake.Turn(), TaskScheduler.Default);
        return busy;
    }

    private CommitSha CurrentTip => mirror.Refs.TryGetValue(fullName, out var hex) ? new(hex) : grown!.Value;

    /// <summary>What an effect did. After the trunk moved, the rest of a plan is about a world that is gone.</summary>
    private enum Did
    {
        Nothing,
        Something,
        MovedTrunk,
    }

    /// <summary>What goes wrong with one change's effect is that change's trouble: the others' go on. What nobody's change is at fault for ends the tick.</summary>
    private async Task<Did> TryAsync(Effect effect, Plan plan, Snapshot snapshot, CancellationToken cancellation)
    {
        try
        {
            return await ApplyAsync(effect, plan, snapshot, cancellation);
        }
        catch (Exception error) when (effect is not Effect.Land && effect.Whose is not null && !cancellation.IsCancellationRequested)
        {
            Befell(effect.Whose.Value, Doing(effect), error);
            return Did.Nothing;
        }
    }

    private void Befell(Revision revision, string doing, Exception error)
    {
        LogTrouble(error, key, $"{doing} ({revision})");
        troubles.Befell(revision, doing, error);
    }

    private static string Doing(Effect effect) => effect switch
    {
        Effect.Build => "merging it",
        Effect.StartRun start => $"starting {start.Order.Test}",
        Effect.Tell => "telling its people",
        Effect.Eject => "ejecting it",
        Effect.Park => "parking it",
        _ => "remembering where it stands",
    };

    /// <summary>Once for each revision.</summary>
    private void TellOfTroubles(Snapshot snapshot)
    {
        foreach (var (revision, words) in troubles.End(snapshot.Changes.Select(change => change.Current).ToHashSet()))
        {
            var told = memory.Queue.GetValueOrDefault(revision.Change) is { } record && record.Revision == revision.Commit && (record.Told.Contains(Troubles.Topic) || record.IsLeftAlone);
            if (!told && !silence.Rests(revision) && !saying.Contains((revision, Troubles.Topic)) && noted.Add((revision, Troubles.Topic)))
                untold.Add(new(revision, words, Said.Nothing));
        }
    }

    private async Task<Did> ApplyAsync(Effect effect, Plan plan, Snapshot snapshot, CancellationToken cancellation)
    {
        switch (effect)
        {
            case Effect.Build build:
                await BuildAsync(build, snapshot, cancellation);
                return Did.Something;
            case Effect.Propose propose:
                memory.Note(propose.Revision, record => record with { ProposedOn = propose.On });
                return Did.Something;
            case Effect.StartRun start:
                Start(start.Order);
                return Did.Nothing;
            case Effect.CancelRun cancel:
                tools.Runner.Cancel(cancel.Id);
                return Did.Nothing;
            case Effect.Publish publish:
                publisher.Publish(publish.Commit, publish.Of);
                return Did.Nothing;
            case Effect.Withdraw withdraw:
                publisher.Withdraw(withdraw.Commit);
                return Did.Nothing;
            case Effect.NoteFailed failed:
                tools.Results.NoteFailed(failed.Key, failed.At);
                return Did.Nothing;
            case Effect.Enter enter:
                memory.Note(enter.Revision, record => record with { EligibleSince = snapshot.Now });
                return Did.Something;
            case Effect.Leave leave:
                memory.Leave(leave.Change);
                return Did.Something;
            case Effect.Eject eject:
                memory.Note(eject.Revision, record => record with { EligibleSince = null, Ejected = new(eject.Outcome, eject.Why, snapshot.Now) { LastLines = eject.LastLines } });
                tools.Journal.Write(key, "ejected", $"{eject.Revision.Change.Value} {eject.Revision.Commit.Hex}: {eject.Why}{(eject.LastLines.Length > 0 ? $"\n{eject.LastLines}" : "")}");
                if (eject.Head)
                    memory.Set(state => state with { Window = Math.Max(Math.Min(3, snapshot.Rules.Landing.Window), snapshot.Window / 2) });
                return Did.Something;
            case Effect.Doubt doubt:
                memory.Note(doubt.Revision, record => record with { FailedOn = doubt.On });
                return Did.Nothing;
            case Effect.Park park:
                memory.Note(park.Revision, record => record with { Parked = new(park.Why, park.Until, park.Attempts) });
                tools.Notebook.Raise(Parked(park.Revision.Change), park.Why);
                return Did.Something;
            case Effect.Tell tell:
                if (silence.Rests(tell.Revision) || saying.Contains((tell.Revision, tell.Topic)) || !noted.Add((tell.Revision, tell.Topic)))
                    return Did.Nothing;
                untold.Add(new(tell.Revision, tell.Words, tell.Said) { ToReviewers = tell.ToReviewers });
                if (tell.Covers is { } covers)
                    noted.Add((tell.Revision, covers));
                return Did.Nothing;
            case Effect.Pass pass:
                memory.Note(pass.Revision, record => record with { Told = [.. record.Told, pass.Topic] });
                return Did.Something;
            case Effect.Overlook over:
                memory.Note(over.Revision, record => record with { Told = [.. record.Told.Where(topic => topic != over.Topic)] });
                return Did.Something;
            case Effect.KeepHolds keep:
                holds.Set(keep.Change, keep.Holds);
                return Did.Something;
            case Effect.Remember remember:
                memory.Set(state => state with { Asked = remember.Asked });
                return Did.Something;
            case Effect.Land land:
                return await LandAsync(land, plan, snapshot, cancellation);
            case Effect.Alarm alarm:
                tools.Notebook.Raise(alarm.Name, alarm.Words);
                return Did.Nothing;
            case Effect.Mend mend:
                tools.Notebook.Mend(mend.Name);
                return Did.Nothing;
            default:
                throw new System.Diagnostics.UnreachableException($"{effect}");
        }
    }

    private async Task BuildAsync(Effect.Build build, Snapshot snapshot, CancellationToken cancellation)
    {
        // That there is no process that merges, or no place for its attributes, is no change's fault.
        var (at, merges) = (build.Base, await MergeAsync(snapshot.Tip));
        foreach (var revision in build.Revisions)
        {
            try
            {
                var change = snapshot.Changes.First(change => change.Id == revision.Change);

                // Judged as the chain judges it: what a merge touches may bring in a gate that its own paths do not.
                var paths = (snapshot.Candidates.GetValueOrDefault(new(at, revision)) as CandidateFacts.Built)?.Paths;
                var judged = Judge.Of(snapshot.Rules, snapshot.Around(change) with { AssumeTests = true, CandidatePaths = paths });
                if (await candidates.BuildAsync(new(at, revision), change, judged, snapshot.Rules, merges, cancellation) is CandidateFacts.Built built)
                    at = built.Commit;
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                Befell(revision, "merging it", error);
            }
        }
    }

    /// <summary>What is not parked any more, because it landed, left or has a new revision, is nobody's trouble.</summary>
    private void MendParked(Snapshot snapshot)
    {
        var parked = memory.Queue.Keys.Where(change => memory.Queue[change].Parked is not null).Concat(snapshot.Changes.Select(change => change.Id).Where(troubles.Knows)).Select(Parked).ToHashSet();
        foreach (var over in snapshot.Alarms.Where(name => name.StartsWith($"parked:{key}:", StringComparison.Ordinal) && !parked.Contains(name)))
            tools.Notebook.Mend(over);
    }

    public bool MissesObjects { get; private set; }

    /// <summary>What is missing from the gate's own copy is the operator's to look at: changes wait for it.</summary>
    private void ReportMissing()
    {
        var missing = candidates.Known.Values.OfType<CandidateFacts.Unknown>().Select(unknown => unknown.Why).Concat(assembler.Missing).Distinct().Take(5).ToList();
        MissesObjects = missing.Count > 0;
        if (missing.Count > 0)
            tools.Notebook.Raise($"missing:{key}", $"{string.Join("; ", missing)}. If it stays so, stop the worker, remove {mirror.Path} and start it again: the copy is then fetched anew");
        else
            tools.Notebook.Mend($"missing:{key}");
    }

    private string Parked(ChangeId change) => Troubles.Alarm(key, change);

    private void Start(RunOrder order)
    {
        var test = order.Definition;
        tools.Runner.Start(order, new(key, test, mirror.Path, candidates.TreeFor(test, order.Commit), candidates.PrepareTreeFor(test, order.Commit)), tools.Slots);
    }

    /// <summary>The process that merges reads the trunk's attributes; where those changed, another takes its place.</summary>
    private async Task<MergeProcess> MergeAsync(CommitSha tip)
    {
        var directory = attributes.For(mirror.TreeOf(tip));
        if (merge is not null && merge.Attributes != directory)
        {
            await merge.DisposeAsync();
            merge = null;
        }

        return merge ??= new(mirror, directory);
    }
}
