using System.Runtime.ExceptionServices;
using GateKeeper.Core.Changes;
using GateKeeper.Forges;
using GateKeeper.Git;
using GateKeeper.Settings;
using GateKeeper.Store;

namespace GateKeeper.Reconcile;

/// <summary>One repository: its mirror, its forge and its trunks, one after the other. Nothing here runs at the same time as anything else here.</summary>
internal sealed partial class RepositoryLoop : IAsyncDisposable
{
    /// <summary>What the name of the alarm begins with that something cannot be read, so that nothing lands.</summary>
    public const string Unreadable = "unreadable";

    private static readonly TimeSpan SoonEnough = TimeSpan.FromSeconds(1);
    private readonly RepositorySettings settings;
    private readonly Tools tools;
    private readonly Mirror mirror;
    private readonly IForge forge;
    private readonly Lookout lookout;
    private readonly MissingTrunks missing;
    private readonly Upkeep upkeep;
    private readonly GateIdentity gate;
    private readonly string holder;
    private readonly Wake wake;
    private readonly Dictionary<string, (TrunkReconciler Trunk, Lease Lease)> trunks = [];
    private readonly List<Glob> patterns;
    private readonly RulesShelf shelf = new();
    private readonly Dictionary<string, Exception> failed = [];
    private readonly HashSet<string> sound = [];
    private readonly HashSet<string> waiting = [];
    private long? looked;
    private bool following;
    private Dictionary<string, TrunkPicture> pictures = [];

    private IAsyncDisposable? ears;

    private RepositoryLoop(RepositorySettings settings, Tools tools, Mirror mirror, IForge forge, GateIdentity gate, string holder, Wake wake)
    {
        (this.settings, this.tools, this.mirror, this.forge, this.gate, this.holder, this.wake) = (settings, tools, mirror, forge, gate, holder, wake);
        missing = new(settings, mirror, tools.Notebook);
        upkeep = new(mirror.Git, mirror.Fetcher.Leftovers);
        _ = new FetchNews(settings.Name, mirror.Fetcher, tools.Time, tools.Logs.CreateLogger<FetchNews>());
        lookout = new(mirror, forge, () => trunks.Values.Select(item => item.Trunk.Moving).OfType<string>());
        mirror.Fetcher.Ended += wake.Hint;
        patterns = [.. settings.Trunks.Where(name => name.Contains('*', StringComparison.Ordinal)).Select(name => Glob.TryParse(name, out _, PatternOf.Branch)).OfType<Glob>()];
    }

    public string Name => settings.Name;

    public TimeSpan Poll => settings.Poll;

    /// <summary>Whether the repository itself was read in the last tick, whatever befell its trunks.</summary>
    public bool Reached { get; private set; }

    /// <summary>What befell a trunk in the last tick; the others had theirs.</summary>
    public Exception? Trouble { get; private set; }

    /// <summary>Whether something of this repository goes on beside its loop.</summary>
    public bool InFlight => mirror.Fetcher.Busy || trunks.Any(item => item.Value.Trunk.InFlight && !failed.ContainsKey(item.Key));

    /// <summary>How far a fetch is that goes on; null where none does.</summary>
    public string? Fetching => mirror.Fetcher.Wire.At;

    /// <summary>Where each trunk stood at the end of its last tick.</summary>
    public IReadOnlyCollection<TrunkPicture> Pictures => pictures.Values;

    public static async Task<RepositoryLoop> OpenAsync(RepositorySettings settings, PageSettings page, Tools tools, string holder, Wake wake, CancellationToken cancellation)
    {
        var loop = On(await Connection.OpenAsync(settings, page, tools.Work, tools.Time, cancellation), settings, tools, holder, wake);
        loop.ears = Connection.Listen(settings, loop.forge, wake.Hint, tools.Time, tools.Logs);
        return loop;
    }

    /// <summary>The loop of a repository that has been reached; it closes what it was given.</summary>
    public static RepositoryLoop On(Connection connection, RepositorySettings settings, Tools tools, string holder, Wake wake) =>
        new(settings, tools, connection.Mirror, connection.Forge, connection.Gate, holder, wake);

