using System.Text.Json;
using System.Text.Json.Serialization;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using GateKeeper.Store;

namespace GateKeeper.Demo;

/// <summary>How one scene ended, beside how it had to.</summary>
internal sealed record SceneEnd(Scene Scene, string Change, string Outcome, string Reasons, string Revision, string? LandedAs, bool AsItShould);

/// <summary>Sets the stage, lets the gate work on it, and says how each scene ended.</summary>
internal sealed class DemoRun(DemoWorld world, IReadOnlyList<Scene> scenes, IReadOnlyDictionary<string, string> ids)
{
    private static readonly JsonSerializerOptions Json = new(Status.Api.Json) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    public DemoWorld World => world;

    public IReadOnlyList<Scene> Scenes => scenes;

    public static async Task<DemoRun> SetAsync(string directory, TimeProvider time, CancellationToken cancellation, int port = 8380)
    {
        var world = await DemoWorld.CreateAsync(directory, DemoStory.Project, new Morning(time), cancellation);
        var scenes = DemoStory.Scenes(world.Secret, port);
        var ids = new Dictionary<string, string>();
        foreach (var scene in scenes)
        {
            world.Push(scene.Branch, scene.Author, scene.Title, scene.Files, scene.On);
            ids[scene.Branch] = await world.ProposeAsync(scene.Branch, scene.Author, cancellation, scene.On ?? "main");
            foreach (var by in scene.ApprovedBy)
                await world.VoteAsync(ids[scene.Branch], by, true, "looks right", cancellation);
            foreach (var by in scene.VetoedBy)
                await world.VoteAsync(ids[scene.Branch], by, false, "please keep the names", cancellation);
            if (scene.PushedAfter is { } later)
                world.Push(scene.Branch, scene.Author, $"{scene.Title}, once more", later);
        }

        return new(world, scenes, ids);
    }

    /// <summary>What was open before the gate first looked is not spoken to; here the gate looked before the morning began.</summary>
    public static void Meet(GateSettings settings)
    {
        using var database = Database.Open(settings.Store);
        new TrunkMemory(database, "demo/main", 20).Set(state => state with { Met = true });
    }

    public GateSettings Settings(string listen) => new()
    {
        Repositories =
        [
            // Everybody in this repository is played by the demo, so what the notes say about who wrote them is believed.
            new() { Name = "demo", Forge = "git", Url = world.Url, Trusted = true, Poll = TimeSpan.FromSeconds(5), Credential = $"file:{world.Secret}" },
        ],
        Runs = new() { Disk = 256L << 20, Memory = 512L << 20, Processes = 100 },
        Store = Path.Combine(world.Directory, "gatekeeper.db"),
        Work = Path.Combine(world.Directory, "work"),
        Page = new(listen, null, null),
    };

    public IReadOnlyList<SceneEnd> Ends(Gatehouse house)
    {
        var landings = house.Notebook.Landings(null, 1000).ToDictionary(landing => landing.Change.Value);
        var statuses = house.Pictures.SelectMany(picture => picture.Plan.Open).ToDictionary(status => status.Change.Id.Value);
        return [.. scenes.Select(scene => End(scene, ids[scene.Branch], landings, statuses))];
    }

    /// <summary>Every promise of the cast in one answer: each scene for its own reason, and the trunk as it has to be.</summary>
    public bool EndedWell(Gatehouse house) =>
        Ends(house).All(end => end.AsItShould) && world.TrunkLog().Count == 1 + scenes.Count(scene => scene.Ends == "landed");

    public async Task WriteReportAsync(Gatehouse house, string path, CancellationToken cancellation) => await File.WriteAllTextAsync(
        path,
        JsonSerializer.Serialize(
            new
            {
                trunk = world.TrunkLog(),
                changes = Ends(house).Select(end => new { end.Change, end.Scene.Title, end.Outcome, end.Reasons, end.Revision, end.LandedAs, expected = end.Scene.Ends, end.AsItShould }),
            },
            Json),
        cancellation);

    /// <summary>A clock on which a second passes between one deed and the next, so that notes, which count seconds, have an order.</summary>
    private sealed class Morning(TimeProvider time) : TimeProvider
    {
        private readonly DateTimeOffset begin = time.GetUtcNow() - TimeSpan.FromHours(1);
        private int deeds;

        public override DateTimeOffset GetUtcNow() => begin + TimeSpan.FromSeconds(Interlocked.Increment(ref deeds));
    }

    private static SceneEnd End(Scene scene, string id, Dictionary<string, LandingRecord> landings, Dictionary<string, Progress> statuses)
    {
        if (landings.TryGetValue(id, out var landing))
            return new(scene, id, "landed", "", landing.Revision.Hex, landing.Commit.Hex, scene.Ends == "landed");
        if (!statuses.TryGetValue(id, out var status))
            return new(scene, id, "unknown", "the gate does not show it", "", null, false);

        var reasons = string.Join("; ", status.Judgement.Missing.Select(verdict => verdict.Reason).Append(status.Note).Where(text => text.Length > 0).Distinct());
        return new(scene, id, status.Outcome, reasons, status.Change.Current.Commit.Hex, null, status.Outcome == scene.Ends && reasons.Contains(scene.Reason, StringComparison.Ordinal));
    }
}
