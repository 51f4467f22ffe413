using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>What is reported of commits.</summary>
internal sealed partial class HubCall
{
    private const int LongestOutput = 65535;
    private const int MostAnnotations = 50;
    private const int LongestDescription = 140;

    private HubAnswer Checks(HubRepository repository, string[] rest)
    {
        switch (method, rest)
        {
            case ("POST", ["check-runs"]):
                MayRun();
                var sha = Needed("CheckRun", "head_sha");
                if (repository.Commit(sha) is null)
                    throw new HubRefusal(422, $"No commit found for SHA: {sha}");
                var run = new HubCheckRun(server.NextId(), server.Suite(repository, caller.App!, sha, null), Needed("CheckRun", "name"), sha) { Started = server.Now };
                Fill(run);
                repository.CheckRuns.Add(run);
                server.Hooks.Run(repository, run, "created", caller.Account!);
                return new(201, checks.Run(repository, run));
            case ("GET", ["check-runs", var id]):
                caller.Need("checks=read");
                return Told(checks.Run(repository, Run(repository, id)));
            case ("PATCH", ["check-runs", var id]):
                MayRun();
                var known = Run(repository, id);
                if (known.Suite.App != caller.App)
                    throw new HubRefusal(403, "Invalid app_id - check run can only be modified by the GitHub App that created it.");
                var before = known.Status;
                Fill(known);
                if (known.Status == "completed" && before != "completed")
                    server.Hooks.Run(repository, known, "completed", caller.Account!);
                return Told(checks.Run(repository, known));
            case ("GET", ["commits", var reference, "check-runs"]):
                caller.Need("checks=read");
                return Paged(Runs(repository, Commit(repository, reference)), each => checks.Run(repository, each), "check_runs");
            case ("GET", ["commits", var reference, "status"]):
                caller.Need("statuses=read");
                return Told(Combined(repository, Commit(repository, reference)));
            case ("GET", ["commits", var reference, "statuses"]):
                caller.Need("statuses=read");
                var at = Commit(repository, reference);
                return Paged(repository.Statuses.Where(status => status.Sha == at).Reverse(), status => checks.Status(repository, status, full: true));
            case ("POST", ["statuses", var of]):
                caller.Need("statuses=write");
                if (!caller.AtLeast(repository, "write") && !(caller.App is not null && caller.Has("statuses", "write")))
                    throw HubRefusal.NotFound;
                return new(201, checks.Status(repository, Report(repository, of), full: true));
            case ("GET", ["actions", "runs", var id]):
                caller.Need("actions=read");
                return Told(checks.Workflow(repository, repository.Suites.Find(suite => suite.Run?.Id == Number(id)) ?? throw HubRefusal.NotFound));
            default:
                throw HubRefusal.NotFound;
        }
    }

    private void MayRun()
    {
        if (caller.App is null)
            throw new HubRefusal(403, "You must authenticate via a GitHub App.");
        caller.Need("checks=write");
    }

    private static HubCheckRun Run(HubRepository repository, string id) => repository.CheckRuns.Find(run => run.Id == Number(id)) ?? throw HubRefusal.NotFound;

    private IEnumerable<HubCheckRun> Runs(HubRepository repository, string sha)
    {
        var (name, status, app) = (query["check_name"].ToString(), query["status"].ToString(), Number(query["app_id"].ToString()));
        var found = repository.CheckRuns.Where(run => run.Sha == sha && (name.Length == 0 || run.Name == name) && (status.Length == 0 || run.Status == status) && (app is null || run.Suite.App.Id == app));
        return query["filter"] == "all" ? found.Reverse() : found.GroupBy(run => (run.Suite, run.Name)).Select(group => group.MaxBy(run => run.Id)!).OrderByDescending(run => run.Id);
    }

    private void Fill(HubCheckRun run)
    {
        run.Name = Text("name") ?? run.Name;
        run.DetailsUrl = Text("details_url") ?? run.DetailsUrl;
        run.ExternalId = Text("external_id") ?? run.ExternalId;
        run.Started = Moment("started_at") ?? run.Started;
        var (status, conclusion) = (Text("status"), Text("conclusion"));
        if (status is not (null or "queued" or "in_progress" or "completed"))
            throw new HubRefusal(422, $"Invalid request.\n\n{status} is not a member of [\"queued\", \"in_progress\", \"completed\"].");
        if (conclusion is not (null or "action_required" or "cancelled" or "failure" or "neutral" or "success" or "skipped" or "timed_out"))
            throw new HubRefusal(422, $"Invalid request.\n\n{conclusion} is not a member of the conclusions.");
        if (status == "completed" && conclusion is null && run.Conclusion is null)
            throw new HubRefusal(422, "Invalid request.\n\nMissing required keys: conclusion");
        if (conclusion is not null)
            (run.Status, run.Conclusion, run.Completed) = ("completed", conclusion, Moment("completed_at") ?? server.Now);
        else if (status is not null)
            (run.Status, run.Conclusion, run.Completed) = (status, status == "completed" ? run.Conclusion : null, status == "completed" ? run.Completed : null);
        if (body?["output"] is JsonObject output)
            Show(run, output);
        if (body?["actions"] is JsonArray actions)
        {
            if (actions.Count > 3 || actions.Any(action => Longer(action!, "label", 20) || Longer(action!, "description", 40) || Longer(action!, "identifier", 20)))
                throw new HubRefusal(422, "Invalid request.\n\nOnly 3 actions, of limited size, are allowed.");
            run.Actions = (JsonArray)actions.DeepClone();
        }
    }

