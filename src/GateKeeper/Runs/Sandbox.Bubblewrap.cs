namespace GateKeeper.Runs;

/// <content>What bubblewrap shows a run of the machine.</content>
internal sealed partial class Sandbox
{
    private static readonly string[] MergedDirectories = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

    // Of /etc only what programs need to start: the rest is the machine's business, and some of it secret.
    private static readonly string[] ShownPaths =
    [
        "/usr", "/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ssl/certs", "/etc/ssl/openssl.cnf",
        "/etc/localtime", "/etc/mime.types", "/etc/dotnet", "/etc/java-17-openjdk",
    ];

    private IEnumerable<string> Bubble(SandboxOrder order)
    {
        IEnumerable<string> arguments =
        [
            "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", order.Network ? "--share-net" : "--unshare-net",
            "--uid", "1000", "--gid", "1000", "--hostname", "gatekeeper", "--die-with-parent", "--new-session", .. Supervisor.Bubble(ability.Guarded),
            .. System(), .. Names(order), "--proc", "/proc", "--dev", "/dev", "--bind", $"{Place}/shm", "/dev/shm", "--remount-ro", "/dev",
            "--bind", $"{Place}/tmp", "/tmp", "--bind", $"{Place}/home", Home, "--bind", $"{Place}/tree", Tree, "--dir", "/run", "--dir", "/var", "--symlink", "/tmp", "/var/tmp",
            .. Operator(), "--remount-ro", "/", "--chdir", Tree,
        ];
        return [.. arguments, .. Supervisor.Command(order, HaveOwnUsers ? 1 : limits.Slots + 1)];
    }

    private static IEnumerable<string> System()
    {
        foreach (var directory in MergedDirectories)
        {
            var path = "/" + directory;
            if (new DirectoryInfo(path).LinkTarget is { } target)
            {
                yield return "--symlink";
                yield return target;
                yield return path;
            }
            else if (Directory.Exists(path))
            {
                yield return "--ro-bind";
                yield return path;
                yield return path;
            }
        }

        foreach (var path in ShownPaths.Where(path => Path.Exists(path)))
        {
            yield return "--ro-bind";
            yield return path;
            yield return path;
        }

        string[] own = ["--ro-bind", $"{Place}/etc/passwd", "/etc/passwd", "--ro-bind", $"{Place}/etc/group", "/etc/group"];
        foreach (var argument in own)
            yield return argument;
    }

    private static string[] Names(SandboxOrder order) => order.Network ? ["--ro-bind", $"{Place}/etc/resolv.conf", "/etc/resolv.conf"] : [];

    private IEnumerable<string> Operator() =>
        mounts.SelectMany(mount => new[] { "--ro-bind", mount.Split(':')[0], mount.Split(':')[0] });
}
