using System.Text.Json;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using GateKeeper.Store;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests.GitHub;

/// <summary>A repository on an imitated GitHub, and a gate that watches it as an App.</summary>
internal sealed class GitHubWorld : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("gatekeeper-test-").FullName;
    private Gatehouse? house;

    private GitHubWorld(GitHubPlace place, ManualTime time) => (Place, Time) = (place, time);

    public GitHubPlace Place { get; }

    public ManualTime Time { get; }

    /// <summary>What the operator says otherwise in this story.</summary>
    public Func<RepositorySettings, RepositorySettings> Repository { get; set; } = repository => repository;

    /// <summary>Where people reach the gate's page, if they do.</summary>
    public string? Page { get; set; }

    /// <summary>What else the same worker looks after.</summary>
    public IReadOnlyList<RepositorySettings> Beside { get; set; } = [];

    public Gatehouse House => house ?? throw new InvalidOperationException("the gate is not open");

    public IEnumerable<string> Alarms => House.Notebook.Alarms.Select(alarm => $"{alarm.Name}: {alarm.Words}");

    public static async Task<GitHubWorld> StartAsync(string more = "", string gates = "", string test = "test -e mended || { test ! -e bad && ! { test -e a && test -e b; }; }", string tests = "", TimeSpan serverIsAhead = default)
    {
        var time = new ManualTime();
        var rules = $$"""
            version: 1
            trunks: [main, stable]
            groups: { core: { teams: [acme/core] } }
            tests:
              unit: { run: sh test.sh, retries: 0 }
            {{tests}}
            gates:
              - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
              - { name: tests, require: { tests: all } }
            {{gates}}
            {{more}}
            """;
        return new(await GitHubPlace.StartAsync(new Dictionary<string, string> { ["rules.yaml"] = rules, ["test.sh"] = test + "\n", ["a.txt"] = "a\n" }, time, serverIsAhead), time);
    }

    public GateSettings Settings(string worker = "one", string? store = null) => new()
    {
        Repositories =
        [
            Repository(new()
            {
                Name = "widgets", Forge = "github", Url = Place.Url, Project = Place.FullName, App = $"{GitHubPlace.AppId}", Credential = $"file:{Place.KeyFile}", Trunks = ["main", "stable"],
            }),
            .. Beside,
        ],
        Runs = new() { Disk = 64L << 20, Memory = 256L << 20, Processes = 50, Output = 1 << 20 },
        Store = Path.Combine(directory, store ?? "store.db"),
        Work = Path.Combine(directory, worker),
        Page = new("http://127.0.0.1:0", Page, null),
    };

    /// <summary>The settings as an operator has them in a file.</summary>
    public string WriteSettings()
    {
        var (file, settings) = (Path.Combine(directory, "settings.json"), Settings());
        var one = settings.Repositories[0];
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            repositories = new[] { new { name = one.Name, forge = one.Forge, url = one.Url, project = one.Project, app = one.App, credential = one.Credential, trunks = new[] { "main" } } },
            store = $"sqlite:{settings.Store}",
            work = settings.Work,
        }));
        return file;
    }

    public async Task OpenAsync(ILoggerFactory? logs = null)
    {
        var settings = Settings();
        using (var database = Database.Open(settings.Store))
        {
            foreach (var trunk in settings.Repositories.SelectMany(repository => repository.Trunks.Select(trunk => $"{repository.Name}/{trunk}")))
                new TrunkMemory(database, trunk, 20).Set(state => state with { Met = true });
        }

        house = await Gatehouse.OpenAsync(settings, Time, logs ?? LoggerFactory.Create(_ => { }), observing: false, default);
    }

    public async Task CloseAsync()
    {
        if (house is not null)
            await house.DisposeAsync();
        house = null;
    }

    /// <summary>Lets the gate work until nothing more happens by itself; some time has passed since it last looked.</summary>
    public async Task SettleAsync()
    {
        if (house is null)
            await OpenAsync();
        Time.Pass(TimeSpan.FromSeconds(61));
        await House.SettleAsync(default);
    }

    public Progress Status(int pull) => House.Pictures.SelectMany(picture => picture.Plan.Open).Single(status => status.Change.Id.Value == $"{pull}");

    public string Why(int pull) => Status(pull).Judgement.Whole.Reason;

    /// <summary>The trunk's own subjects, oldest first, without the number of the change that the gate puts behind.</summary>
    public async Task<IReadOnlyList<string>> TrunkLogAsync() => [.. (await Place.TrunkLogAsync()).Select(subject => subject.Split(" (")[0])];

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await Place.DisposeAsync();
        Runs.Files.Delete(directory);
    }
}
