using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace GateKeeper.Git;

/// <summary>
/// Starts every process of this program; the compiler refuses other ways. A child gets the three standard streams and no other open file:
/// what the worker was started with (<c>exec 9&lt;secret; gatekeeper run</c>) and what a library opened carelessly is closed in it. Signals
/// have their default actions.
/// </summary>
internal static partial class Children
{
    private const int FirstOther = 3;
    private const int CloseRange = 436; // the same number on every architecture
    private const uint OnExec = 4;
    private const int SetFlags = 2;
    private const int CloseOnExec = 1;

    public static Process Start(ProcessStartInfo start)
    {
        Shut();
        Signals.Default();
#pragma warning disable RS0030 // The one place where it is allowed.
        return Process.Start(start)!;
#pragma warning restore RS0030
    }

    /// <summary>
    /// Of this process's own variables, which may hold the key to the trunk or lead git elsewhere, the child has only those that are named.
    /// </summary>
    public static void Keep(this ProcessStartInfo start, params IEnumerable<string> names)
    {
        foreach (var name in start.Environment.Keys.Except(names).ToList())
            start.Environment.Remove(name);
    }

    /// <summary>Marks all open files but the standard streams: the kernel closes them when a child begins its own program.</summary>
    private static void Shut()
    {
        if (Call(CloseRange, FirstOther, uint.MaxValue, OnExec) == 0)
            return;

        // An older kernel does not know the call. An open file that is gone in between was the runtime's own, which it marks itself.
        foreach (var path in Directory.GetFiles("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor) && descriptor >= FirstOther)
                _ = Control(descriptor, SetFlags, CloseOnExec);
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, nint first, nuint last, nuint flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command, int flags);
}
