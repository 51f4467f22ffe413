using System.Diagnostics;
using GateKeeper.Core.Changes;
using GateKeeper.Demo;
using GateKeeper.Reconcile;
using LibGit2Sharp;
using Microsoft.Extensions.Logging.Abstractions;

namespace GateKeeper.Benchmarks;

/// <summary>A real server with projects that have many open changes, one of which the gate has, and one whoever does its work by hand.</summary>
internal sealed class GerritBenchWorld : IDisposable
{
    private const string Rules = """
        version: 1
        trunks: [main]
        groups: { core: { teams: [core] } }
        tests: { unit: { run: "true", inputs: ["lib/**"] } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: tests, require: { tests: all } }
        """;

    /// <summary>What the gate does from the vote to the moved trunk, with the same programs and over the same wire.</summary>
    private const string ByHand = """
        set -e
        ask() { curl -sS --fail --compressed -u "$USER_PW" "$URL/a/changes/$1" -o "$2"; }
        detail="o=CURRENT_REVISION&o=DETAILED_LABELS&o=DETAILED_ACCOUNTS&o=SUBMIT_REQUIREMENTS&o=SKIP_DIFFSTAT"
        ask "?q=project:$PROJECT+status:open+branch:main&n=500&o=SKIP_DIFFSTAT" open.json
        ask "$PROJECT~$CHANGE?$detail" change.json
        git fetch -q --no-tags "$URL/a/$PROJECT" "+refs/changes/$CHANGE_FOLDER/$CHANGE/meta:meta" "+refs/heads/main:trunk"
        git log -q --format=%B meta > log.txt
        tree=$(git merge-tree --write-tree trunk change)
        commit=$(git commit-tree "$tree" -p trunk -p change -m "Land $CHANGE")
        ask "$PROJECT~$CHANGE?$detail" again.json
        git push -q "$URL/a/$PROJECT" "$commit:refs/heads/main"
        test "$(git ls-remote "$URL/a/$PROJECT" refs/heads/main | cut -f1)" = "$commit"
        """;

    /// <summary>Before the vote the change was tested already, so it is there.</summary>
    private const string Bring = """git fetch -q --no-tags "$URL/a/$PROJECT" "+refs/changes/$CHANGE_FOLDER/$CHANGE/1:change" """;

    private readonly string directory = System.IO.Directory.CreateTempSubdirectory("gatekeeper-bench-").FullName;
    private readonly Dictionary<string, CommitSha> firsts = [];
    private GerritServer server = null!;
    private GerritPeople people = null!;
    private string core = "";
    private string bots = "";
    private int proposed;

    public Uri Address => server.Address;

    public static async Task<GerritBenchWorld> StartAsync(string war)
    {
        var world = new GerritBenchWorld();
        try
        {
            world.server = await GerritServer.StartAsync(Path.Combine(world.directory, "gerrit"), war, default);
            world.people = new(world.server.Address, world.directory, TimeProvider.System);
            await world.people.InviteAsync(["ana", "bob", GerritPeople.Gate], default);
            world.core = await world.people.GroupAsync("core", ["bob"], default);
            world.bots = await world.people.GroupAsync("bots", [GerritPeople.Gate], default);
            await File.WriteAllTextAsync(Path.Combine(world.directory, "credential"), GerritPeople.Secret(GerritPeople.Gate));
            return world;
        }
        catch
        {
            world.Dispose();
            throw;
        }
    }

    /// <summary>A project with this many open changes, none on another: all come in one push, as the parents of one merge that is abandoned then.</summary>
    public async Task FillAsync(string project, int changes)
    {
        var first = firsts[project] = await people.ProjectAsync(project, new Dictionary<string, string?> { ["rules.yaml"] = Rules, ["lib/a.sh"] = "a\n" }, [core], bots, default);
        var commits = Enumerable.Range(0, changes)
            .Select(i => people.Commit("ana", GerritPeople.Message($"Page {i}", $"{project} page {i}"), new Dictionary<string, string?> { [$"docs/{i}.md"] = $"{i}\n" }, first)).ToList();
        var objects = people.Clone.ObjectDatabase;
        var pages = commits.Select(commit => people.Clone.Lookup<LibGit2Sharp.Commit>(commit.Hex)).ToList();
        var message = GerritPeople.Message("All pages", project);
        var all = objects.CreateCommit(pages[0].Author, pages[0].Author, message, pages[0].Tree, pages, prettifyMessage: false);
        await people.ProposeAsync("ana", project, new(all.Sha), default);
        await AbandonAsync(project, message);
    }

