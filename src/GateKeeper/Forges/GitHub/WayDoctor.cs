using System.Text.Json;
using GateKeeper.Core.Rules;

namespace GateKeeper.Forges.GitHub;

/// <summary>Judges whether the gate itself gets through: no rule may refuse its landing, and no other queue may stand on its trunk.</summary>
internal sealed class WayDoctor(GitHubSight sight)
{
    private static readonly Dictionary<string, string> Refuses = new()
    {
        ["update"] = "restricts who may update the branch",
        ["pull_request"] = "demands a pull request, and the gate pushes",
        ["required_status_checks"] = "demands checks on what is pushed",
        ["required_signatures"] = "demands signed commits, and the gate does not sign",
        ["required_deployments"] = "demands deployments before anything lands",
        ["required_linear_history"] = "forbids merge commits, and the rules land by merges",
        ["workflows"] = "demands workflows of its own",
        ["code_scanning"] = "demands results of code scanning",
        ["code_quality"] = "demands results of code quality",
        ["commit_message_pattern"] = "demands a pattern of commit messages",
        ["commit_author_email_pattern"] = "demands a pattern of authors' addresses",
        ["committer_email_pattern"] = "demands a pattern of committers' addresses",
        ["file_path_restriction"] = "refuses some paths",
        ["file_extension_restriction"] = "refuses some kinds of files",
        ["max_file_path_length"] = "refuses long paths",
        ["max_file_size"] = "refuses large files",
    };

    // What does not concern a landing, or what the gate never does; a queue is a finding of its own.
    private static readonly HashSet<string> Harmless = ["creation", "deletion", "non_fast_forward", "branch_name_pattern", "tag_name_pattern", "copilot_code_review", "merge_queue"];
    private readonly Passage passage = new(sight);

    private sealed record Obstacle(bool? Certain, string Words, string Cure);

    public IEnumerable<Finding> Judge() => sight.Trunks.SelectMany(trunk => (IEnumerable<Finding?>)[Way(trunk), Method(trunk), Queue(trunk)]).OfType<Finding>();

    private static bool Rewrites(LandingMethod? method) => method is LandingMethod.Squash or LandingMethod.Rebase;

    private bool Merging(BranchSight trunk) => sight.Place.ThroughForge ?? Rewrites(trunk.Gates.Value?.Landing.Method);

    private Finding Way(BranchSight trunk)
    {
        var merging = Merging(trunk);
        var what = merging ? $"merge into {trunk.Name} for the gate" : $"push to {trunk.Name} by the gate";
        var obstacles = (trunk.Rules.Value ?? []).Select(rule => Rule(rule, trunk, merging)).Concat(Protection(trunk, merging)).OfType<Obstacle>().ToList();
        var certain = obstacles.Where(obstacle => obstacle.Certain == true).ToList();
        if (certain.Count > 0)
            return Finding.Wrong(what, string.Join("; ", certain.Select(obstacle => obstacle.Words).Distinct()), string.Join("; ", certain.Select(obstacle => obstacle.Cure).Distinct()));
        if (!trunk.Rules.IsKnown)
            return RulesetDoctor.Unread(what, trunk);
        if (obstacles.Count > 0)
            return Finding.Unknown(what, $"{string.Join("; ", obstacles.Select(obstacle => obstacle.Words).Distinct())}; whether {sight.Gate} passes that is not shown", GitHubSight.Look);
        if (!trunk.Protection.IsKnown)
            return Finding.Unknown(what, $"the rulesets let it; the branch's protection cannot be read: {trunk.Protection.Why}", $"give the App the permission Administration (read), or {GitHubSight.Look}");
        var passed = trunk.Rules.Value!.Where(rule => Refuses.ContainsKey(rule.Type)).Select(passage.Set).Distinct().ToList();
        return Finding.Right(what, passed.Count == 0 ? "nothing is in its way" : merging ? "it may merge there" : $"{sight.Gate} passes {string.Join(" and ", passed)}");
    }

