using GateKeeper.Core.Rules;

namespace GateKeeper.Tests;

/// <summary>The reports of runs: they decide nothing, and name what failed to its author, beside the test's own last words.</summary>
[NonParallelizable]
public sealed class ReportScenarios
{
    private const string Case = """<testsuite name="s"><testcase classname="sums" name="two"><failure/></testcase></testsuite>""";
    private RunRoom room = null!;

    [OneTimeSetUp]
    public void Open() => room = new();

    [OneTimeTearDown]
    public async Task Close() => await room.DisposeAsync();

    [Test]
    public async Task A_passing_test_with_many_megabytes_of_reports_has_passed()
    {
        var run = await RunAsync("""mkdir out; head -c 20000000 /dev/zero | tr '\0' x > out/big.xml; echo fine""", "out/*.xml");

        Assert.That(run.Outcome, Is.EqualTo("Passed"), run.Summary);
        Assert.That(run.Log, Is.EqualTo("fine\n"));
    }

    [Test]
    public async Task Hundreds_of_failing_cases_are_counted_and_the_test_has_the_last_word()
    {
        var run = await RunAsync(
            """
            mkdir out; { echo '<testsuite name="s">'; i=1; while [ $i -le 405 ]; do echo "<testcase classname='sums' name='n$i'><failure>"; echo "a line"; echo '</failure></testcase>'; i=$((i + 1)); done; echo '</testsuite>'; } > out/t.xml
            echo expected 4, was 5; exit 1
            """, "out/*.xml");

        Assert.That(run.Summary, Is.EqualTo("attack ended with exit code 1\nfailing cases: sums.n1, sums.n2, sums.n3, sums.n4, sums.n5 and 400 more\nexpected 4, was 5"));
    }

    [Test]
    public async Task A_line_of_megabytes_fills_no_store_and_no_message()
    {
        var run = await RunAsync("head -c 200000 /dev/zero | tr '\\0' y; echo; echo the last word; exit 1");
        var one = await RunAsync("head -c 261000 /dev/zero | tr '\\0' y; echo the end; echo; echo; exit 1");

        Assert.That(run.Summary.Length, Is.LessThan(600));
        Assert.That(run.Summary, Does.EndWith("yyy\nthe last word"));
        Assert.That(one.Summary, Does.EndWith("yyythe end"));
    }

    [TestCase("true", false, TestName = "A report that lies in the tree before the run is not read")]
    [TestCase("touch -d 2040-01-01 out/t.xml; chmod 755 out/t.xml", false, TestName = "A report that lay there and was touched is not read")]
    [TestCase("sed -i s/two/three/ out/t.xml; touch -d @0 out/t.xml", true, TestName = "A report that was written over is read, whatever its time says")]
    [TestCase("cp out/t.xml out/new.xml; touch -d @0 out/new.xml", true, TestName = "A report that is new is read, whatever its time says")]
    public async Task Only_what_the_command_wrote_is_its_report(string command, bool read)
    {
        foreach (var on in (RunRoom[])[room, new RunRoom(sandboxed: false)])
        {
            var run = await RunAsync($"{command}; exit 1", "out/*.xml", on, files: new() { ["out/t.xml"] = Case });

            Assert.That(run.Summary, read ? Does.Contain("failing cases: sums.t") : Does.Not.Contain("failing").And.Contains("no report: it wrote no file that matches junit (out/*.xml); out/t.xml lay there before"), run.Log);
            if (on != room)
                await on.DisposeAsync();
        }
    }

    [Test]
    public async Task What_a_prepare_step_left_is_not_the_tests_report()
    {
        var run = await room.RunAsync(new() { Name = "attack", Run = "cat out/t.xml > /dev/null; exit 1", Junit = "out/*.xml", Timeout = TimeSpan.FromSeconds(30), Prepare = new($"mkdir out; echo '{Case}' > out/t.xml", TestDefinition.Everything, false, TimeSpan.FromMinutes(1)) });

        Assert.That(run.Summary, Does.Contain("out/t.xml lay there before").And.Not.Contain("sums"));
    }

