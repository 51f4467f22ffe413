using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>Apps, check runs, statuses, workflows and rules as REST tells them.</summary>
internal sealed class HubCheckJson(HubServer server)
{
    private readonly HubJson json = new(server);

    public JsonObject App(HubApp app) => new()
    {
        ["id"] = app.Id,
        ["slug"] = app.Slug,
        ["node_id"] = HubJson.NodeId("A", app.Id),
        ["client_id"] = app.ClientId,
        ["owner"] = json.User(server.Organization),
        ["name"] = app.Slug,
        ["description"] = "",
        ["external_url"] = $"{server.Address}apps/{app.Slug}",
        ["html_url"] = $"{server.Address}apps/{app.Slug}",
        ["created_at"] = HubJson.At(DateTimeOffset.UnixEpoch),
        ["updated_at"] = HubJson.At(DateTimeOffset.UnixEpoch),
        ["permissions"] = Permissions(app.Asked ?? app.Permissions),
        ["events"] = new JsonArray([.. app.Events.Select(name => (JsonNode)name)]),
    };

    public JsonObject Installation(HubApp app) => new()
    {
        ["id"] = app.Installation,
        ["account"] = json.User(server.Organization),
        ["repository_selection"] = "all",
        ["access_tokens_url"] = $"{server.Api}/app/installations/{app.Installation}/access_tokens",
        ["repositories_url"] = $"{server.Api}/installation/repositories",
        ["html_url"] = $"{server.Address}organizations/{server.Organization.Login}/settings/installations/{app.Installation}",
        ["app_id"] = app.Id,
        ["app_slug"] = app.Slug,
        ["target_id"] = server.Organization.Id,
        ["target_type"] = "Organization",
        ["permissions"] = Permissions(app.Permissions),
        ["events"] = new JsonArray([.. app.Events.Select(name => (JsonNode)name)]),
        ["created_at"] = HubJson.At(DateTimeOffset.UnixEpoch),
        ["updated_at"] = HubJson.At(DateTimeOffset.UnixEpoch),
        ["single_file_name"] = null,
        ["suspended_by"] = null,
        ["suspended_at"] = app.Suspended ? HubJson.At(server.Now) : null,
    };

    public JsonObject Run(HubRepository repository, HubCheckRun run)
    {
        var url = $"{json.Url(repository)}/check-runs/{run.Id}";
        return new()
        {
            ["id"] = run.Id,
            ["name"] = run.Name,
            ["node_id"] = HubJson.NodeId("CR", run.Id),
            ["head_sha"] = run.Sha,
            ["external_id"] = run.ExternalId ?? "",
            ["url"] = url,
            ["html_url"] = $"{server.Address}{repository.FullName}/runs/{run.Id}",
            ["details_url"] = run.DetailsUrl ?? $"{server.Address}{repository.FullName}/runs/{run.Id}",
            ["status"] = run.Status,
            ["conclusion"] = run.Conclusion,
            ["started_at"] = HubJson.At(run.Started),
            ["completed_at"] = HubJson.At(run.Completed),
            ["output"] = new JsonObject { ["title"] = run.Title, ["summary"] = run.Summary, ["text"] = run.Text, ["annotations_count"] = run.Annotations.Count, ["annotations_url"] = $"{url}/annotations" },
            ["check_suite"] = new JsonObject { ["id"] = run.Suite.Id },
            ["app"] = App(run.Suite.App),
            ["pull_requests"] = new JsonArray([.. repository.Pulls.Where(pull => pull.State == "OPEN" && pull.HeadSha == run.Sha && pull.HeadRepository == repository).Select(Brief)]),
        };
    }

    public JsonObject Status(HubRepository repository, HubStatus status, bool full)
    {
        var told = new JsonObject
        {
            ["url"] = $"{json.Url(repository)}/statuses/{status.Sha}",
            ["avatar_url"] = $"{server.Address}avatars/{status.Creator.Id}",
            ["id"] = status.Id,
            ["node_id"] = HubJson.NodeId("SC", status.Id),
            ["state"] = status.State,
            ["description"] = status.Description,
            ["target_url"] = status.TargetUrl,
            ["context"] = status.Context,
            ["created_at"] = HubJson.At(status.At),
            ["updated_at"] = HubJson.At(status.At),
        };
        if (full)
            told["creator"] = json.User(status.Creator);
        return told;
    }

