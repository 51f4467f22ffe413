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
    private const ulong Bind = 4096;
    private const ulong Private = 1 << 18;
    private const uint UsualMask = 0x12; // 022

    /// <summary>For this thread, and for what it starts: it enters the run's groups, where those take threads, and makes the run's mounts.</summary>
    /// <exception cref="IOException">A mount could not be made: the run cannot start.</exception>
    public static void LayOut(SandboxOrder order, RunGroup? group, long disk, uint user, IdMaps? maps, string etc)
    {
        foreach (var tasks in group?.Tasks ?? [])
            File.WriteAllText(tasks, "0");
        Check(Unshare(NewMounts), "unshare");

        // With a mount namespace of its own a thread has a mask of its own: what the worker was started with does not show in the run.
        _ = Mask(UsualMask);
        Check(Mount("none", "/", null, Recursive | Private, null), "private mounts");
        Check(Mount("gatekeeper", Sandbox.Place, "tmpfs", 0, $"size={disk},mode=0755"), "tmpfs");
        foreach (var name in (string[])["tree", "tree.upper", "tree.work", "home", "home.upper", "home.work", "tmp", "shm", "etc", "layers"])
            Directory.CreateDirectory($"{Sandbox.Place}/{name}");
        Check(Mount(etc, $"{Sandbox.Place}/etc", null, Bind, null), "etc");
        foreach (var name in (string[])["tree", "home", "tmp", "shm", "tree.upper", "home.upper"])
            RawFiles.Give(RawFiles.Path($"{Sandbox.Place}/{name}"), user);
        Overlay("tree", [.. order.Layers.Select((layer, number) => Shown(layer, $"tree.{number}", user, maps))]);
        if (order.HomeLayers.Count > 0)
            Overlay("home", [.. order.HomeLayers.Select((layer, number) => Shown(layer, $"home.{number}", user, maps))]);
        order.Written?.Hold($"{Sandbox.Place}/tree.upper");
    }

    /// <summary>Where a layer is shown as the user's; itself where it is that already.</summary>
    private static string Shown(string layer, string name, uint user, IdMaps? maps)
    {
        if (maps is null)
            return layer;
        var place = $"{Sandbox.Place}/layers/{name}";
        Directory.CreateDirectory(place);
        maps.Lay(layer, place, user);
        return place;
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

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint Mask(uint mask);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string? type, ulong flags, string? data);
}
