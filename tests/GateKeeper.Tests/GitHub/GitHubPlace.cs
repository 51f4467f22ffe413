using System.Security.Cryptography;
using GateKeeper.Tests.GitHub.Imitation;
using GateKeeper.Tests.Servers;

namespace GateKeeper.Tests.GitHub;

/// <summary>
/// A repository on an imitated GitHub, made for one story, with its people: ana and dave and mallory who propose (only from forks, but for
/// ana), bob and carol who are the core, erin who administers; and an App, the gate's. Whatever somebody does takes a second.
/// </summary>
internal sealed partial class GitHubPlace : IAsyncDisposable
{
    public const string Owner = "acme";
    public const string Name = "widgets";
    public const string Admin = "erin";
    public const long AppId = 4242;
    public const string AppSlug = "gatekeeper";
    public const long ActionsId = 15368;
    public static readonly IReadOnlyList<string> People = ["ana", "bob", "carol", "dave", "erin", "mallory"];

    private static readonly Dictionary<string, string> Granted = new()
    {
        ["metadata"] = "read",
        ["contents"] = "write",
        ["pull_requests"] = "write",
        ["issues"] = "write",
        ["checks"] = "write",
        ["statuses"] = "write",
        ["members"] = "read",
        ["actions"] = "read",
        ["administration"] = "read",
    };

    private readonly string directory = Directory.CreateTempSubdirectory("gatekeeper-place-").FullName;
    private readonly LocalServer local;
    private readonly ManualTime? clock;

    private GitHubPlace(LocalServer local, HubServer server, HubRepository repository, ManualTime? clock) => (this.local, Server, Repository, this.clock) = (local, server, repository, clock);

    /// <summary>The server behind it all, for what only one story needs.</summary>
    public HubServer Server { get; }

    public HubRepository Repository { get; }

    /// <summary>What shall happen to requests before they are answered.</summary>
    public HubOrders Orders => Server.Orders;

    public HubLimits Limits => Server.Limits;

    public HubHooks Hooks => Server.Hooks;

    public HubTranscript Transcript => Server.Transcript;

    /// <summary>What is asked and answered here is not to be held against the official descriptions.</summary>
    public bool IsWrongOnPurpose { get; set; }

    public string FullName => Repository.FullName;

    /// <summary>The server's address, as an operator would write it.</summary>
    public string Url => Server.Address.ToString();

    public string RestUrl => $"{Server.Address}api/v3/";

    public string GraphUrl => $"{Server.Address}api/graphql";

    public string GitUrl => $"{Server.Address}{FullName}.git";

    /// <summary>Where the App's private key lies.</summary>
    public string KeyFile => Path.Combine(directory, "app.pem");

    public HubApp App => Server.Apps[0];

    /// <summary>These files become the first commit of main and of stable; without a clock of the story's own it has one that stands still.</summary>
    public static async Task<GitHubPlace> StartAsync(IReadOnlyDictionary<string, string> files, TimeProvider? time = null, TimeSpan ahead = default)
    {
        time ??= new ManualTime();
        var server = new HubServer(time) { Ahead = ahead };
        var local = await LocalServer.StartAsync(server.AnswerAsync);
        server.Address = local.Addresses[0];
        foreach (var (id, who) in People.Index())
            server.Accounts.Add(new(1001 + id, who, "User"));
        var organization = new HubAccount(9, Owner, "Organization");
        server.Accounts.Add(organization);
        var key = RSA.Create(2048);
        server.Apps.Add(server.AddApp(AppId, AppSlug, 99001, key, Granted));
        server.Apps.Add(server.AddApp(ActionsId, "github-actions", 41898282, null, new Dictionary<string, string>()));
        server.Apps.Add(server.AddApp(777, "other-ci", 99777, null, new Dictionary<string, string>()));
        var team = new HubTeam(31, "core");
        team.Members.AddRange([new(server.Account("bob"), "member", "active"), new(server.Account("carol"), "member", "active")]);
        server.Teams.Add(team);
        var repository = server.AddRepository(organization, Name);
        foreach (var (who, role) in (IEnumerable<(string, string)>)[("ana", "write"), ("bob", "write"), ("carol", "write"), ("dave", "read"), ("erin", "admin"), ("mallory", "read")])
            repository.Roles[server.Account(who)] = role;
        var place = new GitHubPlace(local, server, repository, time as ManualTime);
        await System.IO.File.WriteAllTextAsync(place.KeyFile, key.ExportRSAPrivateKeyPem());
        await place.BeginAsync(files);
        return place;
    }

    /// <summary>A person's own token.</summary>
    public static string Token(string who) => $"ghp_{who}";

    /// <summary>A person's token of the finer kind: it may do what the person may, but knows nothing of checks.</summary>
    public static string FineToken(string who) => $"github_pat_{who}";

    /// <summary>A token of the App's, as the server gives it out.</summary>
    public async Task<string> AppTokenAsync() => (string)(await Server.DoAsync(() => Server.Token(App, null)))["token"]!;

    public async ValueTask DisposeAsync()
    {
        if (!IsWrongOnPurpose)
            GitHubDescriptions.Leave(this);
        client.Dispose();
        await local.DisposeAsync();
        await Server.DisposeAsync();
        Runs.Files.Delete(directory);
    }

    private HubAccount Who(string who) => who == AppSlug ? App.Bot : Server.Account(who);

    private HubCaller Caller(string who) => who == AppSlug ? new(App.Bot, App, App.Permissions, null, $"installation {App.Installation}") : HubCaller.Person(Server.Account(who));

    private HubPull Pull(int number) => Repository.Pull(number) ?? throw new InvalidOperationException($"there is no #{number}");

    private Task<T> DoAsync<T>(Func<T> act)
    {
        clock?.Pass(TimeSpan.FromSeconds(1));
        return Server.DoAsync(act);
    }

    private Task<bool> DoAsync(Action act) => DoAsync(() =>
    {
        act();
        return true;
    });
}
