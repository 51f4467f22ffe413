using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Forges.GitHub;

/// <summary>What came of a question: the answer (null where there is no such thing), or why it was not answered.</summary>
internal sealed record Told<T>(T? Value, string? Why = null)
    where T : class
{
    public bool IsKnown => Why is null;

    public static Told<T> Unseen(string why) => new(null, why);
}

/// <summary>Everything that the doctor read of a repository and its host, before anything is made of it.</summary>
internal sealed record GitHubSight
{
    public required GitHubPlace Place { get; init; }

    /// <summary>In whose name the gate speaks: the App's slug, or the account's login.</summary>
    public required string Gate { get; init; }

    /// <summary>The App; null where the gate has a token of an account.</summary>
    public long? App { get; init; }

    /// <summary>The account, where the gate has a token of one.</summary>
    public long? User { get; init; }

    public required RepositoryDto Repository { get; init; }

    public required IReadOnlyList<BranchSight> Trunks { get; init; }

    /// <summary>Branches below the folder of candidates, as the gate would make them; empty where it publishes none.</summary>
    public IReadOnlyList<BranchSight> Candidates { get; init; } = [];

    /// <summary>The rulesets that were shown, those of the organization too; with those who may pass them where an administrator looked.</summary>
    public IReadOnlyDictionary<long, RulesetDto> Rulesets { get; init; } = new Dictionary<long, RulesetDto>();

    /// <summary>Whether the gate may pass a ruleset, in the host's words to the gate itself.</summary>
    public IReadOnlyDictionary<long, string> Said { get; init; } = new Dictionary<long, string>();

    /// <summary>What those are called who may pass rulesets, by kind and number.</summary>
    public IReadOnlyDictionary<(string Kind, long Id), string> Names { get; init; } = new Dictionary<(string, long), string>();

    /// <summary>The teams in which the gate's account is alone.</summary>
    public IReadOnlySet<long> OwnTeams { get; init; } = new HashSet<long>();

    /// <summary>Whether an administrator's login was lent.</summary>
    public bool IsLent { get; init; }

    public IReadOnlyList<string> Administrators { get; init; } = [];

    /// <summary>Who administers could not be read whole; why.</summary>
    public string? Unnamed { get; init; }

    public const string Look = "let an administrator's login look: --admin USER:env:NAME";

    /// <summary>The branches that a setting's names and patterns mean here: of a pattern those that there are, and one that there could be.</summary>
    public static IReadOnlyList<string> Meant(IEnumerable<string> trunks, IReadOnlyList<string> there) =>
        [.. trunks.SelectMany(trunk => !trunk.Contains('*', StringComparison.Ordinal) ? (IEnumerable<string>)[trunk]
            : [.. Glob.TryParse(trunk, out _, PatternOf.Branch) is { } glob ? there.Where(glob.Matches) : [], trunk.Replace("**", "any", StringComparison.Ordinal).Replace("*", "any", StringComparison.Ordinal)]).Distinct()];
}

/// <summary>A branch, and what guards it.</summary>
/// <param name="Name">Its short name; it need not be there.</param>
/// <param name="Rules">The active rules for it, of all rulesets.</param>
/// <param name="Protection">The older protection.</param>
internal sealed record BranchSight(string Name, Told<IReadOnlyList<BranchRuleDto>> Rules, Told<ProtectionDto> Protection)
{
    /// <summary>The gate's rules as they stand there.</summary>
    public Told<Ruleset> Gates { get; init; } = Told<Ruleset>.Unseen("they were not looked for");

    /// <summary>GitHub's own queue, where the rules alone do not tell.</summary>
    public Told<QueueDto> Queue { get; init; } = new(null);

    /// <summary>The workflows there, by their paths.</summary>
    public Told<IReadOnlyDictionary<string, string>> Workflows { get; init; } = new(null);
}
