using System.Diagnostics;
using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub;

/// <summary>
/// GitHub's own descriptions of what it takes and answers, where they could be had: tests/run brings them with npm, and a test by itself
/// fetches nothing.
/// </summary>
internal static class GitHubDescriptions
{
    private static readonly string Folder = Path.Combine(HouseRules.Root, "artifacts/github-validation");
    private static readonly string Own = Path.Combine(HouseRules.Root, "tests/GateKeeper.Tests/GitHub/validation");
    private static int last;

    public static string Queries => Path.Combine(HouseRules.Root, "src/GateKeeper/Forges/GitHub");

    /// <summary>Skips the test, with the reason, where they could not be had.</summary>
    public static void Need()
    {
        if (!File.Exists(Path.Combine(Folder, "ready")))
            Assert.Ignore("GitHub's official descriptions are not here: they come with node and npm, by tests/GateKeeper.Tests/GitHub/validation/prepare");
    }

    /// <summary>Everything that was asked and answered, and sent by itself, so that it can be held against the descriptions.</summary>
    public static JsonArray Told(GitHubPlace place) => new(
    [
        .. place.Transcript.All.Where(each => !each.Ordered).Select(each => new JsonObject { ["method"] = each.Method, ["target"] = each.Target, ["request"] = each.Request, ["status"] = each.Status, ["answer"] = each.Answer }),
        .. place.Hooks.All.Select(each => new JsonObject { ["event"] = each.Event, ["action"] = each.Action, ["payload"] = each.Payload }),
    ]);

    /// <summary>Where tests/run wants to see what all stories asked, each leaves it there.</summary>
    public static void Leave(GitHubPlace place)
    {
        var folder = Path.Combine(Folder, "transcripts");
        if (Directory.Exists(folder))
            File.WriteAllText(Path.Combine(folder, $"{Interlocked.Increment(ref last)}.json"), Told(place).ToJsonString());
    }

    /// <summary>The violations, one a line, and a last line that counts.</summary>
    public static async Task<(int Exit, string Said)> CheckAsync(params GitHubPlace[] places)
    {
        var file = Path.Combine(Folder, $"story-{Interlocked.Increment(ref last)}.json");
        await File.WriteAllTextAsync(file, new JsonArray([.. places.SelectMany(place => Told(place)).Select(each => each!.DeepClone())]).ToJsonString());
        foreach (var script in Directory.GetFiles(Own, "*.mjs"))
            File.Copy(script, Path.Combine(Folder, Path.GetFileName(script)), overwrite: true);
        var start = new ProcessStartInfo("node", ["check.mjs", "--queries", Queries, "--queries", Own, file]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var node = Process.Start(start)!;
        var error = node.StandardError.ReadToEndAsync();
        var said = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return (node.ExitCode, said + await error);
    }
}
