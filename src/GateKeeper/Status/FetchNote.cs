using GateKeeper.Reconcile;

namespace GateKeeper.Status;

/// <summary>Says on the overview which repositories are being fetched, and how far that is: until a first fetch ends there is nothing else to be seen of one.</summary>
internal static class FetchNote
{
    public static Html Of(IEnumerable<(string Name, string? Words)> fetches) =>
        $"{fetches.Where(fetch => fetch.Words is not null).Select(fetch => Html.Of($"<p class=\"soft\">{fetch.Name} is being fetched: {fetch.Words}</p>"))}";

    public static Html Of(IEnumerable<RepositoryLoop> loops) => Of(loops.Select(loop => (loop.Name, loop.Fetching)));
}