    private static void Show(HubCheckRun run, JsonObject output)
    {
        if (output["title"] is null || output["summary"] is null)
            throw new HubRefusal(422, "Invalid request.\n\n\"title\", \"summary\" weren't supplied.");
        if (Longer(output, "summary", LongestOutput) || Longer(output, "text", LongestOutput))
            throw new HubRefusal(422, "Invalid request.\n\nOnly 65535 characters are allowed.");
        var annotations = output["annotations"] as JsonArray ?? [];
        if (annotations.Count > MostAnnotations)
            throw new HubRefusal(422, $"Invalid request.\n\nNo more than {MostAnnotations} items are allowed; {annotations.Count} were supplied.");
        if (annotations.Any(each => (each!["start_column"] is not null || each["end_column"] is not null) && (int)each["start_line"]! != (int)each["end_line"]!))
            throw new HubRefusal(422, "Invalid request.\n\nColumns are allowed only within one line.");
        (run.Title, run.Summary, run.Text) = ((string)output["title"]!, (string)output["summary"]!, (string?)output["text"]);
        run.Annotations.AddRange(annotations.Select(each => each!.DeepClone()));
    }

    private static bool Longer(JsonNode node, string name, int most) => ((string?)node[name])?.Length > most;

    private DateTimeOffset? Moment(string name) => Text(name) is { } text ? DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : null;

    private HubStatus Report(HubRepository repository, string sha)
    {
        var state = Needed("Status", "state");
        if (state is not ("error" or "failure" or "pending" or "success"))
            throw HubRefusal.Invalid("Status", "state", "custom", "state is not included in the list");
        if (Text("description")?.Length > LongestDescription)
            throw HubRefusal.Invalid("Status", "description", "custom", $"description is too long (maximum is {LongestDescription} characters)");
        if (repository.Commit(sha) is null)
            throw new HubRefusal(422, $"No commit found for SHA: {sha}");
        return server.Report(repository, caller.Account!, sha, Text("context") ?? "default", state, Text("description"), Text("target_url"));
    }

    private JsonObject Combined(HubRepository repository, string sha)
    {
        var newest = repository.Statuses.Where(status => status.Sha == sha).GroupBy(status => status.Context, StringComparer.OrdinalIgnoreCase).Select(group => group.MaxBy(status => status.Id)!).ToList();
        return new()
        {
            ["state"] = newest.Exists(status => status.State is "error" or "failure") ? "failure" : newest.Count == 0 || newest.Exists(status => status.State == "pending") ? "pending" : "success",
            ["statuses"] = new JsonArray([.. newest.Select(status => checks.Status(repository, status, full: false))]),
            ["sha"] = sha,
            ["total_count"] = newest.Count,
            ["repository"] = json.Repository(repository, full: false),
            ["commit_url"] = $"{json.Url(repository)}/commits/{sha}",
            ["url"] = $"{json.Url(repository)}/commits/{sha}/status",
        };
    }

    /// <summary>A commit by its id, or by its branch.</summary>
    private static string Commit(HubRepository repository, string reference) => repository.Tip(reference.StartsWith("heads/", StringComparison.Ordinal) ? reference[6..] : reference)
        ?? (reference.Length == 40 ? repository.Commit(reference)?.Sha : null) ?? throw new HubRefusal(422, $"No commit found for SHA: {reference}");
}

internal sealed partial class HubServer
{
    private const int MostStatuses = 1000;

    /// <summary>One suite for an App and a commit; for workflows, one for each run.</summary>
    public HubSuite Suite(HubRepository repository, HubApp app, string sha, HubWorkflowRun? run)
    {
        var suite = repository.Suites.Find(each => each.App == app && each.Sha == sha && each.Run?.Path == run?.Path && each.Run?.Event == run?.Event);
        if (suite is null)
            repository.Suites.Add(suite = new(NextId(), app, sha) { Run = run });
        return suite;
    }

    public HubStatus Report(HubRepository repository, HubAccount who, string sha, string context, string state, string? description, string? address)
    {
        if (repository.Statuses.Count(each => each.Sha == sha && string.Equals(each.Context, context, StringComparison.OrdinalIgnoreCase)) >= MostStatuses)
            throw HubRefusal.Invalid("Status", "sha", "custom", "This SHA and context has reached the maximum number of statuses.");
        var status = new HubStatus(NextId(), sha, context, state, description, address, who, Now);
        repository.Statuses.Add(status);
        Hooks.Status(repository, status);
        return status;
    }
}
