using System.Diagnostics;

namespace GateKeeper.Tests;

/// <summary>What somebody sees who runs the built program.</summary>
internal sealed record Seen(int Code, string Output, string Errors);

/// <summary>The built program, in a folder of somebody's own.</summary>
internal sealed class Terminal : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "gatekeeper");
    private readonly string folder = Directory.CreateTempSubdirectory("gatekeeper-terminal-").FullName;

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

    public Task<Seen> RunAsync(params string[] arguments) => StartAsync(Program, arguments);

    public void Dispose() => Runs.Files.Delete(folder);

    private async Task<Seen> StartAsync(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GATE_TOKEN"] = "sesame";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await errors);
    }
}
