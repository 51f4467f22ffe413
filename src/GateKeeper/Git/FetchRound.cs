using System.Diagnostics;

namespace GateKeeper.Git;

/// <summary>
/// One round of fetching what moved: all together where that goes well, and else the culprits are found and told, and hold up nobody else.
/// </summary>
/// <param name="fetcher">Fetches.</param>
/// <param name="unfetched">Hears what could not be fetched.</param>
/// <param name="before">The refs as they were before.</param>
/// <param name="isProposed">Which refs hold what people propose.</param>
internal sealed class FetchRound(Fetcher fetcher, Unfetched unfetched, IReadOnlyDictionary<string, string> before, Func<string, bool> isProposed)
{
    private const int MostInARow = 64;
    private int failed;
    private int row;

    /// <summary>The trunk's own first; then what is proposed, together where that goes well and soon. Answers the refs as they are now.</summary>
    /// <exception cref="GitException">Nothing at all can be fetched.</exception>
    public async Task<Dictionary<string, string>> RunAsync(Dictionary<string, string> seen, List<KeyValuePair<string, string>> wanted, CancellationToken cancellation)
    {
        var (proposed, own) = (wanted.Where(item => isProposed(item.Key)).ToDictionary(), wanted.Where(item => !isProposed(item.Key)).ToDictionary());
        string[] known = [.. seen.Where(item => !isProposed(item.Key)).Select(item => item.Value).Concat(proposed.Keys.Select(name => before.GetValueOrDefault(name)).OfType<string>())];
        if ((own.Count == 0 || await fetcher.FetchAsync(own, cancellation) is null) && (proposed.Count == 0 || await fetcher.ProposedAsync(proposed, known, cancellation) is null))
            return seen;

        var fetched = seen.ToDictionary();
        await HalvesAsync([.. own], fetched, cancellation);
        await OneByOneAsync([.. proposed], fetched, known, cancellation);
        if (failed < wanted.Count || (wanted.Count == 1 && before.Count > 0) || await GivesAsync(seen, cancellation))
            return fetched;
        throw Nothing(wanted);
    }

    /// <summary>Goes back to what was there before.</summary>
    public static void Keep(IReadOnlyDictionary<string, string> before, Dictionary<string, string> refs, string name)
    {
        if (before.TryGetValue(name, out var old))
            refs[name] = old;
        else
            refs.Remove(name);
    }

    /// <summary>One bad ref among many costs a few fetches more, not one for each of the others.</summary>
    private async Task HalvesAsync(IReadOnlyList<KeyValuePair<string, string>> group, Dictionary<string, string> fetched, CancellationToken cancellation)
    {
        if (group.Count == 0)
            return;
        if (await fetcher.FetchAsync(group.ToDictionary(), cancellation) is not { } why)
        {
            row = 0;
            return;
        }

        if (group.Count > 1)
        {
            await HalvesAsync([.. group.Take(group.Count / 2)], fetched, cancellation);
            await HalvesAsync([.. group.Skip(group.Count / 2)], fetched, cancellation);
            return;
        }

        Failed(group[0], why, onItsWay: false, fetched);
        if (++row >= MostInARow)
            throw Nothing(group);
    }

    /// <summary>What takes long alone goes on beside.</summary>
    private async Task OneByOneAsync(IReadOnlyList<KeyValuePair<string, string>> proposed, Dictionary<string, string> fetched, IReadOnlyCollection<string> known, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        foreach (var (name, id) in proposed)
        {
            var left = fetcher.Patience - Stopwatch.GetElapsedTime(begun);
            var brought = await fetcher.ProposedAsync(name, id, known, left < fetcher.Patience / 2 ? left : fetcher.Patience / 2, cancellation);
            if (brought.Why is { } problem)
                Failed(new(name, id), problem, brought.OnItsWay, fetched);
        }
    }

    private void Failed(KeyValuePair<string, string> item, string why, bool onItsWay, Dictionary<string, string> fetched)
    {
        unfetched.Failed(item.Key, item.Value, why);
        failed += onItsWay ? 0 : 1;
        Keep(before, fetched, item.Key);
    }

    /// <summary>Where nothing at all can be fetched it is the server's failure and no ref's own.</summary>
    private GitException Nothing(IReadOnlyList<KeyValuePair<string, string>> wanted)
    {
        var why = unfetched.Known[wanted[0].Key].Why;
        foreach (var name in unfetched.Known.Keys.ToList())
            unfetched.Fetched(name);
        return new($"nothing can be fetched: {why}");
    }

    /// <summary>Whether the server gives what it gave before: then what it does not give is the trouble of those refs, however many they are.</summary>
    private async Task<bool> GivesAsync(Dictionary<string, string> seen, CancellationToken cancellation) =>
        seen.Where(item => !isProposed(item.Key) && before.GetValueOrDefault(item.Key) == item.Value).Cast<KeyValuePair<string, string>?>().FirstOrDefault() is { } item
        && await fetcher.FetchAsync(new Dictionary<string, string> { [item.Key] = item.Value }, cancellation) is null;
}
