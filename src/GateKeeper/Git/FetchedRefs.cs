using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// Looks at what a fetch left: git ends well also where it made no ref, as from a server whose own copy is shallow, and where a ref moved
/// just then what was seen of it may not have come.
/// </summary>
internal static class FetchedRefs
{
    /// <summary>Those that are not there, each with the reason.</summary>
    public static IReadOnlyList<(string Name, string Id, string Why)> Absent(Repository repository, IEnumerable<KeyValuePair<string, string>> wanted) =>
        [.. wanted.Select(item => (item.Key, item.Value, Why: Absence(repository, item.Key, item.Value))).Where(item => item.Why is not null).Select(item => (item.Key, item.Value, item.Why!))];

    /// <summary>Why a ref that was fetched is not what was wanted; null when it is.</summary>
    public static string? Absence(Repository repository, string name, string id) =>
        repository.Refs[Mirror.Local(name)] is null ? $"git fetched {name} and made no ref of it: the server's own copy may be shallow, or lack objects"
        : !repository.Has(id) ? $"git fetched {name}, and the object {id} did not come with it: it moved, or the server lacks it"
        : null;
}
