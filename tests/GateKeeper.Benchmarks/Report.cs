using System.Diagnostics;
using System.Text.Json;

namespace GateKeeper.Benchmarks;

/// <summary>Prints figures for people, and one line of JSON for programs.</summary>
internal static class Report
{
    public static int End(string name, bool met, object figures, object bars)
    {
        Console.WriteLine(JsonSerializer.Serialize(new { benchmark = name, figures, bars, met }));
        return met ? 0 : 1;
    }

    public static async Task<double> SecondsAsync(Func<Task> work)
    {
        var watch = Stopwatch.StartNew();
        await work();
        return watch.Elapsed.TotalSeconds;
    }

    public static void Run(string directory, params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["GIT_AUTHOR_NAME"] = "p", ["GIT_AUTHOR_EMAIL"] = "p@example.org", ["GIT_COMMITTER_NAME"] = "p", ["GIT_COMMITTER_EMAIL"] = "p@example.org" },
        })!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)}: {error.Result}");
    }
}
