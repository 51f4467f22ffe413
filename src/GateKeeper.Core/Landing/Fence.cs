using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>
/// Decides about the others where something about one change cannot be decided at all. No such fault is known; one that somebody finds is that
/// change's trouble, never the end of the plan.
/// </summary>
internal sealed class Fence
{
    private readonly Snapshot now;
    private readonly Func<Snapshot, Plan> decide;
    private readonly Dictionary<ChangeId, string> culprits = [];

    private Fence(Snapshot now, Func<Snapshot, Plan> decide) => (this.now, this.decide) = (now, decide);

    public static Plan Decide(Snapshot now, Func<Snapshot, Plan> decide)
    {
        try
        {
            return decide(now);
        }
        catch (Exception) when (now.Changes.Count > 0)
        {
            return new Fence(now, decide).Without();
        }
    }

    /// <summary>The plan for the sound ones. What is wrong without any change is no change's fault, and is thrown.</summary>
    private Plan Without()
    {
        decide(now with { Changes = [] });
        var sound = new List<Change>();
        Search(sound, now.Changes);

        // They stay to be seen, as changes of which nothing is known; one that cannot even be seen so is left out.
        var shown = new Dictionary<ChangeId, Change>();
        foreach (var culprit in now.Changes.Where(change => culprits.ContainsKey(change.Id)).Select(Bare))
        {
            if (Trouble([.. sound, .. shown.Values, culprit]) is null)
                shown[culprit.Id] = culprit;
        }

        ValueList<Change> kept = [.. now.Changes.Where(change => !culprits.ContainsKey(change.Id) || shown.ContainsKey(change.Id)).Select(change => shown.GetValueOrDefault(change.Id) ?? change)];
        var plan = decide(now with { Changes = kept });
        var hidden = now.Changes.Where(change => culprits.ContainsKey(change.Id) && !shown.ContainsKey(change.Id)).Select(Bare).ToList();
        return new(
            [.. plan.Effects.Where(effect => !IsOf(effect))], plan.Red, plan.Awaited,
            new(() => [.. plan.Open, .. hidden.Select(change => new Progress(change, "waiting", "", new Judgement(change.Current, [], [.. change.Unknowns.Select(why => Verdict.Wait("unknown", why))])))]))
        {
            Troubled = [.. now.Changes.Where(change => culprits.ContainsKey(change.Id)).Select(change => (change.Current, culprits[change.Id]))],
        };
    }

    /// <summary>Adds to those that can be decided about together; what spoils that is found by halves.</summary>
    private void Search(List<Change> sound, ValueList<Change> doubtful)
    {
        if (doubtful.Count == 0)
            return;
        if (Trouble([.. sound, .. doubtful]) is not { } why)
        {
            sound.AddRange(doubtful);
            return;
        }

        if (doubtful.Count == 1)
        {
            culprits[doubtful[0].Id] = why;
            return;
        }

        Search(sound, [.. doubtful.Take(doubtful.Count / 2)]);
        Search(sound, [.. doubtful.Skip(doubtful.Count / 2)]);
    }

    private string? Trouble(ValueList<Change> changes)
    {
        try
        {
            decide(now with { Changes = changes });
            return null;
        }
        catch (Exception error)
        {
            return error.Message;
        }
    }

    private Change Bare(Change change) => new()
    {
        Id = change.Id,
        Number = change.Number,
        Title = change.Title,
        Current = change.Current,
        Target = change.Target,
        Author = change.Author,
        ProposedAt = change.ProposedAt,
        Unknowns = [$"the gate cannot judge it, which is the gate's own fault: {culprits[change.Id]}"],
    };

    /// <summary>Nothing is done with them, and they keep their places.</summary>
    private bool IsOf(Effect effect) => effect switch
    {
        Effect.Leave leave => culprits.ContainsKey(leave.Change),
        Effect.Build build => build.Revisions.Any(revision => culprits.ContainsKey(revision.Change)),
        _ => effect.Whose is { } revision && culprits.ContainsKey(revision.Change),
    };
}
