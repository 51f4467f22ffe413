using System.Text;

namespace GateKeeper.Git;

/// <summary>
/// Sets many refs of a mirror at once, in the one file that git packs refs in (gitrepository-layout(5), git-pack-refs(1)). One by one each
/// would be a file of its own, made and locked and moved.
/// </summary>
internal static class PackedRefs
{
    /// <summary>Each ref comes to lie where it is said, whatever it was before.</summary>
    /// <exception cref="GitException">Somebody else writes the file.</exception>
    public static void Set(string repository, IEnumerable<KeyValuePair<string, string>> refs)
    {
        var path = Path.Combine(repository, "packed-refs");
        var fresh = refs.ToList();
        try
        {
            using (var file = new FileStream(path + ".lock", FileMode.CreateNew, FileAccess.Write))
            {
                var all = LocalRefs.Packed(path);
                foreach (var (name, id) in fresh)
                    all[name] = id;
                using var writer = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
                writer.WriteLine("# pack-refs with: sorted ");
                foreach (var (name, id) in all.OrderBy(item => Encoding.UTF8.GetBytes(item.Key), Bytes.Order))
                    writer.WriteLine($"{id} {name}");
                writer.Flush();
                file.Flush(flushToDisk: true);
            }

            File.Move(path + ".lock", path, overwrite: true);
        }
        catch (IOException error)
        {
            throw new GitException($"the refs of the mirror cannot be written: {error.Message}");
        }

        // One that lies in a file of its own is read before the packed one.
        foreach (var file in fresh.Select(item => Path.Combine(repository, item.Key)).Where(File.Exists))
            File.Delete(file);
    }

    private sealed class Bytes : IComparer<byte[]>
    {
        public static Bytes Order { get; } = new();

        public int Compare(byte[]? one, byte[]? other) => one.AsSpan().SequenceCompareTo(other);
    }
}
