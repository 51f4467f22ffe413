using System.Runtime.ExceptionServices;
using GateKeeper.Git;
using GateKeeper.Runs;
using GateKeeper.Settings;
using GateKeeper.Store;

namespace GateKeeper.Reconcile;

/// <summary>The worker cannot start; the text says why and what to do.</summary>
internal sealed class StartException(string message) : Exception(message);

/// <summary>Everything a worker has: store, runner, repositories. Opened in this one place, closed in the opposite order.</summary>
internal sealed partial class Gatehouse : IAsyncDisposable
{
    private readonly FileStream workLock;
    private readonly Database database;
    private readonly Scratch scratch;
    private readonly Dictionary<string, Wake> wakes = [];
    private readonly List<FileSystemWatcher> watchers = [];
    private readonly string holder;
    private readonly ILogger log;

    private Gatehouse(GateSettings settings, TimeProvider time, FileStream workLock, Database database, Scratch scratch, Tools tools) =>
        (Settings, Time, this.workLock, this.database, this.scratch, Tools, holder, log) = (settings, time, workLock, database, scratch, tools,
            $"{WorkFolder.Identity(settings.Work)}/{Environment.ProcessId}:{time.GetUtcNow().ToUnixTimeMilliseconds()}", tools.Logs.CreateLogger<Gatehouse>());

    public GateSettings Settings { get; }

    public TimeProvider Time { get; }

    public Tools Tools { get; }

    public Notebook Notebook => Tools.Notebook;

    /// <summary>Swapped whole where one of them is opened anew.</summary>
    public List<RepositoryLoop> Loops { get; private set; } = [];

    /// <summary>True where the worker decides and shows, and writes nothing to the forge.</summary>
    public bool Observing { get; init; }

    /// <summary>What every sandbox is put into. Tests watch here what runs are shown; otherwise it is nothing.</summary>
    public static Func<ISandbox, ISandbox> Around { get; set; } = sandbox => sandbox;

    /// <summary>Raised after every tick.</summary>
    public event Action? Ticked;

    public IEnumerable<TrunkPicture> Pictures => Loops.SelectMany(loop => loop.Pictures);

