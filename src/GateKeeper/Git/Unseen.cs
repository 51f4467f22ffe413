using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// Which refs are being brought and are not looked through yet, noted beside the mirror. A worker that starts anew takes what it finds in the
/// mirror for looked through, so what another was killed over is not there for it, and is brought again.
/// </summary>
internal sealed class Unseen(string repository)
{
    private const string NotesFile = "unseen";
    private readonly Lock gate = new();
    private readonly HashSet<string> names = [];

    /// <summary>They are about to be brought.</summary>
    public void Begin(IEnumerable<string> some)
    {
        lock (gate)
        {
            names.UnionWith(some);
            Write();
        }
    }

    /// <summary>They were looked through, or are not there.</summary>
    public void End(IEnumerable<string> some)
    {
        lock (gate)
        {
            names.ExceptWith(some);
            Write();
        }
    }

    /// <summary>Takes away what a worker was killed over: for a mirror in which nobody else works.</summary>
    public static void Remove(string repository)
    {
        var path = Path.Combine(repository, NotesFile);
        if (!File.Exists(path))
            return;
        using (var git = new Repository(repository))
        {
            foreach (var name in File.ReadLines(path).Where(name => name.StartsWith("refs/", StringComparison.Ordinal)))
                git.Refs.Remove(Mirror.Local(name));
        }

        File.Delete(path);
    }

    private void Write()
    {
        var path = Path.Combine(repository, NotesFile);
        if (names.Count == 0)
        {
            File.Delete(path);
            return;
        }

        using (var file = new FileStream(path + ".new", FileMode.Create))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(string.Concat(names.Select(name => name + "\n"))));
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
    }
}
