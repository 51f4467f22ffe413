using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace GateKeeper.Runs;

/// <summary>
/// Where a run's command writes, held open by the worker: it can be looked at when nothing of the run is left, whatever ended it. The
/// sandbox says where that is.
/// </summary>
internal sealed class WrittenTree : IDisposable
{
    /// <summary>In the script that lays out a run: waits until the worker, which is in no namespace of the run, holds the directory.</summary>
    public const string Wait = """
        if [ -n "$waits" ]; then echo laid out >&4; read -r _ || exit 125; fi
        exec 4>&-

        """;

    private SafeFileHandle? directory;

    /// <summary>A directory that is found by its path when it is looked at.</summary>
    public string? Path { get; set; }

    /// <summary>Holds a directory as the thread that asks sees it now.</summary>
    public void Hold(string path) => directory = RawDirectories.Open(path);

    /// <summary>Null where it could not be had.</summary>
    public SafeFileHandle? Open() => directory ??= Path is { } path ? RawDirectories.Open(path) : null;

    public void Dispose() => directory?.Dispose();

    /// <summary>Holds the directory of a run that lays out its mounts itself, once it has, and lets the run go on.</summary>
    /// <param name="process">The run.</param>
    /// <param name="written">What is to hold it; null where nobody looks.</param>
    /// <param name="path">Where the run sees it.</param>
    public static Process Await(Process process, WrittenTree? written, string path)
    {
        // What ended before has said why, and wrote nothing.
        if (written is null or { directory: not null } || !Line(process.StandardError.BaseStream))
            return process;
        written.Hold(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/root{path}"));
        try
        {
            process.StandardInput.WriteLine();
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It ended in between, which its exit code tells.
        }

        return process;
    }

    /// <summary>False where the process ended before it said a line.</summary>
    public static bool Line(Stream stream)
    {
        for (int next; (next = stream.ReadByte()) >= 0;)
        {
            if (next == '\n')
                return true;
        }

        return false;
    }
}