    public JsonObject Workflow(HubRepository repository, HubSuite suite)
    {
        var run = suite.Run!;
        var url = $"{json.Url(repository)}/actions/runs/{run.Id}";
        var commit = repository.Commit(suite.Sha);
        var runs = repository.CheckRuns.FindAll(each => each.Suite == suite);
        var told = new JsonObject
        {
            ["id"] = run.Id,
            ["name"] = run.WorkflowName,
            ["node_id"] = HubJson.NodeId("WFR", run.Id),
            ["head_branch"] = repository.Pulls.Find(pull => pull.HeadSha == suite.Sha)?.HeadRef ?? repository.Git.Branches.FirstOrDefault(branch => branch.Tip.Sha == suite.Sha)?.FriendlyName,
            ["head_sha"] = suite.Sha,
            ["path"] = run.Path,
            ["display_title"] = commit?.MessageShort ?? "",
            ["run_number"] = run.Number,
            ["event"] = run.Event,
            ["status"] = runs.TrueForAll(each => each.Status == "completed") ? "completed" : "in_progress",
            ["conclusion"] = runs.TrueForAll(each => each.Status == "completed") ? runs.LastOrDefault()?.Conclusion : null,
            ["workflow_id"] = run.WorkflowId,
            ["check_suite_id"] = suite.Id,
            ["url"] = url,
            ["html_url"] = $"{server.Address}{repository.FullName}/actions/runs/{run.Id}",
            ["pull_requests"] = new JsonArray(),
            ["created_at"] = HubJson.At(runs.FirstOrDefault()?.Started ?? server.Now),
            ["updated_at"] = HubJson.At(runs.FirstOrDefault()?.Started ?? server.Now),
            ["workflow_url"] = $"{json.Url(repository)}/actions/workflows/{run.WorkflowId}",
            ["check_suite_url"] = $"{json.Url(repository)}/check-suites/{suite.Id}",
            ["head_commit"] = commit is null ? null : new JsonObject
            {
                ["id"] = commit.Sha,
                ["tree_id"] = commit.Tree.Sha,
                ["message"] = commit.Message,
                ["timestamp"] = HubJson.At(commit.Committer.When),
                ["author"] = new JsonObject { ["name"] = commit.Author.Name, ["email"] = commit.Author.Email },
                ["committer"] = new JsonObject { ["name"] = commit.Committer.Name, ["email"] = commit.Committer.Email },
            },
            ["repository"] = json.Repository(repository, full: false),
            ["head_repository"] = json.Repository(repository, full: false),
        };
        foreach (var name in (string[])["jobs_url", "logs_url", "artifacts_url", "cancel_url", "rerun_url"])
            told[name] = $"{url}/{name[..^4]}";
        return told;
    }

    public static JsonObject Ruleset(HubRepository repository, HubRuleset ruleset, bool withBypass, bool full)
    {
        var told = new JsonObject
        {
            ["id"] = ruleset.Id,
            ["name"] = ruleset.Name,
            ["target"] = "branch",
            ["source_type"] = "Repository",
            ["source"] = repository.FullName,
            ["enforcement"] = ruleset.Enforcement,
            ["node_id"] = HubJson.NodeId("RRS", ruleset.Id),
            ["created_at"] = HubJson.At(DateTimeOffset.UnixEpoch),
            ["updated_at"] = HubJson.At(DateTimeOffset.UnixEpoch),
        };
        if (!full)
            return told;
        told["conditions"] = new JsonObject { ["ref_name"] = new JsonObject { ["include"] = Strings(ruleset.Include), ["exclude"] = Strings(ruleset.Exclude) } };
        told["rules"] = new JsonArray([.. ruleset.Rules.Select(rule => Rule(rule.Type, rule.Parameters))]);
        if (withBypass)
            told["bypass_actors"] = new JsonArray([.. ruleset.Bypass.Select(actor => new JsonObject { ["actor_id"] = actor.Id, ["actor_type"] = actor.Type, ["bypass_mode"] = actor.Mode })]);
        return told;
    }

    public static JsonObject Rule(string type, JsonObject? parameters)
    {
        var told = new JsonObject { ["type"] = type };
        if (parameters is not null)
            told["parameters"] = parameters.DeepClone();
        return told;
    }

    private static JsonArray Strings(IEnumerable<string> all) => new([.. all.Select(each => (JsonNode)each)]);

    private static JsonObject Permissions(IEnumerable<KeyValuePair<string, string>> granted) => new(granted.Select(each => KeyValuePair.Create(each.Key, (JsonNode?)each.Value)));

    private JsonObject Brief(HubPull pull)
    {
        return new()
        {
            ["id"] = pull.Id,
            ["number"] = pull.Number,
            ["url"] = $"{json.Url(pull.Repository)}/pulls/{pull.Number}",
            ["head"] = Side(pull.HeadRepository, pull.HeadRef, pull.HeadSha),
            ["base"] = Side(pull.Repository, pull.BaseRef, pull.BaseSha),
        };

        JsonObject Side(HubRepository repository, string reference, string sha) => new()
        {
            ["ref"] = reference,
            ["sha"] = sha,
            ["repo"] = new JsonObject { ["id"] = repository.Id, ["url"] = json.Url(repository), ["name"] = repository.Name },
        };
    }
}
