using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GateKeeper.Demo;
using GateKeeper.Reconcile;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests;

/// <summary>The demo is the promises in one morning.</summary>
public sealed class DemoTests
{
    [Test]
    public async Task Every_change_of_the_demo_ends_as_the_promises_say()
    {
        var directory = Directory.CreateTempSubdirectory("gatekeeper-demo-test-").FullName;
        try
        {
            var run = await DemoRun.SetAsync(directory, TimeProvider.System, default);
            using var logs = LoggerFactory.Create(_ => { });
            var settings = run.Settings("http://127.0.0.1:0");
            DemoRun.Meet(settings);
            await using var house = await Gatehouse.OpenAsync(settings, TimeProvider.System, logs, observing: false, default);

            await house.SettleAsync(default);

            Assert.That(run.Ends(house).Where(end => !end.AsItShould).Select(end => $"{end.Scene.Branch}: {end.Outcome}: {end.Reasons}"), Is.Empty);
            Assert.That(run.EndedWell(house));
        }
        finally
        {
            Runs.Files.Delete(directory);
        }
    }

    /// <summary>A burglar who finds nothing proves something only if he would have found it.</summary>
    [Test]
    public async Task The_demos_burglar_finds_an_open_port_where_no_sandbox_keeps_it_from_him()
    {
        using var open = new TcpListener(IPAddress.Loopback, 0);
        open.Start();
        var script = Path.GetTempFileName();
        await File.WriteAllTextAsync(script, DemoStory.Burglary("/nonexistent", ((IPEndPoint)open.LocalEndpoint).Port).Split("getent", 2)[0] + "echo \"found: $found\"\n");
        var start = new ProcessStartInfo("sh", [script]) { RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";

        using var burglar = Process.Start(start)!;
        var said = await burglar.StandardOutput.ReadToEndAsync();
        File.Delete(script);

        Assert.That(said, Is.EqualTo("found: yes\n"));
    }

    [Test]
    public async Task Who_ends_the_demo_as_it_says_has_not_seen_it_fail()
    {
        using var demo = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "gatekeeper"), ["demo"]) { RedirectStandardOutput = true })!;
        while (await demo.StandardOutput.ReadLineAsync() is { } line && !line.Contains("Ctrl-C ends it", StringComparison.Ordinal))
        {
            // It tells its story.
        }

        using var interrupt = Process.Start("sh", ["-c", $"kill -INT {demo.Id}"]);
        await demo.StandardOutput.ReadToEndAsync();
        await demo.WaitForExitAsync();

        Assert.That(demo.ExitCode, Is.Zero);
    }
}
