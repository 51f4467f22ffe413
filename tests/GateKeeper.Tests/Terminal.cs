using System.Diagnostics;

namespace GateKeeper.Tests;

/// <summary>What somebody sees who runs the built program.</summary>
internal sealed record Seen(int Code, string Output, string Errors);

/// <summary>The built program, in a folder of somebody's own.</summary>
internal sealed class Terminal : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "gatekeeper");
    private readonly string folder;

    public Terminal()
        : this(Directory.CreateTempSubdirectory("gatekeeper-terminal-").FullName)
    {
    }

    private Terminal(string folder) => this.folder = folder;

    public string Folder => folder;

    public string Write(string name, string content)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Makes the folder a clone of a repository, in which somebody works.</summary>
    public async Task CloneAsync(string url, string name)
    {
        await StartAsync("git", ["clone", "--quiet", url, "."]);
        await StartAsync("git", ["config", "user.name", name]);
        await StartAsync("git", ["config", "user.email", $"{name}@example.org"]);
    }

    public Task<Seen> GitAsync(params string[] arguments) => StartAsync("git", arguments);

    /// <summary>Commands as a document or the program shows them; the first that fails is the end.</summary>
    public Task<Seen> ShellAsync(string commands) => StartAsync("sh", ["-euc", commands]);

    public Task<Seen> RunAsync(params string[] arguments) => StartAsync(Program, arguments);

    /// <summary>With one variable of the environment more.</summary>
    public Task<Seen> RunAsync((string Name, string Value) variable, params string[] arguments) => StartAsync(Program, arguments, variable);

    /// <summary>Somebody who stands in a folder below; the folder above disposes of it.</summary>
    public Terminal Below(string name) => new(Path.Combine(folder, name));

    public void Dispose() => Runs.Files.Delete(folder);

    private async Task<Seen> StartAsync(string program, IEnumerable<string> arguments, (string Name, string Value)? variable = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GATE_TOKEN"] = "sesame";
        if (variable is var (name, value))
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await errors);
    }
}
