using GateKeeper.Core.Landing;
using GateKeeper.Demo;
using GateKeeper.Git;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests;

/// <summary>A whole world: a real repository, people who propose and vote in it, and a gate with a real sandbox, on a clock that the test moves.</summary>
internal sealed class World : IAsyncDisposable
{
    public const string Rules = """
        version: 1
        groups: { core: { users: [bob@example.org, carol@example.org] } }
        tests:
          unit: { run: sh test.sh, retries: 0 }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: tests, require: { tests: all } }
        """;

    private readonly string directory;
    private GateSettings settings;
    private Gatehouse? house;

    private World(string directory, DemoWorld people, ManualTime time, GateSettings settings) =>
        (this.directory, People, Time, this.settings) = (directory, people, time, settings);

    public DemoWorld People { get; }

    public ManualTime Time { get; }

    public string Url => People.Url;

    public GateSettings Settings => settings;

    public Gatehouse House => house ?? throw new InvalidOperationException("the gate is not open");

    public IReadOnlyList<string> TrunkLog => [.. People.TrunkLog().Select(subject => subject.Split(" (")[0])];

    public static async Task<World> StartAsync(string rules = Rules, bool trusted = true)
    {
        var directory = Directory.CreateTempSubdirectory("gatekeeper-test-").FullName;
        var time = new ManualTime();
        var people = await DemoWorld.CreateAsync(directory, new Dictionary<string, string?> { ["rules.yaml"] = rules, ["test.sh"] = "test -e mended || { test ! -e bad && ! { test -e a && test -e b; }; }\n", ["a.txt"] = "a\n" }, time, default);
        var settings = new GateSettings
        {
            Repositories = [new() { Name = "tool", Forge = "git", Url = people.Url, Trusted = trusted }],
            Runs = new() { Disk = 64L << 20, Memory = 256L << 20, Processes = 50, Output = 1 << 20 },
            Store = Path.Combine(directory, "store.db"),
            Work = Path.Combine(directory, "work"),
            Page = new("http://127.0.0.1:0", null, null),
        };
        Meet(settings);
        return new(directory, people, time, settings);
    }

    /// <summary>The gate has looked at the trunk before the story begins, so it speaks to what is proposed in it.</summary>
    private static void Meet(GateSettings settings)
    {
        using var database = Store.Database.Open(settings.Store);
        foreach (var repository in settings.Repositories)
            new Store.TrunkMemory(database, $"{repository.Name}/main", 20).Set(state => state with { Met = true });
    }

    public void Configure(Func<RepositorySettings, RepositorySettings> change) =>
        settings = settings with { Repositories = [change(settings.Repositories[0]), .. settings.Repositories.Skip(1)] };

    /// <summary>The same worker looks after others too.</summary>
    public void Beside(params RepositorySettings[] others)
    {
        settings = settings with { Repositories = [.. settings.Repositories, .. others] };
        Meet(settings);
    }

    /// <summary>Pushes a branch with one file and proposes it.</summary>
    public async Task<string> ProposeAsync(string branch, string file, string? content = "x\n", string author = "ann", string? on = null)
    {
        Later();
        People.Push(branch, author, $"Add {branch}", new Dictionary<string, string?> { [file] = content }, on);
        return await People.ProposeAsync(branch, author, default, on ?? "main");
    }

    public async Task ApproveAsync(string change, params string[] by)
    {
        foreach (var name in by.DefaultIfEmpty("bob"))
        {
            Later();
            await People.VoteAsync(change, name, true, "fine", default);
        }
    }

    public async Task<string> ProposeApprovedAsync(string branch, string file, string? content = "x\n")
    {
        var change = await ProposeAsync(branch, file, content);
        await ApproveAsync(change);
        return change;
    }

    public async Task SayAsync(string change, string by, string words)
    {
        Later();
        await People.VoteAsync(change, by, null, words, default);
    }

    public async Task OpenAsync(ILoggerFactory? logs = null, Func<GateSettings, GateSettings>? with = null) =>
        house = await Gatehouse.OpenAsync(with is null ? settings : with(settings), Time, logs ?? LoggerFactory.Create(_ => { }), observing: false, default);

    public async Task CloseAsync()
    {
        if (house is not null)
            await house.DisposeAsync();
        house = null;
    }

    /// <summary>Lets the gate work until nothing more happens by itself.</summary>
    public async Task SettleAsync()
    {
        if (house is null)
            await OpenAsync();
        await House.SettleAsync(default);
    }

    public Progress Status(string change) => House.Pictures.SelectMany(picture => picture.Plan.Open).Single(status => status.Change.Id.Value == change);

    public IEnumerable<string> Alarms => House.Notebook.Alarms.Select(alarm => alarm.Name);

    /// <summary>What the gate has said on a change.</summary>
    public async Task<IReadOnlyList<string>> CommentsAsync(string change) =>
        [.. (await People.ClientAsync("ann", default)).Find(change).Comments.Where(comment => comment.Line.Author == "gatekeeper@localhost").Select(comment => comment.Line.Description)];

    public async Task<string> GitAsync(params string[] arguments) =>
        (await new GitProgram(Url, Path.Combine(directory, "home")).NeedAsync(
            [.. arguments.Where(argument => !argument.StartsWith('<'))], default,
            input: arguments.FirstOrDefault(argument => argument.StartsWith('<')) is { } input ? System.Text.Encoding.UTF8.GetBytes(input[1..] + "\n") : null)).Text.Trim();

    /// <summary>The server does something of its own at a push.</summary>
    public async Task HookAsync(string name, string script)
    {
        var path = Path.Combine(Url, "hooks", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        People.Dispose();
        Runs.Files.Delete(directory);
    }

    private void Later() => Time.Pass(TimeSpan.FromSeconds(1));
}
