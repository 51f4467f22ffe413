using System.Collections.Concurrent;
using System.Diagnostics;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Store;
using LibGit2Sharp;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace GateKeeper.Runs;

/// <summary>What a run needs beside its order: the definition, the tree that it may see, and where objects are read.</summary>
internal sealed record RunInput(string Trunk, TestDefinition Test, string Mirror, string Tree, string? PrepareTree);

/// <summary>Starts runs in the sandbox, watches them, and writes what came of them into the store. It decides nothing.</summary>
internal sealed partial class Runner(
    ISandbox sandbox, Layers layers, Results results, RunLimits limits, string work, string scratches, TimeProvider time, ILogger<Runner> log) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, Flight> flights = new();
    private readonly Lock starting = new();
    private readonly Preparations preparations = new(Path.Combine(work, "prepared"));

    /// <summary>Raised when a run has ended and its result is in the store.</summary>
    public event Action? Ended;

    public string Fingerprint => sandbox.Fingerprint;

    public int Count => flights.Count;

    public int Proposals => flights.Values.Count(flight => flight.Run.Order.Purpose is RunPurpose.Proposal);

    public IReadOnlyList<ActiveRun> Of(string trunk) =>
        [.. flights.Values.Where(flight => flight.Input.Trunk == trunk).Select(flight => flight.Run).OrderBy(run => run.Id)];

    public string LogOf(long id) => Path.Combine(work, "logs", $"{id}.log");

    /// <summary>Starts a run, unless as many are under way already: each repository plans by itself, and together they may want more than there are slots.</summary>
    public void Start(RunOrder order, RunInput input, int slots = int.MaxValue)
    {
        lock (starting)
        {
            if (flights.Count < slots)
                Begin(order, input);
        }
    }

    private void Begin(RunOrder order, RunInput input)
    {
        var id = results.Begin(input.Trunk, order, input.Tree, RunDescription.Of(input.Test, input.PrepareTree).Write());
        var flight = new Flight(new(id, order, time.GetUtcNow()), input);
        flights[id] = flight;
        flight.Task = Task.Run(() => FlyAsync(flight));
    }

    /// <summary>Forgets what prepare steps left and no run has used for so long.</summary>
    public void Prune(TimeSpan keep) => preparations.Prune(keep, time.GetUtcNow());

    public void Cancel(long id)
    {
        if (!flights.TryGetValue(id, out var flight))
            return;
        try
        {
            flight.Cancel.Cancel();
        }
        catch (Exception error) when (error is ObjectDisposedException or AggregateException)
        {
            // It came to its end in this moment, or what ends it did not get through: the first is what was wanted, and the second is tried again.
            LogUncancelled(error, id);
        }
    }

    public async Task StopAsync()
    {
        foreach (var flight in flights.Values)
            await flight.Cancel.CancelAsync();
        await Task.WhenAll(flights.Values.Select(flight => flight.Task));
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task FlyAsync(Flight flight)
    {
        var end = new RunEnding(RunOutcome.Lost, "");
        try
        {
            end = await RunAsync(flight);
        }
        catch (OperationCanceledException) when (flight.Cancel.IsCancellationRequested)
        {
            end = new(RunOutcome.Cancelled, "nobody needs it any more");
        }
        catch (Exception error)
        {
            LogLost(error, flight.Run.Id, flight.Run.Order.Test);
            end = new(RunOutcome.Lost, $"the runner failed: {error.Message}");
        }

        try
        {
            results.End(flight.Run.Id, flight.Run.Order, end.Outcome, end.Why, end.LastLines, end.HasFlakes);
        }
        catch (Exception error)
        {
            // What the store could not take is run again; the slot is free in any case.
            LogLost(error, flight.Run.Id, flight.Run.Order.Test);
        }
        finally
        {
            flights.TryRemove(flight.Run.Id, out _);
            flight.Cancel.Dispose();
            Ended?.Invoke();
        }
    }

    private async Task<RunEnding> RunAsync(Flight flight)
    {
        var (order, test) = (flight.Run.Order, flight.Input.Test);
        if ((test.Network || test.Prepare?.Network == true) && NetworkProblem is { } barred)
            return new(RunOutcome.Lost, $"{test.Name} asks for the network: {barred}");

        var scratch = Path.Combine(sandbox.Overlays ? scratches : Path.Combine(work, "runs"), $"{flight.Run.Id}");
        Directory.CreateDirectory(scratch);
        Directory.CreateDirectory(Path.Combine(work, "logs"));
        try
        {
            using var repository = new Repository(flight.Input.Mirror);
            using var prepared = await PrepareAsync(flight, repository);
            if (prepared.Problem is { } problem)
                return new(RunOutcome.Failed, problem.Why, problem.LastLines);

            using var written = test.Reports is null ? null : new WrittenTree();
            using var tree = layers.Prepare(repository, flight.Input.Tree, new(flight.Input.Mirror, string.Join('\n', test.Inputs), MayHide: prepared.Trees.Count == 0), scratch);
            return await SandboxedAsync(
                flight, new()
                {
                    Command = test.Run!,
                    // What prepare left lies below: where both have a file it is the tree's own that is tested.
                    Layers = [.. tree.Directories, .. prepared.Trees],
                    Tree = new(flight.Input.Mirror, flight.Input.Tree, IsAlone: prepared.Trees.Count == 0),
                    HomeLayers = prepared.Homes,
                    Scratch = scratch,
                    Environment = test.Env,
                    Written = written,
                    Network = test.Network,
                }, test.Timeout, LogOf(flight.Run.Id), order.Test, test.Reports);
        }
        catch (TreeException error)
        {
            return new(RunOutcome.Failed, $"its files cannot be laid out: {error.Message}");
        }
        finally
        {
            Files.Delete(scratch);
        }
    }

    private async Task<RunEnding> SandboxedAsync(Flight flight, SandboxOrder order, TimeSpan timeout, string logPath, string name, PatternList? reports)
    {
        flight.Cancel.Token.ThrowIfCancellationRequested();
        using var group = sandbox.Cgroups?.Create($"{Environment.ProcessId}", flight.Run.Id, limits.Memory + limits.Disk, limits.Processes);
        using var written = new RunLog(logPath, limits.Output);
        using var timer = new CancellationTokenSource(timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, flight.Cancel.Token);
        var began = time.GetTimestamp();
        using var process = sandbox.Start(order, group);
        await using var kill = ended.Token.Register(() => End(process, group));
        process.StandardInput.Close();
        await Task.WhenAll(
            written.CopyAsync(process.StandardOutput.BaseStream, () => End(process, group), CancellationToken.None),
            written.CopyAsync(process.StandardError.BaseStream, () => End(process, group), CancellationToken.None));
        await process.WaitForExitAsync(CancellationToken.None);

        flight.Cancel.Token.ThrowIfCancellationRequested();
        var (took, telling) = (Time.Say(time.GetElapsedTime(began)), new RunTelling(name, reports, order, limits, logPath));
        if (timer.IsCancellationRequested)
            return telling.TimedOut(Time.Say(timeout));
        if (written.Overflowed)
            return telling.Overflowed();
        var limit = group?.LimitHit;
        if (!sandbox.Began(order) && (limit is null || process.ExitCode == 0))
            return new(RunOutcome.Lost, $"the sandbox did not start: {RunLog.Tail(logPath, 3)}");
        if (limit is null && !sandbox.Ended(order))
            return new(RunOutcome.Lost, $"somebody ended it from outside (its outer process ended with {process.ExitCode})");
        return process.ExitCode == 0 ? telling.Passed(took) : telling.Exited(process.ExitCode, limit, isGrouped: group is not null);
    }

    private string? NetworkProblem => limits.Network ? sandbox.NetworkProblem : "the operator does not allow it (runs.network)";

    private static void End(Process process, RunGroup? group)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself in between.
        }

        group?.Kill();
    }

    [LoggerMessage(EventId = 402, Level = LogLevel.Warning, Message = "Run {Run} could not be cancelled; it is asked again while it lasts")]
    private partial void LogUncancelled(Exception error, long run);

    [LoggerMessage(EventId = 401, Level = LogLevel.Error, Message = "Run {Run} of {Test} was lost; it says nothing of the change")]
    private partial void LogLost(Exception error, long run, string test);

    private sealed class Flight(ActiveRun run, RunInput input)
    {
        public ActiveRun Run => run;

        public RunInput Input => input;

        public CancellationTokenSource Cancel { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;
    }
}
