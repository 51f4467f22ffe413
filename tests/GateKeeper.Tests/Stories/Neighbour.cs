using GateKeeper.Demo;
using GateKeeper.Settings;

namespace GateKeeper.Tests.Stories;

/// <summary>Another repository that the same worker looks after, in plain git whatever the story's own forge is.</summary>
internal sealed class Neighbour : IDisposable
{
    private readonly string directory;
    private readonly DemoWorld people;
    private readonly ManualTime time;

    private Neighbour(string directory, string name, DemoWorld people, ManualTime time)
    {
        (this.directory, this.people, this.time) = (directory, people, time);
        Settings = new() { Name = name, Forge = "git", Url = people.Url, Trusted = true };
    }

    public RepositorySettings Settings { get; }

    public IReadOnlyList<string> TrunkLog => [.. people.TrunkLog().Select(subject => subject.Split(" (")[0])];

    /// <param name="name">How the worker calls it.</param>
    /// <param name="test">The command by which its changes are tested.</param>
    /// <param name="files">What lies on its trunk beside the rules.</param>
    /// <param name="time">The story's clock.</param>
    public static async Task<Neighbour> BeginAsync(string name, string test, IReadOnlyDictionary<string, string?> files, ManualTime time)
    {
        var directory = Directory.CreateTempSubdirectory("gatekeeper-neighbour-").FullName;
        var rules = World.Rules.Replace("run: sh test.sh", $"run: '{test}'", StringComparison.Ordinal);
        return new(directory, name, await DemoWorld.CreateAsync(directory, new Dictionary<string, string?>(files) { ["rules.yaml"] = rules }, time, default), time);
    }

    /// <summary>Pushes a branch with one file, proposes it, and bob approves.</summary>
    public async Task ProposeApprovedAsync(string branch, string file)
    {
        time.Pass(TimeSpan.FromSeconds(1));
        people.Push(branch, "ann", $"Add {branch}", new Dictionary<string, string?> { [file] = "x\n" });
        var change = await people.ProposeAsync(branch, "ann", default);
        await people.VoteAsync(change, "bob", true, "fine", default);
    }

    public void Dispose()
    {
        people.Dispose();
        Runs.Files.Delete(directory);
    }
}