    [TestCase("**/TEST-*.xml", "a/b/TEST-x.xml")]
    [TestCase("{out,build}/**", "build/reports/x")]
    [TestCase("out dir/the *.xml", "out dir/the report.xml")]
    [TestCase("x.xml", "x.xml")]
    public async Task Patterns_are_the_rules_own(string pattern, string path)
    {
        var run = await RunAsync($"""mkdir -p "$(dirname '{path}')"; echo '{Case}' > '{path}'; exit 1""", pattern);

        Assert.That(run.Summary, Does.Contain("failing cases: sums.two"));
    }

    [TestCase("mkdir out; echo '<TestRun/>' > out/r.trx", "no case is named in out/r.trx: it is TRX")]
    [TestCase("mkdir out; echo '<test-run/>' > out/r.xml", "no case is named in out/r.xml: it is NUnit's own format")]
    [TestCase("mkdir out; : > out/empty.xml", "no case is named in out/empty.xml: it holds no tag")]
    [TestCase("true", "no report: it wrote no file that matches junit (out/*)")]
    [TestCase("mkdir out; ln -s /etc/passwd out/a", "no report: it wrote no file that matches junit (out/*); out/a lay there before it began, or is no plain file")]
    public async Task Where_nothing_can_be_named_the_run_says_why(string command, string said)
    {
        var passed = await RunAsync(command, "out/*");
        var failed = await RunAsync($"{command}; exit 1", "out/*");

        Assert.That(passed.Outcome, Is.EqualTo("Passed"), passed.Summary);
        Assert.That(passed.Summary, Does.StartWith("passed in ").And.Contain(said));
        Assert.That(failed.Summary, Does.Contain(said));
    }

    [Test]
    public async Task What_passed_at_a_second_try_is_told_as_a_flake_and_fails_nothing()
    {
        var run = await RunAsync("""mkdir out; echo '<testsuite failures="0" errors="0"><testcase classname="a" name="b"><flakyFailure/></testcase><testcase name="c"><failure/><skipped/></testcase></testsuite>' > out/t.xml""", "out/*.xml");

        Assert.That(run.Summary, Does.Match(@"\Apassed in .*\nflaky cases, which failed and then passed: a\.b\z"));
        Assert.That(room.Flakes, Does.Contain("attack"), "it is recorded as one");
    }

    [Test]
    public async Task The_later_report_has_the_last_word_whatever_it_is_called()
    {
        var run = await RunAsync($"mkdir out; echo '{Case}' > out/b.xml; echo '{Case.Replace("<failure/>", "", StringComparison.Ordinal)}' > out/a.xml; exit 1", "out/*.xml");

        Assert.That(run.Summary, Is.EqualTo("attack ended with exit code 1\nflaky cases, which failed and then passed: sums.two"));
    }

    [Test]
    public async Task Of_too_many_reports_the_first_are_read_and_it_is_said()
    {
        var run = await RunAsync($"mkdir out; echo '{Case}' > out/first; head -c 5000 /dev/zero | split -b 1 -a 4 - out/; exit 1", "out/*");

        Assert.That(run.Summary, Does.Contain("failing cases: sums.two").And.Contain("only the first 5,000 of 5,001 reports were read"));
    }

    [TestCase("head -c 400M /dev/zero | tail", "runs.memory")]
    [TestCase("perl -e 'fork() for 1 .. 8; sleep 60' & sleep 1; exit 1", "runs.processes")]
    public async Task What_is_ended_at_a_limit_shows_names_so_far_and_last_lines_too(string command, string limit)
    {
        var run = await RunAsync($"mkdir out; echo '{Case}' > out/t.xml; echo still here; {{ {command}; }} 2>/dev/null", "out/*.xml");

        Assert.That(run.Summary, Does.Contain("\nfailing cases: sums.two\nstill here"), run.Log);
        Assert.That(run.Summary, Does.Contain(limit).Or.Contain("exit code"), "a group must bound the run as a whole for that to be known");
    }

