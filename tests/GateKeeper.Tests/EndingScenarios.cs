using System.Diagnostics;
using GateKeeper.Core.Rules;

namespace GateKeeper.Tests;

/// <summary>A run is ended by somebody else than its command: a service manager, Ctrl-C at the worker's terminal, an operator.</summary>
public sealed class EndingScenarios
{
    [TestCase(true, "TERM")]
    [TestCase(true, "INT")]
    [TestCase(true, "KILL")]
    [TestCase(false, "TERM")]
    public async Task A_run_that_is_ended_from_outside_is_lost_and_says_nothing_of_the_change(bool sandboxed, string signal)
    {
        await using var room = new RunRoom(sandboxed: sandboxed);
        var mark = $"{Environment.ProcessId + 200_000}";
        var ended = new TaskCompletionSource();
        room.Runner.Ended += ended.SetResult;
        var id = room.Begin($"echo ready; sleep 87{mark}; true");
        await UntilAsync(() => room.LogOf(id).Contains("ready", StringComparison.Ordinal));

        using var kill = Process.Start("kill", ["-s", signal, Outer($"87{mark}")]);
        await kill.WaitForExitAsync();
        await ended.Task;

        var run = room.Results.Last(1)[0];
        Assert.That((run.Outcome, run.Summary), Is.EqualTo(("Lost", $"somebody ended it from outside (its outer process ended with {128 + (signal == "TERM" ? 15 : signal == "INT" ? 2 : 9)})")));
    }

    [Test]
    public async Task A_prepare_step_that_is_ended_from_outside_is_lost_too()
    {
        await using var room = new RunRoom();
        var mark = $"{Environment.ProcessId + 300_000}";
        var ended = new TaskCompletionSource();
        room.Runner.Ended += ended.SetResult;
        var id = room.Begin("true", new($"echo ready; sleep 87{mark}; true", TestDefinition.Everything, Network: false, TimeSpan.FromMinutes(1)));
        await UntilAsync(() => room.LogOf(id).Contains("ready", StringComparison.Ordinal));

        using var kill = Process.Start("kill", ["-s", "TERM", Outer($"87{mark}")]);
        await kill.WaitForExitAsync();
        await ended.Task;

        var run = room.Results.Last(1)[0];
        Assert.That((run.Outcome, run.Summary), Is.EqualTo(("Lost", "the runner failed: prepare: somebody ended it from outside (its outer process ended with 143)")));
        Assert.That(room.Kept, Has.All.EndWith(".new"), "nothing that a run could be shown");
    }

    /// <summary>The child of this process whose arguments hold the run's command.</summary>
    private static string Outer(string mark) =>
        Directory.GetDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
            .First(path => Text(path, "cmdline").Contains(mark, StringComparison.Ordinal) && Text(path, "status").Contains($"\nPPid:\t{Environment.ProcessId}\n", StringComparison.Ordinal))["/proc/".Length..];

    private static string Text(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task UntilAsync(Func<bool> done)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!done())
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
