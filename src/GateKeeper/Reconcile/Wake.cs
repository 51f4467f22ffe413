using System.Threading.Channels;

namespace GateKeeper.Reconcile;

/// <summary>A hint that the world may have changed. It carries no data, so a lost, late or forged hint does no harm.</summary>
internal sealed class Wake
{
    private readonly Channel<bool> hints = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Hint() => hints.Writer.TryWrite(true);

    /// <summary>Returns at a hint, or when the time is over: the poll remains the truth.</summary>
    public async Task WaitAsync(TimeSpan most, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            await hints.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The time is over.
        }
    }
}
