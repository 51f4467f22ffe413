namespace GateKeeper.Core.Reports;

/// <summary>What a failed run may have had too little of.</summary>
public enum Scarce
{
    Nothing,
    Disk,
    OpenFiles,
    Processes,
    Memory,
}

/// <summary>
/// Reads from what a failed run printed which limit it may have hit, in the words of runtimes and compilers. A hint for its author: the
/// kernel tells of some limits only the program that hit them.
/// </summary>
public static class LimitSigns
{
    private const int FileTooLarge = 128 + 25;

    // The first that is found: Java calls threads memory.
    private static readonly (Scarce What, bool IsToldByGroup, string[] Words)[] Signs =
    [
        (Scarce.Disk, false, ["no space left on device", "file size limit exceeded", "file too large", "disk is full", "disk full"]),
        (Scarce.OpenFiles, false, ["too many open files"]),
        (Scarce.Processes, true, ["resource temporarily unavailable", "cannot fork", "can't fork", "create native thread", "create new native thread"]),
        (Scarce.Memory, true, ["cannot allocate memory", "out of memory", "memory exhausted", "memoryerror", "outofmemory", "bad_alloc", "sanitizer failed to allocate"]),
    ];

    /// <param name="log">The end of what it printed.</param>
    /// <param name="exit">Its exit code.</param>
    /// <param name="isGrouped">Whether a group bounded the run as a whole: then the kernel tells of memory and processes itself.</param>
    public static Scarce Of(string log, int exit, bool isGrouped) =>
        exit == FileTooLarge ? Scarce.Disk
        : Signs.FirstOrDefault(sign => !(isGrouped && sign.IsToldByGroup) && Array.Exists(sign.Words, word => log.Contains(word, StringComparison.OrdinalIgnoreCase))).What;
}
