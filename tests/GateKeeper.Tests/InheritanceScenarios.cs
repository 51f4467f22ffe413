using System.Diagnostics;
using System.Text.Json;

namespace GateKeeper.Tests;

/// <summary>
/// The whole program, started as people and service managers start it: with a file open that is nobody's business, signals ignored and
/// blocked, a narrow mask and odd limits. None of what it starts has any of that.
/// </summary>
[NonParallelizable] // A worker of its own runs on the real clock.
public sealed class InheritanceScenarios
{
    private const string Secret = "the-key-to-the-trunk";
    private const string Look = "if [ -e /proc/self/fd/9 ]; then cat /proc/self/fd/9; else echo closed; fi; grep -E '^Sig(Blk|Ign)' /proc/self/status";
    private const string More = "umask; stat -c '%a %n' . dir dir/one.txt test.sh /tmp /etc/hosts; ulimit -S -s; ulimit -S -n; ulimit -S -c; cat /proc/self/oom_score_adj /proc/self/personality; chrt -p $$ | sed -n 's/.*policy: //p'; ps -o ni= $$";
    private const string Fine = "closed\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n";

    // The worker keeps what it was given, and is to end by what the story ends it with.
    private const string Odd = "env --ignore-signal=HUP,INT,QUIT,PIPE,CHLD,USR1,TERM,TSTP,WINCH --block-signal=USR1,USR2,INT,HUP setarch --addr-no-randomize chrt --batch 0";

    [Test]
    public async Task What_the_worker_was_started_with_is_closed_in_runs_in_git_and_in_the_command_for_alarms()
    {
        await using var world = await World.StartAsync(World.Rules.Replace("sh test.sh", $"\"{Look}; {More}\"", StringComparison.Ordinal));
        await world.ProposeApprovedAsync("one", "dir/one.txt");
        var folder = world.People.Directory;
        var (secret, told, pushed, settings) = (Path.Combine(folder, "secret"), Path.Combine(folder, "told"), Path.Combine(folder, "pushed"), Path.Combine(folder, "settings.json"));
        await File.WriteAllTextAsync(secret, Secret);
        var command = Script(Path.Combine(folder, "alarm"), $"{{ {Look}; }} > {told}");
        Script(Path.Combine(world.Url, "hooks", "pre-receive"), $"{{ {Look}; }} > {pushed}");
        await File.WriteAllTextAsync(settings, JsonSerializer.Serialize(new
        {
            repositories = new[] { new { name = "tool", forge = "git", url = world.Url, identity = "trusted", poll = "1s" } },
            store = $"sqlite:{world.Settings.Store}",
            work = world.Settings.Work,
            page = new { listen = "http://127.0.0.1:0" },
            runs = new { memory = "100000GiB" },
            alarms = new { command },
        }));

        using var worker = Process.Start(new ProcessStartInfo("sh", ["-c", $"exec 9<{secret}; umask 077; ulimit -S -s 2048; ulimit -S -n 512; renice -n 3 -p $$ > {secret}.nice; exec {Odd} {Path.Combine(AppContext.BaseDirectory, "gatekeeper")} run --config {settings}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            await UntilAsync(() => Full(told) && Full(pushed), worker);
        }
        finally
        {
            worker.Kill(entireProcessTree: true);
            await worker.WaitForExitAsync();
        }

        var logs = Directory.GetFiles(Path.Combine(world.Settings.Work, "logs"), "*.log").Select(File.ReadAllText).ToList();
        Assert.That(logs, Is.Not.Empty.And.All.EqualTo(Fine + "0022\n755 .\n755 dir\n644 dir/one.txt\n644 test.sh\n755 /tmp\n644 /etc/hosts\n8192\n1024\n0\n500\n00000000\nSCHED_OTHER\n  8\n"));
        Assert.That(await File.ReadAllTextAsync(told), Is.EqualTo(Fine));
        Assert.That(await File.ReadAllTextAsync(pushed), Is.EqualTo(Fine));
    }

    private static bool Full(string file) => File.Exists(file) && new FileInfo(file).Length > 0;

    private static string Script(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static async Task UntilAsync(Func<bool> done, Process worker)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!done())
        {
            if (worker.HasExited)
                Assert.Fail($"the worker ended: {await worker.StandardError.ReadToEndAsync(default)}");
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