    /// <summary>One tick of each trunk. Answers whether anything was done, so that another may follow at once.</summary>
    /// <param name="look">
    /// Whether the forge is looked at even if it was only just: not where the gate's own doings are the cause, for what lands is observed
    /// afresh in any case.
    /// </param>
    /// <param name="observing">Whether nothing is written to the forge.</param>
    /// <param name="cancellation">Ends the tick.</param>
    public async Task<bool> TickAsync(bool look, bool observing, CancellationToken cancellation)
    {
        var busy = false;
        (Reached, Trouble, endedWell) = (false, null, false);
        failed.Clear();
        foreach (var (name, (trunk, _)) in trunks)
            busy |= await AloneAsync(name, () => trunk.FinishAsync(wait: false, cancellation), cancellation);
        if (look || looked is not { } last || tools.Time.GetElapsedTime(last) > SoonEnough)
        {
            await lookout.LookAsync(cancellation);
            looked = tools.Time.GetTimestamp();
        }

        var (views, view) = await ObserveAsync(cancellation);
        if (!following && trunks.Values.Any(item => item.Trunk.Memory.Published.Count > 0))
        {
            // What an earlier worker published has perhaps been reported on: nothing is decided before that was looked at.
            Follow([]);
            await lookout.LookAsync(cancellation);
            (views, view) = await ObserveAsync(cancellation);
        }

        (Reached, following) = (true, true);
        if (forge.Complaint is { } complaint)
            tools.Notebook.Raise($"forge:{settings.Name}", complaint);
        else
            tools.Notebook.Mend($"forge:{settings.Name}");
        if ((view.Problem ?? missing.Unfetched) is { } problem)
            tools.Notebook.Raise($"{Unreadable}:{settings.Name}", problem);
        else
            tools.Notebook.Mend($"{Unreadable}:{settings.Name}");
        await missing.LookAsync(name => trunks.TryGetValue(name, out var item) && item.Trunk.Memory.State.Tip is not null, cancellation);
        var fresh = new Dictionary<string, TrunkPicture>();
        foreach (var (name, (trunk, lease)) in trunks.Where(item => !failed.ContainsKey(item.Key)))
        {
            busy |= await AloneAsync(name, async () =>
            {
                if (!HasTurn(name, lease, out var anew) || anew)
                    return anew;
                if (!views.ContainsKey(name))
                    return !observing && trunk.NoticeGone();
                var (picture, did) = await trunk.TickAsync(view, observing, cancellation);
                fresh[name] = picture;
                return did;
            }, cancellation);
        }

        foreach (var name in trunks.Keys)
            Report(name, fresh);
        pictures = fresh;
        Follow(fresh.Values);
        Trouble = failed.Values.FirstOrDefault();
        endedWell = Trouble is null && !trunks.Values.Any(item => item.Trunk.MissesObjects);
        upkeep.Look(tools.Time);
        return busy;
    }

    /// <summary>What befalls one trunk stops no other: it is raised, and the caller finds it when all have had their tick.</summary>
    private async Task<bool> AloneAsync(string name, Func<Task<bool>> work, CancellationToken cancellation)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            failed[name] = error;
            return false;
        }
    }

    private void Report(string name, Dictionary<string, TrunkPicture> fresh)
    {
        var alarm = $"failing:{settings.Name}/{name}";
        if (!failed.TryGetValue(name, out var error))
        {
            if (sound.Add(name))
                tools.Notebook.Mend(alarm);
            return;
        }

        sound.Remove(name);
        tools.Notebook.Raise(alarm, $"a tick failed, and the next one starts afresh: {error.Message}");
        if (pictures.TryGetValue(name, out var last))
            fresh[name] = last with { Closed = $"a tick failed: {error.Message}" };
    }

    /// <summary>What the next tick would do, and does not.</summary>
    public async Task<IReadOnlyList<TrunkPicture>> LookAsync(CancellationToken cancellation)
    {
        var seen = await LookOnceAsync(cancellation);
        if (seen.All(picture => picture.Plan.Awaited.Count == 0))
            return seen;
        Follow(seen);
        return await LookOnceAsync(cancellation);
    }

    /// <summary>Tells the forge on which commits reports matter; what is published is among them also before a plan has said so.</summary>
    private void Follow(IEnumerable<TrunkPicture> seen) => forge.Follow(
        [.. seen.SelectMany(picture => picture.Plan.Awaited).Concat(trunks.Values.SelectMany(item => item.Trunk.Memory.Published.Select(published => published.Commit))).Distinct()]);

    private async Task<IReadOnlyList<TrunkPicture>> LookOnceAsync(CancellationToken cancellation)
    {
        await lookout.LookAsync(cancellation);
        failed.Clear();
        var (views, view) = await ObserveAsync(cancellation);
        if (failed.Count > 0)
            ExceptionDispatchInfo.Throw(failed.Values.First());
        return [.. views.Keys.Select(name => Picture(name, trunks[name].Trunk.Observe(view)))];

        TrunkPicture Picture(string name, (Core.Landing.Snapshot? Snapshot, string? Closed) seen) => new(
            settings.Name, name, views[name].Tip, seen.Snapshot is null ? Core.Landing.Plan.Nothing : Core.Landing.Planner.Decide(seen.Snapshot), seen.Snapshot,
            trunks[name].Trunk.Memory.State, seen.Closed, tools.Time.GetUtcNow());
    }

    private async Task<(Dictionary<string, TrunkView> Views, ForgeView View)> ObserveAsync(CancellationToken cancellation)
    {
        var views = new Dictionary<string, TrunkView>();
        var view = await lookout.ObserveAsync(async () =>
        {
            Admit();
            views = trunks.Select(item => View(item.Key, item.Value.Trunk)).OfType<TrunkView>().ToDictionary(view => view.Name);
            await forge.ReadTeamsAsync(views.Values.SelectMany(view => view.Teams), cancellation);
            return new(views, what => tools.Notebook.FirstSeen(settings.Name, what));
        });
        return (views, view);
    }

    private TrunkView? View(string name, TrunkReconciler trunk)
    {
        try
        {
            return trunk.View();
        }
        catch (Exception error)
        {
            failed[name] = error;
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        IsClosed = true;
        foreach (var (name, (trunk, lease)) in trunks)
        {
            // What did not come to its end is found by whoever has the turn next.
            await AloneAsync(name, async () =>
            {
                await trunk.StopAsync();
                return true;
            }, CancellationToken.None);
            lease.Release();
            if (waiting.Contains(name))
                tools.Notebook.Mend($"turn:{settings.Name}/{name}");
        }

        if (ears is not null)
            await ears.DisposeAsync();
        (forge as IDisposable)?.Dispose();
        await upkeep.DisposeAsync();
        mirror.Dispose();
    }
}
