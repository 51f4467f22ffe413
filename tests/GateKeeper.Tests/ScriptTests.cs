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

        Assert.That(seen.Errors, Does.StartWith("gatekeeper: Required argument missing for command: 'guard-hook'."));
        Assert.That(seen.Code, Is.EqualTo(2));
    }

    [Test]
    public void Another_system_is_told_what_the_program_needs()
    {
        File.WriteAllText(Path.Combine(folder, "uname"), "#!/bin/sh\necho Darwin arm64\n");
        File.SetUnixFileMode(Path.Combine(folder, "uname"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var seen = Run(Path.Combine(Root(), "gatekeeper"), ["--version"], folder);

        Assert.That(seen, Is.EqualTo(new Seen(3, "", "gatekeeper: this program runs on Linux on amd64: it needs bubblewrap, libgit2 1.5 and git, and has been tried on Debian 12\n")));
    }

    private static Seen Run(string program, IEnumerable<string> arguments, string path)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{path}:{Environment.GetEnvironmentVariable("PATH")}";
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
