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
        if (IsOther(path) || (Directory.Exists(path) && Damage(path, thorough: objects is null) is not null))
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
        if (!Borrow(path, objects) || Damage(path, thorough: true) is null)
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

    /// <summary>What is gone of what lies there; null where all of it is there. In a thorough look every ref's object must be there too.</summary>
    public static string? Damage(string path, bool thorough)
    {
        if (!File.Exists(Path.Combine(path, "HEAD")) || !Directory.Exists(Path.Combine(path, "objects")) || !Directory.Exists(Path.Combine(path, "refs")))
            return $"{path} is gone, or its HEAD, objects or refs are";
        if (!thorough)
            return null;
        try
        {
            using var repository = new Repository(path);
            return LocalRefs.Read(path)?.Where(item => !repository.Has(item.Value)).Select(item => $"{item.Key} is {item.Value}, which is gone").FirstOrDefault();
        }
        catch (LibGit2SharpException error)
        {
            return error.Message;
        }
    }

    /// <summary>Whether an earlier git made it of another kind, as somebody's settings for new repositories had it.</summary>
    private static bool IsOther(string path) =>
        Directory.Exists(Path.Combine(path, "reftable"))
        || (File.Exists(Path.Combine(path, "config")) && File.ReadLines(Path.Combine(path, "config")).Any(line => line.Contains("objectformat", StringComparison.OrdinalIgnoreCase) && line.Contains("sha256", StringComparison.Ordinal)));
}
