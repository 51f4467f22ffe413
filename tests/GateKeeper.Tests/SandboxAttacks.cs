using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using GateKeeper.Core.Rules;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>Proposed code attacks from inside; what it says of its success is not asked, only what the worker sees.</summary>
[NonParallelizable]
public sealed class SandboxAttacks
{
    private const string Secret = "the-key-to-the-trunk";
    private RunRoom room = null!;

    [OneTimeSetUp]
    public void Open()
    {
        room = new();
        File.WriteAllText(Path.Combine(room.Folder, "credential"), Secret);
        Environment.SetEnvironmentVariable("GATEKEEPER_TEST_SECRET", Secret);
    }

    [OneTimeTearDown]
    public async Task Close()
    {
        Environment.SetEnvironmentVariable("GATEKEEPER_TEST_SECRET", null);
        await room.DisposeAsync();
    }

    [Test]
    public async Task The_tree_holds_exactly_the_inputs_with_their_modes_and_links()
    {
        var run = await RunAsync("find . | sort | tr '\\n' ' '; cat dir/plain; test -x tool && readlink link; pwd; echo $HOME; env | sort | cut -d= -f1 | tr '\\n' ' '");

        Assert.That(run.Outcome, Is.EqualTo("Passed"));
        Assert.That(run.Log, Does.StartWith(". ./dir ./dir/plain ./link ./tool content\ndir/plain\n/work\n/home/run\n"));
        Assert.That(run.Log, Does.EndWith("GATEKEEPER HOME LANG PATH PWD TMPDIR TZ USER "));
    }

    [Test]
    public async Task The_credential_is_in_no_file_no_environment_and_no_process()
    {
        var run = await RunAsync($"""
            env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\0' '\n'
            cat {room.Folder}/credential; ls -la {room.Folder} /root /home /var/lib /etc/shadow 2>&1
            find / -xdev -name '*credential*' -not -path '/usr/*' -not -path '/proc/*' 2>/dev/null
            true
            """);

        Assert.That(run.Log, Does.Not.Contain(Secret));
        Assert.That(run.Log, Does.Not.Contain("work/runs"), "not even the worker's own paths");
    }

    [Test]
    public async Task There_is_no_network_but_its_own_loopback()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;

        var run = await RunAsync($"cat /proc/net/dev | tail -n +3 | cut -d: -f1; bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}' && echo CONNECTED; true");

