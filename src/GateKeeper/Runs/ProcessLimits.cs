using System.Globalization;

namespace GateKeeper.Runs;

/// <summary>
/// The limits of each process in a run: those that an ordinary login has, whatever the worker was started with and whatever the runtime
/// raised for itself. A limit that the worker is held to for good cannot be lifted; it is named, and is part of every key.
/// </summary>
/// <param name="limits">What the operator allows each run.</param>
/// <param name="text">What the kernel says of the worker, as in /proc/self/limits.</param>
internal sealed class ProcessLimits(RunLimits limits, string text)
{
    /// <summary>How many files a process may have open: what the kernel begins with.</summary>
    public const ulong Files = 1024;

    private const ulong None = ulong.MaxValue;
    private const ulong Stack = 8 << 20;
    private const ulong Locked = 8 << 20;
    private const ulong Queues = 819_200;

    // By option of prlimit, and the row of the kernel's table.
    private readonly Limit[] all =
    [
        new("as", "Max address space", None, None),
        new("cpu", "Max cpu time", None, None),
        new("data", "Max data size", (ulong)limits.Memory, None) { ByProcess = (ulong)limits.Memory },
        new("fsize", "Max file size", (ulong)limits.Disk, None) { ByProcess = (ulong)limits.Disk },
        new("locks", "Max file locks", None, None),
        new("memlock", "Max locked memory", 0, Locked),
        new("msgqueue", "Max msgqueue size", 0, Queues),
        new("nofile", "Max open files", Files, Files) { KeepsHard = true },
        new("nproc", "Max processes", (ulong)limits.Processes, None) { ByProcess = (ulong)limits.Processes },
        new("stack", "Max stack size", Stack, Stack) { KeepsHard = true },
    ];

    private readonly Dictionary<string, ulong> most = Read(text);

    public static ProcessLimits OfThisProcess(RunLimits limits) => new(limits, File.ReadAllText("/proc/self/limits"));

    /// <summary>The limits that are narrower than runs are to have, in words; null where none is.</summary>
    public string? Narrow => string.Join(", ", all.Where(limit => Most(limit) < limit.Least).Select(limit => $"{limit.Row["Max ".Length..]} {Most(limit)}")) is { Length: > 0 } words ? words : null;

    /// <summary>Sets them, before the program that follows.</summary>
    /// <param name="byGroup">Whether a cgroup bounds memory and processes; what is written lies in a bounded file system then.</param>
    public IEnumerable<string> Command(bool byGroup) => ["prlimit", "--core=0", .. all.Select(limit => Option(limit, byGroup)), "--"];

    private string Option(Limit limit, bool byGroup)
    {
        var soft = Math.Min((byGroup ? null : limit.ByProcess) ?? limit.Usual, Most(limit));
        return $"--{limit.Option}={Said(soft)}:{(limit.KeepsHard ? "" : Said(soft))}";
    }

    private ulong Most(Limit limit) => most.GetValueOrDefault(limit.Row, None);

    private static Dictionary<string, ulong> Read(string text)
    {
        var rows = new Dictionary<string, ulong>();
        foreach (var words in text.Split('\n').Select(line => line.Split((char[])[' '], StringSplitOptions.RemoveEmptyEntries)))
        {
            if (words.SkipWhile(word => !IsValue(word)).ToList() is [_, var hard, ..])
                rows[string.Join(' ', words.TakeWhile(word => !IsValue(word)))] = hard == "unlimited" ? None : ulong.Parse(hard, CultureInfo.InvariantCulture);
        }

        return rows;
    }

    private static bool IsValue(string word) => word == "unlimited" || char.IsAsciiDigit(word[0]);

    private static string Said(ulong value) => value == None ? "unlimited" : value.ToString(CultureInfo.InvariantCulture);

    /// <param name="Option">What prlimit calls it.</param>
    /// <param name="Row">What the kernel's table calls it.</param>
    /// <param name="Least">What a run must be able to have.</param>
    /// <param name="Usual">What it has.</param>
    private sealed record Limit(string Option, string Row, ulong Least, ulong Usual)
    {
        /// <summary>Whether a program may raise its own, as many do.</summary>
        public bool KeepsHard { get; init; }

        /// <summary>What it has where no cgroup bounds the run.</summary>
        public ulong? ByProcess { get; init; }
    }
}