    private Obstacle? Rule(BranchRuleDto rule, BranchSight trunk, bool merging)
    {
        if (Harmless.Contains(rule.Type) || passage.GateMay(rule, merging) is true || (merging && MergeMeets(rule, trunk)))
            return null;
        if (rule.Type == "required_linear_history" && trunk.Gates.Value is { } rules && rules.Landing.Method != LandingMethod.Merge)
            return null;
        var set = passage.Set(rule);
        var cure = rule.Type == "required_signatures"
            ? $"take \"Require signed commits\" out of {set}, or put {sight.Gate} on its bypass list (Always allow)"
            : $"put {sight.Gate} on the bypass list of {set} (Always allow)" + (rule.Type == "update" ? "" : ", or take that rule out: rules.yaml says such things better");
        return !Refuses.TryGetValue(rule.Type, out var words)
            ? new(null, $"{set} has a rule that is new to this program ({rule.Type})", cure)
            : new(passage.GateMay(rule, merging) is false ? true : null, $"{set} {(merging && rule.Type == "pull_request" ? PullWords(rule) : words)}{Named(rule)}", cure);
    }

    /// <summary>What GitHub's own merge satisfies by itself.</summary>
    private static bool MergeMeets(BranchRuleDto rule, BranchSight trunk) => rule.Type switch
    {
        "required_signatures" => true,
        "required_linear_history" => Rewrites(trunk.Gates.Value?.Landing.Method),
        "pull_request" => Number(rule, "required_approving_review_count") is 0 && !Flag(rule, "require_code_owner_review") && !Flag(rule, "require_last_push_approval") && Allows(rule, trunk.Gates.Value?.Landing.Method),
        _ => false,
    };

    private static string PullWords(BranchRuleDto rule) => Number(rule, "required_approving_review_count") is > 0 and var count
        ? $"demands {count} {(count == 1 ? "approval" : "approvals")} as GitHub counts them, so what the gate's own rules let pass may be refused"
        : "demands of a pull request what the gate's own rules may not: its owners' approval, one after the last push, or another way to merge";

    private static string Named(BranchRuleDto rule) =>
        rule is { Type: "required_status_checks", Parameters: { ValueKind: JsonValueKind.Object } parameters } && parameters.TryGetProperty("required_status_checks", out var checks) && checks.ValueKind is JsonValueKind.Array
            ? $" ({string.Join(", ", checks.EnumerateArray().Select(check => check.TryGetProperty("context", out var name) ? name.ToString() : "?"))})" : "";

    private static int? Number(BranchRuleDto rule, string name) => rule.Parameters is { ValueKind: JsonValueKind.Object } parameters && parameters.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : null;

    private static bool Flag(BranchRuleDto rule, string name) => rule.Parameters is { ValueKind: JsonValueKind.Object } parameters && parameters.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True;

    private static bool Allows(BranchRuleDto rule, LandingMethod? method) =>
        rule.Parameters is not { ValueKind: JsonValueKind.Object } parameters || !parameters.TryGetProperty("allowed_merge_methods", out var methods) || methods.ValueKind is not JsonValueKind.Array
        || (method is { } wanted && methods.EnumerateArray().Any(each => each.ToString() == Word(wanted)));

    private static string Word(LandingMethod method) => method switch { LandingMethod.Squash => "squash", LandingMethod.Rebase => "rebase", _ => "merge" };

