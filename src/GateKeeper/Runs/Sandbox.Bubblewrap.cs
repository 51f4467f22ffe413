namespace GateKeeper.Runs;

/// <content>What bubblewrap shows a run of the machine.</content>
internal sealed partial class Sandbox
{
    private static readonly string[] MergedDirectories = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

    private IEnumerable<string> Bubble(SandboxOrder order)
    {
        IEnumerable<string> arguments =
        [
            "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", order.Network ? "--share-net" : "--unshare-net",
            "--uid", "1000", "--gid", "1000", "--hostname", SystemFiles.HostName, "--die-with-parent", "--new-session", .. Supervisor.Bubble(ability.Guarded),
            .. Programs(), "--proc", "/proc", "--dev", "/dev", "--bind", $"{Place}/shm", "/dev/shm", "--remount-ro", "/dev",
            "--bind", $"{Place}/tmp", "/tmp", "--bind", $"{Place}/home", Home, "--bind", $"{Place}/tree", Tree, "--dir", "/run", "--dir", "/var", .. Open(),
            .. Operator(), "--remount-ro", "/", "--chdir", Tree,
        ];
        return [.. arguments, .. Supervisor.Command(order, HaveOwnUsers ? 1 : limits.Slots + 1)];
    }

    /// <summary>Where anybody may write on a machine as it is installed, by the names that programs have for it.</summary>
    private static IEnumerable<string> Open() =>
        from link in (string[])["/tmp /var/tmp", "/tmp /run/lock", "/dev/shm /run/shm", "/run /var/run", "/run/lock /var/lock", "/tmp /var/lib/php/sessions"]
        from argument in link.Split(' ').Prepend("--symlink")
        select argument;

    private static IEnumerable<string> Programs()
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
                foreach (var argument in Bind(path, path))
                    yield return argument;
            }
        }

        foreach (var argument in (string[])[.. Bind("/usr", "/usr"), .. Bind($"{Place}/etc", "/etc"), .. ToolConfiguration.Live.Where(path => Path.Exists(path)).SelectMany(path => Bind(path, path))])
            yield return argument;
    }

    private static string[] Bind(string from, string to) => ["--ro-bind", from, to];

    private IEnumerable<string> Operator() =>
        mounts.SelectMany(mount => new[] { "--ro-bind", mount.Split(':')[0], mount.Split(':')[0] });
}
