using System.Runtime.InteropServices;
using GateKeeper.Runs;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>Proposed code reaches for what watches it: a verdict is the command's own exit code and nothing else, and nothing of the worker is left open.</summary>
[NonParallelizable]
public sealed partial class VerdictAttacks
{
    private const string Secret = "the-key-to-the-trunk";

    // What follows: a request and a process to ptrace (16 attaches), pidfd_open (434), pidfd_getfd (438), process_vm_readv (310).
    private const string Reach = """
        sub reach {
          my ($who, $pid) = @_;
          print "$who attached\n" if syscall(101, 16, $pid, 0, 0) == 0;
          print "$who written\n" if open(my $m, "+<", "/proc/$pid/mem");
          my ($far, $near) = (pack("QQ", 4096, 1), pack("QQ", 4096, 1));
          syscall(310, $pid, $near, 1, $far, 1, 0); print "$who read\n" if $!{EFAULT};
          my $p = syscall(434, $pid, 0);
          for my $n (0 .. 63) {
            my $fd = syscall(438, $p, $n, 0);
            next if $fd < 0;
            print "$who gave $n\n";
            if (readlink("/proc/self/fd/$fd") =~ /eventfd/) { open(my $h, ">&=", $fd); syswrite($h, pack("Q<", 1)); sleep 2 }
          }
        }

        """;

    private RunRoom room = null!;

    [OneTimeSetUp]
    public void Open() => room = new();

    [OneTimeTearDown]
    public async Task Close() => await room.DisposeAsync();

    [Test]
    public async Task Who_reports_its_exit_code_is_out_of_its_reach()
    {
        var run = await RunAsync("exec perl attack.pl", change: Attack("use Errno; $| = 1; reach('parent', getppid()); reach('first', 1); print \"done\\n\"; exit 1;"));

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
        Assert.That(run.Log, Is.EqualTo("done\n"));
    }

    [Test]
    public async Task Who_shows_its_failing_cases_is_out_of_its_reach_too()
    {
        var run = await RunAsync("exec perl attack.pl", junit: "out/*.xml", change: Attack("use Errno; $| = 1; reach('parent', getppid()); print \"done\\n\"; exit 1;"));

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
        Assert.That(run.Log, Is.EqualTo("done\n"));
    }

    [Test]
    public void Where_it_cannot_be_kept_out_of_reach_and_the_kernel_forbids_nothing_an_alarm_says_so()
    {
        var yama = File.Exists("/proc/sys/kernel/yama/ptrace_scope") && File.ReadAllText("/proc/sys/kernel/yama/ptrace_scope").Trim() != "0";

        var open = Sandbox.Find(room.Work, room.Folder, RunRoom.Limits, [], out _, looking: true, guard: false)!;
        var closed = Sandbox.Find(room.Work, room.Folder, RunRoom.Limits, [], out _, looking: true)!;

        Assert.That(open.Alarm ?? "", yama ? Does.Not.Contain("ptrace_scope") : Does.Contain("proposed code can write into the process that reports its exit code").And.Contain("kernel.yama.ptrace_scope"));
        Assert.That(closed.Forgeable, Is.Null);
        Assert.That(closed.Crowded, Is.Null);
        Assert.That(open.Crowded, Environment.IsPrivilegedProcess ? Is.Null : Does.Contain("nothing keeps one from taking all inotify instances"));
    }

    [Test]
    public async Task A_test_that_debugs_its_own_processes_still_can()
    {
        var run = await RunAsync("exec perl attack.pl", change: Attack("my $child = fork() // die; if (!$child) { sleep 60; exit 0 } my $r = syscall(101, 16, $child, 0, 0); kill 9, $child; print \"attached $r\\n\"; exit 0;"));

        Assert.That(run.Log, Is.EqualTo("attached 0\n"));
        Assert.That(run.Outcome, Is.EqualTo("Passed"));
    }

    [Test]
    public async Task Programs_and_variables_that_it_brings_are_for_its_command_alone()
    {
        var run = await RunAsync(
            "echo ran; exit 1", new() { ["PATH"] = "/work/bin:/usr/bin:/bin", ["ENV"] = "/work/bin/env", ["BASH_ENV"] = "/work/bin/env" },
            change: (repository, tree) => ((string[])["setpriv", "env", "sh", "prlimit", "cat", "head", "kill"]).ToList().ForEach(name => Add(repository, tree, $"bin/{name}", "#!/bin/sh\nexit 0\n")));

        Assert.That(run.Outcome, Is.EqualTo("Failed"), run.Summary);
    }

    [Test]
    public async Task A_command_that_a_signal_ended_has_failed_and_may_send_any()
    {
        var killed = await RunAsync("kill -KILL $$");
        var all = await RunAsync("kill -KILL -1; kill -KILL 1; kill -STOP 1; exit 1");
        var asked = await RunAsync("trap 'echo asked; exit 0' INT; kill -INT $$; sleep 5; exit 1");

        Assert.That(killed.Summary, Does.Contain("exit code 137"));
        Assert.That(all.Outcome, Is.EqualTo("Failed"));
        Assert.That(asked.Log, Is.EqualTo("asked\n"));
    }

    [Test]
    public async Task Files_that_are_open_in_the_worker_are_not_open_in_a_run()
    {
        var file = Path.Combine(room.Folder, "secret");
        await File.WriteAllTextAsync(file, Secret);
        using var open = File.OpenHandle(file);

        // A copy of a descriptor is inherited by whatever is started, as one that the worker was started with.
        var inherited = Duplicate((int)open.DangerousGetHandle());
        var run = await RunAsync($"for fd in /proc/self/fd/*; do readlink $fd; done; cat /proc/self/fd/{inherited}; ls /proc/self/fd; cat /proc/*/fd/{inherited}; true");
        _ = CloseCopy(inherited);

        Assert.That(run.Log, Does.Not.Contain(Secret).And.Not.Contain("secret"));
        Assert.That(run.Log, Does.EndWith("0\n1\n2\n3\n").Or.Contain("0\n1\n2\n3\n"), "and the last is the folder that is listed");
    }

    private static Action<Repository, TreeDefinition> Attack(string script) => (repository, tree) => Add(repository, tree, "attack.pl", Reach + script);

    private static void Add(Repository repository, TreeDefinition tree, string path, string content) =>
        tree.Add(path, repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content))), Mode.ExecutableFile);

    private Task<Ran> RunAsync(string command, Dictionary<string, string>? env = null, string? junit = null, Action<Repository, TreeDefinition>? change = null) =>
        room.RunAsync(new() { Name = "attack", Run = command, Timeout = TimeSpan.FromSeconds(30), Junit = junit, Env = [.. env ?? []] }, change: change);

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseCopy(int descriptor);
}
