using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Runs;

/// <summary>The read-only layers that a run's tree is made of, the uppermost first.</summary>
internal sealed record TreeLayers(IReadOnlyList<string> Directories, IDisposable Use) : IDisposable
{
    public void Dispose() => Use.Dispose();
}

/// <summary>
/// What kind of tree a layer is: of which repository, filtered by which inputs, and whether a layer may hide what lies below it. Layers of
/// two families never lie on each other, so what one repository holds is in no other's runs.
/// </summary>
internal sealed record Family(string Repository, string Inputs, bool MayHide);

/// <summary>
/// Keeps read-only layers that no run can write: whole trees on the disk and, above them, differences, in memory where they are small. A
/// run's tree is the nearest layer and what differs from it, which is itself a layer for the next, so its cost is that of the change.
/// Where overlays cannot be had each run gets a whole tree of its own.
/// </summary>
/// <param name="directory">Where whole trees lie.</param>
/// <param name="memory">Where small differences lie: disks are slow at making files anew that have just been deleted.</param>
/// <param name="overlays">Whether layers can be laid on each other.</param>
/// <param name="owner">Whose the files are to be; null for the worker's own.</param>
internal sealed class Layers(string directory, string memory, bool overlays, uint? owner)
{
    private const int MostDifferences = 600;
    private const long MostBytes = 16 << 20;
    private const int MostDeep = 16;
    private const int Step = 4;
    private const int MostNames = 2000;
    private const int MostKept = 24;
    private const int MostWhole = 6;
    private readonly Lock gate = new();
    private readonly Dictionary<(string Tree, Family Family), Kept> kept = [];
    private long clock;
    private long made;

    /// <param name="repository">The object database to read from; the caller's own.</param>
    /// <param name="tree">The tree that the run shall see.</param>
    /// <param name="family">What kind of tree it is: trees of one family lie on each other.</param>
    /// <param name="scratch">A directory of the run, for a tree of its own.</param>
    public TreeLayers Prepare(Repository repository, string tree, Family family, string scratch)
    {
        if (!overlays)
        {
            var own = Path.Combine(scratch, "tree");
            TreeFiles.Write(repository, tree, own, owner);
            return new([own], new Nothing());
        }

        // A layer is used only while its tree is there: what it was made from can else not be compared with anything.
        _ = repository.Tree(tree);
        lock (gate)
        {
            if (!kept.TryGetValue((tree, family), out var layer))
                layer = kept[(tree, family)] = Make(repository, tree, family);
            layer.Take(++clock);
            Prune();
            return new(layer.Directories, layer);
        }
    }

    private Kept Make(Repository repository, string tree, Family family)
    {
        var near = kept.Values.Where(item => item.Family == family).MaxBy(item => item.Used);
        if (near is null)
            return Whole(repository, tree, family);

        var below = near.Bearer(near.Number + 1);
        if (!CanBear(below))
            below = near.Bottom;
        return Difference(repository, below, near.Number + 1, tree, memory, MostBytes)
            ?? Difference(repository, near.Bottom, near.Number + 1, tree, directory, long.MaxValue)
            ?? Whole(repository, tree, family);
    }

    /// <summary>Null when too much differs.</summary>
    private Kept? Difference(Repository repository, Kept below, int number, string tree, string place, long mostBytes)
    {
        var path = Fresh(place, tree);
        return Finished(path, unfinished => Differs(repository, below, tree, unfinished, mostBytes)) ? new(tree, below.Family, path, number, below, gate) : null;
    }

    /// <summary>What is not written to its end leaves nothing.</summary>
    private static bool Finished(string path, Func<string, bool> write)
    {
        var unfinished = path + ".new";
        try
        {
            if (!write(unfinished))
                return false;
            Directory.Move(unfinished, path);
            return true;
        }
        finally
        {
            Files.Delete(unfinished);
        }
    }

    /// <summary>
    /// Writes what differs. What is missing may have been pruned from the layer's own tree, which is then of no use; where it is missing
    /// from the tree that is wanted, that cannot be written whole either, and says so.
    /// </summary>
    private bool Differs(Repository repository, Kept below, string tree, string unfinished, long mostBytes)
    {
        try
        {
            return TreeFiles.WriteDelta(repository, below.Tree, tree, unfinished, MostDifferences, mostBytes, below.Family.MayHide, owner);
        }
        catch (ObjectMissingException)
        {
            return false;
        }
    }

    private Kept Whole(Repository repository, string tree, Family family)
    {
        var path = Fresh(directory, tree);
        Finished(path, unfinished =>
        {
            TreeFiles.Write(repository, tree, unfinished, owner);
            return true;
        });
        return new(tree, family, path, 0, null, gate);
    }

    /// <summary>Every layer has a name of its own, and none is taken over from an earlier worker.</summary>
    private string Fresh(string place, string tree)
    {
        if (made++ == 0)
            Files.Delete(directory);
        return Path.Combine(place, $"{tree[..12]}-{made}");
    }

    /// <summary>The kernel takes one page of names for all layers of a mount, and looks a file up in one after the other.</summary>
    private bool CanBear(Kept layer) =>
        layer.Directories.Count < MostDeep && layer.Directories.Sum(path => path.Length + 1) + Math.Max(directory.Length, memory.Length) + 36 < MostNames;

    private void Prune()
    {
        foreach (var old in Old(kept.Values.Where(item => item.Below is not null), MostKept).Concat(kept.Values.Where(item => item.Below is null).GroupBy(item => item.Family.Repository).SelectMany(own => Old(own, MostWhole))).ToList())
        {
            kept.Remove((old.Tree, old.Family));
            Files.Delete(old.Directory);
        }
    }

    private IEnumerable<Kept> Old(IEnumerable<Kept> among, int most)
    {
        var bearing = kept.Values.Select(item => item.Below).ToHashSet();
        return among.Where(item => item.Users == 0 && !bearing.Contains(item)).OrderByDescending(item => item.Used).Skip(most);
    }

    /// <param name="tree">The id of the tree that it makes with those below it.</param>
    /// <param name="family">Its kind.</param>
    /// <param name="directory">Where its files lie.</param>
    /// <param name="number">Its place in the row of trees that follow each other from a whole one, which is number 0.</param>
    /// <param name="below">What it is a difference from.</param>
    /// <param name="gate">Guards the counts.</param>
    private sealed class Kept(string tree, Family family, string directory, int number, Kept? below, Lock gate) : IDisposable
    {
        public string Tree => tree;

        public Family Family => family;

        public string Directory => directory;

        /// <summary>The layer that this one is a difference from; null when it is whole itself.</summary>
        public Kept? Below => below;

        public Kept Bottom => below?.Bottom ?? this;

        public int Number => number;

        /// <summary>
        /// Who of this one and those below it bears the layer of a number: every fourth skips those since the last fourth, every
        /// sixteenth those since the last sixteenth, and so on. So hundreds of trees in a row lie on a dozen layers, and each
        /// difference is written three times at most, not once for every time that a row grew too deep.
        /// </summary>
        public Kept Bearer(int next)
        {
            var step = 1;
            while (next % (step * Step) == 0)
                step *= Step;
            return Down(next - step);
        }

        private Kept Down(int to) => number <= to || below is null ? this : below.Down(to);

        public IReadOnlyList<string> Directories { get; } = below is null ? [directory] : [directory, .. below.Directories];

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
