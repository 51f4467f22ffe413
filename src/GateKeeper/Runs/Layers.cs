using LibGit2Sharp;

namespace GateKeeper.Runs;

/// <summary>The read-only layers that a run's tree is made of, the uppermost first.</summary>
internal sealed record TreeLayers(IReadOnlyList<string> Directories, IDisposable Use) : IDisposable
{
    public void Dispose() => Use.Dispose();
}

/// <summary>
/// Keeps base layers: whole trees on disk that no run can write. A run's tree is a base layer and the difference from it, so its cost is
/// that of the change. Where overlays cannot be had each run gets a whole tree of its own.
/// </summary>
internal sealed class Layers(string directory, bool overlays)
{
    private const int MostDifferences = 60;
    private const long MostBytes = 64 << 20;
    private const int MostInLayer = 2000;
    private const int MostKept = 6;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Kept> kept = [];
    private long clock;

    /// <param name="repository">The object database to read from; the caller's own.</param>
    /// <param name="tree">The tree that the run shall see.</param>
    /// <param name="family">What kind of tree it is: trees of one family are like each other.</param>
    /// <param name="scratch">A directory of the run, for the difference.</param>
    public TreeLayers Prepare(Repository repository, string tree, string family, string scratch)
    {
        var delta = Path.Combine(scratch, "delta");
        if (!overlays)
        {
            TreeFiles.Write(repository, tree, delta);
            return new([delta], new Nothing());
        }

        if (Near(family, tree) is { } near)
        {
            if (near.Tree == tree)
                return new(near.Directories, near);
            if (TreeFiles.WriteDelta(repository, near.Tree, tree, delta, MostDifferences, MostBytes))
                return new([delta, .. near.Directories], near);
            near.Dispose();
            Files.Delete(delta);
        }

        var made = Make(repository, tree, family);
        return new(made.Directories, made);
    }

    private Kept? Near(string family, string tree)
    {
        lock (gate)
        {
            var near = kept.Values.Where(item => item.Family == family).OrderByDescending(item => item.Tree == tree).ThenByDescending(item => item.Used).FirstOrDefault();
            near?.Take(++clock);
            return near;
        }
    }

    /// <summary>
    /// A new layer to be near to: the difference from a whole one, where that is small against the whole, else a whole one. So the
    /// differences that runs write stay small however far the trunk goes from where it was.
    /// </summary>
    private Kept Make(Repository repository, string tree, string family)
    {
        lock (gate)
        {
            if (!kept.TryGetValue(tree, out var made))
            {
                // A layer that a crash left half-written bears no final name; and layers are made anew after a restart.
                var path = Path.Combine(directory, tree);
                Files.Delete(path);
                Files.Delete(path + ".new");
                var whole = kept.Values.Where(item => item.Family == family && item.Below is null).MaxBy(item => item.Used);
                if (whole is not null && !TreeFiles.WriteDelta(repository, whole.Tree, tree, path + ".new", MostInLayer))
                {
                    Files.Delete(path + ".new");
                    whole = null;
                }

                if (whole is null)
                    TreeFiles.Write(repository, tree, path + ".new");
                Directory.Move(path + ".new", path);
                made = kept[tree] = new(tree, family, path, whole, gate);
            }

            made.Take(++clock);
            Prune();
            return made;
        }
    }

    private void Prune()
    {
        foreach (var old in kept.Values.Where(item => item.Users == 0).OrderByDescending(item => item.Used).Skip(MostKept).ToList())
        {
            if (kept.Values.Any(item => item.Below == old))
                continue;
            kept.Remove(old.Tree);
            Files.Delete(old.Directory);
        }
    }

    private sealed class Kept(string tree, string family, string directory, Kept? below, Lock gate) : IDisposable
    {
        public string Tree => tree;

        public string Family => family;

        public string Directory => directory;

        /// <summary>The whole layer that this one is a difference from; null when it is whole itself.</summary>
        public Kept? Below => below;

        public IReadOnlyList<string> Directories => below is null ? [directory] : [directory, below.Directory];

        public int Users { get; private set; }

        public long Used { get; private set; }

        public void Take(long now)
        {
            Users++;
            Used = now;
        }

        public void Dispose()
        {
            lock (gate)
                Users--;
        }
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}

/// <summary>Removing what proposed code may have written: links are never followed, and modes that forbid it are no obstacle.</summary>
internal static class Files
{
    public static void Delete(string directory)
    {
        if (!Directory.Exists(directory))
            return;
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (UnauthorizedAccessException)
        {
            foreach (var below in Directory.EnumerateDirectories(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
                File.SetUnixFileMode(below, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Directory.Delete(directory, recursive: true);
        }
    }
}
