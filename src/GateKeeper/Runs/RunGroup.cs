using System.Collections.Concurrent;
using System.Globalization;

namespace GateKeeper.Runs;

/// <summary>The cgroups of one run.</summary>
internal sealed class RunGroup(IReadOnlyList<string> directories, string pidsEvents, string memoryEvents, bool byThread) : IDisposable
{
    private static readonly ConcurrentDictionary<string, bool> Left = new();

    /// <summary>The files by which one thread enters, for groups that take threads: what it starts then begins in them.</summary>
    public IReadOnlyList<string> Tasks => byThread ? [.. directories.Select(directory => Path.Combine(directory, "tasks"))] : [];

    public IEnumerable<string> Entrances => directories.Select(directory => Path.Combine(directory, "cgroup.procs"));

    /// <summary>Which limit the run hit, in words; null when none.</summary>
    public string? LimitHit =>
        Count(memoryEvents, "oom_kill") > 0 ? "it used more memory than runs may; runs.memory and runs.disk together set that"
        : Count(pidsEvents, "max") > 0 ? "it started more processes than runs may; runs.processes sets that"
        : null;

    /// <summary>Kills what is left, should anything be.</summary>
    public void Kill()
    {
        // The thread that starts a run enters its groups first, and until the kernel has let go of it the worker itself is listed there.
        var own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (var pid in directories.SelectMany(directory => Read(Path.Combine(directory, "cgroup.procs"))).Distinct().Where(pid => pid != own))
        {
            try
            {
                using var process = System.Diagnostics.Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
                process.Kill();
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It ended by itself in between.
            }
        }
    }

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public void Dispose()
    {
        Kill();
        foreach (var directory in directories)
        {
            // A group can be removed once the kernel has reaped its last process, so nothing of the run lives when this returns.
            if (!SpinWait.SpinUntil(() => TryRemove(directory), Patience))
                Left[directory] = true;
        }
    }

    /// <summary>Tries again what could not be removed when its run ended.</summary>
    public static void RemoveLeft()
    {
        foreach (var directory in Left.Keys.Where(TryRemove))
            Left.TryRemove(directory, out _);
    }

    internal static bool TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return !Directory.Exists(directory);
        }
    }

    private static int Count(string file, string name) =>
        Read(file).Select(line => line.Split(' ')).Where(words => words.Length == 2 && words[0] == name).Select(words => int.Parse(words[1], CultureInfo.InvariantCulture)).FirstOrDefault();

    private static string[] Read(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            return [];
        }
    }
}
