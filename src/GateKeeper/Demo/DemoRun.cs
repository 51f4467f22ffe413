using System.Text.Json;
using System.Text.Json.Serialization;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using GateKeeper.Store;

namespace GateKeeper.Demo;

/// <summary>How one scene ended, beside how it had to.</summary>
internal sealed record SceneEnd(Scene Scene, string Change, string Outcome, string Reasons, string Revision, string? LandedAs, bool AsItShould);

/// <summary>Plays the scenes on a stage, lets the gate work on them, and says how each ended.</summary>
internal sealed class DemoRun(IStage stage, string directory, IReadOnlyList<Scene> scenes, IReadOnlyDictionary<string, string> ids)
{
    private static readonly JsonSerializerOptions Json = new(Status.Api.Json) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    public IReadOnlyList<Scene> Scenes => scenes;

    public static async Task<DemoRun> SetAsync(IStage stage, string directory, CancellationToken cancellation, int port = 8380)
    {
        var scenes = DemoStory.Scenes(stage.Secret, port);
        var ids = new Dictionary<string, string>();
        foreach (var scene in scenes)
            ids[scene.Branch] = await stage.PlayAsync(scene, cancellation);
        return new(stage, directory, scenes, ids);
    }

    /// <summary>What was open before the gate first looked is not spoken to; here the gate looked before the morning began.</summary>
    public static void Meet(GateSettings settings)
    {
        using var database = Database.Open(settings.Store);
        new TrunkMemory(database, "demo/main", 20).Set(state => state with { Met = true });
    }

    public GateSettings Settings(string listen) => new()
    {
        Repositories = [stage.Repository with { Name = "demo", Poll = TimeSpan.FromSeconds(5), Credential = $"file:{stage.Secret}" }],
        Runs = new() { Disk = 256L << 20, Memory = 512L << 20, Processes = 100 },
        Store = Path.Combine(directory, "gatekeeper.db"),
        Work = Path.Combine(directory, "work"),
        Page = new(listen, null, null),
    };

    public IReadOnlyList<SceneEnd> Ends(Gatehouse house)
    {
        var landings = house.Notebook.Landings(null, 1000).ToDictionary(landing => landing.Change.Value);
        var statuses = house.Pictures.SelectMany(picture => picture.Plan.Open).ToDictionary(status => status.Change.Id.Value);
        return [.. scenes.Select(scene => End(scene, ids[scene.Branch], landings, statuses))];
    }

    /// <summary>Every promise of the cast in one answer: each scene for its own reason, and the trunk as it has to be.</summary>
    public async Task<bool> EndedWellAsync(Gatehouse house, CancellationToken cancellation) =>
        Ends(house).All(end => end.AsItShould) && (await TrunkLogAsync(cancellation)).Count == 1 + scenes.Count(scene => scene.Ends == "landed");

    /// <summary>What whoever looks on can still do: the change that is one approval short can be had landed.</summary>
    public IReadOnlyList<string> StillToDo(string program)
    {
        var scene = scenes.First(each => each.Branch == DemoStory.OneShort);
        return [$"Still to do: \"{scene.Title}\" is one approval short. In another terminal, approve it as bob, and see it land:", .. stage.Approving(scene, ids[scene.Branch], "bob", program).Select(line => $"  {line}")];
    }

    public Task<IReadOnlyList<string>> TrunkLogAsync(CancellationToken cancellation) => stage.TrunkLogAsync(cancellation);

    public async Task WriteReportAsync(Gatehouse house, string path, CancellationToken cancellation)
    {
        var changes = Ends(house).Select(end => new { end.Change, end.Scene.Title, end.Outcome, end.Reasons, end.Revision, end.LandedAs, expected = end.Scene.Ends, end.AsItShould });
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { trunk = await TrunkLogAsync(cancellation), changes }, Json), cancellation);
    }

    private static SceneEnd End(Scene scene, string id, Dictionary<string, LandingRecord> landings, Dictionary<string, Progress> statuses)
    {
        if (landings.TryGetValue(id, out var landing))
            return new(scene, id, "landed", "", landing.Revision.Hex, landing.Commit.Hex, scene.Ends == "landed");
        if (!statuses.TryGetValue(id, out var status))
            return new(scene, id, "unknown", "the gate does not show it", "", null, false);

        var reasons = string.Join("; ", status.Judgement.Missing.SelectMany(verdict => new[] { verdict.Reason, verdict.LastLines }).Append(status.Note).Where(text => text.Length > 0).Distinct());
        return new(scene, id, status.Outcome, reasons, status.Change.Current.Commit.Hex, null, status.Outcome == scene.Ends && reasons.Contains(scene.Reason, StringComparison.Ordinal));
    }
}
