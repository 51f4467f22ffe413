using System.Text;
using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// Fetches many refs at once. One refspec for each name costs git the square of their number, and one pattern for all would bring what nobody
/// asked for: so objects are asked for by their ids, and the refs are set when all is there.
/// </summary>
internal sealed class BulkFetch(GitProgram git)
{
    /// <summary>From how many on it is worth it.</summary>
    public const int Many = 200;

    // What git does with the ids of one fetch grows with their square too, if slowly.
    private const int Most = 60_000;

    /// <summary>Null when all are there; else what git said.</summary>
    /// <param name="refs">Full names on the server, and the ids that they were seen at.</param>
    /// <param name="fetch">Fetches what these refspecs say; null when it went well.</param>
    /// <param name="judge">Says why they may not be set; null when they may.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<string?> FetchAsync(IReadOnlyDictionary<string, string> refs, Func<IEnumerable<string>, Task<string?>> fetch, Func<IReadOnlyDictionary<string, string>, Task<string?>> judge, CancellationToken cancellation)
    {
        // Elsewhere git itself looks at the names; here they become places in a file.
        if (refs.Keys.FirstOrDefault(name => !Reference.IsValidName(name)) is { } odd)
            return $"{odd} is no name that a ref may have";
        foreach (var part in refs.Chunk(Most))
        {
            if (await PartAsync(part.ToDictionary(), fetch, judge, cancellation) is { } why)
                return why;
        }

        return null;
    }

    private async Task<string?> PartAsync(Dictionary<string, string> refs, Func<IEnumerable<string>, Task<string?>> fetch, Func<IReadOnlyDictionary<string, string>, Task<string?>> judge, CancellationToken cancellation)
    {
        if (await fetch(refs.Values.Distinct()) is { } refused)
            return OldKinds.AreIn(refused) ? refused : await NamedAsync(refs, fetch, judge);
        if ((await GapAsync(refs.Values, cancellation) ?? await judge(refs)) is { } problem)
            return problem;
        PackedRefs.Set(git.Directory, refs.Select(item => KeyValuePair.Create(Mirror.Local(item.Key), item.Value)));
        return null;
    }

    /// <summary>Where the server gives nothing by an id: by their names, a few at a time.</summary>
    private static async Task<string?> NamedAsync(Dictionary<string, string> refs, Func<IEnumerable<string>, Task<string?>> fetch, Func<IReadOnlyDictionary<string, string>, Task<string?>> judge)
    {
        foreach (var few in refs.Chunk(Many))
        {
            if (await fetch(few.Select(item => Named(item.Key))) is { } why)
                return why;
        }

        return await judge(refs);
    }

    public static string Named(string name) => $"+{name}:{Mirror.Local(name)}";

    /// <summary>From a server whose own copy is shallow git takes the commits, says so in passing, and ends well.</summary>
    private async Task<string?> GapAsync(IEnumerable<string> tips, CancellationToken cancellation)
    {
        var input = Encoding.ASCII.GetBytes(string.Concat(tips.Distinct().Select(tip => tip + "\n")));
        var walk = await git.RunAsync(["rev-list", "--quiet", "--stdin", "--not", "--all"], cancellation, input, TimeSpan.FromMinutes(10));
        return walk.Ok ? null : $"git fetched them, and not all that lies below came with it: the server's own copy may be shallow, or lack objects ({walk.Error})";
    }
}