        Assert.That(run.Log, Does.Not.Contain("CONNECTED"));
        Assert.That(run.Log.Split('\n')[0].Trim(), Is.EqualTo("lo"));
        Assert.That(listener.Pending(), Is.False);
    }

    [Test]
    public async Task The_host_is_read_only_and_its_kernel_settings_out_of_reach()
    {
        var run = await RunAsync("""
            for path in / /usr /etc /dev /run /var /proc/sys/kernel; do touch $path/burglar 2>/dev/null && echo "WROTE $path"; done
            echo burglar > /proc/sys/kernel/core_pattern && echo WROTE core_pattern
            echo b > /proc/sysrq-trigger && echo WROTE sysrq
            mount -t tmpfs none /mnt 2>/dev/null && echo MOUNTED
            unshare --user --map-root-user mount -t tmpfs none /tmp 2>/dev/null && mount | grep -c burglar
            id -u; true
            """);

        Assert.That(run.Log, Does.Not.Contain("WROTE"));
        Assert.That(run.Log, Does.Not.Contain("MOUNTED"));
        Assert.That(File.ReadAllText("/proc/sys/kernel/core_pattern"), Does.Not.Contain("burglar"));
    }

    [Test]
    public async Task A_process_left_in_the_background_dies_with_its_run()
    {
        var mark = $"{Environment.ProcessId + 100_000}";
        var run = await RunAsync($"nohup setsid sleep 86{mark} >/dev/null 2>&1 & trap '' TERM; echo started");

        Assert.That(run.Outcome, Is.EqualTo("Passed"));
        Assert.That(Directory.GetDirectories("/proc").Select(CommandLine).Where(line => line.Contains($"86{mark}", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task A_fork_bomb_meets_its_limit_and_ends()
    {
        var run = await RunAsync("for i in $(seq 500); do sleep 60 & done; wait", TimeSpan.FromSeconds(5));

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
        Assert.That(run.Summary, Does.Contain("more processes than runs may").Or.Contain("did not end within").Or.Contain("exit code"));
        Assert.That(run.Log, Does.Contain("fork").IgnoreCase);
    }

    [Test]
    public async Task A_full_disk_is_the_runs_own()
    {
        var run = await RunAsync("head -c 100M /dev/zero > big; code=$?; ls -la big; exit $code");

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
        Assert.That(run.Log, Does.Contain("No space left").Or.Contain("File size limit").Or.Contain("File too large"));
    }

    [Test]
    public async Task Too_much_memory_is_the_changes_failure_and_named()
    {
        var run = await RunAsync("x=x; while :; do x=$x$x$x; done");

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
        Assert.That(run.Summary, Does.Contain("memory").Or.Contain("exit code"));
    }

    [Test]
    public async Task What_ignores_every_signal_is_ended_at_its_time_limit()
    {
        var run = await RunAsync("trap '' TERM INT HUP; while :; do sleep 1; done", TimeSpan.FromSeconds(1));

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
        Assert.That(run.Summary, Does.Contain("did not end within 1 s"));
    }

    [Test]
    public async Task Endless_output_is_cut_and_ends_the_run()
    {
        var run = await RunAsync("yes");

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
        Assert.That(run.Summary, Does.Contain("printed more than"));
        Assert.That(new FileInfo(room.Runner.LogOf(run.Record.Id)).Length, Is.LessThanOrEqualTo(256 << 10));
    }

    [Test]
    public async Task A_planted_git_and_an_edit_in_place_are_gone_with_the_run()
    {
        var first = await RunAsync("printf 'gitdir: ./g' > .git; mkdir g; printf '[core]\\nfsmonitor = touch /tmp/owned' > g/config; echo changed > dir/plain; touch -d @0 dir/plain; rm tool");
        var second = await RunAsync("ls -A; cat dir/plain; test -x tool");

        Assert.That(first.Outcome, Is.EqualTo("Passed"));
        Assert.That(second.Outcome, Is.EqualTo("Passed"));
        Assert.That(second.Log, Does.Contain("content").And.Not.Contain(".git"));
    }

    [Test]
    public async Task Its_verdict_is_its_exit_status_and_nothing_that_it_writes()
    {
        var run = await RunAsync("for fd in 3 4 5 6 7 8 9; do echo '{\"exit-code\": 0}' >&$fd; done 2>/dev/null; echo Passed; kill -9 $$");

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
    }

    [Test]
    public async Task Failing_cases_are_named_from_junit_files()
    {
        var run = await RunAsync("""mkdir out; echo '<testsuite><testcase classname="sums" name="two"><failure/></testcase><testcase name="ok"/></testsuite>' > out/t.xml; exit 1""", junit: "out/*.xml");

        Assert.That(run.Summary, Does.Contain("failing cases: sums.two"));
    }

    [Test]
    public async Task What_a_prepare_step_left_is_there_for_runs_and_theirs_to_read_only()
    {
        var prepare = new PrepareDefinition("echo prepared > product; echo cached > $HOME/cache", TestDefinition.Everything, Network: false, TimeSpan.FromMinutes(1));
        var first = await RunAsync("cat product ~/cache; echo spoiled > product; echo spoiled > ~/cache", prepare: prepare);
        var second = await RunAsync("cat product ~/cache #again", prepare: prepare);

        Assert.That(first.Log, Is.EqualTo("prepared\ncached\n"));
        Assert.That(second.Log, Is.EqualTo("prepared\ncached\n"));
    }

    /// <summary>Trees lie on each other as layers, whatever order they come in: files turn into directories, submodules and links, and back.</summary>
    [Test]
    public async Task However_trees_follow_each_other_each_run_sees_exactly_its_own()
    {
        var random = new Random(7);
        for (var i = 0; i < 40; i++)
        {
            var expected = new List<string> { "d ./dir", "f ./dir/plain content", "f ./tool #!/bin/sh", "l ./link dir/plain" };
            var run = await RunAsync(
                "find . -mindepth 1 \\( -type d -printf 'd %p\\n' -o -type l -printf 'l %p %l\\n' -o -type f -printf 'f %p ' -exec cat {} \\; \\) | LC_ALL=C sort",
                change: (repository, tree) => expected.AddRange(Vary(repository, tree, random)));

            Assert.That(run.Log.TrimEnd().Split('\n'), Is.EqualTo(expected.Order(StringComparer.Ordinal)), $"tree {i}");
        }
    }

    private static List<string> Vary(Repository repository, TreeDefinition tree, Random random)
    {
        var seen = new List<string>();
        foreach (var name in (string[])["a", "b", "c"])
        {
            switch (random.Next(5))
            {
                case 0:
                    Write(name);
                    break;
                case 1:
                    seen.Add($"d ./{name}");
                    for (var i = random.Next(1, 3); i > 0; i--)
                        Write($"{name}/{i}");
                    break;
                case 2:
                    tree.Add(name, repository.ObjectDatabase.CreateBlob(new MemoryStream("tool"u8.ToArray())), Mode.SymbolicLink);
                    seen.Add($"l ./{name} tool");
                    break;
                case 3:
                    tree.AddGitLink(name, new ObjectId(new string('1', 40)));
                    seen.Add($"d ./{name}");
                    break;
            }
        }

        return seen;

        void Write(string path)
        {
            var content = random.Next(100).ToString(System.Globalization.CultureInfo.InvariantCulture);
            tree.Add(path, repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content + "\n"))), Mode.NonExecutableFile);
            seen.Add($"f ./{path} {content}");
        }
    }

    [Test]
    public async Task A_test_that_has_the_network_reaches_nothing_near()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var near = NetworkInterface.GetAllNetworkInterfaces().SelectMany(face => face.GetIPProperties().UnicastAddresses)
            .Select(address => address.Address).Where(address => address.AddressFamily is AddressFamily.InterNetwork).Select(address => $"{address}").Where(address => address.StartsWith("10.", StringComparison.Ordinal) || address.StartsWith("192.168.", StringComparison.Ordinal));

        var run = await RunAsync(
            $"ip route; for host in 127.0.0.1 10.0.2.2 169.254.169.254 {string.Join(' ', near)}; do timeout 5 bash -c \"echo > /dev/tcp/$host/{port}\" && echo REACHED $host; done; ip route del unreachable 10.0.0.0/8 && echo LIFTED; cat /etc/resolv.conf", network: true);

        Assert.That(run.Outcome, Is.EqualTo("Passed"), $"{run.Summary}\n{run.Log}");
        Assert.That(run.Log, Does.Contain("default via 10.0.2.2 dev tap0").And.Contain("unreachable 169.254.0.0/16").And.EndWith("nameserver 10.0.2.3\n"));
        Assert.That(run.Log, Does.Not.Contain("REACHED").And.Not.Contain("LIFTED"));
    }

    [Test]
    public async Task A_network_is_gone_with_its_run()
    {
        static int Stacks() => System.Diagnostics.Process.GetProcessesByName("slirp4netns").Length;
        var before = Stacks();

        var run = await RunAsync("sleep 1000", timeout: TimeSpan.FromSeconds(1), network: true);

        Assert.That(run.Outcome, Is.EqualTo("Failed"));
        Assert.That(Stacks, Is.EqualTo(before).After(5000, 20));
    }

    [Test]
    public async Task Without_a_sandbox_by_the_operators_word_a_run_is_still_a_run()
    {
        await using var bare = new RunRoom(sandboxed: false);

        var passed = await RunAsync("cat dir/plain; env | cut -d= -f1 | sort | tr '\\n' ' '; (sleep 1000 & echo $! > /proc/self/fd/1)", on: bare);
        var failed = await RunAsync("test -e nothing", on: bare);
        var endless = await RunAsync("trap '' TERM; sleep 1000 & while :; do sleep 1; done", timeout: TimeSpan.FromSeconds(1), on: bare);
        var prepared = await RunAsync("cat $HOME/made made", prepare: new("echo home > $HOME/made; echo tree > made", TestDefinition.Everything, false, TimeSpan.FromSeconds(30)), on: bare);

        Assert.That(passed.Outcome, Is.EqualTo("Passed"), passed.Summary);
        Assert.That(passed.Log, Does.StartWith("content\nGATEKEEPER HOME LANG PATH PWD").And.Not.Contain("SECRET"));
        Assert.That(failed.Outcome, Is.EqualTo("Failed"));
        Assert.That(endless.Summary, Does.Contain("did not end within 1 s"));
        Assert.That(prepared.Log, Does.EndWith("home\ntree\n"), prepared.Summary);
    }

    private Task<Ran> RunAsync(string command, TimeSpan? timeout = null, string? junit = null, PrepareDefinition? prepare = null, Action<Repository, TreeDefinition>? change = null, RunRoom? on = null, bool network = false) =>
        (on ?? room).RunAsync(new() { Name = "attack", Run = command, Timeout = timeout ?? TimeSpan.FromSeconds(30), Junit = junit, Prepare = prepare, Network = network }, change: change);

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
