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
    private const int MostDifferences = 1000;
    private const int MostKept = 6;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Base> bases = [];
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
                return new([near.Directory], near);
            if (TreeFiles.WriteDelta(repository, near.Tree, tree, delta, MostDifferences))
                return new([delta, near.Directory], near);
            near.Dispose();
            Files.Delete(delta);
        }

        var made = Make(repository, tree, family);
        return new([made.Directory], made);
    }

    private Base? Near(string family, string tree)
    {
        lock (gate)
        {
            var near = bases.Values.Where(item => item.Family == family).OrderByDescending(item => item.Tree == tree).ThenByDescending(item => item.Used).FirstOrDefault();
            near?.Take(++clock);
            return near;
        }
    }

    private Base Make(Repository repository, string tree, string family)
    {
        lock (gate)
        {
            var path = Path.Combine(directory, tree);
            if (!bases.TryGetValue(tree, out var made))
            {
                // A layer that a crash left half-written bears no final name, so what is found under one is whole; but another
                // worker's word is not taken for it, and layers are made anew after a restart.
                Files.Delete(path);
                Files.Delete(path + ".new");
                TreeFiles.Write(repository, tree, path + ".new");
                Directory.Move(path + ".new", path);
                made = bases[tree] = new(tree, family, path, gate);
            }

            made.Take(++clock);
            foreach (var old in bases.Values.Where(item => item.Users == 0).OrderByDescending(item => item.Used).Skip(MostKept).ToList())
            {
                bases.Remove(old.Tree);
                Files.Delete(old.Directory);
            }

            return made;
        }
    }

    private sealed class Base(string tree, string family, string directory, Lock gate) : IDisposable
    {
        public string Tree => tree;

        public string Family => family;

        public string Directory => directory;

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
