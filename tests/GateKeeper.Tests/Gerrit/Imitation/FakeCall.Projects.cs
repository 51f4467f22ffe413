using System.Text.Json.Nodes;
using LibGit2Sharp;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>What is asked about projects: their branches, labels, requirements and rights.</summary>
internal sealed partial class FakeCall
{
    private const string NoConfig = "read refs/meta/config not permitted";

    private JsonNode? Projects(string[] rest) => (method, rest) switch
    {
        ("PUT", [var name]) => AddProject(name),
        ("GET", [var name]) => Project(server.Project(name)),
        ("GET", [var name, "branches", ""]) => new JsonArray([.. Branches(server.Project(name))]),
        ("GET", [var name, "branches", var branch]) => Branch(server.Project(name), branch),
        ("PUT", [var name, "branches", var branch]) => AddBranch(server.Project(name), branch),
        ("GET", [var name, "access"]) => Access(server.Project(name)),
        ("POST", [var name, "access"]) => ChangeAccess(server.Project(name)),
        ("GET", [var name, "labels", ""]) when query.ContainsKey("inherited") => new JsonArray([.. Line(server.Project(name)).SelectMany(project => project.Labels.Values.Where(label => !label.Inherited).Select(label => Label(project, label)))]),
        ("GET", [var name, "submit_requirements", ""]) when query.ContainsKey("inherited") => new JsonArray([.. Line(server.Project(name)).SelectMany(project => project.Requirements.Values).Select(Requirement)]),
        ("GET", [var name, "labels", ""]) => new JsonArray([.. Config(server.Project(name)).Labels.Values.Where(label => !label.Inherited).Select(label => Label(server.Project(name), label))]),
        ("PUT", [var name, "labels", var label]) => SetLabel(Owned(server.Project(name)), label),
        ("DELETE", [var name, "labels", var label]) => DeleteLabel(Owned(server.Project(name)), label),
        ("GET", [var name, "submit_requirements", ""]) => new JsonArray([.. Config(server.Project(name)).Requirements.Values.Select(Requirement)]),
        ("PUT", [var name, "submit_requirements", var requirement]) => SetRequirement(Owned(server.Project(name)), requirement),
        ("PUT", [var name, "config"]) => Configure(Owned(server.Project(name))),
        ("GET", [var name, "check.access"]) => CheckAccess(server.Project(name)),
        _ => throw Unknown(),
    };

    private static JsonObject Values(FakeLabel label) => new(label.Values.Select(value => KeyValuePair.Create<string, JsonNode?>(FakeLabel.Spelled(value.Key), value.Value)));

    private static JsonObject Label(FakeProject project, FakeLabel label)
    {
        var json = new JsonObject
        {
            ["name"] = label.Name,
            ["project_name"] = project.Name,
            ["function"] = label.Function,
            ["values"] = Values(label),
            ["default_value"] = 0,
            ["can_override"] = true,
            ["allow_post_submit"] = true,
        };
        if (label.CopyCondition is not null)
            json["copy_condition"] = label.CopyCondition;
        return json;
    }

    private static JsonObject Requirement(FakeRequirement requirement) => new()
    {
        ["name"] = requirement.Name,
        ["submittability_expression"] = requirement.Expression,
        ["allow_override_in_child_projects"] = false,
    };

    private JsonObject AddProject(string name)
    {
        FakeRefusal.Unless(server.IsAdministrator(caller), "create project not permitted");
        var branch = (string?)body["branches"]?.AsArray().FirstOrDefault() ?? "master";
        var project = server.AddProject(name, FakeServer.Brief(branch));
        if ((bool?)body["create_empty_commit"] == true)
        {
            var root = new Signature("Gerrit Code Review", "root@localhost", server.Now);
            project.Set(FakeServer.Full(branch), project.Git.ObjectDatabase.CreateCommit(root, root, "Initial empty repository\n", project.Git.ObjectDatabase.CreateTree(new TreeDefinition()), [], prettifyMessage: false).Sha);
        }

        Status = 201;
        return Project(project);
    }

    /// <summary>How the server itself merges what is submitted.</summary>
    private JsonObject Configure(FakeProject project)
    {
        project.OnlyForwards = (string?)body["submit_type"] switch { null => project.OnlyForwards, var type => type == "FAST_FORWARD_ONLY" };
        project.MergesContent = (string?)body["use_content_merge"] switch { null => project.MergesContent, var use => use != "FALSE" };
        return new() { ["submit_type"] = project.OnlyForwards ? "FAST_FORWARD_ONLY" : "MERGE_IF_NECESSARY" };
    }

    private static JsonObject Project(FakeProject project) => new()
    {
        ["id"] = Uri.EscapeDataString(project.Name),
        ["name"] = project.Name,
        ["parent"] = FakeServer.AllProjects,
        ["state"] = "ACTIVE",
        ["labels"] = new JsonObject(project.Labels.Values.Select(label => KeyValuePair.Create<string, JsonNode?>(label.Name, new JsonObject { ["values"] = Values(label), ["default_value"] = 0 }))),
    };

    private IEnumerable<JsonObject> Branches(FakeProject project)
    {
        yield return new() { ["ref"] = "HEAD", ["revision"] = project.Git.Head.FriendlyName };
        if (server.SeesConfig(caller, project))
            yield return new() { ["ref"] = "refs/meta/config", ["revision"] = FakeChange.NewMark() };
        foreach (var branch in project.Git.Branches.Where(branch => server.May(caller, project, branch.CanonicalName, "read")))
            yield return new() { ["ref"] = branch.CanonicalName, ["revision"] = branch.Tip.Sha };
    }

