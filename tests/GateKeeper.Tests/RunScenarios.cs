using System.Diagnostics;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Git;
using GateKeeper.Runs;

namespace GateKeeper.Tests;

/// <summary>Whose failure it is when a run comes to nothing, and what prepare steps may leave.</summary>
[NonParallelizable]
public sealed class RunScenarios
{
    private const string Deep = "perl -e 'for (1 .. 600) { mkdir \"x\" x 200; chdir \"x\" x 200 or exit 1 }'";

    /// <summary>What the run sees is compared with git's own listing in every run, byte for byte.</summary>
    [TestCase("\uFEFFdir/plain", false, TestName = "A link's target that begins with a byte order mark is written as it is")]
    [TestCase("dir/plain", true, TestName = "A link's target in UTF-16 is written as it is")]
    [TestCase("\uFFFD \u00E9\n", false, TestName = "A link's target with a line feed is written as it is")]
    public async Task A_links_target_is_bytes(string target, bool inLatin)
    {
        await using var room = new RunRoom();
        byte[] bytes = inLatin ? [0xFE, 0xFF, 0xE9, (byte)'x', 0x80] : System.Text.Encoding.UTF8.GetBytes(target);

        var run = await room.RunAsync(Test("true"), change: (repository, tree) => tree.Add("odd", repository.ObjectDatabase.CreateBlob(new MemoryStream(bytes)), LibGit2Sharp.Mode.SymbolicLink));

        Assert.That(run.Outcome, Is.EqualTo("Passed"), run.Summary);
    }

    [TestCase("**")]
    [TestCase("d\u00E9/**")]
    public async Task Names_that_are_no_text_are_written_as_they_are(string inputs)
    {
        await using var room = new RunRoom();
        var mirror = room.Mirror();
        string[] trees = ["", ""];
        using (var repository = new LibGit2Sharp.Repository(mirror))
        {
            for (var which = 0; which < 2; which++)
            {
                var blob = repository.ObjectDatabase.CreateBlob(new MemoryStream([(byte)(which + 1)])).Sha;
                var below = TreeItems.Write(repository, [new("a\uDCE8", LibGit2Sharp.Mode.NonExecutableFile, blob), new("a\uDCE9", LibGit2Sharp.Mode.ExecutableFile, blob), new("\uDCFF", LibGit2Sharp.Mode.SymbolicLink, blob)]);
                var whole = TreeItems.Write(repository, [new("d\u00E9", LibGit2Sharp.Mode.Directory, below), new("other", LibGit2Sharp.Mode.NonExecutableFile, blob)]);
                trees[which] = new InputTree().Of(repository, whole, Core.Changes.PatternList.Of(inputs));
            }
        }

        foreach (var tree in trees)
            Assert.That((await room.RunAsync(Test("test $(ls d* | wc -l) = 3"), mirror, tree)).Summary, Does.StartWith("passed"));
    }

