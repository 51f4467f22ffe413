using GateKeeper.Commands;
using GateKeeper.Forges;
using GateKeeper.Forges.PlainGit;

namespace GateKeeper.Tests;

/// <summary>The account that the worker runs as, and what it must be able to do with a repository of plain git: the doctor tries it.</summary>
public sealed class AccountScenarios
{
    [Test]
    public async Task A_server_that_takes_no_push_is_found_by_the_doctor_with_what_it_said()
    {
        await using var world = await World.StartAsync();
        await world.HookAsync("pre-receive", "echo 'this mirror is read-only' >&2; exit 1");

        Assert.That(Of(await ExamineAsync(world), "pushes"), Does.StartWith("Wrong: the gate cannot push here: ").And.Contain("this mirror is read-only"));
    }

    [Test]
    public async Task A_server_that_does_not_say_who_pushes_is_told_to()
    {
        await using var world = await World.StartAsync();
        await world.HookAsync("pre-receive", "echo 'the server does not say who is pushing' >&2; exit 1");

        var found = (await ExamineAsync(world)).Single(finding => finding.What == "pushes");

        Assert.That(found.Why, Does.Contain("does not say who is pushing"));
        Assert.That(found.Cure, Does.Contain("command=\"env GATEKEEPER_ACCOUNT=gatekeeper git-shell -c \\\"$SSH_ORIGINAL_COMMAND\\\"\",restrict"));
    }

    [Test]
    public async Task What_a_look_could_not_take_back_is_said_and_goes_with_a_later_look()
    {
        await using var world = await World.StartAsync();
        var left = $"refs/gatekeeper/probe/1700000000-{new string('a', 32)}";
        await world.GitAsync("update-ref", left, "refs/heads/main");
        await world.HookAsync("update", "case $3 in 0000*) echo 'nothing is deleted here' >&2; exit 1;; esac");

        var kept = (await ExamineAsync(world)).Single(finding => finding.What == "what the doctor pushed");
        Assert.That(kept.Why, Does.StartWith($"{left} cannot be taken back: ").And.Contain("nothing is deleted here"));
        Assert.That(kept.Cure, Does.EndWith($"git update-ref -d {left}"));
        Assert.That(await ProbesAsync(world), Is.EqualTo(left), "no look leaves another one while it cannot take back the first");

        await world.GitAsync("update-ref", "-d", left);
        var pushed = await ExamineAsync(world);
        Assert.That(Of(pushed, "pushes"), Does.StartWith("Right: the gate can push here: it pushed a ref, "));
        Assert.That(Of(pushed, "what the doctor pushed"), Does.Contain("nothing is deleted here"));

        File.Delete(Path.Combine(world.Url, "hooks", "update"));
        await world.GitAsync("update-ref", left, "refs/heads/main");
        await ExamineAsync(world);
        Assert.That(await ProbesAsync(world), Does.Not.Contain(left));
    }

    [Test]
    public async Task Root_leaves_no_files_of_its_own_in_a_repository_of_another_account()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Ignore("skipped: only root can give a repository to another account");
        await using var world = await World.StartAsync();
        using var terminal = new Terminal();
        await terminal.ShellAsync($"chown -R 64321 {world.Url}");

        Assert.That(Of(await ExamineAsync(world), "pushes"), Does.StartWith("Wrong: the repository belongs to UNKNOWN, who could not write what root makes there, so no push was tried"));
        using var people = new People(world);
        Assert.That(async () => await people.GuardAsync(), Throws.TypeOf<ReviewException>().With.Message.Contains("install the guard as that account"));
        Assert.That((await terminal.ShellAsync($"find {world.Url} ! -uid 64321")).Output, Is.Empty);
    }

    /// <summary>A second account of the machine needs a root to start it, and what is built here to be open to it.</summary>
    [Test]
    public async Task A_worker_under_an_account_of_its_own_is_told_that_it_cannot_push_to_a_repository_of_another()
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/setpriv"))
            Assert.Ignore("skipped: another account is only to be had by root, with setpriv");
        await using var world = await World.StartAsync();
        using var terminal = new Terminal();
        foreach (var path in Directory.EnumerateFileSystemEntries(world.Url, "*", SearchOption.AllDirectories).Append(world.Url).Append(Path.GetDirectoryName(world.Url)!))
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(terminal.Folder, (UnixFileMode)0b111_111_111);
        var settings = terminal.Write("settings.json", $$"""
            { "repositories": [{ "name": "tool", "forge": "git", "url": "{{world.Url}}", "trunks": ["main"], "identity": "trusted" }], "runs": { "memory": "1GiB", "disk": "64MiB" },
              "store": "sqlite:{{terminal.Folder}}/worker/store.db", "work": "{{terminal.Folder}}/worker" }
            """);
        var doctor = $"setpriv --reuid 64321 --regid 64321 --clear-groups env HOME={terminal.Folder} {Path.Combine(AppContext.BaseDirectory, "gatekeeper")} doctor --config {settings}";
        if ((await terminal.ShellAsync(doctor.Replace($"doctor --config {settings}", "--version", StringComparison.Ordinal))) is { Code: not 0 } closed)
            Assert.Ignore($"skipped: what is built here is not open to another account: {closed.Errors}");

        var seen = await terminal.ShellAsync(doctor);

        Assert.That(seen.Output, Does.Contain("wrong   pushes: the gate cannot push here: ").And.Contain("reach it over ssh as the account that owns it"), seen.Errors);
        Assert.That(seen.Code, Is.EqualTo(ExitCodes.No));
        Assert.That(await ProbesAsync(world), Is.Empty);
    }

    private static Task<string> ProbesAsync(World world) => world.GitAsync("for-each-ref", "--format=%(refname)", "refs/gatekeeper/probe");

    private static async Task<IReadOnlyList<Finding>> ExamineAsync(World world) =>
        (await DoctorCommand.ExamineAsync(world.Settings, world.Settings.Repositories[0], null, default)).Findings!;

    private static string Of(IReadOnlyList<Finding> findings, string what) => findings.Where(finding => finding.What == what).Select(finding => $"{finding.State}: {finding.Why}").Single();
}
