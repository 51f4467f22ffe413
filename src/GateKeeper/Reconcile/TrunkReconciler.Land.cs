using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Forges;
using GateKeeper.Git;

namespace GateKeeper.Reconcile;

/// <content>Landing: the last look, the push beside the loop, and what came of it.</content>
internal sealed partial class TrunkReconciler
{
    private Flight? flight;

    /// <summary>
    /// The observation that the plan rests on must still be the forge's state: where any ref moved since, nothing is pushed and the next
    /// tick decides anew.
    /// </summary>
    private async Task<Did> LandAsync(Effect.Land land, Plan plan, Snapshot snapshot, CancellationToken cancellation)
    {
        if (memory.State.Singly || forge.LandsSingly(snapshot.Rules.Landing.Method))
            land = land with { Changes = [land.Changes[0]] };
        if (await IsStillSoAsync(land, cancellation) is not { } same)
            return Did.Nothing;
        if (!same)
            return Did.MovedTrunk;
        memory.Refresh();
        if (memory.State is not { Paused: null, Frozen: null, Stopped: null })
            return Did.MovedTrunk;

        var statuses = plan.Open.ToDictionary(status => status.Change.Id);
        var rewrites = snapshot.Rules.Landing.Method is LandingMethod.Squash or LandingMethod.Rebase;
        try
        {
            flight = lander.Begin(new(land, snapshot, statuses, rules.At(snapshot.Tip).Blob, rewrites));
        }
        catch (Exception error)
        {
            // Nothing was pushed. What cannot be written down of several together is tried one by one, and then it is known whose fault it is.
            if (land.Changes.Count > 1)
                memory.Set(state => state with { Singly = true });
            else
                Befell(land.Changes[0].Candidate.Revision, "writing down its landing", error);
            return Did.Nothing;
        }

        _ = flight?.Push.ContinueWith(_ => wake.Turn(), TaskScheduler.Default);

        return Did.Nothing;
    }

    /// <summary>
    /// The last look. Null where the forge answers of everything but of what is to land: of several together each is then looked at by itself,
    /// and of one alone it is that change's trouble, for whoever stands behind it must not wait for an answer that never comes.
    /// </summary>
    private async Task<bool?> IsStillSoAsync(Effect.Land land, CancellationToken cancellation)
    {
        try
        {
            return await lookout.IsStillSoAsync([.. land.Changes.Select(landed => landed.Candidate.Revision)], cancellation);
        }
        catch (ForgeException error)
        {
            await lookout.IsStillSoAsync([], cancellation);
            if (land.Changes.Count > 1)
                memory.Set(state => state with { Singly = true });
            else
                Befell(land.Changes[0].Candidate.Revision, "looking at it before its landing", error);
            return null;
        }
    }

    /// <summary>What the gate is doing beside the loop: a push, a message, a publication, the reading of rules, the counting of lines. Their refs are not looked at until it knows what came of them.</summary>
    public bool InFlight => flight is not null || telling is not null || showing is not null || publisher.Busy || candidates.IsReading || lines.IsCounting || signatures.IsVerifying;

    public string? Moving => flight is null ? null : fullName;

    /// <summary>Takes note of what ended beside the loop, or waits for it. Answers whether anything did.</summary>
    public async Task<bool> FinishAsync(bool wait, CancellationToken cancellation)
    {
        var done = false;
        if (flight is { } landing && (wait || landing.Push.IsCompleted))
        {
            // Until the trunk could be read nothing is known, and it is asked again.
            var outcome = await lander.FinishAsync(landing, cancellation);
            flight = null;
            done = true;
            switch (outcome)
            {
                case LandingOutcome.Landed:
                    owing = true;
                    MendInstalled(landing.Land);
                    tools.Notebook.Mend($"refused:{key}");
                    break;
                case LandingOutcome.Refused:
                    Refused(landing.Land, landing.Snapshot, await landing.Push is PushAnswer.Refused { NeedsRebase: true });
                    break;
                case LandingOutcome.Unanswered:
                    Unanswered(landing.Snapshot);
                    break;
                case LandingOutcome.Stopped:
                    Stop("stopped", await landing.Push is PushAnswer.Other other ? other.Why : $"{trunk} does not hold {landing.Land.To} after it was pushed, nor {landing.Land.From} which it was pushed from");
                    break;
            }
        }

        if (showing is { } shown && (wait || shown.IsCompleted))
        {
            showing = null;
            done |= await ShownAsync(shown);
        }

        if (telling is { } words && (wait || words.IsCompleted))
        {
            telling = null;
            done |= await ToldAsync(words);
        }

        return await publisher.FinishAsync(wait) || done;
    }

    /// <summary>Rules that the operator put in place past every gate are shown until the rules' own people have touched the file.</summary>
    private void MendInstalled(Effect.Land land)
    {
        if (rules.BlobAt(land.From) != rules.BlobAt(land.To))
            tools.Notebook.Mend($"rules-installed:{key}");
    }

    /// <summary>What did not get there says nothing of any change, and is not tried at once again: the trunk is closed for a while, longer each time.</summary>
    private void Unanswered(Snapshot snapshot)
    {
        memory.Set(state => state with { Refusals = state.Refusals + 1, ClosedUntil = snapshot.Now + Backoff.After(state.Refusals + 1) });
        tools.Notebook.Raise($"refused:{key}", $"what the gate pushed to {trunk} did not get there: {lander.LastRefusal}");
    }

    /// <summary>
    /// A joint push is repeated one by one; what is refused alone is parked; two different changes in a row close the trunk for a while. What
    /// only a new revision can mend leaves the queue, and its author is told.
    /// </summary>
    private void Refused(Effect.Land land, Snapshot snapshot, bool needsRebase)
    {
        if (land.Changes.Count > 1)
        {
            memory.Set(state => state with { Singly = true });
            return;
        }

        var revision = land.Changes[0].Candidate.Revision;
        if (needsRebase)
        {
            var why = $"{lander.LastRefusal}\nRebase it onto {trunk} and push again.";
            memory.Note(revision, record => record with { EligibleSince = null, Parked = null, Ejected = new("forge refused", why, snapshot.Now) });
            tools.Journal.Write(key, "ejected", $"{revision.Change.Value} {revision.Commit.Hex}: {why}");
            return;
        }

        var attempts = (memory.Queue.GetValueOrDefault(revision.Change)?.Parked?.Attempts ?? 0) + 1;
        memory.Note(revision, record => record with { Parked = new($"forge refused: {lander.LastRefusal}", snapshot.Now + Backoff.After(attempts), attempts) });
        memory.Set(state => state with
        {
            Refusals = state.Refusals + 1,
            ClosedUntil = state.Refusals + 1 >= 2 ? snapshot.Now + Backoff.After(state.Refusals) : null,
        });
        tools.Notebook.Raise($"refused:{key}", $"the forge refused to land {revision.Change}: {lander.LastRefusal}");
    }
}
