using System.Diagnostics;

namespace GateKeeper.Tests;

/// <summary>The script at the root, as people come to it: by a link on their path, and on systems that it is not for.</summary>
public sealed class ScriptTests
{
    private string folder = "";

    [SetUp]
    public void MakeRoom() => folder = Directory.CreateTempSubdirectory("gatekeeper-script-").FullName;

    [TearDown]
    public void LeaveNothing() => Runs.Files.Delete(folder);

    [Test]
    public void A_link_to_a_link_to_the_script_runs_the_program()
    {
        Directory.CreateDirectory(Path.Combine(folder, "bin"));
        File.CreateSymbolicLink(Path.Combine(folder, "first"), Path.Combine(Root(), "gatekeeper"));
        File.CreateSymbolicLink(Path.Combine(folder, "bin", "gatekeeper"), "../first");

        // The one command that never builds, wrongly called, so that it does nothing.
        var seen = Run($"{folder}/bin/gatekeeper", ["guard-hook"], folder);

        Assert.That(seen.Errors, Does.StartWith("gatekeeper: guard-hook needs <hook>"));
        Assert.That(seen.Code, Is.EqualTo(2));
    }

    [Test]
    public void Another_system_is_told_what_the_program_needs()
    {
        Tool("uname", "echo Darwin arm64");

        var seen = Run(Path.Combine(Root(), "gatekeeper"), ["--version"], folder);

        Assert.That(seen, Is.EqualTo(new Seen(3, "", "gatekeeper: this program runs on Linux, on amd64 and arm64. Here it is Darwin arm64\n")));
    }

    [TestCase("apt-get", "iproute2", "openssh-client", "apt-get install -y -qq --no-install-recommends")]
    [TestCase("dnf", "iproute", "openssh-clients", "dnf install -y -q")]
    [TestCase("zypper", "iproute2", "openssh-clients", "zypper --non-interactive --quiet install")]
    [TestCase("pacman", "iproute2", "openssh", "pacman -S --needed --noconfirm --quiet")]
    [TestCase("apk", "iproute2", "openssh", "apk add --quiet")]
    public void What_is_missing_is_installed_by_the_systems_own_manager_and_names(string manager, string ip, string ssh, string command)
    {
        // No tool of this machine is on the path but what the script itself uses.
        foreach (var tool in new[] { "sh", "uname", "dirname", "readlink", "env", "cat" })
            File.CreateSymbolicLink(Path.Combine(folder, tool), Real(tool));
        Tool("id", "echo 0");
        Tool(manager, $"echo \"$(basename $0) $*\" >>{folder}/asked; [ $1 = update ] || exit 1");
        File.CreateSymbolicLink(Path.Combine(folder, "basename"), Real("basename"));

        var seen = Run(Path.Combine(Root(), "gatekeeper"), ["--version"], folder, only: true);

        var missing = File.Exists("/usr/sbin/ip") || File.Exists("/sbin/ip") ? $"git bubblewrap slirp4netns {ssh}" : $"git bubblewrap slirp4netns {ip} {ssh}";
        Assert.That(seen.Errors, Does.StartWith($"gatekeeper: missing: {missing}\ngatekeeper: installing with {manager} ...\ngatekeeper: {manager} failed; try: "));
        Assert.That(File.ReadAllLines(Path.Combine(folder, "asked"))[^1], Is.EqualTo($"{command} {missing}"));
        Assert.That(seen.Code, Is.EqualTo(3));
    }

    [Test]
    public void Where_no_manager_is_known_the_script_says_what_it_cannot_do()
    {
        foreach (var tool in new[] { "sh", "uname", "dirname", "readlink", "id" })
            File.CreateSymbolicLink(Path.Combine(folder, tool), Real(tool));

        var seen = Run(Path.Combine(Root(), "gatekeeper"), ["--version"], folder, only: true);

        Assert.That(seen.Errors, Does.EndWith("gatekeeper: these are Debian's names, and there is none of apt-get, dnf, zypper, pacman and apk here; install what this system calls them\n"));
        Assert.That(seen.Code, Is.EqualTo(3));
    }

    private void Tool(string name, string does)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, $"#!/bin/sh\n{does}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Real(string tool) => new[] { "/usr/bin", "/bin" }.Select(place => Path.Combine(place, tool)).First(File.Exists);

    private static Seen Run(string program, IEnumerable<string> arguments, string path, bool only = false)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = only ? path : $"{path}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        return new(Wait(process), process.StandardOutput.ReadToEnd(), errors.GetAwaiter().GetResult());
    }

    private static int Wait(Process process)
    {
        process.WaitForExit();
        return process.ExitCode;
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "GateKeeper.sln")))
            directory = Path.GetDirectoryName(directory.TrimEnd('/'))!;
        return directory;
    }
}
