using GateKeeper.Core.Changes;
using GateKeeper.Forges;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using GateKeeper.Settings;
using GateKeeper.Store;

namespace GateKeeper.Reconcile;

/// <summary>One repository: its mirror, its forge and its trunks, one after the other. Nothing here runs at the same time as anything else here.</summary>
internal sealed class RepositoryLoop : IAsyncDisposable
{
    private static readonly TimeSpan SoonEnough = TimeSpan.FromSeconds(1);
    private readonly RepositorySettings settings;
    private readonly Tools tools;
    private readonly Mirror mirror;
    private readonly IForge forge;
    private readonly GateIdentity gate;
    private readonly string holder;
    private readonly Wake wake;
    private readonly Dictionary<string, (TrunkReconciler Trunk, Lease Lease)> trunks = [];
    private readonly List<Glob> patterns;
    private long? looked;
    private Dictionary<string, TrunkPicture> pictures = [];

    private RepositoryLoop(RepositorySettings settings, Tools tools, Mirror mirror, IForge forge, GateIdentity gate, string holder, Wake wake)
    {
        (this.settings, this.tools, this.mirror, this.forge, this.gate, this.holder, this.wake) = (settings, tools, mirror, forge, gate, holder, wake);
        patterns = [.. settings.Trunks.Where(name => name.Contains('*', StringComparison.Ordinal)).Select(name => Glob.TryParse(name, out _)).OfType<Glob>()];
    }

    public string Name => settings.Name;

    public TimeSpan Poll => settings.Poll;

    /// <summary>Whether something of this repository goes on beside its loop.</summary>
    public bool InFlight => trunks.Values.Any(item => item.Trunk.InFlight);

    /// <summary>Where each trunk stood at the end of its last tick.</summary>
    public IReadOnlyCollection<TrunkPicture> Pictures => pictures.Values;

    public static async Task<RepositoryLoop> OpenAsync(RepositorySettings settings, PageSettings page, Tools tools, string holder, Wake wake, CancellationToken cancellation)
    {
        var credential = settings.Credential is { } from ? new Credential(settings.User, Secret.Read(from)) : null;
        var path = Path.Combine(tools.Work, "mirrors", $"{settings.Name}.git");
        var mirror = await Mirror.OpenAsync(path, settings.Url, Path.Combine(tools.Work, "home"), credential, cancellation, settings.User);
        var gate = new GateIdentity(settings.User, settings.Email);
        return new(settings, tools, mirror, new PlainGitForge(mirror, gate, settings.Trusted, page.Address, tools.Time, settings.Guard), gate, holder, wake);
    }

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
        foreach (var (trunk, _) in trunks.Values)
            busy |= await trunk.FinishAsync(wait: false, cancellation);
        if (look || looked is not { } last || tools.Time.GetElapsedTime(last) > SoonEnough)
        {
            await mirror.RefreshAsync(forge.OfInterest, cancellation, trunks.Values.Select(item => item.Trunk.Moving).OfType<string>().ToHashSet());
            looked = tools.Time.GetTimestamp();
        }

        Admit();
        var views = trunks.Values.Select(item => item.Trunk.View()).OfType<TrunkView>().ToDictionary(view => view.Name);
        var view = forge.Observe(new(views, what => tools.Notebook.FirstSeen(settings.Name, what)));
        if (view.Problem is { } problem)
            tools.Notebook.Raise($"unreadable:{settings.Name}", problem);
        else
            tools.Notebook.Mend($"unreadable:{settings.Name}");
        var fresh = new Dictionary<string, TrunkPicture>();
        foreach (var name in views.Keys)
        {
            var (trunk, lease) = trunks[name];
            if (!lease.Hold())
            {
                tools.Notebook.Raise($"turn:{settings.Name}/{name}", "another worker has the turn on this trunk; this one watches, and takes over when that one is gone");
                continue;
            }

            tools.Notebook.Mend($"turn:{settings.Name}/{name}");
            var (picture, did) = await trunk.TickAsync(view, observing, cancellation);
            fresh[name] = picture;
            busy |= did;
        }

        pictures = fresh;
        return busy;
    }

    /// <summary>What the next tick would do, and does not.</summary>
    public async Task<IReadOnlyList<TrunkPicture>> LookAsync(CancellationToken cancellation)
    {
        await mirror.RefreshAsync(forge.OfInterest, cancellation);
        Admit();
        var views = trunks.Values.Select(item => item.Trunk.View()).OfType<TrunkView>().ToDictionary(view => view.Name);
        var view = forge.Observe(new(views, what => tools.Notebook.FirstSeen(settings.Name, what)));
        return [.. views.Keys.Select(name => Picture(name, trunks[name].Trunk.Observe(view)))];

        TrunkPicture Picture(string name, (Core.Landing.Snapshot? Snapshot, string? Closed) seen) => new(
            settings.Name, name, views[name].Tip, seen.Snapshot is null ? Core.Landing.Plan.Nothing : Core.Landing.Planner.Decide(seen.Snapshot), seen.Snapshot,
            trunks[name].Trunk.Memory.State, seen.Closed, tools.Time.GetUtcNow());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (trunk, lease) in trunks.Values)
        {
            await trunk.StopAsync();
            lease.Release();
        }

        mirror.Dispose();
    }

    /// <summary>
    /// A named trunk is one; a branch that matches a pattern becomes one only when its tip lies on the first-parent line of a trunk that
    /// already is, so that nobody makes a trunk by pushing a branch.
    /// </summary>
    private void Admit()
    {
        var branches = mirror.Refs.Keys.Where(name => name.StartsWith("refs/heads/", StringComparison.Ordinal)).Select(name => name["refs/heads/".Length..]).ToList();
        foreach (var branch in branches.Where(branch => !trunks.ContainsKey(branch)))
        {
            var named = settings.Trunks.Contains(branch);
            var pattern = patterns.Find(pattern => pattern.Matches(branch));
            if (!named && pattern is null)
                continue;
            var key = $"{settings.Name}/{branch}";
            if (named || new TrunkMemory(tools.Database, key, 20).State.Tip is not null
                || trunks.Values.Any(item => item.Trunk.View() is not null && item.Trunk.HasOnLine(new(mirror.Refs["refs/heads/" + branch]))))
            {
                var lease = new Lease(tools.Database, tools.Time, key, holder);
                var trunk = new TrunkReconciler(settings, tools, mirror, forge, gate, lease, branch, wake);
                trunks[branch] = (trunk, lease);

                // What is said of a pattern is said of each trunk that it brings.
                if (!named && trunk.Memory.State.Tip is null && new TrunkMemory(tools.Database, $"{settings.Name}/{pattern}", 20).State.Paused is { } paused)
                    trunk.Memory.Set(state => state with { Paused = paused });
            }
        }
    }
}

/// <summary>Reads a secret from where the settings say it lies.</summary>
internal static class Secret
{
    public static string Read(string from)
    {
        var (kind, name) = (from[..from.IndexOf(':', StringComparison.Ordinal)], from[(from.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        var secret = kind switch
        {
            "file" => File.ReadAllText(name),
            "env" => Environment.GetEnvironmentVariable(name),
            _ => File.ReadAllText(Path.Combine(Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") ?? "/run/credentials", name)),
        };
        return secret?.Trim() is { Length: > 0 } found ? found : throw new InvalidOperationException($"credential {from}: nothing is there");
    }
}
