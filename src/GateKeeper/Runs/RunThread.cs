using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GateKeeper.Runs;

/// <summary>
/// The thread that a run is started by, which lives as long as the run: the kernel ends a process that asked to die with its parent when
/// the thread ends that started it, and threads of the pool end when they have been idle for a while.
/// </summary>
internal static partial class RunThread
{
    private const int Niceness = 5;
    private const int MostNice = 19;
    private const int CoreSize = 4;
    private const nint KeyControl = 250;
    private const nint KeyControlOnArm = 219;
    private const nint JoinSession = 1;

    /// <param name="start">Starts it, on the thread.</param>
    /// <param name="niceness">By how much it is nicer than the worker.</param>
    /// <param name="ended">Called when it has ended, or could not be started.</param>
    /// <exception cref="IOException">The run could not be started.</exception>
    public static Process Start(Func<Process> start, int niceness = Niceness, Action? ended = null)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                // These are a thread's own, and what it starts inherits them. A test knows no other scheduler or machine than the usual one
                // (chrt, setarch), and landing goes before testing where processors are few. What the worker has is its first thread's: others may
                // have been made by a thread like this one.
                _ = SetScheduler(0, 0, [0]);
                _ = SetPersonality(0);
                _ = SetPriority(0, 0, Math.Min(MostNice, GetPriority(0, (uint)Environment.ProcessId) + niceness));

                // A process's, so the worker's own too: its memory holds the credential, and a run inherits it without a process more.
                _ = SetLimit(CoreSize, [0, 0]);

                // A thread's too: keys that lie in the session of whoever started the worker are not a run's to read.
                _ = Call(RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? KeyControlOnArm : KeyControl, JoinSession, 0);
                var process = start();
                started.SetResult(process);
                process.WaitForExit();
            }
            catch (Exception error)
            {
                // After the start there is nothing to tell: who started it watches it too.
                started.TrySetException(new IOException(error.Message, error));
            }
            finally
            {
                ended?.Invoke();
            }
        })
        { IsBackground = true, Name = "run" };
        thread.Start();
        return started.Task.GetAwaiter().GetResult();
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, int[] parameters);

    [LibraryImport("libc", EntryPoint = "personality")]
    private static partial int SetPersonality(nuint personality);

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, uint who);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int niceness);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, nint operation, nint name);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, nuint[] softAndHard);
}
