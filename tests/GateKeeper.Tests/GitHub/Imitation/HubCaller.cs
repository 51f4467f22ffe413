using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>A call that the server does not do, with the status and words that it has for it.</summary>
internal sealed class HubRefusal(int status, string message, JsonArray? errors = null, string? accepted = null) : Exception(message)
{
    public int Status => status;

    public JsonArray? Errors => errors;

    /// <summary>The permissions that would have been enough.</summary>
    public string? Accepted => accepted;

    public static HubRefusal NotFound => new(404, "Not Found");

    public static HubRefusal Invalid(string resource, string field, string code, string? message = null)
    {
        var error = new JsonObject { ["resource"] = resource, ["field"] = field, ["code"] = code };
        if (message is not null)
            error["message"] = message;
        return new(422, "Validation Failed", [error]);
    }
}

/// <summary>Who asks: a person, an App's installation with the permissions of its token, an App itself, or nobody.</summary>
internal sealed record HubCaller(HubAccount? Account, HubApp? App, IReadOnlyDictionary<string, string>? Permissions, IReadOnlyList<long>? Repositories, string Key)
{
    private static readonly Dictionary<string, string> Grantable = new()
    {
        ["metadata"] = "read",
        ["contents"] = "write",
        ["pull_requests"] = "write",
        ["issues"] = "write",
        ["statuses"] = "write",
        ["members"] = "read",
        ["actions"] = "read",
        ["administration"] = "read",
        ["workflows"] = "write",
    };

    private static readonly string[] Levels = ["none", "read", "write", "admin"];
    private static readonly string[] Ranks = ["none", "read", "triage", "write", "maintain", "admin"];

    public static HubCaller Nobody { get; } = new(null, null, null, null, "nobody");

    public static HubCaller Person(HubAccount account) => new(account, null, null, null, $"user {account.Id}");

    /// <summary>A token of the finer kind, which has whatever can be granted to such, and that is nothing of checks.</summary>
    public static HubCaller Fine(HubAccount account) => new(account, null, Grantable, null, $"user {account.Id}");

    /// <summary>Proved itself by its key, and may do nothing but ask for tokens.</summary>
    public bool IsAppItself => App is not null && Permissions is null;

    public bool Has(string permission, string level) =>
        Permissions is null || Array.IndexOf(Levels, Permissions.GetValueOrDefault(permission, "none")) >= Array.IndexOf(Levels, level);

    /// <summary>Any one of these suffices: "contents=write".</summary>
    public void Need(params string[] permissions)
    {
        if (Permissions is not null && !permissions.Any(each => Has(each.Split('=')[0], each.Split('=')[1])))
            throw new HubRefusal(403, $"Resource not accessible by {(App is null ? "personal access token" : "integration")}", accepted: string.Join("; ", permissions));
    }

    public string Role(HubRepository repository) => this switch
    {
        { IsAppItself: true } or { Account: null } => repository.IsPrivate ? "none" : "read",
        { App: not null } => !Reaches(repository) ? repository.IsPrivate ? "none" : "read" : Has("contents", "write") ? "write" : Has("contents", "read") || !repository.IsPrivate ? "read" : "none",
        _ when repository.Owner == Account => "admin",
        _ => repository.Roles.GetValueOrDefault(Account!, repository.IsPrivate ? "none" : "read"),
    };

    public bool Sees(HubRepository repository) => !repository.Deleted && (Role(repository) != "none" || (App is not null && Reaches(repository)));

    public bool AtLeast(HubRepository repository, string role) => Array.IndexOf(Ranks, Role(repository)) >= Array.IndexOf(Ranks, role);

    public bool Passes(HubRepository repository, HubRuleset ruleset, IEnumerable<HubTeam> teams) => ruleset.Bypass.Exists(actor => actor.Mode is "always" or "exempt" && actor.Type switch
    {
        "Integration" => App?.Id == actor.Id,
        "User" => App is null && Account?.Id == actor.Id,
        "Team" => teams.Any(team => team.Id == actor.Id && team.Members.Exists(member => member.Account == Account && member.State == "active")),
        "OrganizationAdmin" => App is null && Role(repository) == "admin",
        "RepositoryRole" => App is null && Ranks[actor.Id switch { 1 => 1, 2 => 4, 4 => 3, 5 => 5, _ => 5 }] == Role(repository),
        _ => false,
    });

    private bool Reaches(HubRepository repository) => Repositories is null || Repositories.Contains(repository.Id);
}

/// <summary>What an App signs to prove itself, checked as the real server checks it.</summary>
internal static class HubJwt
{
    public static HubApp Check(string token, IReadOnlyList<HubApp> apps, DateTimeOffset now)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || Read(parts[0]) is not { } header || Read(parts[1]) is not { } claims || (string?)header["alg"] != "RS256")
            throw new HubRefusal(401, "A JSON web token could not be decoded");
        var issuer = claims["iss"]?.ToString() ?? throw new HubRefusal(401, "'Issuer' claim ('iss') must be an Integer");
        var app = apps.FirstOrDefault(each => each.Key is not null && (each.Id.ToString(CultureInfo.InvariantCulture) == issuer || each.ClientId == issuer)) ?? throw new HubRefusal(404, "Integration not found");
        if (!app.Key!.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Bytes(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
            throw new HubRefusal(401, "A JSON web token could not be decoded");
        if (Seconds(claims["iat"]) is not { } issued || issued > now.ToUnixTimeSeconds())
            throw new HubRefusal(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
        if (Seconds(claims["exp"]) is not { } expires || expires <= now.ToUnixTimeSeconds())
            throw new HubRefusal(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
        return expires > now.ToUnixTimeSeconds() + 600 ? throw new HubRefusal(401, "'Expiration time' claim ('exp') is too far in the future") : app;
    }

    private static long? Seconds(JsonNode? claim) => claim is JsonValue value && value.TryGetValue<long>(out var seconds) ? seconds : null;

    private static JsonObject? Read(string part)
    {
        try
        {
            return JsonNode.Parse(Bytes(part)) as JsonObject;
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or FormatException)
        {
            return null;
        }
    }

    private static byte[] Bytes(string part) => Convert.FromBase64String(part.Replace('-', '+').Replace('_', '/').PadRight((part.Length + 3) / 4 * 4, '='));
}
