using GateKeeper.Core.Rules;

namespace GateKeeper.Forges.GitHub;

/// <summary>A check that somebody reports on the trunk's tip today.</summary>
/// <param name="Name">As GitHub shows it.</param>
/// <param name="App">The App that made it; null for a commit status, or where nobody reported it.</param>
/// <param name="Workflow">The workflow's file, of GitHub Actions.</param>
/// <param name="User">The account that set it, of a commit status.</param>
/// <param name="Demanded">Whether GitHub's rules demand it today.</param>
internal sealed record FoundCheck(string Name, string? App, string? Workflow, string? User, bool Demanded);

/// <summary>A repository before it is gated, as far as it was shown. Without a credential nothing of it was.</summary>
internal sealed record GitHubBeginning
{
    public string? DefaultBranch { get; init; }

    /// <summary>Whether it is an organization's; a person has no teams.</summary>
    public bool IsOrganizations { get; init; } = true;

    /// <summary>Where the file of owners lies; null where there is none.</summary>
    public string? Owners { get; init; }

    /// <summary>How many approvals GitHub demands today.</summary>
    public int? Approvals { get; init; }

    /// <summary>Teams that may write, those that maintain apart.</summary>
    public IReadOnlyList<string> Developers { get; init; } = [];

    public IReadOnlyList<string> Maintainers { get; init; } = [];

    public IReadOnlyList<FoundCheck> Checks { get; init; } = [];

    /// <summary>The command that tests it, by the files at its root.</summary>
    public string? Test { get; init; }

    /// <summary>How its people land today, where there is one way only.</summary>
    public LandingMethod? Method { get; init; }

    /// <summary>Whether GitHub's own queue is on.</summary>
    public bool HasQueue { get; init; }

    /// <summary>What of GitHub's own protection was found, in words.</summary>
    public IReadOnlyList<string> Found { get; init; } = [];

    /// <summary>What could not be seen, and why.</summary>
    public IReadOnlyList<string> Unseen { get; init; } = [];
}
