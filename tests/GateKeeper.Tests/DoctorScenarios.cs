using GateKeeper.Commands;
using GateKeeper.Forges;
using GateKeeper.Forges.PlainGit;

namespace GateKeeper.Tests;

/// <summary>What the doctor says of a repository of plain git and its guard.</summary>
public sealed class DoctorScenarios
{
    private static readonly string GuardedRules = World.Rules.Replace("@example.org", "", StringComparison.Ordinal);

    /// <summary>The hooks call the program that is under test, and not the one that runs the tests.</summary>
    [OneTimeSetUp]
    public void Name() => Environment.SetEnvironmentVariable("GATEKEEPER_PROGRAM", Path.Combine(AppContext.BaseDirectory, "gatekeeper"));

    [Test]
    public async Task A_guarded_repository_that_only_its_account_can_write_is_all_right()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        await GuardAsync(world);

        var findings = await ExamineAsync(world);

        Assert.That(findings.Where(finding => finding.State != FindingState.Right), Is.Empty);
        Assert.That(Of(findings, "hook pre-receive"), Is.EqualTo($"Right: it calls {GuardCommand.Program}"));
        Assert.That(Of(findings, "guarded trunks"), Is.EqualTo("Right: main"));
        Assert.That(Of(findings, "pushes"), Is.EqualTo($"Right: the gate can push here: it pushed a ref and took it back, as the account {Environment.UserName} of this machine"));
        Assert.That(await world.GitAsync("for-each-ref", "refs/gatekeeper/probe"), Is.Empty);
        Assert.That(Of(findings, "rules of main"), Is.EqualTo("Right: rules.yaml is valid"));
    }

    [Test]
    public async Task A_repository_without_a_guard_is_wrong_and_says_how_to_get_one()
    {
        await using var world = await World.StartAsync(trusted: false);

        var findings = await ExamineAsync(world);

        Assert.That(Of(findings, "hook pre-receive"), Does.StartWith("Wrong: there is no "));
        Assert.That(Of(findings, "push log"), Does.StartWith("Wrong: this repository has no guard"));
        Assert.That(findings.Single(finding => finding.What == "guard.json").Cure, Does.StartWith($"gatekeeper guard {world.Url} --trunk 'main'"));
    }

    [Test]
    public async Task Files_that_another_account_can_write_hooks_that_call_others_and_trunks_that_are_not_guarded_are_found()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        await GuardAsync(world);
        File.SetUnixFileMode(Path.Combine(world.Url, "refs"), (UnixFileMode)0b111_111_111);
        await File.WriteAllTextAsync(Path.Combine(world.Url, "hooks", "post-receive"), "#!/bin/sh\nexec '/bin/true' guard-hook post-receive\n");
        File.SetUnixFileMode(Path.Combine(world.Url, "hooks", "pre-receive"), UnixFileMode.UserRead);
        await world.GitAsync("config", "core.hooksPath", "/elsewhere");
        world.Configure(repository => repository with { Trunks = ["main", "stable"], User = "other" });

        var findings = await ExamineAsync(world);

        Assert.That(Of(findings, "nobody else: the repository's files"), Does.StartWith("Wrong: everybody on the machine can write ").And.Contain("/refs"));
        Assert.That(Of(findings, "hook pre-receive"), Does.StartWith("Wrong: ").And.EndWith("is not executable, so git passes it by"));
        Assert.That(Of(findings, "hook post-receive"), Does.Contain("calls /bin/true, and this program is"));
        Assert.That(Of(findings, "core.hooksPath"), Does.StartWith("Wrong: it is /elsewhere"));
        Assert.That(Of(findings, "guarded trunks"), Is.EqualTo("Wrong: anybody may push to stable: the guard knows main"));
        Assert.That(Of(findings, "the gate's account"), Does.StartWith("Wrong: the guard lets gatekeeper move trunks, and the settings name other"));
        Assert.That(Of(findings, "trunk stable"), Is.EqualTo("Wrong: there is no branch stable"));
    }

    [TestCase("#!/bin/sh\n# exec 'PROGRAM' guard-hook pre-receive\n", "Wrong: ")]
    [TestCase("#!/bin/sh\nexit 0\nexec 'PROGRAM' guard-hook pre-receive\n", "Unknown: ")]
    [TestCase("#!/bin/sh\n'PROGRAM' guard-hook pre-receive\nexit 0\n", "Unknown: ")]
    public async Task A_hook_that_only_speaks_of_the_guard_is_not_called_right(string script, string expected)
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        await GuardAsync(world);
        await File.WriteAllTextAsync(Path.Combine(world.Url, "hooks", "pre-receive"), script.Replace("PROGRAM", GuardCommand.Program, StringComparison.Ordinal));

        Assert.That(Of(await ExamineAsync(world), "hook pre-receive"), Does.StartWith(expected));
    }

    [Test]
    public async Task A_pattern_of_trunks_is_guarded_only_by_the_same_pattern()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        await GuardAsync(world);
        world.Configure(repository => repository with { Trunks = ["main", "m*"] });

        Assert.That(Of(await ExamineAsync(world), "guarded trunks"), Is.EqualTo("Wrong: anybody may push to m*: the guard knows main"));
    }

    [Test]
    public async Task A_guard_elsewhere_must_be_named_in_the_settings_and_its_files_are_unknown()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        await GuardAsync(world);
        var first = await world.GitAsync("rev-list", "--max-parents=0", PushLog.Ref);
        world.Configure(repository => repository with { Url = $"file://{world.Url}" });

        var unnamed = await ExamineAsync(world);
        world.Configure(repository => repository with { Guard = first });
        var named = await ExamineAsync(world);

        Assert.That(Of(unnamed, "push log"), Does.StartWith("Wrong: nothing vouches for the guard"));
        Assert.That(Of(named, "pushes"), Does.StartWith("Right: "));
        Assert.That(await world.GitAsync("for-each-ref", "refs/gatekeeper/probe"), Is.Empty);
        Assert.That(Of(named, "push log"), Is.EqualTo("Right: it begins with the commit that the settings name"));
        Assert.That(Of(named, "nobody else: the repository's files"), Is.EqualTo("Unknown: they lie on another machine"));
    }

    [Test]
    public async Task A_repository_that_is_gone_did_not_answer()
    {
        await using var world = await World.StartAsync(trusted: false);
        world.Configure(repository => repository with { Url = "file:///nowhere/at/all.git" });

        var examined = await DoctorCommand.ExamineAsync(world.Settings, world.Settings.Repositories[0], null, default);

        Assert.That(examined.Findings, Is.Null);
        Assert.That(DoctorCommand.Text([examined]), Does.Contain("did not answer: "));
    }

    [Test]
    public async Task The_machine_is_looked_at_as_one_that_runs_proposed_code()
    {
        await using var world = await World.StartAsync(trusted: false);

        var findings = MachineDoctor.Look(world.Settings);
        var taken = MachineDoctor.Look(world.Settings with { Runs = world.Settings.Runs with { Users = (1, 5) } });

        Assert.That(Of(findings, "sandbox"), Does.StartWith("Right: bubblewrap"));
        Assert.That(Of(findings, "verdicts"), Does.StartWith("Right: proposed code cannot reach the process that reports its exit code; what one command starts is one trust domain"));
        Assert.That(Of(findings, "limits of runs"), Is.EqualTo("Right: the worker's own limits hold no run"));
        Assert.That(Of(findings, "user ids of runs"), Does.StartWith("Right: "));
        if (Environment.IsPrivilegedProcess)
            Assert.That(Of(taken, "user ids of runs"), Does.StartWith("Wrong: 1 is the account "));
    }

    private static async Task GuardAsync(World world)
    {
        var accounts = Path.Combine(world.People.Directory, "accounts.json");
        await File.WriteAllTextAsync(accounts, """{"bob": {"emails": ["bob@example.org"]}, "carol": {"emails": ["carol@example.org"]}}""");
        Assert.That(await CommandLine.RunAsync(["guard", world.Url, "--accounts", accounts]), Is.Zero);
        foreach (var path in Directory.EnumerateFileSystemEntries(world.Url, "*", SearchOption.AllDirectories).Append(world.Url).Append(Path.GetDirectoryName(world.Url)!))
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) & ~(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
    }

    private static async Task<IReadOnlyList<Finding>> ExamineAsync(World world) =>
        (await DoctorCommand.ExamineAsync(world.Settings, world.Settings.Repositories[0], null, default)).Findings!;

    private static string Of(IReadOnlyList<Finding> findings, string what) => findings.Where(finding => finding.What == what).Select(finding => $"{finding.State}: {finding.Why}").Single();
}
