using GateKeeper.Git;

namespace GateKeeper.Reconcile;

/// <summary>The loops of a worker, one for each repository, woken by hints and by time. A bad tick ends nothing but itself.</summary>
internal sealed partial class GateWorker(Gatehouse house, ILogger<GateWorker> log) : BackgroundService
{
    /// <summary>Whether every repository was read in its last tick.</summary>
    public bool Ready
    {
        get
        {
            lock (healthy)
                return house.Loops.Count > 0 && house.Loops.All(loop => healthy.Contains(loop.Name));
        }
    }

    private readonly HashSet<string> healthy = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await Task.WhenAll(house.Loops.Select(loop => Task.Run(() => LoopAsync(loop, stoppingToken), stoppingToken)));

    private async Task LoopAsync(RepositoryLoop first, CancellationToken stopping)
    {
        var loop = first;
        long? pruned = null;
        var look = true;
        while (!stopping.IsCancellationRequested)
        {
            if (loop.Name == house.Loops[0].Name && (pruned is null || house.Time.GetElapsedTime(pruned.Value) > TimeSpan.FromHours(1)))
            {
                Prune();
                pruned = house.Time.GetTimestamp();
            }

            try
            {
                loop = await house.WholeAsync(loop, stopping);
                for (; await loop.TickAsync(look, house.Observing, stopping); look = false)
                    house.Beat();
                if (loop.Trouble is { } trouble)
                {
                    Failed(loop, trouble);
                }
                else
                {
                    lock (healthy)
                        healthy.Add(loop.Name);
                    house.Notebook.Mend($"unreachable:{loop.Name}");
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Failed(loop, error);
            }

            house.Beat();
            try
            {
                look = await house.WakeOf(loop.Name).WaitAsync(loop.Poll, house.Time, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>What cannot be removed is in nobody's way: it is tried again in an hour.</summary>
    private void Prune()
    {
        try
        {
            house.Prune();
        }
        catch (Exception error)
        {
            LogPruneFailed(error);
        }
    }

    private void Failed(RepositoryLoop loop, Exception error)
    {
        lock (healthy)
            healthy.Remove(loop.Name);
        LogTickFailed(error, loop.Name);
        if (!loop.Reached)
            loop.Outdate(error);
        try
        {
            // What befell one trunk alone has an alarm of its own.
            if (loop.Reached)
                house.Notebook.Mend($"unreachable:{loop.Name}");
            else
                house.Notebook.Raise($"unreachable:{loop.Name}", error is GitException ? error.Message : $"a tick failed: {error.Message}");
        }
        catch (Exception unwritten)
        {
            // A store that is full or locked is often why the tick failed: the log has it, and the next tick tries again.
            LogAlarmUnwritten(unwritten, loop.Name);
        }
    }

    [LoggerMessage(EventId = 203, Level = LogLevel.Error, Message = "A tick of {Repository} failed; the next one starts afresh")]
    private partial void LogTickFailed(Exception error, string repository);

    [LoggerMessage(EventId = 204, Level = LogLevel.Error, Message = "The alarm that {Repository} could not be read could not be written")]
    private partial void LogAlarmUnwritten(Exception error, string repository);

    [LoggerMessage(EventId = 205, Level = LogLevel.Error, Message = "What is kept no longer could not all be removed; it is tried again in an hour")]
    private partial void LogPruneFailed(Exception error);
}