    [TestCase("a\0b", "whose target has a zero byte in it")]
    [TestCase("", "without a target")]
    [TestCase("5000", "target is longer than 4095 bytes")]
    [TestCase("300", "File name too long")]
    public async Task What_the_file_system_cannot_hold_is_the_changes_failure(string what, string why)
    {
        await using var room = new RunRoom();

        var run = await room.RunAsync(Test("true"), change: (repository, tree) =>
        {
            var text = what == "5000" ? new string('x', 5000) : what == "300" ? "fine" : what;
            tree.Add(what == "300" ? new string('n', 300) : "odd", repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text))), LibGit2Sharp.Mode.SymbolicLink);
        });

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
        Assert.That(run.Summary, Does.StartWith("its files cannot be laid out: ").And.Contain(why));
    }

    [Test]
    public async Task A_mount_that_has_gone_is_the_machines_failure_and_not_the_changes()
    {
        var mount = Path.GetTempFileName();
        await using var room = new RunRoom([$"{mount}:ro"]);
        File.Delete(mount);

        var run = await room.RunAsync(Test("true"));

        Assert.That(run.Outcome, Is.EqualTo("Lost"));
        Assert.That(run.Summary, Does.StartWith("the sandbox did not start: ").And.Contain("Can't find source path"));
    }

    [Test]
    public async Task A_command_cannot_say_that_it_never_began()
    {
        await using var room = new RunRoom();

        var run = await room.RunAsync(Test("ls -l /proc/self/fd; for fd in 3 4 5 6 7 8 9; do echo >&$fd; done 2>/dev/null; kill -9 $$"));

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
        Assert.That(run.Log, Does.Not.Contain("status"));
    }

    [Test]
    public async Task What_a_prepare_step_writes_is_bounded_like_any_runs()
    {
        await using var room = new RunRoom();

        var run = await room.RunAsync(Test("true", new("i=0; while [ $i -lt 64 ]; do head -c 1M /dev/zero > f$i || exit 1; i=$((i + 1)); done; rm f*", TestDefinition.Everything, false, TimeSpan.FromMinutes(1))));

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
        Assert.That(run.Log, Does.Contain("No space left"));
        Assert.That(room.Kept, Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task What_a_prepare_step_left_is_kept_as_it_was_with_modes_and_links(bool network)
    {
        await using var room = new RunRoom();
        var prepare = new PrepareDefinition("rm dir/plain; mkdir made; echo one > made/tool; chmod 4750 made/tool; ln -s made/tool pointer; ln made/tool hard; echo home > ~/home", TestDefinition.Everything, network, TimeSpan.FromMinutes(1));

        var run = await room.RunAsync(Test("cat dir/plain ~/home pointer; readlink pointer; stat -c '%a %h' made/tool", prepare));

        Assert.That(run.Log, Is.EqualTo("content\nhome\none\nmade/tool\n4750 2\n"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_tree_too_deep_to_be_kept_is_the_changes_failure_and_nothing_of_it_stays(bool sandboxed)
    {
        await using var room = new RunRoom(sandboxed: sandboxed);

        var run = await room.RunAsync(Test("true", new(Deep, TestDefinition.Everything, false, TimeSpan.FromMinutes(1))));

        Assert.That(run.Outcome, Is.EqualTo("Failed"), run.Summary);
        Assert.That(run.Summary, Does.Contain("what prepare left cannot be kept: a path in it is "));
        Assert.That(room.Kept, Is.Empty);
    }

    [Test]
    public void Whatever_was_planted_can_be_removed()
    {
        var folder = Directory.CreateTempSubdirectory("gatekeeper-deep-").FullName;
        using (var plant = Process.Start(new ProcessStartInfo("sh", ["-c", $"mkdir shut && touch shut/file && chmod 0 shut && {Deep}"]) { WorkingDirectory = folder })!)
            plant.WaitForExit();

        Files.Delete(folder);

        Assert.That(Directory.Exists(folder), Is.False);
    }

    [Test]
    public async Task A_prepare_step_with_network_is_tried_three_times_and_only_a_failure_of_all_is_one()
    {
        await using var room = new RunRoom(sandboxed: false);
        var count = Path.Combine(room.Folder, "count");

        var passed = await room.RunAsync(Test("true", Networked($"echo x >> {count}; test $(wc -l < {count}) -ge 3")));
        var failed = await room.RunAsync(Test("true", Networked($"echo x >> {count}; false")));

        Assert.That(passed.Outcome, Is.EqualTo("Passed"), passed.Summary);
        Assert.That(failed.Outcome, Is.EqualTo("Failed"));
        Assert.That(failed.Summary, Does.StartWith("prepare failed 3 times"));
        Assert.That(File.ReadAllLines(count), Has.Exactly(6).Items);
        Assert.That(room.Kept, Has.Exactly(1).Items);
    }

    [Test]
    public async Task A_base_is_prepared_afresh_where_the_network_has_a_say_and_what_is_kept_stays()
    {
        await using var room = new RunRoom(sandboxed: false);
        var count = Path.Combine(room.Folder, "count");
        var test = Test("cat number", Networked($"echo x >> {count}; wc -l < {count} > number"));

        var first = await room.RunAsync(test);
        var compared = await room.RunAsync(test, RunPurpose.Base);
        var again = await room.RunAsync(test);

        Assert.That(new[] { first.Log, compared.Log, again.Log }, Is.EqualTo(new[] { "1\n", "2\n", "1\n" }));
        Assert.That(room.Kept, Has.Exactly(1).Items);
    }

    [Test]
    public void Groups_of_workers_that_are_gone_are_removed_and_those_of_the_living_stay()
    {
        var folder = Directory.CreateTempSubdirectory("gatekeeper-groups-").FullName;
        using var gone = Process.Start("true");
        gone.WaitForExit();
        foreach (var name in (string[])[$"run-{gone.Id}-1", $"run-{Environment.ProcessId}-2", "gatekeeper-worker"])
            Directory.CreateDirectory(Path.Combine(folder, name));

        Cgroups.Sweep(folder);

        Assert.That(Directory.GetDirectories(folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { $"run-{Environment.ProcessId}-2", "gatekeeper-worker" }));
        Directory.Delete(folder, recursive: true);
    }

    private static TestDefinition Test(string command, PrepareDefinition? prepare = null) => new() { Name = "unit", Run = command, Prepare = prepare, Timeout = TimeSpan.FromSeconds(30) };

    private static PrepareDefinition Networked(string command) => new(command, TestDefinition.Everything, Network: true, TimeSpan.FromSeconds(30));
}
