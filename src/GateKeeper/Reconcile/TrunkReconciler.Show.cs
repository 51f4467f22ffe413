using GateKeeper.Core.Landing;

namespace GateKeeper.Reconcile;

/// <content>Showing how each change stands, beside the loop, on forges that have a place for it.</content>
internal sealed partial class TrunkReconciler
{
    private int unshownTimes;
    private DateTimeOffset showAgain;

    /// <summary>Whether the alarm stands, or may have been left by an earlier worker.</summary>
    private bool isUnshown = true;
    private Task<string?>? showing;

    private void Show(Plan plan, Snapshot snapshot, CancellationToken cancellation)
    {
        if (!forge.Shows || snapshot.FirstSight || showing is not null || tools.Time.GetUtcNow() < showAgain)
            return;

        // Of what was open before the gate first looked nothing is shown until it moves or enters the queue.
        var shown = plan.Open.Where(progress => progress.Place is not null || memory.Queue.GetValueOrDefault(progress.Change.Id)?.IsLeftAlone != true).ToList();
        var task = forge.ShowAsync(trunk, shown, cancellation);
        if (task.IsCompletedSuccessfully)
        {
            NoteShown(task.Result);
            return;
        }

        showing = task;
        _ = task.ContinueWith(_ => wake.Turn(), TaskScheduler.Default);
    }

    /// <summary>What could not be shown is shown by a later tick.</summary>
    private async Task<bool> ShownAsync(Task<string?> shown)
    {
        try
        {
            NoteShown(await shown);
            return true;
        }
        catch (Exception error)
        {
            isUnshown = true;
            tools.Notebook.Raise($"showing:{key}", $"how the changes stand could not be shown: {error.Message}");
            showAgain = tools.Time.GetUtcNow() + Backoff.After(++unshownTimes);
            return false;
        }
    }

    /// <summary>What could not be shown of some is tried again by the forge, by itself.</summary>
    private void NoteShown(string? unshown)
    {
        (unshownTimes, showAgain) = (0, default);
        if (unshown is not null)
            tools.Notebook.Raise($"showing:{key}", $"how some changes stand could not be shown, which is tried again: {unshown}");
        else if (isUnshown)
            tools.Notebook.Mend($"showing:{key}");
        isUnshown = unshown is not null;
    }
}
