using System.Runtime.InteropServices;

namespace GateKeeper.Git;

/// <summary>
/// Lets every child begin with the default action for each signal and none blocked, however this process was started. A shell cannot trap
/// a signal that was ignored when it began, so <c>nohup</c>, a background job or a service manager would otherwise decide how a test ends.
/// </summary>
internal static partial class Signals
{
    private const int Last = 64;
    private const int SetMask = 2;
    private const nint Ignored = 1;

    // The handler is the first field of the structure everywhere; no C library's is larger than this.
    private const int ActionSize = 512;
    private const int SetSize = 128;

    // Exec resets a signal that has a handler and keeps one that is ignored. A function without effect as the handler is the one way to
    // ignore a signal here and not in children. It must not be a managed one: a signal may come while the runtime collects garbage.
    private static readonly Lazy<nint> Nothing = new(() => NativeLibrary.GetExport(NativeLibrary.Load("libc", typeof(Signals).Assembly, null), "abs"));

    /// <summary>For what this thread starts next. This process itself goes on to ignore what it ignored.</summary>
    public static void Default()
    {
        Span<byte> action = stackalloc byte[ActionSize];
        for (var signal = 1; signal <= Last; signal++)
        {
            if (Look(signal, 0, action) == 0 && MemoryMarshal.Read<nint>(action) == Ignored)
                _ = Handle(signal, Nothing.Value);
        }

        Span<byte> none = stackalloc byte[SetSize];
        none.Clear();
        _ = Mask(SetMask, none, 0);
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int Look(int signal, nint none, Span<byte> action);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Handle(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int Mask(int how, Span<byte> set, nint none);
}
