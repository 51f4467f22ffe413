using GateKeeper.Settings;

namespace GateKeeper.Demo;

/// <summary>Where the scenes are played: how people propose and vote there, and what the gate is told of the place.</summary>
internal interface IStage : IDisposable
{
    /// <summary>The path of the file that holds the gate's credential.</summary>
    string Secret { get; }

    /// <summary>What the operator says of it.</summary>
    RepositorySettings Repository { get; }

    /// <summary>What whoever looks on should know of it.</summary>
    string Words { get; }

    /// <summary>People propose and vote as the scene has it; answers the change's id.</summary>
    Task<string> PlayAsync(Scene scene, CancellationToken cancellation);

    /// <summary>The commands by which whoever looks on approves a change as one of the cast.</summary>
    /// <param name="scene">The change's scene.</param>
    /// <param name="change">The change's id.</param>
    /// <param name="by">As whom.</param>
    /// <param name="program">How this program is called.</param>
    IReadOnlyList<string> Approving(Scene scene, string change, string by, string program);

    /// <summary>The trunk's own line, the oldest first, as its subjects.</summary>
    Task<IReadOnlyList<string>> TrunkLogAsync(CancellationToken cancellation);
}

/// <summary>The scenes on a bare repository: branches, with proposals and votes in its notes.</summary>
internal sealed class PlainStage(DemoWorld world) : IStage
{
    public string Secret => world.Secret;

    // Everybody in this repository is played by the demo, so what the notes say about who wrote them is believed.
    public RepositorySettings Repository => new() { Name = "demo", Forge = "git", Url = world.Url, Trusted = true };

    public string Words => "Nobody guards this repository, so the demo's settings say identity: trusted: what its notes say about their writers is believed.";

    public static async Task<PlainStage> OpenAsync(string directory, TimeProvider time, CancellationToken cancellation) =>
        new(await DemoWorld.CreateAsync(directory, DemoStory.Project(Users(DemoStory.Core), Users(DemoStory.Maintainers)), new Morning(time), cancellation));

    public async Task<string> PlayAsync(Scene scene, CancellationToken cancellation)
    {
        world.Push(scene.Branch, scene.Author, scene.Title, scene.Files, scene.On);
        var id = await world.ProposeAsync(scene.Branch, scene.Author, cancellation, scene.On ?? "main");
        foreach (var by in scene.ApprovedBy)
            await world.VoteAsync(id, by, true, "looks right", cancellation);
        foreach (var by in scene.VetoedBy)
            await world.VoteAsync(id, by, false, "please keep the names", cancellation);
        if (scene.PushedAfter is { } later)
            world.Push(scene.Branch, scene.Author, $"{scene.Title}, once more", later);
        return id;
    }

    public IReadOnlyList<string> Approving(Scene scene, string change, string by, string program) =>
        [$"git clone --quiet {world.Url} sums && cd sums", $"GIT_AUTHOR_NAME={by} GIT_AUTHOR_EMAIL={DemoWorld.Person(by).Email} {program} vote {scene.Branch} +1"];

    public Task<IReadOnlyList<string>> TrunkLogAsync(CancellationToken cancellation) => Task.FromResult(world.TrunkLog());

    public void Dispose() => world.Dispose();

    private static string Users(IEnumerable<string> names) => $"users: [{string.Join(", ", names.Select(name => DemoWorld.Person(name).Email))}]";

    /// <summary>A clock on which a second passes between one deed and the next, so that notes, which count seconds, have an order.</summary>
    private sealed class Morning(TimeProvider time) : TimeProvider
    {
        private readonly DateTimeOffset begin = time.GetUtcNow() - TimeSpan.FromHours(1);
        private int deeds;

        public override DateTimeOffset GetUtcNow() => begin + TimeSpan.FromSeconds(Interlocked.Increment(ref deeds));
    }
}
