using System.Diagnostics;
using GateKeeper.Core.Rules;

namespace GateKeeper.Tests;

/// <summary>Runs beside each other, of one worker or of two: what one takes of the machine is not taken from the other.</summary>
[NonParallelizable]
public sealed class NeighbourScenarios
{
    // Takes inotify instances (294 makes one) until there are no more, says how many it got, and holds them.
    private const string Greedy = """perl -e '$| = 1; my $n = 0; $n++ while syscall(294, 0) >= 0; print "took $n\n"; sleep 1000'""";
    private const string Modest = """perl -e 'print syscall(294, 0) >= 0 ? "had one\n" : "had none\n"'""";

    [Test]
    public async Task Each_run_has_a_user_id_of_its_own()
    {
        Privileged();
        await using var room = new RunRoom();
        var (one, two) = (room.Begin("echo ready; sleep 1001"), room.Begin("echo ready; sleep 1002"));
        await UntilAsync(() => room.LogOf(one).Contains("ready", StringComparison.Ordinal) && room.LogOf(two).Contains("ready", StringComparison.Ordinal));

        var users = (string[])[.. UsersOf("sleep\0" + "1001"), .. UsersOf("sleep\0" + "1002")];
        room.Runner.Cancel(one);
        room.Runner.Cancel(two);

        Assert.That(users, Has.Length.EqualTo(2).And.Unique);
        Assert.That(users, Has.All.Not.EqualTo("0"));
    }

    [Test]
    public async Task A_run_that_takes_all_inotify_instances_takes_them_from_itself_alone()
    {
        await using var room = new RunRoom();
        await using var other = new RunRoom();
        var greedy = room.Begin(Greedy);
        await UntilAsync(() => room.LogOf(greedy).Contains("took", StringComparison.Ordinal));

        var beside = await room.RunAsync(Test(Modest));
        var elsewhere = await other.RunAsync(Test(Modest));
        room.Runner.Cancel(greedy);

        Assert.That(beside.Log, Is.EqualTo("had one\n"));
        Assert.That(elsewhere.Log, Is.EqualTo("had one\n"));
    }

    [Test]
    public async Task A_run_cannot_lift_the_limits_that_it_was_given()
    {
        await using var room = new RunRoom();

        var run = await room.RunAsync(Test($"cd /proc/sys/user; for file in *; do (echo 1000000 > $file) 2>/dev/null && echo WROTE; done; cat max_inotify_instances; unshare -Ur {Greedy.Replace("sleep 1000", "", StringComparison.Ordinal)}"));

        var lines = run.Log.Trim().Split('\n');
        Assert.That(run.Log, Does.Not.Contain("WROTE"));
        Assert.That(int.Parse(lines[0], System.Globalization.CultureInfo.InvariantCulture), Is.InRange(1, int.Parse(File.ReadAllText("/proc/sys/user/max_inotify_instances"), System.Globalization.CultureInfo.InvariantCulture)));
        Assert.That(int.Parse(lines[^1].Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture), Is.LessThanOrEqualTo(int.Parse(lines[0], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Test]
    public async Task A_busy_machine_does_not_keep_a_second_worker_from_starting()
    {
        Privileged();
        var busy = Enumerable.Range(0, RunRoom.Limits.Processes + 20).Select(_ => Process.Start("setpriv", ["--reuid=964321", "--clear-groups", "--", "sleep", "1000"])).ToList();
        try
        {
            await using var room = new RunRoom();

            var run = await room.RunAsync(Test("echo here"));

            Assert.That(run.Outcome, Is.EqualTo("Passed"), run.Summary);
        }
        finally
        {
            busy.ForEach(process => process.Kill());
        }
    }

    [Test]
    public async Task What_a_prepare_step_of_one_left_another_may_change_for_itself()
    {
        await using var room = new RunRoom();
        var prepare = new PrepareDefinition("mkdir made; echo prepared > made/product; chmod 600 made/product; echo cached > $HOME/cache", TestDefinition.Everything, Network: false, TimeSpan.FromMinutes(1));
        var first = room.Begin("echo ready; sleep 1000", prepare);
        await UntilAsync(() => room.LogOf(first).Contains("ready", StringComparison.Ordinal));

        var second = await room.RunAsync(Test("cat made/product; echo spoiled >> made/product; echo more >> ~/cache; cat ~/cache; echo changed > dir/plain; rm -r made; stat -c %U . dir dir/plain tool ~ | sort -u") with { Prepare = prepare });
        room.Runner.Cancel(first);

        Assert.That(second.Log, Is.EqualTo("prepared\ncached\nmore\nrun\n"), second.Summary);
    }

    private static TestDefinition Test(string command) => new() { Name = "attack", Run = command, Timeout = TimeSpan.FromSeconds(30) };

    private static void Privileged()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Ignore("only a worker that is root can give its runs user ids");
    }

    private static IEnumerable<string> UsersOf(string words) =>
        Directory.GetDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]) && Text(Path.Combine(path, "cmdline")).StartsWith(words, StringComparison.Ordinal))
            .Select(path => Text(Path.Combine(path, "status")).Split('\n').First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1]);

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
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
