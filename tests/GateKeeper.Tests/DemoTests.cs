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
            using var stage = await PlainStage.OpenAsync(directory, TimeProvider.System, default);
            var run = await DemoRun.SetAsync(stage, directory, default);
            using var logs = LoggerFactory.Create(_ => { });
            var settings = run.Settings("http://127.0.0.1:0");
            DemoRun.Meet(settings);
            await using var house = await Gatehouse.OpenAsync(settings, TimeProvider.System, logs, observing: false, default);

            await house.SettleAsync(default);

            Assert.That(run.Ends(house).Where(end => !end.AsItShould).Select(end => $"{end.Scene.Branch}: {end.Outcome}: {end.Reasons}"), Is.Empty);
            Assert.That(await run.EndedWellAsync(house, default));
        }
        finally
        {
            Runs.Files.Delete(directory);
        }
    }

    [Test]
    public async Task Every_change_of_the_demo_ends_on_a_real_Gerrit_server_as_the_promises_say()
    {
        if (GerritServer.Missing(GerritServer.Named) is { } missing)
            Assert.Ignore(missing);

        var (exit, said, _) = await DemoAsync(GerritServer.Named, "--gerrit", "--headless");

        Assert.That(said, Does.Contain("Every change ended as the promises say.").And.Contain("Test powers (15)").And.Contain("Log in as admin"));
        Assert.That(exit, Is.Zero, said);
    }

    [Test]
    public async Task Who_has_no_Gerrit_server_is_told_what_the_demo_needs_and_where_that_is_had()
    {
        var (exit, _, error) = await DemoAsync(null, "--gerrit");

        Assert.That(error, Does.Contain("GERRIT_WAR names none").And.Contain("gerrit.war").And.Contain("openjdk"));
        Assert.That(exit, Is.EqualTo(3));
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
    public async Task Who_casts_the_missing_vote_as_the_demo_says_has_cast_it_and_who_ends_it_as_it_says_has_not_seen_it_fail()
    {
        using var terminal = new Terminal();
        var said = new List<string>();
        using var demo = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "gatekeeper"), ["demo"]) { RedirectStandardOutput = true })!;
        while (await demo.StandardOutput.ReadLineAsync() is { } line && !line.Contains("Ctrl-C ends it", StringComparison.Ordinal))
            said.Add(line);
        var vote = await terminal.ShellAsync(string.Join('\n', said.SkipWhile(line => !line.StartsWith("Still to do: \"Divide numbers\"", StringComparison.Ordinal)).Skip(1)));
        Assert.That((vote.Code, vote.Output), Is.EqualTo((0, vote.Output)), vote.Errors);
        Assert.That(vote.Output, Does.StartWith("The vote is cast on "));

        using var interrupt = Process.Start("sh", ["-c", $"kill -INT {demo.Id}"]);
        await demo.StandardOutput.ReadToEndAsync();
        await demo.WaitForExitAsync();

        Assert.That(demo.ExitCode, Is.Zero);
    }

    private static async Task<(int Exit, string Said, string Error)> DemoAsync(string? war, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "gatekeeper"), ["demo", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [GerritServer.Variable] = war },
        };
        using var demo = Process.Start(start)!;
        var (said, error) = (demo.StandardOutput.ReadToEndAsync(), demo.StandardError.ReadToEndAsync());
        await demo.WaitForExitAsync();
        return (demo.ExitCode, await said, await error);
    }
}
