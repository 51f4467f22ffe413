using GateKeeper.Git;
using GateKeeper.Settings;
using GateKeeper.Store;

namespace GateKeeper.Reconcile;

/// <summary>Raises an alarm for a trunk that the settings name and the server does not have: a name may be misspelt.</summary>
internal sealed class MissingTrunks(RepositorySettings settings, Mirror mirror, Notebook notebook)
{
    private const int MostNamed = 5;
    private readonly HashSet<string> raised = [];
    private readonly HashSet<string> found = [];

    /// <summary>What the names of these alarms begin with.</summary>
    public const string Kind = "no-branch";

    /// <summary>Of a trunk that is named and was never fetched no view tells.</summary>
    public string? Unfetched => settings.Trunks.Select(trunk => $"refs/heads/{trunk}").Where(mirror.Unfetchable.ContainsKey)
        .Select(name => $"{name} cannot be fetched, which is tried again: {mirror.Unfetchable[name].Why}").FirstOrDefault();

    /// <param name="wasThere">Whether a trunk was there once: that it is gone is said elsewhere.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task LookAsync(Func<string, bool> wasThere, CancellationToken cancellation)
    {
        foreach (var trunk in settings.Trunks.Where(name => !name.Contains('*', StringComparison.Ordinal)))
        {
            var name = $"refs/heads/{trunk}";
            if (mirror.Refs.ContainsKey(name) || mirror.Unfetchable.ContainsKey(name) || wasThere(trunk))
            {
                if (found.Add(trunk))
                    notebook.Mend($"{Kind}:{settings.Name}/{trunk}");
                raised.Remove(trunk);
            }
            else if (raised.Add(trunk))
            {
                found.Remove(trunk);
                notebook.Raise($"{Kind}:{settings.Name}/{trunk}", Words(trunk, [.. (await mirror.NamesAsync(cancellation)).Where(each => each.StartsWith("refs/heads/", StringComparison.Ordinal)).Select(each => each["refs/heads/".Length..])]));
            }
        }
    }

    private static string Words(string trunk, IReadOnlyList<string> branches) =>
        branches.Count == 0 ? $"the repository has no branch yet, so nothing can land on {trunk}: gatekeeper rules install makes its first commit, with the rules in it"
        : $"the repository has no branch {trunk}, so nothing can land there: make it, or correct \"trunks\" in the settings (it has {string.Join(", ", branches.OrderBy(name => Distance(name, trunk)).ThenBy(name => name, StringComparer.Ordinal).Take(MostNamed))}{(branches.Count > MostNamed ? $" and {branches.Count - MostNamed} more" : "")})";

    /// <summary>How unlike two names are, roughly: letters of the one that the other lacks.</summary>
    private static int Distance(string one, string other) => one.Except(other).Count() + other.Except(one).Count();
}
