using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using GateKeeper.Tests.GitHub.Imitation;
using GateKeeper.Tests.Servers;
using LibGit2Sharp;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace GateKeeper.Benchmarks;

/// <summary>An imitated GitHub with one organization, its repositories with their open pull requests, and one installation of the gate's App.</summary>
internal sealed class GitHubBenchWorld : IAsyncDisposable
{
    public const string Secret = "hook-secret";

    private const string Rules = """
        version: 1
        trunks: [main]
        groups: { core: { teams: [acme/core] } }
        tests: { unit: { run: "true", inputs: ["lib/**"] } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: tests, require: { tests: all } }
        """;

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

    private readonly string directory = Directory.CreateTempSubdirectory("gatekeeper-bench-").FullName;
    private readonly LocalServer local;
    private readonly TimeProvider time;

    private GitHubBenchWorld(HubServer server, LocalServer local, TimeProvider time) => (Server, this.local, this.time) = (server, local, time);

    public HubServer Server { get; }

    /// <param name="time">The clock of the server and of the gate.</param>
    /// <param name="way">What lies before the server.</param>
    public static async Task<GitHubBenchWorld> StartAsync(TimeProvider time, Func<HttpContext, RequestDelegate, Task>? way = null)
    {
        var server = new HubServer(time);
        var local = await LocalServer.StartAsync(context => way is null ? server.AnswerAsync(context) : way(context, server.AnswerAsync));
        server.Address = local.Addresses[0];
        foreach (var (id, who) in new[] { "ana", "bob", "carol" }.Index())
            server.Accounts.Add(new(1001 + id, who, "User"));
        server.Accounts.Add(new(9, "acme", "Organization"));
        server.Apps.Add(server.AddApp(4242, "gatekeeper", 99001, RSA.Create(2048), Granted));
        var team = new HubTeam(31, "core");
        team.Members.AddRange([new(server.Account("bob"), "member", "active"), new(server.Account("carol"), "member", "active")]);
        server.Teams.Add(team);
        var world = new GitHubBenchWorld(server, local, time);
        await File.WriteAllTextAsync(Path.Combine(world.directory, "app.pem"), server.Apps[0].Key!.ExportRSAPrivateKeyPem());
        await File.WriteAllTextAsync(Path.Combine(world.directory, "hook"), Secret);
        return world;
    }

    /// <summary>A repository with this many files, written in one stream.</summary>
    public HubRepository Add(string name, int files)
    {
        var repository = Server.AddRepository(Server.Organization, name);
        foreach (var who in new[] { "ana", "bob", "carol" })
            repository.Roles[Server.Account(who)] = "write";
        var stream = new StringBuilder("commit refs/heads/main\ncommitter ana <ana@example.org> 1700000000 +0000\ndata 14\nThe beginning\n\n");
        Write(stream, "rules.yaml", Rules + "\n");
        for (var i = 0; i < files; i++)
            Write(stream, string.Create(CultureInfo.InvariantCulture, $"src/{i % 70:d2}/{i / 70 % 10}/file{i:d5}.txt"), string.Create(CultureInfo.InvariantCulture, $"file {i} of many\n"));
        var file = Path.Combine(directory, "stream");
        File.WriteAllText(file, stream.ToString());
        Report.Run(repository.Directory, "sh", "-c", $"git fast-import --quiet < {file}");
        return repository;
    }

    /// <summary>A branch of ana's that changes one file of its own, and a pull request of it.</summary>
    public HubPull Propose(HubRepository repository, string name)
    {
        Push(repository, name, repository.Tip("main")!, $"docs/{name}.md", $"{name}\n");
        return Server.Open(Server.Account("ana"), repository, repository, name, $"Page {name}", "main", "", draft: false);
    }

    /// <summary>One more commit on the branch.</summary>
    public void Push(HubPull pull, string text) => Push(pull.Repository, pull.HeadRef, pull.HeadSha, $"docs/{pull.HeadRef}.md", text);

    public void Review(HubPull pull, string verb) => Server.Review(HubCaller.Person(Server.Account("bob")), pull, verb, "");

    public void Comment(HubPull pull, string who, string words) => Server.Comment(Server.Account(who), pull, words);

    public Task<Gatehouse> OpenAsync(IEnumerable<HubRepository> repositories, string worker, TimeSpan poll, bool hooks) => Gatehouse.OpenAsync(
        new()
        {
            Repositories =
            [
                .. repositories.Select(repository => new RepositorySettings
                {
                    Name = repository.Name, Forge = "github", Url = Server.Address.ToString(), Project = repository.FullName, App = "4242", Credential = $"file:{directory}/app.pem", Poll = poll,
                    WebhookSecrets = hooks ? [$"file:{directory}/hook"] : [],
                }),
            ],
            Runs = new() { Slots = 2, Disk = 256L << 20, Memory = 256L << 20, Processes = 100 },
            Store = Path.Combine(directory, $"{worker}.db"),
            Work = Path.Combine(directory, worker),
            Page = new("http://127.0.0.1:0", null, null),
        },
        time, NullLoggerFactory.Instance, observing: false, default);

    public async ValueTask DisposeAsync()
    {
        await local.DisposeAsync();
        await Server.DisposeAsync();
        Runs.Files.Delete(directory);
    }

    private static void Write(StringBuilder stream, string path, string text) =>
        stream.Append(CultureInfo.InvariantCulture, $"M 100644 inline {path}\ndata {Encoding.UTF8.GetByteCount(text)}\n{text}\n");

    private void Push(HubRepository repository, string branch, string onto, string path, string text)
    {
        var (git, below) = (repository.Git, repository.Commit(onto)!);
        var tree = TreeDefinition.From(below).Add(path, git.ObjectDatabase.CreateBlob(new MemoryStream(Encoding.UTF8.GetBytes(text))), Mode.NonExecutableFile);
        var ana = new Signature("ana", "ana@example.org", Server.Now);
        var made = git.ObjectDatabase.CreateCommit(ana, ana, $"Write {path}\n", git.ObjectDatabase.CreateTree(tree), [below], prettifyMessage: false).Sha;
        if (Server.Move(HubCaller.Person(Server.Account("ana")), repository, $"refs/heads/{branch}", repository.Tip(branch) ?? new string('0', 40), made) is { } refused)
            throw new InvalidOperationException($"the server would not have it: {refused}");
    }
}