    public static async Task<Gatehouse> OpenAsync(GateSettings settings, TimeProvider time, ILoggerFactory logs, bool observing, CancellationToken cancellation)
    {
        if (GitVersion.Problem(await GitVersion.AskAsync(cancellation)) is { } old)
            throw new StartException(old);
        Directory.CreateDirectory(settings.Work);
        var workLock = WorkFolder.Lock(settings.Work);
        try
        {
            // Noted before the store is made again, so that a crash in between does not forget it.
            var lost = Path.Combine(settings.Work, "store-lost");
            if (!File.Exists(settings.Store) && Directory.Exists(Path.Combine(settings.Work, "mirrors")))
                await File.WriteAllTextAsync(lost, "", cancellation);
            var database = Database.Open(settings.Store, time);
            var results = new Results(database, time);
            var limits = new RunLimits(settings.Runs.Memory, settings.Runs.Disk, settings.Runs.Processes, settings.Runs.Output, settings.Runs.Network) { Users = UserRange.Of(settings.Runs.Users), Slots = settings.Runs.Slots };
            var scratch = Scratch.Open(settings.Work);
            var sandbox = Around(SandboxFor(settings, scratch.Path, limits));
            var runner = new Runner(sandbox, new Layers(Path.Combine(settings.Work, "layers"), Path.Combine(scratch.Path, "layers"), sandbox.Overlays, sandbox.Owner), results, limits, settings.Work, scratch.Path, time, logs.CreateLogger<Runner>());
            var tools = new Tools(database, results, new Journal(database, time), new Notebook(database, time), runner, settings.Runs.Slots, settings.Work, time, logs);
            var house = new Gatehouse(settings, time, workLock, database, scratch, tools) { Observing = observing };
            if (tools.Journal.Break() is { } broken)
                tools.Notebook.Raise("journal", $"the journal does not hold: {broken}");
            else
                tools.Notebook.Mend("journal");
            string[] loose = [.. ((string?[])[sandbox.Alarm, Machine.Shortage(settings.Runs.Slots, limits, Machine.Memory)]).OfType<string>()];
            if (loose.Length > 0)
                tools.Notebook.Raise("sandbox", string.Join("; ", loose));
            else
                tools.Notebook.Mend("sandbox");
            foreach (var repository in settings.Repositories)
            {
                var wake = house.wakes[repository.Name] = new();
                runner.Ended += wake.Turn;
                house.Loops.Add(await RepositoryLoop.OpenAsync(repository, settings.Page, tools, house.holder, wake, cancellation));
                house.Watch(repository.Url, wake);
                if (File.Exists(lost))
                    PauseAll(database, repository);
            }

            File.Delete(lost);

            return house;
        }
        catch
        {
            workLock.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The loop itself, or, where its mirror was deleted or damaged, another in its place with a mirror that is made anew: what the old one had
    /// read rests on objects that are gone. What it was landing is found by the other, as after a crash.
    /// </summary>
    public async Task<RepositoryLoop> WholeAsync(RepositoryLoop loop, CancellationToken cancellation)
    {
        if (!loop.IsClosed)
        {
            if (loop.Damage is not { } why)
                return loop;
            LogDamage(loop.Name, why);
            await loop.DisposeAsync();
        }

        var fresh = await RepositoryLoop.OpenAsync(Settings.Repositories.Single(repository => repository.Name == loop.Name), Settings.Page, Tools, holder, wakes[loop.Name], cancellation);
        fresh.Show(loop.Pictures);
        Loops = [.. Loops.Select(other => other == loop ? fresh : other)];
        return fresh;
    }

    private bool UnderWay => Tools.Runner.Count > 0 || Loops.Any(loop => loop.InFlight);

    public Wake WakeOf(string repository) => wakes[repository];

    public void HintAll()
    {
        foreach (var wake in wakes.Values)
            wake.Hint();
    }

    public void Beat() => Ticked?.Invoke();

    /// <summary>Forgets results and logs that are older, and logs that are more, than is kept.</summary>
    public void Prune()
    {
        Tools.Results.Prune(Settings.KeepResults);
        var logs = new DirectoryInfo(Path.Combine(Settings.Work, "logs"));
        var (room, oldest) = (Settings.KeepLogBytes, Time.GetUtcNow() - Settings.KeepLogs);
        foreach (var log in logs.Exists ? logs.GetFiles().OrderByDescending(file => file.LastWriteTimeUtc) : Enumerable.Empty<FileInfo>())
        {
            room -= log.Length;
            if (room < 0 || log.LastWriteTimeUtc < oldest)
                log.Delete();
        }

        // Last, for what proposed code left is what may resist.
        Tools.Runner.Prune(Settings.KeepResults);
    }

    /// <summary>Ticks until nothing more can happen by itself: no effect, and no run in flight. One repository's trouble stops no other, and is thrown at the end.</summary>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        var look = true;
        var trouble = new Dictionary<RepositoryLoop, Exception>();
        for (var quiet = false; !quiet;)
        {
            // What ends while a tick runs is not seen by that tick: only a pass that began with nothing under way can be the last.
            quiet = !UnderWay;
            var did = false;
            foreach (var before in Loops)
            {
                var loop = before;
                trouble.Remove(before);
                try
                {
                    loop = await WholeAsync(before, cancellation);
                    for (var first = look; await loop.TickAsync(first, Observing, cancellation); first = false)
                        did = true;
                    if (loop.Trouble is { } befell)
                        trouble[loop] = befell;
                }
                catch (Exception error) when (!cancellation.IsCancellationRequested)
                {
                    trouble[loop] = error;
                }
            }

            Beat();

            // What goes on in a repository that is in trouble may never come to its end here.
            if (Tools.Runner.Count > 0 || Loops.Any(loop => loop.InFlight && loop.Reached))
            {
                quiet = false;
                look = await WaitAsync(cancellation);
            }
            else
            {
                quiet = !did && (quiet || trouble.Count > 0);
            }
        }

        if (trouble.Count > 0)
            ExceptionDispatchInfo.Throw(trouble.Values.First());
    }

    /// <summary>Waits until something ends in any repository. Answers whether the forges are to be looked at.</summary>
    private async Task<bool> WaitAsync(CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var waits = wakes.Values.Select(wake => wake.WaitAsync(TimeSpan.FromMinutes(5), TimeProvider.System, ended.Token)).ToList();
        var look = await await Task.WhenAny(waits);
        await ended.CancelAsync();
        foreach (var wait in waits)
            look |= await wait.ContinueWith(over => over.IsCompletedSuccessfully && over.Result, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return look;
    }

    public async ValueTask DisposeAsync()
    {
        watchers.ForEach(watcher => watcher.Dispose());
        await Tools.Runner.StopAsync();
        foreach (var loop in Loops)
            await loop.DisposeAsync();
        scratch.Dispose();
        database.Dispose();
        await workLock.DisposeAsync();
    }

    private static ISandbox SandboxFor(GateSettings settings, string memory, RunLimits limits)
    {
        if (settings.Runs.Sandboxed)
            return Sandbox.Find(settings.Work, memory, limits, settings.Runs.Mounts, out var problem)
                ?? throw new StartException($"no sandbox can be had here, and without one no proposed code is run: {problem}\nInstall bubblewrap, and allow user namespaces to the worker's account (sysctl kernel.unprivileged_userns_clone=1). On a machine that is thrown away after use, \"sandbox\": \"none\" in \"runs\" goes without.");
        return Environment.IsPrivilegedProcess
            ? throw new StartException("runs.sandbox is none, and proposed code would run as root: start the worker under an account of its own")
            : new NoSandbox(limits);
    }

    /// <summary>A mirror without its store: what was paused or stopped is forgotten, so nothing lands until somebody says so.</summary>
    private static void PauseAll(Database database, RepositorySettings repository)
    {
        foreach (var trunk in repository.Trunks)
            new TrunkMemory(database, $"{repository.Name}/{trunk}", 20).Set(state => state with { Paused = "the store was lost, and with it what was paused or stopped; gatekeeper resume when you have looked" });
    }

    /// <summary>A repository on this machine tells of pushes by a file that its guard touches: a hint, no more.</summary>
    private void Watch(string url, Wake wake)
    {
        var guard = Path.Combine(url, "gatekeeper");
        if (!Directory.Exists(guard))
            return;
        var watcher = new FileSystemWatcher(guard, "pushed");
        watcher.Created += (_, _) => wake.Hint();
        watcher.Changed += (_, _) => wake.Hint();
        watcher.EnableRaisingEvents = true;
        watchers.Add(watcher);
    }

    [LoggerMessage(EventId = 207, Level = LogLevel.Warning, Message = "The mirror of {Repository} is damaged ({Why}); it is made anew")]
    private partial void LogDamage(string repository, string why);
}
