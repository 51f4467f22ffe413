using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GateKeeper.Runs;

/// <summary>
/// Lays out a run's mounts by system calls, where the worker is root: the same mounts that the script makes elsewhere, without the eight
/// processes that it takes. A mount namespace belongs to a thread, so the run's own thread makes it and starts the run in it.
/// </summary>
internal static partial class RootMounts
{
    private const int NewMounts = 0x00020000;
    private const ulong Recursive = 16384;
    private const ulong Private = 1 << 18;

    /// <exception cref="IOException">A mount could not be made: the run did not start.</exception>
    public static Process Start(SandboxOrder order, long disk, uint user, IEnumerable<string> cgroupTasks, ProcessStartInfo start)
    {
        return RunThread.Start(() =>
        {
            foreach (var tasks in cgroupTasks)
                File.WriteAllText(tasks, "0");
            Check(Unshare(NewMounts), "unshare");
            LayOut(order, disk, user);
            return Process.Start(start)!;
        });
    }

    private static void LayOut(SandboxOrder order, long disk, uint user)
    {
        Check(Mount("none", "/", null, Recursive | Private, null), "private mounts");
        Check(Mount("gatekeeper", Sandbox.Place, "tmpfs", 0, $"size={disk},mode=0755"), "tmpfs");
        foreach (var name in (string[])["tree", "tree.upper", "tree.work", "home", "home.upper", "home.work", "tmp", "shm", "etc"])
            Directory.CreateDirectory($"{Sandbox.Place}/{name}");
        File.WriteAllText($"{Sandbox.Place}/etc/passwd", Sandbox.Passwd);
        File.WriteAllText($"{Sandbox.Place}/etc/group", Sandbox.Groups);
        foreach (var name in (string[])["tree", "home", "tmp", "shm", "tree.upper", "home.upper"])
            Check(TreeFiles.ChangeOwner($"{Sandbox.Place}/{name}", user, user), name);
        Overlay("tree", order.Layers);
        if (order.HomeLayers.Count > 0)
            Overlay("home", order.HomeLayers);
    }

    private static void Overlay(string name, IReadOnlyList<string> layers)
    {
        var place = $"{Sandbox.Place}/{name}";
        Check(Mount("overlay", place, "overlay", 0, $"lowerdir={string.Join(':', layers)},upperdir={place}.upper,workdir={place}.work"), $"overlay of the {name}");
    }

    private static void Check(int result, string what)
    {
        if (result != 0)
            throw new IOException($"{what}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string? type, ulong flags, string? data);
}