    private JsonObject Branch(FakeProject project, string name)
    {
        var tip = project.Tip(FakeServer.Full(name)) ?? throw new FakeRefusal(404, $"Not found: {name}");
        var json = new JsonObject { ["ref"] = FakeServer.Full(name), ["revision"] = tip.Sha };
        if (server.IsOwner(caller, project))
            json["can_delete"] = true;
        return json;
    }

    private JsonObject AddBranch(FakeProject project, string name)
    {
        FakeRefusal.Unless(server.May(caller, project, FakeServer.Full(name), "create"), $"not permitted: create on {FakeServer.Full(name)}");
        var from = (string?)body["revision"] ?? project.Git.Head.FriendlyName;
        project.Set(FakeServer.Full(name), (project.Tip(FakeServer.Full(from)) ?? project.Git.Lookup<Commit>(from) ?? throw new FakeRefusal(422, $"invalid revision \"{from}\"")).Sha);
        Status = 201;
        return Branch(project, name);
    }

    private JsonObject Access(FakeProject project)
    {
        var (visible, owner) = (server.SeesConfig(caller, project), server.IsOwner(caller, project));
        var json = new JsonObject
        {
            ["revision"] = FakeChange.NewMark(),
            ["local"] = visible ? project.Rights.Json() : new JsonObject(project.Rights.Sections.Where(section => section.StartsWith("refs/heads/", StringComparison.Ordinal)).Select(section => KeyValuePair.Create<string, JsonNode?>(section, new JsonObject { ["permissions"] = new JsonObject() }))),
            ["owner_of"] = new JsonArray([.. owner ? project.Rights.Sections.Select(section => (JsonNode)section) : []]),
            ["config_visible"] = visible,
            ["groups"] = new JsonObject(project.Rights.Groups.Select(group => KeyValuePair.Create<string, JsonNode?>(group, new JsonObject { ["name"] = Name(group) }))),
        };
        if (visible)
            json["can_upload"] = true;
        if (owner)
            (json["is_owner"], json["can_add"], json["can_add_tags"]) = (true, true, true);
        if (project.Name != FakeServer.AllProjects)
            json["inherits_from"] = new JsonObject { ["id"] = FakeServer.AllProjects, ["name"] = FakeServer.AllProjects, ["description"] = "Access inherited by all other projects.", ["state"] = "ACTIVE" };
        return json;
    }

    private string Name(string group) => group.StartsWith("global:", StringComparison.Ordinal) ? group["global:".Length..].Replace('-', ' ') : server.Group(group).Name;

    private JsonObject ChangeAccess(FakeProject project)
    {
        Owned(project);
        if (body["remove"] is JsonObject removed)
            project.Rights.Remove(removed);
        if (body["add"] is JsonObject added)
            project.Rights.Add(added);
        return Access(project);
    }

    private JsonObject SetLabel(FakeProject project, string name)
    {
        var there = project.Labels.GetValueOrDefault(name) is { Inherited: false } own ? own : null;
        var values = body["values"]?.AsObject().ToDictionary(value => int.Parse(value.Key.Trim(), System.Globalization.CultureInfo.InvariantCulture), value => (string)value.Value!);
        project.Labels[name] = new(name, values is null ? there?.Values ?? throw new FakeRefusal(400, "values are required") : new(values))
        {
            Function = (string?)body["function"] ?? there?.Function ?? "MaxWithBlock",
            CopyCondition = (string?)body["copy_condition"] ?? there?.CopyCondition,
        };
        Status = there is null ? 201 : 200;
        return Label(project, project.Labels[name]);
    }

    private JsonObject? DeleteLabel(FakeProject project, string name)
    {
        if (!project.Labels.Remove(name))
            throw new FakeRefusal(404, $"Not found: {name}");
        Status = 204;
        return null;
    }

    private JsonObject SetRequirement(FakeProject project, string name)
    {
        Status = project.Requirements.ContainsKey(name) ? 200 : 201;
        return Requirement(project.Requirements[name] = new(name, (string)body["submittability_expression"]!));
    }

    private JsonObject CheckAccess(FakeProject project)
    {
        FakeRefusal.Unless(server.IsCapable(caller, "viewAccess"), "view access not permitted");
        var (account, reference, permission) = (server.Account(query["account"].ToString()), query["ref"].ToString(), query["perm"].ToString());
        var may = permission switch
        {
            "read" or "create" or "delete" or "forgeAuthor" or "forgeCommitter" => server.May(account, project, reference, permission),
            "push" or "update" => server.May(account, project, reference, "push"),
            "forceUpdate" => server.May(account, project, reference, "push", force: true),
            _ => throw new FakeRefusal(400, $"'{permission}' is not recognized as ref permission"),
        };
        var json = new JsonObject { ["status"] = may ? 200 : 403, ["debug_logs"] = new JsonArray() };
        if (!may)
            json["message"] = $"user {account.Id} lacks permission {permission} for {reference} in project {project.Name}";
        return json;
    }

    /// <summary>The project below what it inherits from; all of them must be read to see what is inherited.</summary>
    private FakeProject[] Line(FakeProject project)
    {
        FakeProject[] line = project.Name == FakeServer.AllProjects ? [project] : [server.Project(FakeServer.AllProjects), project];
        foreach (var each in line)
            FakeRefusal.Unless(server.SeesConfig(caller, each), $"{each.Name}: {NoConfig}");
        return line;
    }

    private FakeProject Config(FakeProject project)
    {
        FakeRefusal.Unless(server.SeesConfig(caller, project), NoConfig);
        return project;
    }

    private FakeProject Owned(FakeProject project)
    {
        FakeRefusal.Unless(server.IsOwner(caller, project), "write refs/meta/config not permitted");
        return project;
    }
}
