using System.Runtime.InteropServices;
using GateKeeper.Git;
using Microsoft.Win32.SafeHandles;

namespace GateKeeper.Runs;

/// <summary>A tree holds what the file system cannot: that is the fault of whoever made the tree, not the machine's.</summary>
internal sealed class TreeException(string message) : IOException(message);

/// <summary>
/// Makes files by the bytes of their names: what git has is what a run sees, whether or not it is text. A path here ends with a zero byte,
/// as the kernel takes it.
/// </summary>
internal static partial class RawFiles
{
    private const int WriteNew = 0x1 | 0x40 | 0x80 | 0x80000; // for writing, made anew, closed in whatever is started
    private const int Exists = 17;
    private const int Invalid = 22;
    private const int TooLong = 36;
    private const int NoSuchName = 84;

    // Whether the mask that the worker was started with takes from the modes that git records.
    private static readonly bool Masked = File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("Umask:", StringComparison.Ordinal)) is { } line
        && (Convert.ToInt32(line["Umask:".Length..].Trim(), 8) & 0b111_101_101) != 0;

    public static byte[] Path(string directory) => [.. TreeItems.Bytes(directory), 0];

    public static byte[] Below(byte[] directory, string name) => [.. directory.AsSpan(0, directory.Length - 1), (byte)'/', .. TreeItems.Bytes(name), 0];

    /// <summary>A directory that is there already stays as it is.</summary>
    public static bool MakeDirectory(byte[] path, UnixFileMode mode)
    {
        if (MakeDirectory(path, (uint)mode) == 0)
            return Masked && SetMode(path, (uint)mode) != 0 ? throw Failed(path) : true;
        if (Marshal.GetLastPInvokeError() == Exists)
            return false;
        throw Failed(path);
    }

    public static FileStream Create(byte[] path, UnixFileMode mode)
    {
        var file = Open(path, WriteNew, (uint)mode);
        if (file < 0)
            throw Failed(path);
        var handle = new SafeFileHandle(file, ownsHandle: true);
        if (Masked)
            File.SetUnixFileMode(handle, mode);
        return new(handle, FileAccess.Write, bufferSize: 0);
    }

    public static void Link(byte[] target, byte[] path)
    {
        if (target.AsSpan().Contains((byte)0))
            throw new TreeException($"{Said(path)} is a symbolic link whose target has a zero byte in it, which no file system can hold");
        if (target.Length == 0)
            throw new TreeException($"{Said(path)} is a symbolic link without a target, which no file system can hold");
        if (MakeLink([.. target, 0], path) != 0)
            throw Failed(path);
    }

    public static void Give(byte[] path, uint user)
    {
        if (ChangeOwner(path, user, user) != 0)
            throw Failed(path);
    }

    /// <summary>In an overlay's layer it hides what lies below it by this name.</summary>
    public static void Whiteout(byte[] path)
    {
        const uint characterDevice = 0x2000;
        if (MakeNode(path, characterDevice, 0) != 0)
            throw Failed(path);
    }

    // Which names and targets are too much depends on the tree; a full or broken disk on the machine.
    private static IOException Failed(byte[] path) => Marshal.GetLastPInvokeError() is TooLong or Invalid or NoSuchName
        ? new TreeException($"{Said(path)} cannot be written: {Marshal.GetLastPInvokeErrorMessage()}; its name, or what it points to, is none that the file system can hold")
        : new IOException($"{Said(path)} cannot be written: {Marshal.GetLastPInvokeErrorMessage()}");

    /// <summary>The last part is the tree's, what lies before it the worker's and nobody else's business.</summary>
    private static string Said(byte[] path)
    {
        var name = System.Text.Encoding.UTF8.GetString(path.AsSpan(path.AsSpan().LastIndexOf((byte)'/') + 1).TrimEnd((byte)0));
        return name.Length <= 100 ? name : $"{name[..100]}...";
    }

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true)]
    private static partial int MakeDirectory(byte[] path, uint mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(byte[] path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "symlink", SetLastError = true)]
    private static partial int MakeLink(byte[] target, byte[] path);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true)]
    private static partial int SetMode(byte[] path, uint mode);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true)]
    private static partial int ChangeOwner(byte[] path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "mknod", SetLastError = true)]
    private static partial int MakeNode(byte[] path, uint mode, ulong device);
}
