using Microsoft.Extensions.Time.Testing;

namespace GateKeeper.Tests;

/// <summary>A clock that stands still until somebody moves it.</summary>
internal sealed class ManualTime() : FakeTimeProvider(new(2026, 11, 18, 9, 0, 0, TimeSpan.Zero))
{
    /// <summary>Timers that are set for no longer than this ring at once: what lasts longer than a story is over before it.</summary>
    public TimeSpan Hasty { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero && dueTime <= Hasty ? TimeSpan.Zero : dueTime, period);

    public void Pass(TimeSpan time) => Advance(time);
}
