using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>What is reported of a commit.</summary>
internal sealed partial class HubGraph
{
    /// <summary>The newest of each name in each suite.</summary>
    private static List<HubCheckRun> Newest(HubRepository repository, Commit commit) =>
        [.. repository.CheckRuns.Where(run => run.Sha == commit.Sha).GroupBy(run => (run.Suite, run.Name)).Select(group => group.MaxBy(run => run.Id)!).OrderBy(run => run.Id)];

    private static List<HubStatus> NewestStatuses(HubRepository repository, Commit commit) =>
        [.. repository.Statuses.Where(status => status.Sha == commit.Sha).GroupBy(status => status.Context, StringComparer.OrdinalIgnoreCase).Select(group => group.MaxBy(status => status.Id)!).OrderBy(status => status.Id)];

    private static string? RollupState(HubRepository repository, Commit commit)
    {
        var all = Newest(repository, commit).Select(run => run.Status != "completed" ? "PENDING" : run.Conclusion is "success" or "neutral" or "skipped" ? "SUCCESS" : "FAILURE")
            .Concat(NewestStatuses(repository, commit).Select(status => status.State.ToUpperInvariant())).ToList();
        return all.Count == 0 ? null : all.Contains("FAILURE") ? "FAILURE" : all.Contains("ERROR") ? "ERROR" : all.Contains("PENDING") ? "PENDING" : "SUCCESS";
    }

    /// <summary>Null where nothing was reported at all.</summary>
    private HubNode? Rollup(HubRepository repository, Commit commit) => RollupState(repository, commit) is not { } state ? null : new("StatusCheckRollup")
    {
        ["id"] = _ => HubJson.NodeId("SCR", $"{repository.Id} {commit.Sha}"),
        ["state"] = _ => state,
        ["commit"] = _ => Commit(repository, commit),
        ["contexts"] = arguments =>
        {
            var connection = HubNode.Connection(arguments, "StatusCheckRollupContext", Newest(repository, commit).Cast<object>().Concat(NewestStatuses(repository, commit)), each => each is HubCheckRun run ? Visible("checks", () => CheckRun(repository, run)) : Visible("statuses", () => Context((HubStatus)each)));
            connection["checkRunCount"] = _ => Newest(repository, commit).Count;
            connection["statusContextCount"] = _ => NewestStatuses(repository, commit).Count;
            return connection;
        },
    };

    private object Visible(string permission, Func<HubNode> tell) => caller.Has(permission, "read") && !server.Orders.Forbidden.Contains(permission) ? tell() : new HubHidden();

    private HubNode CheckRun(HubRepository repository, HubCheckRun run) => new("CheckRun")
    {
        ["id"] = _ => HubJson.NodeId("CR", run.Id),
        ["databaseId"] = _ => run.Id,
        ["name"] = _ => run.Name,
        ["status"] = _ => run.Status.ToUpperInvariant(),
        ["conclusion"] = _ => run.Conclusion?.ToUpperInvariant(),
        ["startedAt"] = _ => HubJson.At(run.Started),
        ["completedAt"] = _ => HubJson.At(run.Completed),
        ["detailsUrl"] = _ => run.DetailsUrl ?? $"{server.Address}{repository.FullName}/runs/{run.Id}",
        ["url"] = _ => $"{server.Address}{repository.FullName}/runs/{run.Id}",
        ["externalId"] = _ => run.ExternalId ?? "",
        ["title"] = _ => run.Title,
        ["summary"] = _ => run.Summary,
        ["text"] = _ => run.Text,
        ["isRequired"] = _ => false,
        ["checkSuite"] = _ => Suite(repository, run.Suite),
    };