    private IEnumerable<Obstacle> Protection(BranchSight trunk, bool merging)
    {
        if (trunk.Protection.Value is not { } protection)
            yield break;
        if (protection.Restrictions is { } pushers && !Names(pushers))
            yield return new(true, $"the branch's protection does not let {sight.Gate} push", $"name {sight.Gate} under \"Restrict who can push to matching branches\"");
        if (protection.RequiredPullRequestReviews is { } reviews && !(reviews.BypassPullRequestAllowances is { } passing && Names(passing)) && !(merging && reviews is { RequiredApprovingReviewCount: 0, RequireCodeOwnerReviews: false }))
            yield return new(true, $"the branch's protection demands a pull request with {reviews.RequiredApprovingReviewCount} approvals", $"take \"Require a pull request before merging\" out, or name {sight.Gate} under \"Allow specified actors to bypass required pull requests\"");
        if (protection.RequiredStatusChecks is { } checks)
            yield return new(true, $"the branch's protection demands checks on what is pushed ({string.Join(", ", checks.Contexts ?? [])})", "take \"Require status checks to pass\" out: rules.yaml says it better");
        if (protection.RequiredSignatures?.Enabled == true && !merging)
            yield return new(true, "the branch's protection demands signed commits, and the gate does not sign", "take \"Require signed commits\" out");
        if (protection.RequiredLinearHistory?.Enabled == true && (trunk.Gates.Value?.Landing.Method ?? LandingMethod.Merge) == LandingMethod.Merge)
            yield return new(true, "the branch's protection forbids merge commits, and the rules land by merges", "take \"Require linear history\" out, or land by fast-forward, squash or rebase (rules.yaml, landing: method)");
        if (protection.LockBranch?.Enabled == true)
            yield return new(true, "the branch is locked", "take \"Lock branch\" out");
    }

    private bool Names(PushersDto pushers) => sight.App is not null ? pushers.Apps?.Any(app => app.Slug == sight.Gate) == true
        : pushers.Users?.Any(user => user.Id == sight.User) == true || pushers.Teams?.Any(team => sight.OwnTeams.Contains(team.Id)) == true;

    /// <summary>Where GitHub merges, its button must know the way; null where the gate pushes.</summary>
    private Finding? Method(BranchSight trunk)
    {
        if (!Merging(trunk))
            return null;
        var what = $"merge method on {trunk.Name}";
        if (trunk.Gates.Value?.Landing.Method is not { } method)
            return Finding.Unknown(what, $"the rules of {trunk.Name} cannot be read: {trunk.Gates.Why ?? "there are none"}", "bring rules.yaml onto the trunk, or mend it");
        var (allowed, name) = method switch
        {
            LandingMethod.Squash => (sight.Repository.AllowSquashMerge, "squash merging"),
            LandingMethod.Rebase => (sight.Repository.AllowRebaseMerge, "rebase merging"),
            _ => (sight.Repository.AllowMergeCommit, "merge commits"),
        };
        return allowed switch
        {
            true => Finding.Right(what, $"the repository allows {name}"),
            false => Finding.Wrong(what, $"the repository does not allow {name}, by which the rules land", $"switch it on (Settings, General, Pull Requests, Allow {name}), or set \"landing\": {{\"through\": \"push\"}}"),
            null => Finding.Unknown(what, $"GitHub does not say whether the repository allows {name}", "look at Settings, General, Pull Requests"),
        };
    }

    /// <summary>Two queues cannot both be right.</summary>
    private Finding Queue(BranchSight trunk)
    {
        var what = $"merge queue on {trunk.Name}";
        if (trunk.Rules.Value?.FirstOrDefault(rule => rule.Type == "merge_queue") is { } rule)
            return Finding.Wrong(what, $"GitHub's own queue is on, by {passage.Set(rule)}", "switch it off (Settings, Rules, Rulesets, Require merge queue)");
        if (trunk.Queue.Value is not null)
            return Finding.Wrong(what, "GitHub's own queue is on, by the branch's protection", "switch it off (Settings, Branches, Require merge queue)");
        return !trunk.Rules.IsKnown ? RulesetDoctor.Unread(what, trunk)
            : trunk.Queue.IsKnown ? Finding.Right(what, "it is off")
            : Finding.Unknown(what, $"no ruleset switches it on; whether the branch's protection does cannot be seen: {trunk.Queue.Why}", $"look at Settings, Branches, or give the App the permission Merge queues (read)");
    }
}
