using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GateKeeper.Runs;

/// <summary>What lies at a name, by its own inode and not by what a link leads to.</summary>
/// <param name="IsDirectory">A directory.</param>
/// <param name="IsFile">A plain file, and no device, pipe or link.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Changed">When its content last changed, in nanoseconds.</param>
/// <param name="Number">The number of its inode.</param>
internal readonly record struct RawStatus(bool IsDirectory, bool IsFile, long Size, Int128 Changed, ulong Number);

/// <summary>Looks into directories that proposed code made: step by step, by descriptors, and never through a link.</summary>
internal static partial class RawDirectories
{
    private const int ReadOnly = 0x80000 | 0x800 | 0x100; // closed in whatever is started; waits for no writer; makes no terminal its own
    private const int NotLinks = 0x100;
    private const int Empty = 0x1000;
    private const uint Basic = 0x7ff;
    private const int TypeMask = 0xF000;
    private const int TypeDirectory = 0x4000;
    private const int TypeFile = 0x8000;
    private const int CurrentDirectory = -100;

    /// <summary>Null where there is no such directory, or none that the worker may look into.</summary>
    public static SafeFileHandle? Open(string path) => Handle(OpenAt(CurrentDirectory, path, ReadOnly | Directories | Link));

    public static SafeFileHandle? Directory(SafeFileHandle within, string name) => Handle(OpenAt(Number(within), name, ReadOnly | Directories | Link));

    /// <summary>Null unless it is a plain file, both when it is looked at and when it is open.</summary>
    public static SafeFileHandle? File(SafeFileHandle within, string name)
    {
        if (Status(within, name) is not { IsFile: true } || Handle(OpenAt(Number(within), name, ReadOnly | Link)) is not { } file)
            return null;
        if (Status(file) is { IsFile: true })
            return file;
        file.Dispose();
        return null;
    }

    public static RawStatus? Status(SafeFileHandle within, string name) => Status(Number(within), name, NotLinks);

    public static RawStatus? Status(SafeFileHandle file) => Status(Number(file), "", Empty);

    /// <summary>The names in a directory that are text; the others match no pattern.</summary>
    public static IEnumerable<string> Names(SafeFileHandle directory) =>
        new System.IO.Enumeration.FileSystemEnumerable<string>($"/proc/self/fd/{Number(directory)}", (ref entry) => entry.FileName.ToString(), new() { AttributesToSkip = 0, ReturnSpecialDirectories = false, IgnoreInaccessible = false })
            .Where(name => !name.Contains('\uFFFD', StringComparison.Ordinal));

    // O_NOFOLLOW and O_DIRECTORY are not the same on all processors.
    private static int Link => IsArm ? 0x8000 : 0x20000;

    private static int Directories => IsArm ? 0x4000 : 0x10000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64;

    private static RawStatus? Status(int directory, string name, int flags)
    {
        Span<byte> about = stackalloc byte[256];
        if (StatusAt(directory, name, flags, Basic, about) != 0)
            return null;
        var type = BinaryPrimitives.ReadUInt16LittleEndian(about[28..]) & TypeMask;
        var (seconds, nanoseconds) = (BinaryPrimitives.ReadInt64LittleEndian(about[112..]), BinaryPrimitives.ReadUInt32LittleEndian(about[120..]));
        return new(type == TypeDirectory, type == TypeFile, BinaryPrimitives.ReadInt64LittleEndian(about[40..]), ((Int128)seconds * 1_000_000_000) + nanoseconds,
            BinaryPrimitives.ReadUInt64LittleEndian(about[32..]));
    }

    private static SafeFileHandle? Handle(int descriptor) => descriptor < 0 ? null : new(descriptor, ownsHandle: true);

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int directory, string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatusAt(int directory, string path, int flags, uint mask, Span<byte> about);
}
