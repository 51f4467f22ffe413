using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GateKeeper.Runs;

/// <summary>What the machine has and holds, as far as runs depend on it.</summary>
internal static class Machine
{
    private const int MostEntries = 200_000;

    /// <summary>The machine's memory in bytes; null where it does not tell.</summary>
    public static long? Memory =>
        File.Exists("/proc/meminfo") && File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith("MemTotal:", StringComparison.Ordinal)) is { } line
            && long.TryParse(line["MemTotal:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture, out var kilobytes)
            ? kilobytes << 10
            : null;

    /// <summary>What runs write lies in memory too: null when all slots at their limits fit, else what is the matter and what meets it.</summary>
    public static string? Shortage(int slots, RunLimits limits, long? memory) =>
        memory is { } has && (Int128)slots * (limits.Memory + limits.Disk) > has
            ? $"{slots} runs at once may take {Say(limits.Memory)} of memory and {Say(limits.Disk)} of disk each, which lies in memory too, together {Say(slots * (double)(limits.Memory + limits.Disk))}; this machine has {Say(has)}, and might end the worker for want of it: lower runs.slots, runs.memory or runs.disk"
            : null;

    /// <summary>
    /// Stands for what lies at a path: names, sizes and times of all that is below, since a directory's own time tells nothing of what
    /// changed further down. Of very much the first entries and their number must do.
    /// </summary>
    public static string Look(string path)
    {
        if (!Path.Exists(path))
            return $"{path} nothing";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        FileSystemInfo here = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        var waiting = new Queue<FileSystemInfo>([here.ResolveLinkTarget(returnFinalTarget: true) ?? here]);
        for (var entries = 0; entries < MostEntries && waiting.TryDequeue(out var entry); entries++)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{entry.FullName}\0{(entry as FileInfo)?.Length}\0{entry.LastWriteTimeUtc.Ticks}\0{entry.CreationTimeUtc.Ticks}\0{entry.LinkTarget}\n")));
            if (entry is DirectoryInfo { LinkTarget: null } directory)
            {
                foreach (var below in Below(directory))
                    waiting.Enqueue(below);
            }
        }

        return $"{path} {waiting.Count} {Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private static IEnumerable<FileSystemInfo> Below(DirectoryInfo directory)
    {
        try
        {
            return directory.GetFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // the worker may not look there, and nor may a run
        }
    }

    private static string Say(double bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1L << 30):0.#} GiB");
}
