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

    /// <summary>Of which changes something could not be told: nobody else waits for that.</summary>
    private readonly Retries<Revision> silence;

    /// <summary>Whether the store may know of landings that people were not told of.</summary>
    private bool owing;
    private IReadOnlyList<LandingRecord> owed = [];

    /// <summary>Messages go out beside the loop, all that there are at once.</summary>
    private void Tell(CancellationToken cancellation)
    {
        // What came up in between on one that rests is said with the rest of it.
        noted.RemoveWhere(item => silence.Rests(item.Item1));
        untold.RemoveAll(message => silence.Rests(message.Revision));
        if (telling is not null || (untold.Count == 0 && !owing) || tools.Time.GetUtcNow() < tellAgain)
            return;
        var landings = owing ? tools.Notebook.Untold(key) : [];
        owed = [.. landings.Where(landing => !silence.Rests(new(landing.Change, landing.Revision)))];
        owing = owed.Count < landings.Count;
        ValueList<Message> batch = [.. untold, .. owed.Select(Message)];
        untold.Clear();
        if (batch.Count == 0)
            return;
        saying = [.. noted];
        noted.Clear();
        telling = Task.Run(() => forge.TellAsync(batch, cancellation), CancellationToken.None);
        _ = telling.ContinueWith(_ => wake.Turn(), TaskScheduler.Default);
    }

    /// <summary>Who is neither open nor still to be told of a landing need not be told any more.</summary>
    private void ForgetSilence(Snapshot snapshot)
    {
        if (!silence.Any)
            return;
        var wanted = snapshot.Changes.Select(change => change.Current).Concat(owed.Concat(tools.Notebook.Untold(key)).Select(landing => new Revision(landing.Change, landing.Revision))).ToHashSet();
        silence.Keep(wanted.Contains);
        if (!silence.Any)
            tools.Notebook.Mend($"telling:{key}");
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

    /// <summary>Notes what was told: all but what is to be said of some changes.</summary>
    private void Told(IReadOnlyDictionary<Revision, string> but)
    {
        foreach (var (revision, topic) in saying.Where(item => !but.ContainsKey(item.Item1)))
        {
            Note(revision, topic);
            silence.Succeeded(revision);
        }

        foreach (var landing in owed)
        {
            var revision = new Revision(landing.Change, landing.Revision);
            if (but.ContainsKey(revision))
            {
                owing = true;
                continue;
            }

            tools.Notebook.Told(landing);
            silence.Succeeded(revision);
        }

        foreach (var (revision, why) in but)
            silence.Failed(revision, why);
        (untoldTimes, tellAgain) = (0, default);
        if (silence.Any)
            tools.Notebook.Raise($"telling:{key}", $"some people could not be told, which is tried again: {silence.Why}");
        else
            tools.Notebook.Mend($"telling:{key}");
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

            Told(new Dictionary<Revision, string>());
            return true;
        }
        catch (PartlyToldException error)
        {
            if (error.Refused is { } refused)
                tools.Notebook.Raise($"untold:{key}", refused);
            Told(error.Untold);
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
