using GateKeeper.Core.Landing;

namespace GateKeeper.Reconcile;

/// <content>Showing how each change stands, beside the loop, on forges that have a place for it.</content>
internal sealed partial class TrunkReconciler
{
    private int unshownTimes;
    private DateTimeOffset showAgain;
    private Task? showing;

    private void Show(Plan plan, Snapshot snapshot, CancellationToken cancellation)
    {
        if (!forge.Shows || snapshot.FirstSight || showing is not null || tools.Time.GetUtcNow() < showAgain)
            return;

        // Of what was open before the gate first looked nothing is shown until it moves or enters the queue.
        var shown = plan.Open.Where(progress => progress.Place is not null || memory.Queue.GetValueOrDefault(progress.Change.Id)?.IsLeftAlone != true).ToList();
        var task = forge.ShowAsync(trunk, shown, cancellation);
        if (task.IsCompletedSuccessfully)
            return;
        showing = task;
        _ = task.ContinueWith(_ => wake.Turn(), TaskScheduler.Default);
    }

    /// <summary>What could not be shown is shown by a later tick.</summary>
    private async Task<bool> ShownAsync(Task shown)
    {
        try
        {
            await shown;
            (unshownTimes, showAgain) = (0, default);
            tools.Notebook.Mend($"showing:{key}");
            return true;
        }
        catch (Exception error)
        {
            tools.Notebook.Raise($"showing:{key}", $"how the changes stand could not be shown: {error.Message}");
            showAgain = tools.Time.GetUtcNow() + Backoff.After(++unshownTimes);
            return false;
        }
    }
}
