using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using GateKeeper.Git;
using Microsoft.Win32.SafeHandles;

namespace GateKeeper.Runs;

/// <summary>
/// Shows files that belong to one user as another's, by mounts with mapped ids: all runs share their layers, and each run's tree belongs
/// to that run's own user. Takes a kernel whose file systems can (ext4 and xfs since 5.12, overlays on such since 5.19, tmpfs since 6.3).
/// </summary>
internal sealed partial class IdMaps(uint owner)
{
    private const int OpenTree = 428;
    private const int MoveMount = 429;
    private const int SetAttributes = 442;
    private const int Here = -100;
    private const nint CloneAndCloseOnExec = 0x80001;
    private const nint EmptyPath = 0x1000;
    private const nint FromEmptyPath = 4;
    private const ulong Mapped = 0x100000;

    // The kernel forgets a user namespace when nobody has it open; a worker needs few, since it takes the lowest ids that are free.
    private readonly ConcurrentDictionary<uint, Lazy<SafeFileHandle>> namespaces = new();

    /// <summary>Mounts a layer at a directory, for the mount namespace of this thread, so that the owner's files are the user's.</summary>
    /// <exception cref="IOException">The file system or the kernel cannot.</exception>
    public void Lay(string layer, string target, uint user)
    {
        var map = namespaces.GetOrAdd(user, _ => new(() => Make(user))).Value;
        var tree = (int)Call(OpenTree, Here, layer, CloneAndCloseOnExec, 0, 0);
        if (tree < 0)
            throw new IOException($"{layer} could not be cloned: {Marshal.GetLastPInvokeErrorMessage()}");
        using var mount = new SafeFileHandle(tree, ownsHandle: true);
        ulong[] attributes = [Mapped, 0, 0, (ulong)map.DangerousGetHandle()];
        if (Set(SetAttributes, tree, "", EmptyPath, attributes, attributes.Length * sizeof(ulong)) != 0)
            throw new IOException($"the ids of {layer} could not be mapped: {Marshal.GetLastPInvokeErrorMessage()}");
        if (Move(MoveMount, tree, "", Here, target, FromEmptyPath) != 0)
            throw new IOException($"{layer} could not be mounted at {target}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>A user namespace says which id becomes which. It is made by a process that ends as soon as its namespace is held open here.</summary>
    private SafeFileHandle Make(uint user)
    {
        var start = new ProcessStartInfo("unshare", ["--user", "--", "sh", "-c", "echo; read -r end"]) { WorkingDirectory = "/", RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        using var holder = Children.Start(start);
        if (holder.StandardOutput.BaseStream.ReadByte() < 0)
            throw new IOException($"no user namespace could be made: {holder.StandardError.ReadToEnd().Trim()}");
        var ids = $"0 0 1\n{owner} {user} 1\n";
        foreach (var map in (string[])["uid_map", "gid_map"])
            File.WriteAllText($"/proc/{holder.Id}/{map}", ids);
        var held = File.OpenHandle($"/proc/{holder.Id}/ns/user", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        holder.StandardInput.Close();
        holder.WaitForExit();
        return held;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Call(nint number, nint directory, string path, nint flags, nint unused, nint unusedToo);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Set(nint number, nint directory, string path, nint flags, ulong[] attributes, nint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Move(nint number, nint from, string fromPath, nint to, string toPath, nint flags);
}
