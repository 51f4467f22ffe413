using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.Gerrit;

/// <summary>Everything that the doctor read of a project and its server, before anything is made of it. Null is what could not be read.</summary>
internal sealed record GerritSight
{
    public required string User { get; init; }

    public required AccountDto Gate { get; init; }

    public required string Project { get; init; }

    public required IReadOnlyList<string> Trunks { get; init; }

    public required bool Submits { get; init; }

    /// <summary>The label that the gate votes with.</summary>
    public required string Label { get; init; }

    public required AccessRules Access { get; init; }

    public required GroupBook Groups { get; init; }

    /// <summary>The groups that the gate's account is in, by their ids.</summary>
    public required IReadOnlySet<string> GateGroups { get; init; }

    /// <summary>What the server itself says that the gate may do on a trunk; empty where it does not say.</summary>
    public IReadOnlyDictionary<(string Trunk, string Permission), bool> Said { get; init; } = new Dictionary<(string, string), bool>();

    public IReadOnlyDictionary<string, LabelDto> Labels { get; init; } = new Dictionary<string, LabelDto>();

    public IReadOnlyList<LabelRulesDto>? LabelRules { get; init; }

    public IReadOnlyList<RequirementRulesDto>? Requirements { get; init; }

    /// <summary>The trunks as branches: of a pattern those that there are, and one that there could be.</summary>
    public IReadOnlyList<string> Branches { get; init; } = [];

    /// <summary>The gate's own group, as far as it can be told: one that the project itself grants something, else any but the one of all bots.</summary>
    public string Bots =>
        GateGroups.Where(group => !group.StartsWith("global:", StringComparison.Ordinal)).OrderByDescending(IsOwn).ThenByDescending(IsNamedHere).Select(Groups.Name).FirstOrDefault(name => name != "Service Users") ?? $"the group of {User}";

    public static string Full(string branch) => $"refs/heads/{branch}";

    public bool HasOwnGroup => GateGroups.Any(IsOwn);

    /// <summary>One that the project names and in which nobody else is: the gate may also be in a group of reviewers, to see who is in it.</summary>
    private bool IsOwn(string group) => IsNamedHere(group) && Groups.Seen.GetValueOrDefault(group) is { Members: [var only], Nested.Count: 0 } && only.Id == Gate.Id;

    private bool IsNamedHere(string group) =>
        Access.Chain.Take(1).SelectMany(project => project.Sections.Values).SelectMany(section => section.Permissions?.Values ?? []).Any(permission => permission.Rules?.ContainsKey(group) == true);

    /// <summary>The branches that a setting's names and patterns mean here.</summary>
    public static IReadOnlyList<string> Meant(IEnumerable<string> trunks, IReadOnlyList<string> there) =>
        [.. trunks.SelectMany(trunk => !trunk.Contains('*', StringComparison.Ordinal) ? (IEnumerable<string>)[trunk]
            : [.. Glob.TryParse(trunk, out _, PatternOf.Branch) is { } glob ? there.Where(glob.Matches) : [], trunk.Replace("**", "any", StringComparison.Ordinal).Replace("*", "any", StringComparison.Ordinal)]).Distinct()];
}
