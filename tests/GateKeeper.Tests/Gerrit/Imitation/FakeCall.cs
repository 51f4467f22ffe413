using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>One call of the REST, by somebody who is logged in: accounts, groups and the server itself.</summary>
internal sealed partial class FakeCall(FakeServer server, FakeAccount caller, string method, string[] path, IQueryCollection query, JsonObject body)
{
    public int Status { get; private set; } = 200;

    public JsonNode? Answer() => (method, path) switch
    {
        ("GET", ["config", "server", "version"]) => "3.10.2",
        ("GET", ["config", "server", "info"]) => new JsonObject
        {
            ["accounts"] = new JsonObject { ["visibility"] = "ALL" },
            ["auth"] = new JsonObject { ["auth_type"] = "DEVELOPMENT_BECOME_ANY_ACCOUNT", ["git_basic_auth_policy"] = "HTTP" },
            ["change"] = new JsonObject { ["update_delay"] = 300, ["mergeability_computation_behavior"] = "NEVER" },
            ["gerrit"] = new JsonObject { ["all_projects"] = FakeServer.AllProjects, ["all_users"] = "All-Users" },
            ["note_db_enabled"] = true,
            ["user"] = new JsonObject { ["anonymous_coward_name"] = "Name of user not set" },
        },
        (_, ["accounts", .. var rest]) => Accounts(rest),
        (_, ["groups", .. var rest]) => Groups(rest),
        (_, ["projects", .. var rest]) => Projects(rest),
        ("GET", ["changes", ""]) => Search(),
        (_, ["changes", var change, .. var rest]) => Change(FindChange(change), rest),
        _ => throw Unknown(),
    };

    private static FakeRefusal Unknown() => new(404, "Not Found");

    private JsonNode? Accounts(string[] rest) => (method, rest) switch
    {
        ("PUT", [var name]) => AddAccount(name),
        ("GET", [""]) => new JsonArray([.. server.Accounts.Where(IsAsked).OrderBy(account => account.Id).Select(Found)]),
        ("GET", ["self", "capabilities"]) => Capabilities(),
        ("GET", ["self", "emails"]) => new JsonArray(new JsonObject { ["email"] = caller.Email, ["preferred"] = true }),
        ("GET", ["self", "groups"]) => new JsonArray([Everybody("Anonymous Users"), .. server.Groups.Where(group => server.Everybody(group).Contains(caller.Id)).Select(group => Named(Group(group), group)), Everybody("Registered Users")]),
        ("GET", [var name]) => FakeChangeJson.Account(server, Who(name), detailed: true),
        ("GET", [var name, "detail"]) => Detail(Who(name)),
        _ => throw Unknown(),
    };

    private JsonNode? Groups(string[] rest) => (method, rest) switch
    {
        ("PUT", [var name]) => AddGroup(name),
        ("GET", [""]) => new JsonObject(server.Groups.Where(group => server.Sees(caller, group)).OrderBy(group => group.Name, StringComparer.Ordinal).Select(group => KeyValuePair.Create<string, JsonNode?>(group.Name, Group(group)))),
        ("GET", [var name]) => Named(Group(Visible(name)), Visible(name)),
        ("GET", [var name, "detail"]) => Whole(Visible(name)),
        ("GET", [var name, "members", ""]) => Members(Visible(name)),
        ("GET", [var name, "groups", ""]) => new JsonArray([.. Visible(name).Included.Select(server.Group).Where(group => server.Sees(caller, group)).Select(group => Named(Group(group), group))]),
        ("PUT", [var name, "members", var member]) => AddMember(Own(name), Who(member)),
        ("DELETE", [var name, "members", var member]) => Gone(Own(name).Members.Remove(Who(member).Id)),
        ("PUT", [var name, "groups", var inner]) => Created(Own(name).Included.Add(server.Group(inner).Uuid), Group(server.Group(inner))),
        ("DELETE", [var name, "groups", var inner]) => Gone(Own(name).Included.Remove(server.Group(inner).Uuid)),
        ("PUT", [var name, "owner"]) => Group(Owner(Own(name), server.Group((string)body["owner"]!))),
        ("PUT", [var name, "options"]) => SetOptions(Own(name)),
        _ => throw Unknown(),
    };

    private JsonObject AddAccount(string name)
    {
        FakeRefusal.Unless(server.IsAdministrator(caller), "create account not permitted");
        var account = server.AddAccount(name, (string?)body["name"] ?? name, (string?)body["email"] ?? "", (string?)body["http_password"] ?? "");
        foreach (var group in body["groups"]?.AsArray() ?? [])
            server.Group((string)group!).Members.Add(account.Id);
        Status = 201;
        return FakeChangeJson.Account(server, account, detailed: true);
    }

    /// <summary>An account as a search shows it; here nobody has a second address.</summary>
    private JsonObject Found(FakeAccount account)
    {
        var json = FakeChangeJson.Account(server, account, detailed: query.ContainsKey("o"));
        if (query.ContainsKey("o") && query["o"].Contains("ALL_EMAILS"))
            json["secondary_emails"] = new JsonArray();
        return json;
    }

