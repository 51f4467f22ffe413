using GateKeeper.Git;

namespace GateKeeper.Reconcile;

/// <summary>The loops of a worker, one for each repository, woken by hints and by time. A bad tick ends nothing but itself.</summary>
internal sealed partial class GateWorker(Gatehouse house, ILogger<GateWorker> log) : BackgroundService
{
    /// <summary>Whether every repository was read in its last tick.</summary>
    public bool Ready => house.Loops.Count > 0 && house.Loops.All(loop => healthy.Contains(loop.Name));

    private readonly HashSet<string> healthy = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await Task.WhenAll(house.Loops.Select(loop => Task.Run(() => LoopAsync(loop, stoppingToken), stoppingToken)));

    private async Task LoopAsync(RepositoryLoop loop, CancellationToken stopping)
    {
        long? pruned = null;
        var look = true;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (loop == house.Loops[0] && (pruned is null || house.Time.GetElapsedTime(pruned.Value) > TimeSpan.FromHours(1)))
                {
                    house.Prune();
                    pruned = house.Time.GetTimestamp();
                }

                for (; await loop.TickAsync(look, house.Observing, stopping); look = false)
                    house.Beat();
                lock (healthy)
                    healthy.Add(loop.Name);
                house.Notebook.Mend($"unreachable:{loop.Name}");
            }
            catch (Exception error) when (!stopping.IsCancellationRequested)
            {
                lock (healthy)
                    healthy.Remove(loop.Name);
                house.Notebook.Raise($"unreachable:{loop.Name}", error is GitException ? error.Message : $"a tick failed: {error.Message}");
                LogTickFailed(error, loop.Name);
            }
            catch (OperationCanceledException)
            {
                return;
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

    [LoggerMessage(EventId = 203, Level = LogLevel.Error, Message = "A tick of {Repository} failed; the next one starts afresh")]
    private partial void LogTickFailed(Exception error, string repository);
}
