namespace GateKeeper.Git;

/// <summary>
/// Remembers which refs could not be fetched, and when to try each again: at once when it moves, and else after 1, 2, 4 and at last every
/// 64 looks, so that what passes is over by itself and what lasts costs little.
/// </summary>
internal sealed class Unfetched
{
    private const int LongestWait = 64;
    private readonly Dictionary<string, (string Id, string Why)> known = [];
    private readonly Dictionary<string, (int Wait, long Until)> waits = [];
    private long looks;

    public IReadOnlyDictionary<string, (string Id, string Why)> Known => known;

    /// <summary>Moves whenever something else is known than before.</summary>
    public int News { get; private set; }

    /// <summary>Those that are left alone in this look.</summary>
    public IEnumerable<string> Waiting => known.Keys.Where(name => waits[name].Until > looks);

    /// <summary>A look at the forge begins: what moved there, or is gone, is no longer waited for.</summary>
    public void Begin(Dictionary<string, string> seen)
    {
        looks++;
        foreach (var name in known.Where(item => seen.GetValueOrDefault(item.Key) != item.Value.Id).Select(item => item.Key).ToList())
            Fetched(name);
    }

    public void Failed(string name, string id, string why)
    {
        if (known.GetValueOrDefault(name) != (id, why))
            News++;
        known[name] = (id, why);
        var wait = waits.TryGetValue(name, out var last) ? Math.Min(last.Wait * 2, LongestWait) : 1;
        waits[name] = (wait, looks + 1 + wait);
    }

    public void Fetched(string name)
    {
        if (known.Remove(name))
            News++;
        waits.Remove(name);
    }
}
