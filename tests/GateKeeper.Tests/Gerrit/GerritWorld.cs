using System.Text.Json;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using GateKeeper.Store;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests.Gerrit;

/// <summary>A project on a Gerrit server, imitated or real, and a gate that watches it through a door in which faults can stand.</summary>
internal sealed class GerritWorld : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("gatekeeper-test-").FullName;
    private Gatehouse? house;

    private GerritWorld(GerritPlace place) => Place = place;

    public GerritPlace Place { get; }

    public ManualTime Time { get; } = new();

    /// <summary>What the operator says otherwise in this story.</summary>
    public Func<RepositorySettings, RepositorySettings> Repository { get; set; } = repository => repository;

    /// <summary>What else the same worker looks after.</summary>
    public IReadOnlyList<RepositorySettings> Beside { get; set; } = [];

    public Gatehouse House => house ?? throw new InvalidOperationException("the gate is not open");

    public IEnumerable<string> Alarms => House.Notebook.Alarms.Select(alarm => alarm.Name);

    public static async Task<GerritWorld> StartAsync(string kind, string more = "", string gates = "", string test = "test -e mended || { test ! -e bad && ! { test -e a && test -e b; }; }")
    {
        var world = new GerritWorld(await GerritPlace.OpenAsync(kind));
        var rules = $$"""
            version: 1
            trunks: [main, stable]
            groups: { core: { teams: [{{world.Place.Core}}] } }
            tests:
              unit: { run: sh test.sh, retries: 0 }
            gates:
              - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
              - { name: tests, require: { tests: all } }
            {{gates}}
            {{more}}
            """;
        await world.Place.StartAsync(new Dictionary<string, string> { ["rules.yaml"] = rules, ["test.sh"] = test + "\n", ["a.txt"] = "a\n" });
        return world;
    }

    public GateSettings Settings(string worker = "one", string? store = null)
    {
        var secret = Path.Combine(directory, "secret");
        File.WriteAllText(secret, GerritPlace.GateSecret);
        return new()
        {
            Repositories =
            [
                Repository(new()
                {
                    Name = "tool", Forge = "gerrit", Url = Place.Url, Project = Place.Project, User = GerritPlace.Gate, Credential = $"file:{secret}", Trunks = ["main", "stable*"],
                    Labels = ("Code-Review", "Verified", null),
                }),
                .. Beside,
            ],
            Runs = new() { Disk = 64L << 20, Memory = 256L << 20, Processes = 50, Output = 1 << 20 },
            Store = Path.Combine(directory, store ?? "store.db"),
            Work = Path.Combine(directory, worker),
            Page = new("http://127.0.0.1:0", null, null),
        };
    }

    public async Task OpenAsync(ILoggerFactory? logs = null, bool met = true)
    {
        var settings = Settings();
        using (var database = Database.Open(settings.Store))
        {
            foreach (var trunk in settings.Repositories.SelectMany(repository => repository.Trunks.Select(trunk => $"{repository.Name}/{trunk}")).Where(_ => met))
                new TrunkMemory(database, trunk, 20).Set(state => state with { Met = true });
        }

        house = await Gatehouse.OpenAsync(settings, Time, logs ?? LoggerFactory.Create(_ => { }), observing: false, default);
    }

    public async Task CloseAsync()
    {
        await House.DisposeAsync();
        house = null;
    }

    /// <summary>The settings as an operator has them in a file.</summary>
    public string WriteSettings()
    {
        var (file, settings) = (Path.Combine(directory, "settings.json"), Settings());
        var one = settings.Repositories[0];
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            repositories = new[] { new { name = one.Name, forge = one.Forge, url = one.Url, project = one.Project, user = one.User, credential = one.Credential, trunks = new[] { "main" }, landing = new { through = one.Submits ? "submit" : "push" } } },
            store = $"sqlite:{settings.Store}",
            work = settings.Work,
        }));
        return file;
    }

    /// <summary>A change with one file of its own, by ana.</summary>
    public Task<GerritChange> ProposeAsync(string name, string? file = null, string who = "ana", string? onto = null, string options = "", string? body = null) =>
        Place.PushAsync(who, $"Add {name}", new Dictionary<string, string> { [file ?? name + ".txt"] = name + "\n" }, onto, options: options, body: body);

    public Task<GerritChange> AmendAsync(GerritChange change, string file, string who = "ana") =>
        Place.PushAsync(who, "Amended", new Dictionary<string, string> { [file] = "more\n" }, amend: change);

    public Task ApproveAsync(GerritChange change, string who = "bob") => Place.VoteAsync(who, change, "Code-Review", 2);

    /// <summary>Lets the gate work until nothing more happens by itself; some time has passed since it last looked.</summary>
    public async Task SettleAsync()
    {
        if (house is null)
            await OpenAsync();
        Time.Pass(TimeSpan.FromSeconds(61));
        await House.SettleAsync(default);
    }

    public Progress Status(GerritChange change) => House.Pictures.SelectMany(picture => picture.Plan.Open).Single(status => status.Change.Id.Value == $"{change.Number}");

    public string Why(GerritChange change) => Status(change).Judgement.Whole.Reason;

    /// <summary>What the gate has said on a change.</summary>
    public async Task<IReadOnlyList<string>> SaidAsync(GerritChange change) =>
        [.. (await Place.MessagesAsync(change)).Where(message => message.Author == GerritPlace.Gate && !message.Text.StartsWith("Change has been", StringComparison.Ordinal)).Select(message => message.Text)];

    /// <summary>The trunk's own subjects, oldest first, without the number of the change that the gate puts behind.</summary>
    public async Task<IReadOnlyList<string>> TrunkLogAsync() => [.. (await Place.TrunkLogAsync()).Select(subject => subject.Split(" (")[0])];

    public async ValueTask DisposeAsync()
    {
        if (house is not null)
            await house.DisposeAsync();
        await Place.DisposeAsync();
        Runs.Files.Delete(directory);
    }
}
