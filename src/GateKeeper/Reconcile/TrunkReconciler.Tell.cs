using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Forges;
using GateKeeper.Git;

namespace GateKeeper.Reconcile;

/// <content>Telling people, beside the loop.</content>
internal sealed partial class TrunkReconciler
{
    private int untoldTimes;
    private DateTimeOffset tellAgain;

    /// <summary>Messages go out beside the loop, all that there are at once.</summary>
    private void Tell(CancellationToken cancellation)
    {
        if (telling is not null || untold.Count == 0 || tools.Time.GetUtcNow() < tellAgain)
            return;
        ValueList<Message> batch = [.. untold];
        untold.Clear();
        told = batch;
        saying = [.. noted];
        noted.Clear();
        telling = Task.Run(() => forge.TellAsync(batch, cancellation), CancellationToken.None);
        _ = telling.ContinueWith(_ => wake.Turn(), TaskScheduler.Default);
    }

    /// <summary>What could not be told stays to be told: landings here, the rest by the next plan, for it was not noted.</summary>
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
                memory.Note(revision, record => record with { Told = [.. record.Told, topic] });
            (untoldTimes, tellAgain) = (0, default);
            tools.Notebook.Mend($"telling:{key}");
            return true;
        }
        catch (Exception error) when (error is GitException or LibGit2Sharp.LibGit2SharpException or OperationCanceledException)
        {
            tools.Notebook.Raise($"telling:{key}", $"people could not be told: {error.Message}");
            LogClosed(key, error.Message);
            untold.AddRange(told.Where(message => message.Landing is not null));
            tellAgain = tools.Time.GetUtcNow() + Backoff.After(++untoldTimes);
            return false;
        }
        finally
        {
            (told, saying) = ([], []);
        }
    }
}
