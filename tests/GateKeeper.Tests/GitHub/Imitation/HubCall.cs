using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>One call of REST: what is asked for decides who answers it.</summary>
internal sealed partial class HubCall(HubServer server, HubCaller caller, string method, string[] path, IQueryCollection query, JsonObject? body, string target)
{
    private readonly HubJson json = new(server);
    private readonly HubCheckJson checks = new(server);

    public HubAnswer Answer() => path switch
    {
        ["app", ..] or ["repos", _, _, "installation"] => App(),
        ["rate_limit"] => Told(RateLimit()),
        ["user"] => caller.App is null && caller.Account is { } who ? Told(Private(who)) : throw new HubRefusal(caller.Account is null ? 401 : 403, caller.Account is null ? "Requires authentication" : "Resource not accessible by integration"),
        ["meta"] => Told(new JsonObject { ["verifiable_password_authentication"] = true, ["installed_version"] = server.Version }),
        ["orgs", var org, "teams" or "members"] when method == "GET" => Organization(org, path[2]),
        ["orgs", var org, "teams", var slug, .. var rest] => Team(org, slug, rest),
        ["repos", var owner, var name, .. var rest] => InRepository(Repository(owner, name), rest),
        _ => throw HubRefusal.NotFound,
    };

    private HubRepository Repository(string owner, string name)
    {
        if (caller.IsAppItself)
            throw new HubRefusal(401, "A JSON web token could not be decoded");
        return server.Find(owner, name) is { } repository && caller.Sees(repository) ? repository : throw HubRefusal.NotFound;
    }

    private HubAnswer App()
    {
        if (!caller.IsAppItself)
            throw new HubRefusal(401, "A JSON web token could not be decoded");
        var app = caller.App!;
        return (method, path) switch
        {
            ("GET", ["app"]) => Told(checks.App(app)),
            ("GET", ["app", "hook", "config"]) => Told(server.Hooks.Config()),
            ("GET", ["app", "hook", "deliveries"]) => Told(new JsonArray([.. server.Hooks.Deliveries()])),
            ("POST", ["app", "hook", "deliveries", var id, "attempts"]) => Accepted(long.Parse(id, CultureInfo.InvariantCulture)),
            ("GET", ["app", "installations"]) => Told(new JsonArray(checks.Installation(app))),
            ("GET", ["app", "installations", var id]) when Number(id) == app.Installation => Told(checks.Installation(app)),
            ("POST", ["app", "installations", var id, "access_tokens"]) when Number(id) == app.Installation => new(201, server.Token(app, body)),
            ("GET", ["repos", var owner, var name, "installation"]) when app.IsInstalled && server.Find(owner, name) is { } repository && repository.Owner == server.Organization => Told(checks.Installation(app)),
            _ => throw HubRefusal.NotFound,
        };
    }

    private HubAnswer Accepted(long id)
    {
        server.Hooks.Again(id);
        return new(202, new JsonObject());
    }

    private JsonObject RateLimit()
    {
        return new() { ["resources"] = new JsonObject { ["core"] = Of("core"), ["graphql"] = Of("graphql"), ["search"] = Of("search") }, ["rate"] = Of("core") };

        JsonObject Of(string resource)
        {
            var budget = server.Limits.Of(caller, resource);
            return new() { ["limit"] = server.Limits.Limit, ["remaining"] = Math.Max(0, server.Limits.Limit - budget.Used), ["reset"] = budget.Reset.ToUnixTimeSeconds(), ["used"] = budget.Used, ["resource"] = resource };
        }
    }

    private JsonObject Private(HubAccount who)
    {
        var told = json.User(who);
        foreach (var name in (string[])["name", "company", "blog", "location", "email", "hireable", "bio"])
            told[name] = null;
        foreach (var name in (string[])["public_repos", "public_gists", "followers", "following", "private_gists", "total_private_repos", "owned_private_repos", "disk_usage", "collaborators"])
            told[name] = 0;
        told["two_factor_authentication"] = true;
        told["created_at"] = told["updated_at"] = null;
        foreach (var name in (string[])["created_at", "updated_at"])
            told[name] = HubJson.At(DateTimeOffset.UnixEpoch);
        return told;
    }