    [Test]
    public async Task A_time_out_shows_names_so_far_and_last_lines_and_which_limit_it_was()
    {
        var run = await RunAsync($"mkdir out; echo '{Case.Replace("</testsuite>", "<testcase name=\"three\"><fai", StringComparison.Ordinal)}' > out/t.xml; echo still here; sleep 1000", "out/*.xml", timeout: TimeSpan.FromSeconds(1));

        Assert.That(run.Summary, Is.EqualTo("it did not end within 1 s and was ended; \"timeout\" of the test sets that\nfailing cases: sums.two\nstill here"));
    }

    [Test]
    public async Task One_that_prints_too_much_shows_the_same()
    {
        var run = await RunAsync($"mkdir out; echo '{Case}' > out/t.xml; yes on and on", "out/*.xml");

        Assert.That(run.Summary, Does.StartWith("it printed more than 256 KiB and was ended; runs.output sets that\nfailing cases: sums.two\non and on\n"));
    }

    [TestCase("head -c 100M /dev/zero > big", "; what a run writes is held to 32 MiB (runs.disk)\n")]
    [TestCase("echo 'Error: ENOSPC: no space left on device, write'; exit 1", "; what a run writes is held to 32 MiB (runs.disk)\n")]
    [TestCase("echo 'Error: EMFILE: too many open files'; exit 1", "; a process of a run may have 1,024 files open, and more where it raises its limit (ulimit -n)\n")]
    public async Task One_that_says_that_it_has_too_little_is_told_which_limit_that_is(string command, string limit)
    {
        var run = await RunAsync(command);

        Assert.That(run.Summary, Does.Contain(limit));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Reports_of_the_hostile_kind_are_read_or_not_and_hurt_nobody(bool sandboxed)
    {
        await using var other = sandboxed ? null : new RunRoom(sandboxed: false);
        var secret = Path.Combine(room.Folder, "secret.xml");
        await File.WriteAllTextAsync(secret, Case.Replace("two", "secret", StringComparison.Ordinal));
        var run = await RunAsync(
            $"""
            mkdir out; cd out; ln -s {secret} a.xml; ln -s {room.Folder} b; mkfifo c.xml; mkdir d.xml; truncate -s 9G e.xml; : > f.xml; chmod 0 f.xml; ln -s . g; ln -s /dev/zero h.xml
            printf '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><testcase name="&c;"><failure/></testcase>' > i.xml
            awk 'BEGIN {"{"} for (i = 0; i < 200000; i++) printf "<a>" {"}"}' > j.xml; printf '<testcase name="deep"><failure/>' >> j.xml
            for i in 1 2 3 4 5 6 7 8 9; do mkdir deep; cd deep; done; echo '{Case}' > k.xml; exit 1
            """, "out/**", other);

        Assert.That(run.Summary, Does.Contain("exit code 1").And.Contain("&c;").And.Contain("deep").And.Contain("sums.two"), run.Log);
        Assert.That(run.Summary, Does.Contain("only the beginning was read of out/e.xml").Or.Contain("runs.disk"), "a file that large can be made only where a group bounds the run as a whole");
        Assert.That(run.Summary, Does.Not.Contain("secret"));
    }

    [Test]
    public async Task What_was_printed_for_a_terminal_is_shown_as_text()
    {
        var run = await RunAsync("""printf '\033[31mred\033[0m\n10%%\r 50%%\r100%%\n\033]8;;http://x\033\\link\033]8;;\033\\\n'; exit 1""");

        Assert.That(run.Summary, Does.EndWith("\nred\n100%\nlink"));
    }

    private Task<Ran> RunAsync(string command, string? junit = null, RunRoom? on = null, TimeSpan? timeout = null, Dictionary<string, string>? files = null) => (on ?? room).RunAsync(
        new() { Name = "attack", Run = command, Timeout = timeout ?? TimeSpan.FromSeconds(30), Junit = junit },
        change: (repository, tree) => files?.ToList().ForEach(file => tree.Add(file.Key, repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(file.Value))), LibGit2Sharp.Mode.NonExecutableFile)));
}
