using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>What is asked by who looks at how a repository is guarded.</summary>
internal sealed partial class HubCall
{
    private HubAnswer Look(HubRepository repository, string[] rest)
    {
        switch (method, rest)
        {
            case ("GET", ["branches"]):
                caller.Need("contents=read");
                return Paged(repository.Git.Branches.Where(branch => !branch.IsRemote), branch => new JsonObject
                {
                    ["name"] = branch.FriendlyName,
                    ["commit"] = new JsonObject { ["sha"] = branch.Tip.Sha, ["url"] = $"{json.Url(repository)}/commits/{branch.Tip.Sha}" },
                    ["protected"] = repository.Protections.ContainsKey(branch.FriendlyName) || HubRules.On(repository, branch.CanonicalName).Any(),
                });
            case ("GET", ["git", "trees", var of]):
                caller.Need("contents=read");
                var tree = repository.Commit(of)?.Tree ?? throw HubRefusal.NotFound;
                return Told(new JsonObject
                {
                    ["sha"] = tree.Sha,
                    ["url"] = $"{json.Url(repository)}/git/trees/{tree.Sha}",
                    ["truncated"] = false,
                    ["tree"] = new JsonArray([.. tree.Select(entry => new JsonObject { ["path"] = entry.Name, ["mode"] = Convert.ToString((int)entry.Mode, 8).PadLeft(6, '0'), ["type"] = entry.TargetType.ToString().ToLowerInvariant(), ["sha"] = entry.Target.Sha, ["url"] = $"{json.Url(repository)}/git/blobs/{entry.Target.Sha}" })]),
                });
            case ("GET", ["collaborators"]):
                if (!caller.AtLeast(repository, "write"))
                    throw new HubRefusal(403, "Must have push access to view repository collaborators.");
                return Paged(repository.Roles.Where(each => query["permission"].ToString() is not { Length: > 0 } wanted || each.Value == wanted), each => Collaborator(each.Key, each.Value));
            case ("GET", ["teams"]):
                caller.Need("administration=read");
                if (!caller.AtLeast(repository, "admin") && caller.App is null)
                    throw HubRefusal.NotFound;
                return Paged(server.Teams, json.Team);
            case ("GET", ["actions", "runs"]):
                caller.Need("actions=read");
                return Paged(repository.Suites.Where(suite => suite.Run is not null && suite.Sha == query["head_sha"].ToString()), suite => checks.Workflow(repository, suite), "workflow_runs");
            default:
                throw HubRefusal.NotFound;
        }
    }

    private HubAnswer Organization(string name, string what)
    {
        if (!string.Equals(name, server.Organization.Login, StringComparison.OrdinalIgnoreCase) || caller.Account is null)
            throw HubRefusal.NotFound;
        caller.Need("members=read");
        return what == "teams" ? Paged(server.Teams, json.Team) : Paged(server.Accounts.Where(account => server.Owners.Contains(account.Login)), json.User);
    }

    /// <summary>A repository as it is told to somebody: with what he may do there.</summary>
    private JsonObject Told(HubRepository repository)
    {
        var told = json.Repository(repository)!;
        if (caller.Account is not null)
            told["permissions"] = Permissions(caller.Role(repository));
        return told;
    }

    private JsonObject Collaborator(HubAccount account, string role)
    {
        var told = json.User(account);
        told["permissions"] = Permissions(role);
        told["role_name"] = role;
        return told;
    }

    private static JsonObject Permissions(string role)
    {
        var rank = Array.IndexOf((string[])["none", "read", "triage", "write", "maintain", "admin"], role);
        return new() { ["admin"] = rank >= 5, ["maintain"] = rank >= 4, ["push"] = rank >= 3, ["triage"] = rank >= 2, ["pull"] = rank >= 1 };
    }

    /// <summary>The older protection is told in other words than it is set in.</summary>
    private JsonObject Protection(HubRepository repository, string branch)
    {
        var (set, url) = (repository.Protections.GetValueOrDefault(branch) ?? throw new HubRefusal(404, "Branch not protected"), $"{json.Url(repository)}/branches/{branch}/protection");
        var told = new JsonObject { ["url"] = url, ["enforce_admins"] = new JsonObject { ["url"] = $"{url}/enforce_admins", ["enabled"] = (bool?)set["enforce_admins"] ?? false } };
        foreach (var name in (string[])["required_linear_history", "allow_force_pushes", "allow_deletions", "lock_branch"])
            told[name] = new JsonObject { ["enabled"] = (bool?)set[name] ?? false };
        told["required_signatures"] = new JsonObject { ["url"] = $"{url}/required_signatures", ["enabled"] = (bool?)set["required_signatures"] ?? false };
        if (set["restrictions"] is JsonObject pushers)
            told["restrictions"] = Pushers(pushers, $"{url}/restrictions");
        if (set["required_pull_request_reviews"] is JsonObject reviews)
        {
            told["required_pull_request_reviews"] = new JsonObject { ["url"] = $"{url}/required_pull_request_reviews", ["dismiss_stale_reviews"] = false, ["require_code_owner_reviews"] = false, ["required_approving_review_count"] = (int?)reviews["required_approving_review_count"] ?? 0 };
            if (reviews["bypass_pull_request_allowances"] is JsonObject passing)
                told["required_pull_request_reviews"]!["bypass_pull_request_allowances"] = Pushers(passing, null);
        }

        if (set["required_status_checks"] is JsonObject demanded)
        {
            var contexts = demanded["contexts"]?.AsArray() ?? [];
            told["required_status_checks"] = new JsonObject { ["url"] = $"{url}/required_status_checks", ["contexts_url"] = $"{url}/required_status_checks/contexts", ["strict"] = false, ["contexts"] = contexts.DeepClone(), ["checks"] = new JsonArray([.. contexts.Select(each => new JsonObject { ["context"] = (string)each!, ["app_id"] = null })]) };
        }

        return told;
    }

    private JsonObject Pushers(JsonObject set, string? url)
    {
        var told = new JsonObject
        {
            ["users"] = new JsonArray([.. Names(set["users"]).Select(name => json.User(server.Account(name)))]),
            ["teams"] = new JsonArray([.. Names(set["teams"]).Select(name => json.Team(server.Teams.First(team => team.Slug == name)))]),
            ["apps"] = new JsonArray([.. Names(set["apps"]).Select(name => checks.App(server.Apps.First(app => app.Slug == name)))]),
        };
        foreach (var name in url is null ? [] : (string[])["url", "users_url", "teams_url", "apps_url"])
            told[name] = name == "url" ? url : $"{url}/{name[..^4]}";
        return told;
    }

    private static IEnumerable<string> Names(JsonNode? list) => list?.AsArray().Select(each => (string)each!) ?? [];
}
