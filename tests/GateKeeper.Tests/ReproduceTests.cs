using System.Diagnostics;
using GateKeeper.Commands;
using GateKeeper.Core.Rules;
using GateKeeper.Runs;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>A run done again by hand is the same run.</summary>
[NonParallelizable]
public sealed class ReproduceTests
{
    private static readonly TestDefinition Block = new()
    {
        Name = "unit",
        Run = "set -e\necho \"it's $WHAT\" # and 'so on'\ncat dir/plain made ~/home\necho $PATH $TMPDIR",
        Env = [new("WHAT", "a 'b'\nc=d")],
        Prepare = new("sed s/content/changed/ dir/plain > made\ntouch -d @0 made; echo spoiled > dir/plain; echo home > ~/home", TestDefinition.Everything, false, TimeSpan.FromMinutes(1)),
    };

    [Test]
    public async Task A_block_of_commands_with_all_that_it_had_prints_by_hand_what_it_printed_in_the_sandbox()
    {
        await using var room = new RunRoom();
        var run = await room.RunAsync(Block);
        var directory = Path.Combine(room.Folder, "again");

        using var repository = new Repository(Path.Combine(room.Folder, "mirror.git"));
        var words = ReproduceCommand.LayOut(repository, run.Record, directory);
        Shell($"{directory}/prepare.sh");

        Assert.That(run.Log, Is.EqualTo("it's a 'b'\nc=d\ncontent\nchanged\nhome\n/usr/local/bin:/usr/bin:/bin /tmp\n"));
        Assert.That(Shell($"{directory}/run.sh"), Is.EqualTo(run.Log));
        Assert.That(words, Has.Some.Contains("prepare.sh"));
    }

    [Test]
    public void A_run_of_before_is_still_read()
    {
        var read = RunDescription.Read("make test\nCI=true\nX=a=b");

        Assert.That(read.Command, Is.EqualTo("make test"));
        Assert.That(read.Env, Is.EqualTo(new Dictionary<string, string> { ["CI"] = "true", ["X"] = "a=b" }));
    }

    private static string Shell(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", [script]) { RedirectStandardOutput = true })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return said;
    }
}
