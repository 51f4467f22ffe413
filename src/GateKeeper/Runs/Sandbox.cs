using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GateKeeper.Core.Reports;
using GateKeeper.Git;

namespace GateKeeper.Runs;

/// <summary>
/// Builds the command that runs proposed code: an own mount namespace with a bounded tmpfs for all that is written, an overlay of
/// read-only layers below it, and bubblewrap around the command. Everything ends with the one process that is started.
/// </summary>
internal sealed partial class Sandbox : ISandbox
{
    public const string Tree = TreePlace.Root;
    public const string Home = "/home/run";

    /// <summary>Where a run's mounts are laid out: seen by that run's processes only.</summary>
    public const string Place = "/mnt";
    private static readonly bool Root = Environment.IsPrivilegedProcess;
    private readonly Ability ability;
    private readonly RunLimits limits;
    private readonly IReadOnlyList<string> mounts;
    private readonly ProcessLimits bounds;
    private readonly string etc;
    private readonly RunUsers? users;
    private readonly IdMaps? maps;

    private Sandbox(Ability ability, RunLimits limits, IReadOnlyList<string> mounts, string etc, Cgroups? cgroups)
    {
        (this.ability, this.limits, this.mounts, this.etc, Cgroups) = (ability, limits, mounts, etc, cgroups);
        bounds = ProcessLimits.OfThisProcess(limits);
        var one = limits.Users with { Last = limits.Users.First };
        users = Root ? new(ability.OwnUsers ? limits.Users : one) : null;
        maps = Root && ability is { Overlays: true, OwnUsers: true } ? new(limits.Users.First) : null;
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Shown()))));
    }

    /// <summary>What this machine lets the sandbox do.</summary>
    /// <param name="Overlays">Layers can be laid on each other.</param>
    /// <param name="Guarded">What reports an exit code can keep a capability from the command.</param>
    /// <param name="OwnUsers">Each run can be a user of its own.</param>
    private sealed record Ability(bool Overlays, bool Guarded, bool OwnUsers)
    {
        /// <summary>Whether proposed code could write its own result all the same.</summary>
        public bool Reachable { get; init; }

        /// <summary>Whether what the kernel counts by user is limited for each run.</summary>
        public bool Limited { get; init; }
    }

    public bool Overlays => ability.Overlays;

    public Cgroups? Cgroups { get; }

    public string Fingerprint { get; }

    /// <summary>
    /// The account of proposed code is never the worker's own where that is root: in a user namespace root's own files and /proc/sys would
    /// still be root's to write.
    /// </summary>
    public uint? Owner => Root ? limits.Users.First : null;

    /// <summary>Why a verdict could be written by whom it is about; null when it cannot.</summary>
    public string? Forgeable => ability.Reachable
        ? "proposed code can write into the process that reports its exit code, and so make a failure pass: set the kernel's kernel.yama.ptrace_scope to 1 or more (sysctl), or bring bubblewrap to a version that keeps a capability (--cap-add) and is not setuid"
        : null;

    /// <summary>What one run can take from another; null where nothing.</summary>
    public string? Crowded => ability.Limited || HaveOwnUsers ? null
        : $"all runs are one user, and nothing keeps one from taking all inotify instances and namespaces of that user: {(Root ? "Linux 6.3 or later, or a bubblewrap that is not setuid, mends that" : "a bubblewrap that is not setuid, or a worker that is root, mends that")}";

    private bool HaveOwnUsers => Root && ability.OwnUsers && limits.Users.First < limits.Users.Last;

    /// <summary>Which users runs are, in words.</summary>
    public string Users =>
        !Root ? "the worker's own, in a user namespace of each run's own with its own limits; only a worker that is root can give each run another"
        : HaveOwnUsers ? $"each run has one of {limits.Users} that no other has at that time"
        : $"all runs are {limits.Users.First}, each with its own limits: runs.users names no more, or the kernel cannot map the ids of files (Linux 6.3 and later can), or the work folder's file system cannot";

    /// <summary>Finds out by trying what this machine can do. <paramref name="problem"/> says why no sandbox can be had.</summary>
    /// <param name="work">The work folder.</param>
    /// <param name="memory">Where small layers lie.</param>
    /// <param name="limits">What runs may.</param>
    /// <param name="mounts">What the operator shows to runs.</param>
    /// <param name="problem">Why no sandbox can be had.</param>
    /// <param name="looking">Whether no run is to follow: then nothing is changed on the machine.</param>
    /// <param name="guard">Whether a bubblewrap that can keep a capability is to keep it.</param>
    public static Sandbox? Find(string work, string memory, RunLimits limits, IReadOnlyList<string> mounts, out string problem, bool looking = false, bool guard = true)
    {
        var etc = Path.Combine(memory, "sandbox-etc");
        ToolConfiguration.Here.Write(etc, mounts);
        var scratch = Path.Combine(work, "sandbox-probe");
        string[] lowers = [Path.Combine(scratch, "lower"), Path.Combine(memory, "sandbox-probe")];
        foreach (var lower in lowers)
            Directory.CreateDirectory(lower);
        problem = "";
        foreach (var ability in Abilities().Where(ability => guard || !ability.Guarded))
        {
            var order = new SandboxOrder { Command = Supervisor.Probe, Layers = lowers, Scratch = scratch, Environment = [] };
            if (new Sandbox(ability, limits, mounts, etc, null).Try(order, out var said))
                return new(ability with { Reachable = said.Contains(Supervisor.Reachable, StringComparison.Ordinal), Limited = said.Contains(Supervisor.IsLimited, StringComparison.Ordinal) }, limits, mounts, etc, looking ? null : Cgroups.Find());
            problem = said;
        }

        return null;
    }

    /// <summary>The best first.</summary>
    private static IEnumerable<Ability> Abilities() =>
        from overlays in (bool[])[true, false]
        from guarded in (bool[])[true, false]
        from own in Root ? (bool[])[true, false] : [false]
        select new Ability(overlays, guarded, own);

    /// <summary>One run of the worker's own, without a limit that a busy machine could have reached already.</summary>
    private bool Try(SandboxOrder order, out string said)
    {
        try
        {
            File.Delete(StatusOf(order));
            using var process = Start(order, null, isLimited: false);
            process.StandardInput.Close();
            said = $"{process.StandardOutput.ReadToEnd()}{process.StandardError.ReadToEnd()}".Trim();
            process.WaitForExit();
            return process.ExitCode == 0 && Began(order);
        }
        catch (IOException error)
        {
            said = error.Message;
            return false;
        }
    }

    public string? Alarm => string.Join("; ", ((string?[])[Loose, Forgeable, Crowded, Narrow]).OfType<string>()) is { Length: > 0 } words ? words : null;

    private string? Loose => Cgroups is not null ? null
        : Root ? "the worker runs as root and no cgroup can be written, so a run's processes are not limited: give the worker a cgroup (Delegate=yes in its unit)"
        : "no cgroup can be written, so memory is limited for each process of a run and not for the run: give the worker a cgroup (Delegate=yes in its unit)";

    /// <summary>Which of the worker's own limits hold runs too, and what mends it; null where none does.</summary>
    public string? Narrow => bounds.Narrow is { } narrow
        ? $"the worker was started with limits that are narrower than runs are to have ({narrow}): start it without them (ulimit, or Limit... in its unit)"
        : null;

    public Process Start(SandboxOrder order, RunGroup? group) => Start(order, group, isLimited: true);

    private Process Start(SandboxOrder order, RunGroup? group, bool isLimited)
    {
        var lease = users?.Take();
        string[] prefix = [.. isLimited ? bounds.Command(byGroup: group is not null) : []];
        return RunThread.Start(
            () =>
            {
                if (lease is { User: var user } && Overlays)
                    RootMounts.LayOut(order, group, limits.Disk, user, maps, ToolConfiguration.Folder(etc, order.Network));
                var process = Children.Start(lease is { User: var own } && Overlays ? Watch(order, group, own, prefix) : Script(order, group, lease?.User, prefix));
                return WrittenTree.Await(Connect(process, order), order.Written, $"{Place}/{(Overlays ? "tree.upper" : "tree")}");
            },
            ended: lease?.Return);
    }

    private static ProcessStartInfo Command(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    /// <summary>Where the mounts lie already, in the mount namespace of the thread that starts it.</summary>
    private ProcessStartInfo Watch(SandboxOrder order, RunGroup? group, uint user, string[] prefix)
    {
        IReadOnlyList<string> entrances = group is { Tasks.Count: 0 } ? [.. group.Entrances] : [];
        return Command("sh",
        [
            .. entrances.Count > 0 ? (string[])["-c", Enter, "gatekeeper", Text(entrances.Count), .. entrances, "sh"] : [],
            .. order.Network ? (string[])["-c", """exec unshare --net -- sh -c "$@" """, "sh", JoinNetwork + "\nexec \"$@\"", "gatekeeper", "sh"] : [],
            "-c", Watched, "gatekeeper", order.Scratch, order.Keep ?? "", $"{limits.Users.First}", "setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "--no-new-privs", "--",
            .. prefix, "bwrap", .. Bubble(order),
        ]);
    }

    private ProcessStartInfo Script(SandboxOrder order, RunGroup? group, uint? user, string[] prefix)
    {
        var entrances = group?.Entrances.ToList() ?? [];
        string[] namespaces = [.. Root ? (string[])[] : ["--user", "--map-root-user"], .. order.Network ? (string[])["--net"] : []];
        IEnumerable<string> arguments =
        [
            "-c", Enter, "gatekeeper", Text(entrances.Count), .. entrances,
            "unshare", .. namespaces, "--mount", "--propagation", "private", "--", "sh", "-c", Mount, "gatekeeper",
            order.Scratch, Text(limits.Disk), Overlays ? "overlay" : "copy", Join(order.Layers), Join(order.HomeLayers), order.Keep ?? "", Root ? "" : ",userxattr", user is { } id ? Text(id) : "", ToolConfiguration.Folder(etc, order.Network),
            order.Network ? Nameserver : "", Root ? Text(limits.Users.First) : "", order.Written is null ? "" : "waits",
            .. prefix, "bwrap", .. Bubble(order),
        ];
        return Command("sh", arguments);
    }

    // An overlay names its uppermost layer first; copies are laid down from the lowest.
    private string Join(IReadOnlyList<string> layers) => string.Join(':', Overlays ? layers : layers.Reverse());

    private IEnumerable<string> Shown() =>
    [
        "gatekeeper-runner-4",
        $"{limits.Identity} by {(Cgroups is null ? "process" : "group")}{bounds.Narrow}",
        File.Exists("/etc/os-release") ? File.ReadAllText("/etc/os-release") : "",
        File.Exists("/var/lib/dpkg/status") ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes("/var/lib/dpkg/status"))) : "",
        Machine.Look("/usr/local"),
        ToolConfiguration.Here.Look,
        .. mounts.Select(mount => Machine.Look(mount.Split(':')[0])),
    ];

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
