using System.Diagnostics;
using GateKeeper.Git;

namespace GateKeeper.Runs;

/// <summary>
/// Removing what proposed code may have written: links are never followed, and neither modes that forbid it nor a depth that no path can
/// name are an obstacle.
/// </summary>
internal static class Files
{
    /// <summary>How many bytes the files of a directory hold.</summary>
    public static long Size(string directory) =>
        new DirectoryInfo(directory).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true }).Sum(file => file.Length);

    public static void Delete(string directory)
    {
        if (!Directory.Exists(directory))
            return;
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A path that is too long is an argument error here. These walk by descriptors, not by paths, and stay on one file system.
            Run("chmod", ["-R", "u+rwX", "--", directory]);
            var said = Run("rm", ["-rf", "--one-file-system", "--", directory]);
            if (Directory.Exists(directory))
                throw new IOException($"{directory} cannot be removed: {said}", error);
        }
    }

    private static string Run(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        using var process = Children.Start(start);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();

        // It may have a word for each of a million files; the first says enough.
        var first = process.StandardError.ReadLine() ?? "";
        while (process.StandardError.ReadLine() is not null)
            continue;
        process.WaitForExit();
        return first;
    }
}