    private HubAnswer Team(string org, string slug, string[] rest)
    {
        if (!string.Equals(org, server.Organization.Login, StringComparison.OrdinalIgnoreCase) || caller.Account is null)
            throw HubRefusal.NotFound;
        caller.Need("members=read");
        var team = server.Teams.Find(each => string.Equals(each.Slug, slug, StringComparison.OrdinalIgnoreCase)) ?? throw HubRefusal.NotFound;
        switch (method, rest)
        {
            case ("GET", ["members"]):
                return Paged(team.Members.Where(member => member.State == "active"), member => json.User(member.Account));
            case ("GET", ["memberships", var login]):
                var member = team.Members.Find(each => string.Equals(each.Account.Login, login, StringComparison.OrdinalIgnoreCase)) ?? throw HubRefusal.NotFound;
                return Told(new JsonObject { ["url"] = $"{server.Api}/organizations/{server.Organization.Id}/team/{team.Id}/memberships/{member.Account.Login}", ["role"] = member.Role, ["state"] = member.State });
            default:
                throw HubRefusal.NotFound;
        }
    }

    private HubAnswer InRepository(HubRepository repository, string[] rest)
    {
        if (method != "GET" && repository.IsArchived)
            throw new HubRefusal(403, "Repository was archived so is read-only.");
        return (method, rest) switch
        {
            ("GET", []) => Told(Told(repository)),
            (_, ["pulls", ..]) => Pulls(repository, rest),
            (_, ["issues", ..]) => Issues(repository, rest),
            (_, ["check-runs", ..] or ["check-suites", ..] or ["commits", _, "check-runs" or "status" or "statuses" or "check-suites"] or ["statuses", _] or ["actions", "runs", _]) => Checks(repository, rest),
            _ => Git(repository, rest),
        };
    }

    private static HubAnswer Told(JsonNode told) => new(200, told);

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static HubPull Pull(HubRepository repository, string number) => Number(number) is { } known && repository.Pull((int)known) is { } pull ? pull : throw HubRefusal.NotFound;

    private string? Text(string name) => body?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private string Needed(string resource, string name) => Text(name) ?? throw HubRefusal.Invalid(resource, name, "missing_field");

    /// <summary>One page, with the addresses of its neighbours; in an object where the list has a name.</summary>
    private HubAnswer Paged<T>(IEnumerable<T> items, Func<T, JsonNode> tell, string? name = null)
    {
        var all = items.ToList();
        var size = Math.Clamp((int)(Number(query["per_page"].ToString()) ?? 30), 1, 100);
        var page = Math.Max(1, (int)(Number(query["page"].ToString()) ?? 1));
        var last = Math.Max(1, (all.Count + size - 1) / size);
        var list = new JsonArray([.. all.Skip((page - 1) * size).Take(size).Select(tell)]);
        var answer = Told(name is null ? list : new JsonObject { ["total_count"] = all.Count, [name] = list });
        var links = new List<string>();
        if (page > 1)
            links.AddRange([Link(page - 1, "prev"), Link(1, "first")]);
        if (page < last)
            links.AddRange([Link(page + 1, "next"), Link(last, "last")]);
        if (links.Count > 0)
            answer.Headers["Link"] = string.Join(", ", links);
        return answer;

        string Link(int to, string rel)
        {
            var rest = query.Where(each => each.Key != "page").Select(each => $"{each.Key}={Uri.EscapeDataString(each.Value.ToString())}").Append($"page={to}");
            return $"<{server.Address.GetLeftPart(UriPartial.Authority)}{target.Split('?')[0]}?{string.Join('&', rest)}>; rel=\"{rel}\"";
        }
    }
}