    /// <summary>One open change fewer, so that with the one of each round there are as many as before.</summary>
    public Task MakeRoomAsync(string project) => AbandonAsync(project, GerritPeople.Message("Page 0", $"{project} page 0"));

    public async Task<string> ProposeAsync(string project)
    {
        var name = $"{project} {++proposed}";
        return await people.ProposeAsync("ana", project, people.Commit("ana", GerritPeople.Message($"Function {proposed}", name), new Dictionary<string, string?> { [$"lib/{proposed}.sh"] = "f\n" }, firsts[project]), default);
    }

    public Task VoteAsync(string project, string change, int score) => people.VoteAsync("bob", project, change, score, "", default);

    public async Task<Gatehouse> OpenAsync(string project, Uri address, string worker) => await Gatehouse.OpenAsync(
        new()
        {
            Repositories = [new() { Name = "bench", Forge = "gerrit", Url = address.ToString(), Project = project, User = GerritPeople.Gate, Credential = $"file:{directory}/credential" }],
            Runs = new() { Slots = 2, Disk = 256L << 20, Memory = 256L << 20, Processes = 100 },
            Store = Path.Combine(directory, $"{worker}.db"),
            Work = Path.Combine(directory, worker),
            Page = new("http://127.0.0.1:0", null, null),
        },
        TimeProvider.System, NullLoggerFactory.Instance, observing: false, default);

    /// <summary>Brings a change to where it will be landed by hand.</summary>
    public Task BringAsync(string project, string change) => ShellAsync(Bring, project, change);

    /// <summary>Lands a change by hand; answers the milliseconds.</summary>
    public Task<double> ByHandAsync(string project, string change) => ShellAsync(ByHand, project, change);

    private async Task<double> ShellAsync(string script, string project, string change)
    {
        var clone = Path.Combine(directory, "hand.git");
        if (!Directory.Exists(clone))
            Repository.Init(clone, isBare: true);
        var login = $"{GerritPeople.Gate}:{GerritPeople.Secret(GerritPeople.Gate)}";
        var start = new ProcessStartInfo("sh", ["-c", script])
        {
            WorkingDirectory = clone,
            RedirectStandardError = true,
            Environment =
            {
                ["URL"] = server.Address.ToString().TrimEnd('/'), ["PROJECT"] = project, ["CHANGE"] = change, ["CHANGE_FOLDER"] = change.PadLeft(2, '0')[^2..], ["USER_PW"] = login,
                ["GIT_AUTHOR_NAME"] = GerritPeople.Gate, ["GIT_AUTHOR_EMAIL"] = GerritPeople.Address(GerritPeople.Gate),
                ["GIT_COMMITTER_NAME"] = GerritPeople.Gate, ["GIT_COMMITTER_EMAIL"] = GerritPeople.Address(GerritPeople.Gate),
                ["GIT_CONFIG_COUNT"] = "2", ["GIT_CONFIG_KEY_0"] = "http.extraHeader", ["GIT_CONFIG_VALUE_0"] = $"Authorization: Basic {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(login))}",
                ["GIT_CONFIG_KEY_1"] = "gc.auto", ["GIT_CONFIG_VALUE_1"] = "0",
            },
        };
        var watch = Stopwatch.StartNew();
        using var hand = Process.Start(start)!;
        var said = await hand.StandardError.ReadToEndAsync();
        await hand.WaitForExitAsync();
        var took = watch.Elapsed.TotalMilliseconds;
        return hand.ExitCode == 0 ? took : throw new InvalidOperationException($"by hand it did not land: {said}");
    }

    public void Dispose()
    {
        people?.Dispose();
        server?.Dispose();
        GateKeeper.Runs.Files.Delete(directory);
    }

    private Task<string> AbandonAsync(string project, string message) =>
        people.AskAsync(GerritServer.Admin, "POST", $"changes/{Uri.EscapeDataString(project)}~main~{message.Split("Change-Id: ")[1].Trim()}/abandon", default);
}
