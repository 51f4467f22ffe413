using GateKeeper.Core.Landing;

namespace GateKeeper.Forges;

/// <summary>When to try again what failed: each by itself, and later each time, so that what keeps failing holds up nothing else.</summary>
internal sealed class Retries<T>(TimeProvider time)
    where T : notnull
{
    private const int MostNamed = 5;
    private readonly Dictionary<T, (int Times, DateTimeOffset Again, string Why)> failed = [];

    public bool Any => failed.Count > 0;

    /// <summary>Why the last try of each failed; of many, the first few.</summary>
    public string Why => string.Join("; ", failed.Values.Select(known => known.Why).Distinct().Take(MostNamed)) + (failed.Count > MostNamed ? $" (and {failed.Count - MostNamed} more)" : "");

    /// <summary>Why the last try of this one failed; null where it did not.</summary>
    public string? WhyOf(T one) => failed.TryGetValue(one, out var known) ? known.Why : null;

    /// <summary>Whether it is too early to try this one again.</summary>
    public bool Rests(T one) => failed.TryGetValue(one, out var known) && time.GetUtcNow() < known.Again;

    public void Failed(T one, string why)
    {
        var times = failed.GetValueOrDefault(one).Times + 1;
        failed[one] = (times, time.GetUtcNow() + Backoff.After(times), why);
    }

    public void Succeeded(T one) => failed.Remove(one);

    public void Keep(Func<T, bool> isWanted)
    {
        foreach (var over in failed.Keys.Where(one => !isWanted(one)).ToList())
            failed.Remove(over);
    }
}
