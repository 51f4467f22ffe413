using System.Runtime.InteropServices;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Runs;

/// <summary>
/// Writes git trees to directories: the blobs' own bytes, modes and links as recorded, no filters, no attributes, submodules as empty
/// directories. Git itself never runs on what it writes.
/// </summary>
internal static partial class TreeFiles
{
    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The whole tree, into a directory that does not exist yet.</summary>
    public static void Write(Repository repository, string tree, string directory, uint? owner)
    {
        MakeDirectory(directory, owner);
        foreach (var entry in repository.Tree(tree))
        {
            var path = Path.Combine(directory, Checked(entry.Name));
            if (entry.Mode is Mode.Directory)
                Write(repository, entry.Target.Sha, path, owner);
            else
                WriteFile(repository, entry.Mode, entry.Target.Sha, path, owner);
        }
    }

    /// <summary>
    /// What turns one tree into another, as an overlay layer: files that differ, and for each name that is gone a whiteout, which is a
    /// character device 0:0. Answers false, having written nothing that matters, when more than <paramref name="most"/> entries differ, they
    /// hold more than so many bytes, or something is gone and nothing may be hidden.
    /// </summary>
    public static bool WriteDelta(Repository repository, string from, string to, string directory, int most, long mostBytes, bool mayHide, uint? owner)
    {
        MakeDirectory(directory, owner);
        var written = 0;
        var bytes = 0L;
        return Level(from, to, directory);

        bool Level(string? older, string newer, string at)
        {
            var (before, after) = (TreeDiff.Entries(repository, older), TreeDiff.Entries(repository, newer));
            foreach (var name in before.Keys.Except(after.Keys))
            {
                if (!mayHide || ++written > most)
                    return false;
                Whiteout(Path.Combine(at, name), at, owner);
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
                var path = Path.Combine(at, Checked(name));
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

    private static void WriteFile(Repository repository, Mode mode, string id, string path, uint? owner)
    {
        if (mode is Mode.GitLink)
        {
            MakeDirectory(path, owner);
            return;
        }

        var blob = repository.Blob(id);
        if (mode is Mode.SymbolicLink)
        {
            File.CreateSymbolicLink(path, blob.GetContentText());
            Give(path, owner);
            return;
        }

        using var content = blob.GetContentStream();
        using (var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = mode is Mode.ExecutableFile ? Executable : Plain,
            BufferSize = 0,
        }))
            content.CopyTo(file);
        Give(path, owner);
    }

    private static void MakeDirectory(string path, uint? owner)
    {
        if (Directory.Exists(path))
            return;
        Directory.CreateDirectory(path, Executable);
        Give(path, owner);
    }

    /// <summary>A worker that is root runs proposed code as an account that owns nothing else, and its tree belongs to that account.</summary>
    private static void Give(string path, uint? owner)
    {
        if (owner is { } user && ChangeOwner(path, user, user) != 0)
            throw new IOException($"{path} could not be given to the account of runs: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static string Checked(string name) =>
        name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal) || name.Equals(".git", StringComparison.OrdinalIgnoreCase)
            ? throw new InvalidDataException($"the tree holds the name \"{name}\", which may not be written")
            : name;

    private static void Whiteout(string path, string directory, uint? owner)
    {
        const uint characterDevice = 0x2000;
        MakeDirectory(directory, owner);
        if (MakeNode(path, characterDevice, 0) != 0)
            throw new IOException($"a whiteout could not be made at {path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "mknod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeNode(string path, uint mode, ulong device);
}
