using System.Threading.Channels;

namespace GateKeeper.Reconcile;

/// <summary>A hint that the world may have changed. It carries no data, so a lost, late or forged hint does no harm.</summary>
internal sealed class Wake
{
    private readonly Channel<bool> hints = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile bool look;

    /// <summary>The forge may have changed.</summary>
    public void Hint()
    {
        look = true;
        hints.Writer.TryWrite(true);
    }

    /// <summary>Something of the gate's own has come to an end.</summary>
    public void Turn() => hints.Writer.TryWrite(true);

    /// <summary>Returns at a hint, or when the time is over: the poll remains the truth. Answers whether the forge is to be looked at.</summary>
    public async Task<bool> WaitAsync(TimeSpan most, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            await hints.Reader.ReadAsync(either.Token);
            return Interlocked.Exchange(ref look, false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return true;
        }
    }
}
