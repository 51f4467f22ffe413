using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Forges;
using GateKeeper.Store;

namespace GateKeeper.Reconcile;

/// <content>Telling people, beside the loop.</content>
internal sealed partial class TrunkReconciler
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(20);
    private int untoldTimes;
    private DateTimeOffset tellAgain;

    /// <summary>Whether the store may know of landings that people were not told of.</summary>
    private bool owing;
    private IReadOnlyList<LandingRecord> owed = [];

    /// <summary>Messages go out beside the loop, all that there are at once.</summary>
    private void Tell(CancellationToken cancellation)
    {
        if (telling is not null || (untold.Count == 0 && !owing) || tools.Time.GetUtcNow() < tellAgain)
            return;
        owed = owing ? tools.Notebook.Untold(key) : [];
        owing = false;
        ValueList<Message> batch = [.. untold, .. owed.Select(Message)];
        untold.Clear();
        if (batch.Count == 0)
            return;
        saying = [.. noted];
        noted.Clear();
        telling = Task.Run(() => forge.TellAsync(batch, cancellation), CancellationToken.None);
        _ = telling.ContinueWith(_ => wake.Turn(), TaskScheduler.Default);
    }

    private Message Message(LandingRecord landing) => new(
        new(landing.Change, landing.Revision), Words.LandedAs(landing.Commit, key), Said.Success, new LandedAs(landing.Commit, landing.Rewritten, landing.Entry));

    /// <summary>What landed is told before the worker goes, if that does not take long; if it does, whoever has the turn next tells it.</summary>
    private async Task LastWordsAsync()
    {
        if (turn == 0 || turn != lease.Number || !lease.Hold())
            return;
        using var limit = new CancellationTokenSource(LastWords);
        Tell(limit.Token);
        if (telling is { } words)
            await ToldAsync(words);
        telling = null;
    }

    /// <summary>What was told and cannot be written down is remembered for as long as this worker lives.</summary>
    private void Note(Revision revision, string topic)
    {
        try
        {
            memory.Note(revision, record => record with { Told = [.. record.Told, topic] });
        }
        catch (Exception error)
        {
            Befell(revision, "remembering what was told", error);
        }
    }

    /// <summary>What could not be told stays to be told: landings by the store, the rest by the next plan, for it was not noted.</summary>
    private async Task<bool> ToldAsync(Task words)
    {
        try
        {
            try
            {
                await words;
            }
            catch (UntoldException error)
            {
                // Some of it the server will never have; that is for somebody to look at, and the rest was told.
                tools.Notebook.Raise($"untold:{key}", error.Message);
            }

            foreach (var (revision, topic) in saying)
                Note(revision, topic);
            foreach (var landing in owed)
                tools.Notebook.Told(landing);
            (untoldTimes, tellAgain) = (0, default);
            tools.Notebook.Mend($"telling:{key}");
            return true;
        }
        catch (Exception error)
        {
            tools.Notebook.Raise($"telling:{key}", $"people could not be told: {error.Message}");
            LogClosed(key, error.Message);
            owing |= owed.Count > 0;
            tellAgain = tools.Time.GetUtcNow() + Backoff.After(++untoldTimes);
            return false;
        }
        finally
        {
            (owed, saying) = ([], []);
        }
    }
}
