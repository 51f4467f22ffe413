namespace GateKeeper.Git;

/// <summary>
/// Removes what a fetch leaves that was killed or failed: git writes a pack under a passing name, and what has one nobody reads or counts. While
/// something else is being written nothing is removed, for it has such names too.
/// </summary>
internal sealed class Leftovers(string repository)
{
    private static readonly EnumerationOptions Below = new() { MaxRecursionDepth = 1, RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
    private static readonly EnumerationOptions Hidden = new() { AttributesToSkip = FileAttributes.ReparsePoint };
    private readonly Lock gate = new();
    private int working;
    private bool failed;

    /// <summary>Something begins to write packs.</summary>
    public void Begin()
    {
        lock (gate)
            working++;
    }

    /// <summary>It has come to its end, well or not.</summary>
    public void End(bool well)
    {
        lock (gate)
        {
            failed |= !well;
            if (--working > 0 || !failed)
                return;
            failed = false;
            foreach (var file in Packs().ToList())
                File.Delete(file);
        }
    }

    /// <summary>Removes what was last written before a moment, single objects too: for a folder that nobody else works in.</summary>
    public static void Remove(string repository, DateTime before)
    {
        var objects = Path.Combine(repository, "objects");
        if (!Directory.Exists(objects))
            return;
        foreach (var file in new Leftovers(repository).Packs().Concat(Directory.EnumerateFiles(objects, "tmp_obj*", Below)).Where(file => File.GetLastWriteTimeUtc(file) < before).ToList())
            File.Delete(file);
        foreach (var folder in Directory.EnumerateDirectories(objects, "tmp_objdir-*").Where(folder => Directory.GetLastWriteTimeUtc(folder) < before).ToList())
            Directory.Delete(folder, recursive: true);
    }

    private IEnumerable<string> Packs() =>
        Path.Combine(repository, "objects", "pack") is var pack && Directory.Exists(pack) ? Directory.EnumerateFiles(pack, "*", Hidden).Where(IsPassing) : [];

    private static bool IsPassing(string file) => Path.GetFileName(file) is var name && (name.StartsWith("tmp_", StringComparison.Ordinal) || name.StartsWith(".tmp-", StringComparison.Ordinal));
}
