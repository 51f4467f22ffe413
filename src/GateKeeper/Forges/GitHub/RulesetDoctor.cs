namespace GateKeeper.Forges.GitHub;

/// <summary>
/// Judges what guards a trunk: whether anybody but the gate may move, rewrite or delete it. Rulesets add up, those of the organization too,
/// and the older protection of branches counts beside them; what was not seen of either is unknown.
/// </summary>
internal sealed class RulesetDoctor(GitHubSight sight)
{
    private const string Folder = "deploy/github";
    private readonly Passage passage = new(sight);

    public IEnumerable<Finding> Judge() => sight.Trunks.SelectMany(trunk => (IEnumerable<Finding?>)[Push(trunk), Deletion(trunk), Force(trunk), Bypass(trunk)]).OfType<Finding>();

    private static List<BranchRuleDto> Of(BranchSight branch, string type) => [.. (branch.Rules.Value ?? []).Where(rule => rule.Type == type)];

    private Finding Push(BranchSight trunk)
    {
        var (what, cure) = ($"nobody else: push to {trunk.Name}", $"let nobody but {sight.Gate} update {trunk.Name}: {Folder}/ruleset-trunk.json ({sight.Place.Web}{sight.Place.Owner}/{sight.Place.Name}/settings/rules, Import a ruleset)");
        if (Of(trunk, "update") is { Count: > 0 } rules)
            return Finding.Right(what, Sets(rules));
        if (trunk.Protection.Value is { Restrictions: { } pushers } protection)
        {
            var others = Pushers(pushers).ToList();
            if (others.Count == 0 && protection.EnforceAdmins?.Enabled == true)
                return Finding.Right(what, $"the branch's protection lets only {sight.Gate} push");
            return !trunk.Rules.IsKnown ? Unread(what, trunk)
                : others.Count > 0 ? Finding.Wrong(what, $"the branch's protection lets {string.Join(", ", others)} push too", $"leave {sight.Gate} alone under \"Restrict who can push to matching branches\", or {cure}")
                : Finding.Wrong(what, "the branch's protection does not hold for those who administer the repository", $"set \"Do not allow bypassing the above settings\", or {cure}");
        }

        if (!trunk.Rules.IsKnown || !trunk.Protection.IsKnown)
            return Unread(what, trunk);
        var asleep = Asleep(trunk, "update");
        return Finding.Wrong(what, asleep is not null ? asleep : trunk.Protection.Value is null ? "no active rule restricts it: whoever may write to the repository may push and merge there" : "the branch's protection does not say who may push", cure);
    }

    private Finding Deletion(BranchSight trunk) => Guarded($"deletion of {trunk.Name}", trunk, "deletion", protection => protection.AllowDeletions?.Enabled != true);

    private Finding Force(BranchSight trunk) => Guarded($"forced push to {trunk.Name}", trunk, "non_fast_forward", protection => protection.AllowForcePushes?.Enabled != true);

    private Finding Guarded(string what, BranchSight trunk, string type, Func<ProtectionDto, bool> forbids)
    {
        if (Of(trunk, type) is { Count: > 0 } rules)
            return Finding.Right(what, $"{Sets(rules)} forbids it");
        if (trunk.Protection.Value is { } protection && forbids(protection) && protection.EnforceAdmins?.Enabled == true)
            return Finding.Right(what, "the branch's protection forbids it");
        return !trunk.Rules.IsKnown || !trunk.Protection.IsKnown ? Unread(what, trunk)
            : Finding.Wrong(
                what, Asleep(trunk, type) ?? (trunk.Protection.Value is { } weak && forbids(weak) ? "the branch's protection does not hold for those who administer the repository" : "no active rule forbids it"),
                $"{Folder}/ruleset-history.json forbids it to everybody, the gate too: nobody needs to");
    }

    /// <summary>
    /// Who may pass the rules that guard the trunk. One ruleset that nobody else passes is enough for its kind of rule, whoever passes others.
    /// Null where rulesets guard nothing.
    /// </summary>
    private Finding? Bypass(BranchSight trunk)
    {
        var what = $"bypass of {trunk.Name}";
        var (held, open, unseen) = (new List<string>(), new List<string>(), new List<BranchRuleDto>());
        foreach (var type in (string[])["update", "deletion", "non_fast_forward"])
        {
            var rules = Of(trunk, type);
            if (rules.Count == 0)
                continue;
            if (rules.Find(rule => passage.Others(rule) is { Count: 0 }) is { } shut)
                held.Add($"{passage.Set(shut)}: {(passage.GateMay(shut, merging: false) == true ? $"only {sight.Gate}" : "nobody")}");
            else if (rules.Exists(rule => passage.Others(rule) is null))
                unseen.AddRange(rules);
            else
                open.AddRange(rules.Select(rule => $"{passage.Set(rule)} may be passed by {string.Join(", ", passage.Others(rule)!)}"));
        }

        return open.Count > 0 ? Finding.Wrong(what, string.Join("; ", open.Distinct()), $"leave {sight.Gate} alone on the bypass list of the ruleset that restricts updates, and nobody on that of the one that forbids deletion and forced pushes")
            : unseen.Count > 0 ? Finding.Unknown(what, passage.Unshown(unseen), passage.CureOf(unseen))
            : held.Count > 0 ? Finding.Right(what, string.Join("; ", held.Distinct()))
            : null;
    }

    private IEnumerable<string> Pushers(PushersDto pushers) =>
    [
        .. (pushers.Users ?? []).Where(user => user.Id != sight.User).Select(user => user.Login),
        .. (pushers.Teams ?? []).Where(team => !sight.OwnTeams.Contains(team.Id)).Select(team => $"the team {team.Slug}"),
        .. (pushers.Apps ?? []).Where(app => sight.App is null || app.Slug != sight.Gate).Select(app => $"the App {app.Slug}"),
    ];

    private string Sets(IEnumerable<BranchRuleDto> rules) => string.Join(" and ", rules.Select(passage.Set).Distinct());

    /// <summary>A ruleset that would guard, and is not switched on.</summary>
    private string? Asleep(BranchSight trunk, string type) => sight.Rulesets.Values
        .Where(set => set is { Target: null or "branch", Enforcement: not ("active" or null) } && set.Rules?.Any(rule => rule.Type == type) == true && Covers(set, $"refs/heads/{trunk.Name}"))
        .Select(set => $"the ruleset \"{set.Name}\" would, and is not active (its enforcement is \"{set.Enforcement}\")").FirstOrDefault();

    private bool Covers(RulesetDto set, string reference) => set.Conditions?.RefName is { } names
        && names.Include?.Any(pattern => Fnmatch.Matches(pattern, reference, sight.Repository.DefaultBranch)) == true && names.Exclude?.Any(pattern => Fnmatch.Matches(pattern, reference, sight.Repository.DefaultBranch)) != true;

    internal static Finding Unread(string what, BranchSight branch) => branch.Rules.IsKnown
        ? Finding.Unknown(what, $"no ruleset does it, and the branch's protection cannot be read: {branch.Protection.Why}", $"give the App the permission Administration (read), or {GitHubSight.Look}")
        : Finding.Unknown(what, $"the rules for the branch cannot be read: {branch.Rules.Why}", "give the App the permission Metadata (read), and look again");
}
