using GateKeeper.Core.Changes;
using GateKeeper.Git;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Reconcile;

/// <content>Taking note: what only the holder of the turn writes down of where its trunk went.</content>
internal sealed partial class TrunkReconciler
{
    private const int MostForeign = 1000;
    private long turn;
    private bool mayBeOpen;
    private bool rewound;

    /// <summary>
    /// Takes note of where the trunk went: forwards by us, forwards by others, or backwards. Who merely looks does not come here: a push
    /// that is under way belongs to the holder of the turn.
    /// </summary>
    private void Notice()
    {
        TakeTurn();
        var tip = grown!.Value;
        if (flight is null && (mayBeOpen || memory.State.Tip != tip))
        {
            owing |= lander.CloseOpenIntents(history.Contains);
            mayBeOpen = false;
        }

        // While the gate itself moves the trunk, nobody can say whose move it is: that is found out when the landing has ended.
        if ((memory.State.Tip == tip && !rewound) || flight is not null)
            return;

        if (memory.State.Tip is { } expected && expected != tip)
        {
            if (history.Contains(expected))
                NoticeOthers(expected, tip);
            else
                rewound = true;
        }

        if (rewound)
            Stop("stopped", $"{trunk} no longer contains {memory.State.Tip?.ToString() ?? "what it held"}, which was its tip: it was rewound or replaced. When you know why, gatekeeper resume {key} --reason ...");
        rewound = false;
        memory.Set(state => state with { Tip = tip });
    }

    /// <summary>A trunk that was there and is no more: nothing can land, and when it comes back somebody must have looked.</summary>
    public bool NoticeGone()
    {
        TakeTurn();
        if (memory.State is not { Tip: { } was, Stopped: null })
            return false;
        Stop("gone", $"there is no {fullName} any more; its tip was {was}. Put it back and say gatekeeper resume {key} --reason ..., or take it out of the settings");
        return true;
    }

    /// <summary>With a new turn what is remembered is read again: another worker may have had it in between, and may not have got to its end.</summary>
    private void TakeTurn()
    {
        memory.Refresh();
        if (turn == lease.Number)
            return;
        memory.Reload();
        tools.Results.Reload();
        tools.Results.CancelOthers(key, tools.Runner.Of(key).Select(run => run.Id));
        (mayBeOpen, owing) = (true, true);
        turn = lease.Number;
    }

    /// <summary>What the journal does not know on the way from one tip to the other did not come through this gate.</summary>
    private void NoticeOthers(CommitSha from, CommitSha to)
    {
        var pushes = tools.Journal.Pushes(key);
        var foreign = new List<Commit>();
        for (var at = to.Hex; at != from.Hex && foreign.Count < MostForeign;)
        {
            if (pushes.TryGetValue(at, out var below) && history.Contains(new(below)))
            {
                at = below;
                continue;
            }

            var commit = mirror.Repository.Commit(at);
            foreign.Add(commit);
            if (mirror.Repository.Below(commit) is not { } parent)
                break;
            at = parent.Sha;
        }

        if (foreign.Count == 0)
            return;
        tools.Journal.Write(key, "foreign push", $"{from.Hex} -> {to.Hex}");
        var twin = foreign.Find(gate.Made) is { } made
            ? $" {made.Sha[..10]} is in the gate's own name and not in this store's journal: a worker with another store lands here too, which is not supported, or somebody uses the gate's name."
            : "";
        if (tools.Notebook.Raise($"foreign:{key}", $"somebody else than the gate moved {trunk} from {from} to {to}; all that was in flight is tested again on it.{twin}"))
            LogClosed(key, $"foreign push to {to}");
    }

    private void Stop(string alarm, string why)
    {
        memory.Set(state => state with { Stopped = why });
        tools.Journal.Write(key, "stopped", why);
        tools.Notebook.Raise($"{alarm}:{key}", why);
    }
}