    private HubNode Suite(HubRepository repository, HubSuite suite)
    {
        var runs = new Lazy<List<HubCheckRun>>(() => repository.CheckRuns.FindAll(run => run.Suite == suite));
        return new("CheckSuite")
        {
            ["id"] = _ => HubJson.NodeId("CS", suite.Id),
            ["databaseId"] = _ => suite.Id,
            ["status"] = _ => runs.Value.Count == 0 ? "QUEUED" : runs.Value.TrueForAll(run => run.Status == "completed") ? "COMPLETED" : "IN_PROGRESS",
            ["conclusion"] = _ => runs.Value.Count == 0 || !runs.Value.TrueForAll(run => run.Status == "completed") ? null : runs.Value.Find(run => run.Conclusion is not ("success" or "neutral" or "skipped"))?.Conclusion?.ToUpperInvariant() ?? "SUCCESS",
            ["createdAt"] = _ => HubJson.At(runs.Value.FirstOrDefault()?.Started ?? server.Now),
            ["updatedAt"] = _ => HubJson.At(runs.Value.LastOrDefault()?.Completed ?? server.Now),
            ["commit"] = _ => Commit(repository, repository.Commit(suite.Sha)!),
            ["branch"] = _ => repository.Git.Branches.FirstOrDefault(branch => branch.Tip.Sha == suite.Sha) is { } branch ? Reference(repository, branch.CanonicalName) : null,
            ["app"] = _ => new HubNode("App") { ["id"] = _ => HubJson.NodeId("A", suite.App.Id), ["databaseId"] = _ => suite.App.Id, ["slug"] = _ => suite.App.Slug, ["name"] = _ => suite.App.Slug },
            ["checkRuns"] = arguments => HubNode.Connection(arguments, "CheckRun", Filtered(runs.Value, arguments), run => CheckRun(repository, run), run => run.Id),
            ["workflowRun"] = _ => suite.Run is not { } run ? null : !caller.Has("actions", "read") ? throw new HubForbidden() : new HubNode("WorkflowRun")
            {
                ["id"] = _ => HubJson.NodeId("WFR", run.Id),
                ["databaseId"] = _ => run.Id,
                ["event"] = _ => run.Event,
                ["runNumber"] = _ => run.Number,
                ["url"] = _ => $"{server.Address}{repository.FullName}/actions/runs/{run.Id}",
                ["file"] = _ => new HubNode("WorkflowRunFile") { ["id"] = _ => HubJson.NodeId("WRF", run.Id), ["path"] = _ => run.Path },
                ["workflow"] = _ => new HubNode("Workflow") { ["id"] = _ => HubJson.NodeId("W", run.WorkflowId), ["databaseId"] = _ => run.WorkflowId, ["name"] = _ => run.WorkflowName },
            },
        };
    }

    private static IEnumerable<HubCheckRun> Filtered(List<HubCheckRun> runs, HubArguments arguments)
    {
        var filter = arguments.Object("filterBy");
        var found = runs.Where(run => (filter?["checkName"] is not { } name || (string)name! == run.Name) && (filter?["appId"] is not { } app || (long)app == run.Suite.App.Id));
        return (string?)filter?["checkType"] == "ALL" ? found : found.GroupBy(run => run.Name).Select(group => group.MaxBy(run => run.Id)!).OrderBy(run => run.Id);
    }

    private HubNode Suites(HubRepository repository, Commit commit, HubArguments arguments)
    {
        if (!caller.Has("checks", "read"))
            throw new HubForbidden();
        var app = (long?)arguments.Object("filterBy")?["appId"];
        return HubNode.Connection(arguments, "CheckSuite", repository.Suites.Where(suite => suite.Sha == commit.Sha && (app is null || suite.App.Id == app)), suite => Suite(repository, suite), suite => suite.Id);
    }

    private HubNode Context(HubStatus status) => new("StatusContext")
    {
        ["id"] = _ => HubJson.NodeId("SC", status.Id),
        ["context"] = _ => status.Context,
        ["state"] = _ => status.State.ToUpperInvariant(),
        ["description"] = _ => status.Description,
        ["targetUrl"] = _ => status.TargetUrl,
        ["createdAt"] = _ => HubJson.At(status.At),
        ["creator"] = _ => Who(status.Creator),
        ["isRequired"] = _ => false,
    };

    private HubNode? Status(HubRepository repository, Commit commit)
    {
        if (!caller.Has("statuses", "read"))
            throw new HubForbidden();
        var newest = NewestStatuses(repository, commit);
        return newest.Count == 0 ? null : new("Status")
        {
            ["id"] = _ => HubJson.NodeId("S", $"{repository.Id} {commit.Sha}"),
            ["state"] = _ => newest.Exists(status => status.State is "failure" or "error") ? "FAILURE" : newest.Exists(status => status.State == "pending") ? "PENDING" : "SUCCESS",
            ["contexts"] = _ => newest.Select(status => (object?)Context(status)).ToList(),
        };
    }
}
