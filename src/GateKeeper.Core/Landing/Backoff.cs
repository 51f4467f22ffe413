namespace GateKeeper.Core.Landing;

/// <summary>How long to wait before the next try: doubled each time, from ten seconds to half an hour.</summary>
public static class Backoff
{
    public static TimeSpan After(int attempts) =>
        TimeSpan.FromSeconds(Math.Min(1800, 10 * Math.Pow(2, Math.Clamp(attempts - 1, 0, 10))));
}
