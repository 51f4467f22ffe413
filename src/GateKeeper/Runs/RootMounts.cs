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
    private const ulong Bind = 4096;

    /// <exception cref="IOException">A mount could not be made: the run did not start.</exception>
    public static Process Start(SandboxOrder order, long disk, uint user, IEnumerable<string> cgroupTasks, ProcessStartInfo start)
    {
        return RunThread.Start(() =>
        {
            foreach (var tasks in cgroupTasks)
                File.WriteAllText(tasks, "0");
            Check(Unshare(NewMounts), "unshare");
            LayOut(order, disk, user);
            File.WriteAllText(Path.Combine(order.Scratch, "started"), "");
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
        var (upper, work, home) = ($"{Sandbox.Place}/tree.upper", $"{Sandbox.Place}/tree.work", $"{Sandbox.Place}/home.upper");
        if (order.Keep is { } keep)
        {
            (upper, work, home) = (Path.Combine(keep, "tree"), Path.Combine(keep, "tree.work"), Path.Combine(keep, "home"));
            foreach (var kept in (string[])[upper, work, home])
                Directory.CreateDirectory(kept);
        }

        foreach (var path in (string[])[$"{Sandbox.Place}/tree", $"{Sandbox.Place}/home", $"{Sandbox.Place}/tmp", $"{Sandbox.Place}/shm", upper, home])
            Check(TreeFiles.ChangeOwner(path, user, user), path);
        Check(Mount("overlay", $"{Sandbox.Place}/tree", "overlay", 0, $"lowerdir={string.Join(':', order.Layers)},upperdir={upper},workdir={work}"), "overlay of the tree");
        if (order.HomeLayers.Count > 0)
            Check(Mount("overlay", $"{Sandbox.Place}/home", "overlay", 0, $"lowerdir={string.Join(':', order.HomeLayers)},upperdir={home},workdir={Sandbox.Place}/home.work"), "overlay of the home");
        else if (order.Keep is not null)
            Check(Mount(home, $"{Sandbox.Place}/home", null, Bind, null), "home");
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
