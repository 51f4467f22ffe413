using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Runs;

/// <summary>
/// Writes git trees to directories: the blobs' own bytes, names, modes and links as recorded, no filters, no attributes, submodules as empty
/// directories. Git itself never runs on what it writes.
/// </summary>
internal static class TreeFiles
{
    private const int LongestTarget = 4095;
    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The whole tree, into a directory that does not exist yet.</summary>
    /// <exception cref="TreeException">It holds what the file system cannot.</exception>
    public static void Write(Repository repository, string tree, string directory, uint? owner)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
        Write(repository, tree, RawFiles.Path(directory), owner);
    }

    /// <summary>
    /// What turns one tree into another, as an overlay layer: files that differ, and for each name that is gone a whiteout, which is a
    /// character device 0:0. Answers false, having written nothing that matters, when more than <paramref name="most"/> entries differ, they
    /// hold more than so many bytes, or something is gone and nothing may be hidden.
    /// </summary>
    /// <exception cref="TreeException">It holds what the file system cannot.</exception>
    public static bool WriteDelta(Repository repository, string from, string to, string directory, int most, long mostBytes, bool mayHide, uint? owner)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
        MakeDirectory(RawFiles.Path(directory), owner);
        var written = 0;
        var bytes = 0L;
        return Level(from, to, RawFiles.Path(directory));

        bool Level(string? older, string newer, byte[] at)
        {
            var (before, after) = (TreeDiff.Entries(repository, older), TreeDiff.Entries(repository, newer));
            foreach (var name in before.Keys.Except(after.Keys))
            {
                if (!mayHide || ++written > most)
                    return false;
                MakeDirectory(at, owner);
                RawFiles.Whiteout(RawFiles.Below(at, name));
            }

            foreach (var (name, (mode, id)) in after)
            {
                var old = before.GetValueOrDefault(name);
                if (old.Id == id && old.Mode == mode)
                    continue;
                if (mode is not Mode.Directory and not Mode.GitLink)
                    bytes += repository.SizeOf(id);
                if (++written > most || bytes > mostBytes)
                    return false;
                var path = RawFiles.Below(at, Checked(name));
                MakeDirectory(at, owner);
                if (mode is Mode.GitLink && old.Mode is Mode.Directory)
                    return false; // its empty directory would be laid on the old one and show its files
                if (mode is not Mode.Directory)
                    WriteFile(repository, mode, id, path, owner);
                else if (old.Mode is not Mode.Directory && mostBytes < long.MaxValue)
                    return false;
                else if (old.Mode is not Mode.Directory)
                    Write(repository, id, path, owner);
                else if (!Level(old.Id, id, path))
                    return false;
            }

            return true;
        }
    }

    private static void Write(Repository repository, string tree, byte[] directory, uint? owner)
    {
        MakeDirectory(directory, owner);
        foreach (var item in TreeItems.Of(repository, tree))
        {
            var path = RawFiles.Below(directory, Checked(item.Name));
            if (item.Mode is Mode.Directory)
                Write(repository, item.Id, path, owner);
            else
                WriteFile(repository, item.Mode, item.Id, path, owner);
        }
    }

    private static void WriteFile(Repository repository, Mode mode, string id, byte[] path, uint? owner)
    {
        if (mode is Mode.GitLink)
        {
            MakeDirectory(path, owner);
            return;
        }

        using var content = repository.Blob(id).GetContentStream();
        if (mode is Mode.SymbolicLink)
        {
            if (repository.SizeOf(id) > LongestTarget)
                throw new TreeException($"a symbolic link's target is longer than {LongestTarget} bytes, which no file system can hold (blob {id})");
            using var target = new MemoryStream();
            content.CopyTo(target);
            RawFiles.Link(target.ToArray(), path);
        }
        else
        {
            using var file = RawFiles.Create(path, mode is Mode.ExecutableFile ? Executable : Plain);
            content.CopyTo(file);
        }

        Give(path, owner);
    }

    private static void MakeDirectory(byte[] path, uint? owner)
    {
        if (RawFiles.MakeDirectory(path, Executable))
            Give(path, owner);
    }

    /// <summary>A worker that is root runs proposed code as an account that owns nothing else, and its tree belongs to that account.</summary>
    private static void Give(byte[] path, uint? owner)
    {
        if (owner is { } user)
            RawFiles.Give(path, user);
    }

    private static string Checked(string name) =>
        name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal) || name.Equals(".git", StringComparison.OrdinalIgnoreCase)
            ? throw new TreeException($"the tree holds the name \"{name}\", which may not be written")
            : name;
}
