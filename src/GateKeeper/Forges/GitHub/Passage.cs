namespace GateKeeper.Forges.GitHub;

/// <summary>Who may pass a ruleset, as far as it was shown.</summary>
internal sealed class Passage(GitHubSight sight)
{
    /// <summary>Whether the gate itself may; null where that was not shown. What may be passed by merging a pull request only does not help a push.</summary>
    public bool? GateMay(BranchRuleDto rule, bool merging)
    {
        if (rule.RulesetId is not { } id)
            return null;
        if (sight.Rulesets.GetValueOrDefault(id)?.BypassActors is { } actors)
        {
            if (actors.Any(actor => IsGate(actor) && Helps(actor.BypassMode, merging)))
                return true;

            // An account may also be in a team or have a role that passes; an App cannot.
            if (sight.App is not null || !actors.Any(actor => actor.ActorType is "Team" or "RepositoryRole" or "OrganizationAdmin"))
                return false;
        }

        return sight.Said.GetValueOrDefault(id) switch
        {
            "always" or "exempt" => true,
            "pull_requests_only" => merging,
            "never" => false,
            _ => null,
        };
    }

    /// <summary>Everybody else who may, in words; null where that was not shown.</summary>
    public IReadOnlyList<string>? Others(BranchRuleDto rule) =>
        rule.RulesetId is { } id && sight.Rulesets.GetValueOrDefault(id)?.BypassActors is { } actors ? [.. actors.Where(actor => !IsGate(actor)).Select(Words)] : null;

    /// <summary>The ruleset that a rule comes from, as people know it.</summary>
    public string Set(BranchRuleDto rule)
    {
        var name = rule.RulesetId is { } id && sight.Rulesets.GetValueOrDefault(id) is { } set ? $"the ruleset \"{set.Name}\"" : $"the ruleset {rule.RulesetId}";
        return rule.RulesetSourceType is null or "Repository" ? name : $"{name} of {rule.RulesetSource}";
    }

    /// <summary>Who is told of those who may pass it.</summary>
    public string Unshown(IEnumerable<BranchRuleDto> rules)
    {
        var hidden = rules.Where(rule => Others(rule) is null).ToList();
        return $"who may pass {string.Join(" and ", hidden.Select(Set).Distinct())} is shown to those only who may change it";
    }

    public string CureOf(IEnumerable<BranchRuleDto> rules) =>
        sight.IsLent && rules.FirstOrDefault(rule => Others(rule) is null && rule.RulesetSourceType is not (null or "Repository")) is { } far ? $"lend the login of an owner of {far.RulesetSource}: --admin USER:env:NAME" : GitHubSight.Look;

    private static bool Helps(string? mode, bool merging) => mode is "always" or "exempt" || (merging && mode == "pull_request");

    private bool IsGate(PasserDto actor) => actor.ActorType switch
    {
        "Integration" => sight.App is { } app && actor.ActorId == app,
        "User" => sight.User is { } user && actor.ActorId == user,
        "Team" => actor.ActorId is { } team && sight.OwnTeams.Contains(team),
        _ => false,
    };

    private string Words(PasserDto actor)
    {
        var who = (actor.ActorType, actor.ActorId) switch
        {
            ("OrganizationAdmin", _) => "the owners of the organization",
            ("EnterpriseOwner", _) => "the owners of the enterprise",
            ("DeployKey", _) => "every deploy key that may write",
            ("RepositoryRole", 5) => "who administers the repository",
            ("RepositoryRole", 4) => "who may write to the repository",
            ("RepositoryRole", 2) => "who maintains the repository",
            ("RepositoryRole", _) => $"the role {actor.ActorId} of the repository",
            var (kind, id) when id is { } number && sight.Names.TryGetValue((kind, number), out var name) => name,
            ("Integration", _) => $"the App {actor.ActorId}",
            ("Team", _) => $"the team {actor.ActorId}",
            ("User", _) => $"the account {actor.ActorId}",
            _ => $"{actor.ActorType} {actor.ActorId}",
        };
        return actor.BypassMode == "pull_request" ? $"{who} (by merging a pull request)" : who;
    }
}
