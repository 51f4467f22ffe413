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
    private ValueList<Message> told = [];
    private HashSet<(Revision, string)> saying = [];
    private Flight? flight;
    private Task? telling;

    private async Task<bool> ApplyAsync(Plan plan, Snapshot snapshot, bool observing, CancellationToken cancellation)
    {
        var busy = false;
        var landed = false;
        foreach (var effect in plan.Effects)
        {
            if (landed || (observing && effect is Effect.Land or Effect.Tell))
                continue;
            if (effect is Effect.Land && flight is not null)
                continue;
            LogEffect(key, effect);
            (busy, landed) = await ApplyAsync(effect, plan, snapshot, cancellation) switch
            {
                Did.Nothing => (busy, landed),
                Did.Something => (true, landed),
                _ => (true, true),
            };
        }

        if (landed || snapshot.Changes.Count * 8 + 200 < candidates.Known.Count)
            candidates.Prune(CurrentTip, snapshot.Changes, memory.Queue.Values);
        Tell(cancellation);
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
                Start(start.Order, snapshot.Rules);
                return Did.Nothing;
            case Effect.CancelRun cancel:
                tools.Runner.Cancel(cancel.Id);
                return Did.Nothing;
            case Effect.Enter enter:
                memory.Note(enter.Revision, record => record with { EligibleSince = snapshot.Now });
                return Did.Something;
            case Effect.Leave leave:
                memory.Leave(leave.Change);
                return Did.Something;
            case Effect.Eject eject:
                memory.Note(eject.Revision, record => record with { EligibleSince = null, Ejected = new(eject.Outcome, eject.Why, snapshot.Now) });
                tools.Journal.Write(key, "ejected", $"{eject.Revision.Change.Value} {eject.Revision.Commit.Hex}: {eject.Why}");
                if (eject.Head)
                    memory.Set(state => state with { Window = Math.Max(Math.Min(3, snapshot.Rules.Landing.Window), snapshot.Window / 2) });
                return Did.Something;
            case Effect.Park park:
                memory.Note(park.Revision, record => record with { Parked = new(park.Why, park.Until, park.Attempts) });
                tools.Notebook.Raise($"parked:{key}:{park.Revision.Change}", park.Why);
                return Did.Something;
            case Effect.Tell tell:
                if (!saying.Contains((tell.Revision, tell.Topic)) && noted.Add((tell.Revision, tell.Topic)))
                    untold.Add(new(tell.Revision, tell.Words, tell.Said));
                return Did.Nothing;
            case Effect.Pass pass:
                memory.Note(pass.Revision, record => record with { Told = [.. record.Told, pass.Topic] });
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
        var at = build.Base;
        foreach (var revision in build.Revisions)
        {
            var change = snapshot.Changes.First(change => change.Id == revision.Change);
            var lifted = Judge.Of(snapshot.Rules, snapshot.Around(change) with { AssumeTests = true }).Overridden;
            var facts = await candidates.BuildAsync(new(at, revision), change, lifted, snapshot.Rules, await MergeAsync(snapshot.Tip), cancellation);
            if (facts is CandidateFacts.Built built)
                at = built.Commit;
        }
    }

    /// <summary>
    /// The observation that the plan rests on must still be the forge's state: where any ref moved since, nothing is pushed and the next
    /// tick decides anew.
    /// </summary>
    private async Task<Did> LandAsync(Effect.Land land, Plan plan, Snapshot snapshot, CancellationToken cancellation)
    {
        if (memory.State.Singly)
            land = land with { Changes = [land.Changes[0]] };
        if (await forge.MovedAsync([.. land.Changes.Select(landed => landed.Candidate.Revision)], new HashSet<string>(), cancellation))
            return Did.MovedTrunk;
        memory.Refresh();
        if (memory.State is not { Paused: null, Frozen: null, Stopped: null })
            return Did.MovedTrunk;

        var statuses = plan.Open.ToDictionary(status => status.Change.Id);
        var rewrites = snapshot.Rules.Landing.Method is LandingMethod.Squash or LandingMethod.Rebase;
        if (lander.Begin(land, statuses, rewrites) is { } push)
        {
            flight = new(land, snapshot, statuses, rewrites, push);
            _ = push.ContinueWith(_ => wake.Turn(), TaskScheduler.Default);
        }

        return Did.Nothing;
    }

    /// <summary>What the gate is doing beside the loop: a push, a message. Their refs are not looked at until it knows what came of them.</summary>
    public bool InFlight => flight is not null || telling is not null;

    public string? Moving => flight is null ? null : fullName;

    /// <summary>Takes note of what ended beside the loop, or waits for it. Answers whether anything did.</summary>
    public async Task<bool> FinishAsync(bool wait, CancellationToken cancellation)
    {
        var done = false;
        if (flight is { } landing && (wait || landing.Push.IsCompleted))
        {
            flight = null;
            done = true;
            switch (await lander.FinishAsync(landing, untold, cancellation))
            {
                case LandingOutcome.Landed:
                    tools.Notebook.Mend($"refused:{key}");
                    break;
                case LandingOutcome.Refused:
                    Refused(landing.Land, landing.Snapshot);
                    break;
                case LandingOutcome.Stopped:
                    Stop($"{trunk} does not hold {landing.Land.To} after it was pushed, nor {landing.Land.From} which it was pushed from");
                    break;
            }
        }

        if (telling is { } words && (wait || words.IsCompleted))
        {
            telling = null;
            done |= await ToldAsync(words);
        }

        return done;
    }

    /// <summary>A joint push is repeated one by one; what is refused alone is parked; two different changes in a row close the trunk for a while.</summary>
    private void Refused(Effect.Land land, Snapshot snapshot)
    {
        if (land.Changes.Count > 1)
        {
            memory.Set(state => state with { Singly = true });
            return;
        }

        var revision = land.Changes[0].Candidate.Revision;
        var attempts = (memory.Queue.GetValueOrDefault(revision.Change)?.Parked?.Attempts ?? 0) + 1;
        memory.Note(revision, record => record with { Parked = new($"forge refused: {lander.LastRefusal}", snapshot.Now + Backoff.After(attempts), attempts) });
        memory.Set(state => state with
        {
            Refusals = state.Refusals + 1,
            ClosedUntil = state.Refusals + 1 >= 2 ? snapshot.Now + Backoff.After(state.Refusals) : null,
        });
        tools.Notebook.Raise($"refused:{key}", $"the forge refused to land {revision.Change}: {lander.LastRefusal}");
    }

    private void Start(RunOrder order, Ruleset ruleset)
    {
        var test = candidates.Definition(order, ruleset);
        tools.Runner.Start(order, new(key, test, mirror.Path, candidates.TreeFor(test, order.Commit), candidates.PrepareTreeFor(test, order.Commit)));
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

        return merge ??= new(mirror.Git, directory);
    }
}
