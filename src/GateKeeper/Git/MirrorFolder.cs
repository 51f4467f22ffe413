using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>The folder of a mirror: made where there is none, made anew where it is of a kind that is not read, and rid of what killed processes left.</summary>
internal static class MirrorFolder
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(1);

    /// <param name="path">Where it lies.</param>
    /// <param name="home">The home of its git processes; null for a person's own, who may call several commands at once.</param>
    /// <param name="objects">Objects of another repository on this machine that it need not fetch; null for none.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async Task PrepareAsync(string path, string? home, string? objects, CancellationToken cancellation)
    {
        if (IsOther(path))
            Directory.Delete(path, recursive: true);
        await MakeAsync(path, home, cancellation);

        // The gate's own mirror has one user at a time, so a lock that is there was left by one that was killed.
        if (home is not null)
        {
            LocalRefs.RemoveLocks(path);
            File.Delete(Path.Combine(path, "objects", "maintenance.lock"));
            Unseen.Remove(path);
        }

        Leftovers.Remove(path, home is not null ? DateTime.MaxValue : TimeProvider.System.GetUtcNow().UtcDateTime - Old);
        if (!Borrow(path, objects) || IsWhole(path))
            return;

        // What was borrowed is gone: it is fetched anew.
        Directory.Delete(path, recursive: true);
        await MakeAsync(path, home, cancellation);
        Borrow(path, objects);
    }

    private static async Task MakeAsync(string path, string? home, CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(path, "HEAD")))
            return;
        Directory.CreateDirectory(path);
        await new GitProgram(path, home) { IsApart = true }.NeedAsync(["init", "--quiet", "--bare", "--template=", "."], cancellation);
    }

    /// <summary>Says where other objects lie (gitrepository-layout(5), objects/info/alternates); answers whether any were or are borrowed.</summary>
    private static bool Borrow(string path, string? objects)
    {
        var file = Path.Combine(path, "objects", "info", "alternates");
        var did = File.Exists(file);
        if (objects is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, objects + "\n");
        }
        else if (did)
        {
            File.Delete(file);
        }

        return did || objects is not null;
    }

    private static bool IsWhole(string path)
    {
        using var repository = new Repository(path);
        return LocalRefs.Read(path)?.Values.All(repository.Has) != false;
    }

    /// <summary>Whether an earlier git made it of another kind, as somebody's settings for new repositories had it.</summary>
    private static bool IsOther(string path) =>
        Directory.Exists(Path.Combine(path, "reftable"))
        || (File.Exists(Path.Combine(path, "config")) && File.ReadLines(Path.Combine(path, "config")).Any(line => line.Contains("objectformat", StringComparison.OrdinalIgnoreCase) && line.Contains("sha256", StringComparison.Ordinal)));
}
