namespace GateKeeper.Forges.GitHub;

/// <summary>Wakes the gate at the moment from which GitHub lets it ask again, so that nobody waits for the next look.</summary>
internal sealed class Reveille : IAsyncDisposable
{
    private readonly Budget budget;
    private readonly ITimer timer;
    private readonly TimeProvider time;

    public Reveille(Budget budget, Action hint, TimeProvider time)
    {
        (this.budget, this.time) = (budget, time);
        timer = time.CreateTimer(_ => hint(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        budget.Spent += Set;
    }

    public async ValueTask DisposeAsync()
    {
        budget.Spent -= Set;
        await timer.DisposeAsync();
    }

    private void Set(DateTimeOffset at)
    {
        var wait = at - time.GetUtcNow();
        timer.Change(wait > TimeSpan.Zero ? wait + TimeSpan.FromMilliseconds(100) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
