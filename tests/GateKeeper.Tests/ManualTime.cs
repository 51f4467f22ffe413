namespace GateKeeper.Tests;

/// <summary>A clock that stands still until somebody moves it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Alarm> alarms = [];
    private DateTimeOffset now = new(2026, 11, 18, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Timers that are set for no longer than this ring at once: what lasts longer than a story is over before it.</summary>
    public TimeSpan Hasty { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Alarm(this, callback, state, dueTime);

    public void Pass(TimeSpan time)
    {
        List<Alarm> due;
        lock (gate)
        {
            now += time;
            due = alarms.FindAll(alarm => alarm.At <= now);
            alarms.RemoveAll(due.Contains);
        }

        due.ForEach(alarm => alarm.Ring());
    }

    private sealed class Alarm : ITimer
    {
        private readonly ManualTime time;
        private readonly TimerCallback callback;
        private readonly object? state;

        public Alarm(ManualTime time, TimerCallback callback, object? state, TimeSpan due)
        {
            (this.time, this.callback, this.state) = (time, callback, state);
            Change(due, Timeout.InfiniteTimeSpan);
        }

        public DateTimeOffset At { get; private set; }

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time.gate)
            {
                time.alarms.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    At = time.now + dueTime;
                    if (dueTime <= time.Hasty)
                        ThreadPool.QueueUserWorkItem(_ => Ring());
                    else
                        time.alarms.Add(this);
                }
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
