using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.GitHub;

/// <summary>What the operator says of one repository on github.com, on a host of its own under ghe.com, or on an Enterprise Server.</summary>
/// <param name="Web">Where people reach the host, with a slash at its end.</param>
/// <param name="Owner">The organization or the person whose repository it is.</param>
/// <param name="Name">The repository's name.</param>
/// <param name="Trunks">Short names, or patterns of them.</param>
/// <param name="Page">Where people reach the gate's own pages; null where they cannot.</param>
internal sealed record GitHubPlace(Uri Web, string Owner, string Name, IReadOnlyList<string> Trunks, ChangePages? Page)
{
    /// <summary>Which way lands: null for the one that fits the method (a push, but the forge's own merge where commits are rewritten).</summary>
    public bool? ThroughForge { get; init; }

    /// <summary>The refs under which the gate publishes candidates; null where it may not.</summary>
    public string? Publish { get; init; }

    /// <summary>Where REST answers, with a slash at its end.</summary>
    public Uri Rest => Api("v3/", "");

    public Uri GraphQl => Api("graphql", "graphql");

    /// <summary>Where git reaches the repository.</summary>
    public string GitAddress => $"{Web}{Owner}/{Name}.git";

    /// <summary>Where people look at a pull request.</summary>
    public string UrlOf(ChangeId change) => $"{Web}{Owner}/{Name}/pull/{change.Value}";

    /// <summary>How REST names the repository.</summary>
    public string Path => $"repos/{Owner}/{Name}";

    /// <summary>The address with which the host signs what an account does, so that its commits are shown as that account's.</summary>
    public string AddressOf(long id, string login) => $"{id}+{login}@users.noreply.{Web.Host}";

    /// <summary>Whether GitHub itself runs the host; else it is an Enterprise Server.</summary>
    public bool IsHosted => Web.Host == "github.com" || Web.Host.EndsWith(".ghe.com", StringComparison.Ordinal);

    public override string ToString() => $"{Owner}/{Name} at {Web.Host}";

    private Uri Api(string onServer, string onHost) =>
        IsHosted
            ? new($"{Web.Scheme}://api.{Web.Host}/{onHost}")
            : new(Web, $"api/{onServer}");
}
