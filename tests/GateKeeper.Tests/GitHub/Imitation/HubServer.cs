using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>
/// A GitHub Enterprise Server in miniature, on real repositories: what people, Apps and a gate ask of one, answered as the real one
/// answers. Everything is asked one after the other.
/// </summary>
internal sealed partial class HubServer : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("gatekeeper-hub-").FullName;
    private readonly SemaphoreSlim oneAtATime = new(1);
    private readonly TimeProvider time;
    private readonly Dictionary<string, (HubApp App, Dictionary<string, string> Permissions, IReadOnlyList<long>? Repositories, DateTimeOffset Expires)> tokens = new(StringComparer.Ordinal);
    private long lastId = 7000;
    private int lastToken;

    public HubServer(TimeProvider time)
    {
        this.time = time;
        Orders = new(this);
        Hooks = new(this);
        Limits = new(this);
    }

    public HubOrders Orders { get; }

    public HubHooks Hooks { get; }

    public HubLimits Limits { get; }

    public HubTranscript Transcript { get; } = new();

    public Uri Address { get; set; } = null!;

    /// <summary>Where its REST is.</summary>
    public string Api => $"{Address}api/v3";

    /// <summary>By how much its clock is before everybody else's.</summary>
    public TimeSpan Ahead { get; init; }

    /// <summary>The server knows seconds.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + Ahead).ToUnixTimeSeconds());

    public List<HubAccount> Accounts { get; } = [];

    public List<HubTeam> Teams { get; } = [];

    public List<HubApp> Apps { get; } = [];

    public List<HubRepository> Repositories { get; } = [];

    /// <summary>Those who own the organization.</summary>
    public HashSet<string> Owners { get; } = ["erin"];

    /// <summary>Which Enterprise Server it is.</summary>
    public string Version { get; set; } = "3.17.0";

    /// <summary>When people's tokens end; null for never.</summary>
    public DateTimeOffset? TokensEnd { get; set; }

    public HubAccount Organization => Accounts.First(account => account.Kind == "Organization");

    /// <summary>While it lags, a pushed branch does not yet move the head that is recorded of its pull requests.</summary>
    public bool HeadsLag { get; set; }

    /// <summary>While it lags, a pull request whose head the trunk contains is still open.</summary>
    public bool MergesLag { get; set; }

    /// <summary>From now on ids are above this one.</summary>
    public void CountFrom(long id) => lastId = id;

    public long NextId() => ++lastId;

    public HubAccount Account(string login) => Accounts.Find(account => string.Equals(account.Login, login, StringComparison.OrdinalIgnoreCase) && !account.Deleted) ?? throw HubRefusal.NotFound;

    public HubApp AddApp(long id, string slug, long bot, System.Security.Cryptography.RSA? key, IReadOnlyDictionary<string, string> permissions)
    {
        var account = new HubAccount(bot, $"{slug}[bot]", "Bot");
        Accounts.Add(account);
        var app = new HubApp(id, slug, account, 8000 + id) { Key = key };
        foreach (var (name, level) in permissions)
            app.Permissions[name] = level;
        return app;
    }

    public HubRepository AddRepository(HubAccount owner, string name, HubRepository? parent = null)
    {
        var path = Path.Combine(directory, owner.Login, $"{name}.git");
        Repository.Init(path, isBare: true);
        File.WriteAllText(Path.Combine(path, "HEAD"), "ref: refs/heads/main\n");
        if (parent is not null)
        {
            // One network of forks has one store of objects.
            Directory.Delete(Path.Combine(path, "objects"), recursive: true);
            Directory.CreateSymbolicLink(Path.Combine(path, "objects"), Path.Combine(parent.Directory, "objects"));
        }

        var repository = new HubRepository(owner, name, 500 + Repositories.Count, path, parent);
        if (parent is not null)
        {
            foreach (var branch in parent.Git.Branches.Where(branch => !branch.IsRemote))
                repository.Git.Refs.Add(branch.CanonicalName, branch.Tip.Id);
        }

        Repositories.Add(repository);
        return repository;
    }

    public HubRepository? Find(string owner, string name) => Repositories.Find(repository => !repository.Deleted
        && string.Equals(repository.Owner.Login, owner, StringComparison.OrdinalIgnoreCase) && string.Equals(repository.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Something done to the server by those who tell a story, between two requests; what it sets off is delivered at the end.</summary>
    public async Task<T> DoAsync<T>(Func<T> act)
    {
        await oneAtATime.WaitAsync();
        try
        {
            return act();
        }
        finally
        {
            oneAtATime.Release();
            await Hooks.DeliverAsync();
        }
    }

    /// <summary>A new installation token.</summary>
    public JsonObject Token(HubApp app, JsonObject? asked)
    {
        if (app.Suspended)
            throw new HubRefusal(403, "This installation has been suspended");
        var permissions = asked?["permissions"]?.AsObject().ToDictionary(each => each.Key, each => (string)each.Value!) ?? new(app.Permissions);
        var granted = new HubCaller(app.Bot, app, app.Permissions, null, "");
        if (permissions.FirstOrDefault(each => !granted.Has(each.Key, each.Value)) is { Key: not null })
            throw new HubRefusal(422, "The permissions requested are not granted to this installation.");
        permissions.TryAdd("metadata", "read");
        List<long>? repositories = null;
        if (asked?["repositories"] is JsonArray names)
            repositories = [.. names.Select(name => Repositories.Find(each => each.Name == (string)name! && each.Owner == Organization)?.Id ?? throw new HubRefusal(422, "There is at least one repository that does not exist or is not accessible to the parent installation."))];
        if (asked?["repository_ids"] is JsonArray ids)
            repositories = [.. (repositories ?? []).Concat(ids.Select(id => (long)id!))];
        var token = $"ghs_{app.Id}_{++lastToken:0000000000}{new string('x', 24)}";
        tokens[token] = (app, permissions, repositories, Now.AddHours(1));
        return new()
        {
            ["token"] = token,
            ["expires_at"] = HubJson.At(Now.AddHours(1)),
            ["permissions"] = new JsonObject(permissions.Select(each => KeyValuePair.Create(each.Key, (JsonNode?)each.Value))),
            ["repository_selection"] = repositories is null ? "all" : "selected",
        };
    }

    /// <summary>From now on no token that was given out is worth anything.</summary>
    public void RevokeTokens() => tokens.Clear();

    private HubCaller Authenticate(string? authorization)
    {
        if (authorization?.Split(' ', 2) is not [var scheme, var proof])
            return HubCaller.Nobody;
        if (scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            proof = Convert.TryFromBase64String(proof, new byte[proof.Length], out _) ? Encoding.UTF8.GetString(Convert.FromBase64String(proof)).Split(':', 2)[^1] : "";
        if (tokens.TryGetValue(proof, out var token) && token.Expires > Now && !token.App.Suspended)
            return new(token.App.Bot, token.App, token.Permissions, token.Repositories, $"installation {token.App.Installation.ToString(CultureInfo.InvariantCulture)}");
        if (proof.StartsWith("ghp_", StringComparison.Ordinal) && Accounts.Find(each => each.Login == proof[4..] && each is { Kind: "User", Deleted: false }) is { } person)
            return HubCaller.Person(person);
        if (proof.StartsWith("github_pat_", StringComparison.Ordinal) && Accounts.Find(each => each.Login == proof["github_pat_".Length..] && each is { Kind: "User", Deleted: false }) is { } machine)
            return HubCaller.Fine(machine);
        if (proof.Count(letter => letter == '.') == 2 && !proof.StartsWith("gh", StringComparison.Ordinal))
            return new(null, HubJwt.Check(proof, Apps, Now), null, null, "app");
        throw new HubRefusal(401, "Bad credentials");
    }

    public async ValueTask DisposeAsync()
    {
        await Hooks.DisposeAsync();
        foreach (var repository in Repositories)
            repository.Dispose();
        foreach (var app in Apps)
            app.Key?.Dispose();
        oneAtATime.Dispose();
        Runs.Files.Delete(directory);
    }
}
