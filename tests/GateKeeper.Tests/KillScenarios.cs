using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace GateKeeper.Tests;

/// <summary>A worker that is killed in the middle of a push changes neither what lands nor how often people are told.</summary>
[NonParallelizable] // A worker of its own runs on the real clock.
public sealed class KillScenarios
{
    [TestCase(false, TestName = "Killed in the middle of a push that goes on without it")]
    [TestCase(true, TestName = "Killed in the middle of a push that dies with it")]
    public async Task Killed(bool withItsPush)
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("one", "one.txt");
        var (arrived, go) = (Path.Combine(world.Url, "arrived"), Path.Combine(world.Url, "go"));
        var hook = Path.Combine(world.Url, "hooks", "update");
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        await File.WriteAllTextAsync(hook, $"#!/bin/sh\n[ \"$1\" = refs/heads/main ] || exit 0\necho $PPID >{arrived}.new\nmv {arrived}.new {arrived}\ni=0\nwhile [ ! -e {go} ] && [ $i -lt 150 ]; do sleep 0.1; i=$((i+1)); done\n[ -e {go} ]\n");
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        using (var worker = Start(world))
        {
            await UntilAsync(() => File.Exists(arrived), worker);
            worker.Kill(entireProcessTree: withItsPush);
            await worker.WaitForExitAsync();
        }

        if (!withItsPush)
        {
            await File.WriteAllTextAsync(go, "");
            var server = int.Parse(await File.ReadAllTextAsync(arrived), CultureInfo.InvariantCulture);
            await UntilAsync(() => HasEnded(server), null);
        }

        await File.WriteAllTextAsync(go, "");
        world.Time.Pass(TimeProvider.System.GetUtcNow() - world.Time.GetUtcNow());
        await world.SettleAsync();
        Assert.That(world.Alarms, Has.Member("turn:tool/main"), "the killed one's turn is waited for");
        world.Time.Pass(TimeSpan.FromSeconds(90));
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
        Assert.That(world.House.Tools.Journal.Entries().Count(entry => entry.Kind == "landed"), Is.EqualTo(1));
        Assert.That(world.House.Tools.Journal.Break(), Is.Null);
        Assert.That((await world.CommentsAsync(change)).Count(words => words.StartsWith("Landed", StringComparison.OrdinalIgnoreCase)), Is.EqualTo(1));
        Assert.That(world.House.Notebook.Untold("tool/main"), Is.Empty);
        Assert.That(world.Alarms, Is.Empty);
    }

    /// <summary>Whether git's end of the push is done with it, whatever came of it.</summary>
    private static bool HasEnded(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Contains(") Z", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static Process Start(World world)
    {
        var file = Path.Combine(world.People.Directory, "settings.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            repositories = new[] { new { name = "tool", forge = "git", url = world.Url, identity = "trusted", poll = "1s" } },
            store = $"sqlite:{world.Settings.Store}",
            work = world.Settings.Work,
            page = new { listen = "http://127.0.0.1:0" },
        }));
        return Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "gatekeeper"), ["run", "--config", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    private static async Task UntilAsync(Func<bool> done, Process? worker)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!done())
        {
            if (worker is { HasExited: true })
                Assert.Fail($"the worker ended: {await worker.StandardError.ReadToEndAsync(default)}");
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