    private bool IsAsked(FakeAccount account)
    {
        FakeRefusal.Unless(!query["o"].Contains("ALL_EMAILS") || server.IsCapable(caller, "viewSecondaryEmails"), "view secondary emails not permitted");
        return FakeExpression.Holds(query["q"].ToString(), term => term.Split(':', 2) switch
        {
            ["email", var email] => account.Email == email,
            ["name", var name] => account.Name == name,
            ["username", var name] => account.Username == name,
            ["is", "active"] => true,
            [var word] => $"{account.Id}" == word || account.Username == word || account.Email == word || account.Name == word,
            _ => throw new FakeRefusal(400, $"Unsupported operator {term}"),
        });
    }

    private JsonObject Capabilities()
    {
        string[] all = ["administrateServer", "createAccount", "createGroup", "createProject", "emailReviewers", "flushCaches", "killTask", "maintainServer", "modifyAccount", "readAs", "runGC", "streamEvents", "viewAccess", "viewAllAccounts", "viewCaches", "viewConnections", "viewPlugins", "viewQueue", "viewSecondaryEmails"];
        var json = new JsonObject(all.Where(name => name == "emailReviewers" || server.IsCapable(caller, name)).Select(name => KeyValuePair.Create<string, JsonNode?>(name, true)))
        {
            ["queryLimit"] = new JsonObject { ["min"] = 0, ["max"] = 500 },
        };
        if (FakeChangeJson.IsService(server, caller))
            json["priority"] = "BATCH";
        return json;
    }

    private JsonObject Detail(FakeAccount account)
    {
        var json = FakeChangeJson.Account(server, account, detailed: true);
        json["registered_on"] = FakeChangeJson.Moment(account.Since);
        json["secondary_emails"] = new JsonArray();
        return json;
    }

    private FakeAccount Who(string name) => name == "self" ? caller : server.Account(name);

    private FakeGroup Visible(string name) => server.Group(name) is var group && server.Sees(caller, group) ? group : throw new FakeRefusal(404, name);

    private FakeGroup Own(string name)
    {
        var group = Visible(name);
        FakeRefusal.Unless(server.IsAdministrator(caller) || group.Members.Contains(caller.Id), "Cannot modify group");
        return group;
    }

    private static JsonObject Group(FakeGroup group) => new()
    {
        ["url"] = $"#/admin/groups/uuid-{group.Uuid}",
        ["options"] = group.Visible ? new JsonObject { ["visible_to_all"] = true } : [],
        ["group_id"] = group.Number,
        ["owner"] = (group.Owner ?? group).Name,
        ["owner_id"] = (group.Owner ?? group).Uuid,
        ["created_on"] = FakeChangeJson.Moment(group.Created),
        ["id"] = group.Uuid,
    };

    private static JsonObject Named(JsonObject json, FakeGroup group)
    {
        json["name"] = group.Name;
        return json;
    }

    private static FakeGroup Owner(FakeGroup group, FakeGroup owner)
    {
        group.Owner = owner;
        return owner;
    }

    private static JsonObject Everybody(string name) => new() { ["options"] = new JsonObject(), ["id"] = Uri.EscapeDataString($"global:{name.Replace(' ', '-')}"), ["name"] = name };

    /// <summary>Groups within that the caller may not see are left out without a word.</summary>
    private JsonObject Whole(FakeGroup group)
    {
        var json = Named(Group(group), group);
        json["members"] = new JsonArray([.. group.Members.Order().Select(member => FakeChangeJson.Account(server, server.Account(member), detailed: true))]);
        json["includes"] = new JsonArray([.. group.Included.Select(server.Group).Where(inner => server.Sees(caller, inner)).Select(inner => Named(Group(inner), inner))]);
        return json;
    }

    private JsonArray Members(FakeGroup group) =>
        new([.. (query.ContainsKey("recursive") ? server.Everybody(group) : group.Members).Order().Select(member => FakeChangeJson.Account(server, server.Account(member), detailed: true))]);

    private JsonObject AddGroup(string name)
    {
        FakeRefusal.Unless(server.IsAdministrator(caller), "create group not permitted");
        if (server.Groups.Any(each => each.Name == name))
            throw new FakeRefusal(409, $"group '{name}' already exists");
        var group = server.AddGroup(name, caller);
        group.Visible = (bool?)body["visible_to_all"] ?? false;
        Status = 201;
        return Named(Group(group), group);
    }

    private JsonObject AddMember(FakeGroup group, FakeAccount member) => (JsonObject)Created(group.Members.Add(member.Id), FakeChangeJson.Account(server, member, detailed: true));

    private JsonNode Created(bool isNew, JsonNode json)
    {
        Status = isNew ? 201 : 200;
        return json;
    }

    private JsonNode? Gone(bool was)
    {
        Status = was ? 204 : throw Unknown();
        return null;
    }

    private JsonObject SetOptions(FakeGroup group)
    {
        group.Visible = (bool?)body["visible_to_all"] ?? false;
        return group.Visible ? new() { ["visible_to_all"] = true } : [];
    }
}
