using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GateKeeper.Runs;

/// <summary>What the operator allows each run.</summary>
internal sealed record RunLimits(long Memory, long Disk, int Processes, long Output, bool Network = false);

/// <summary>The tree that a run is to see: of which repository, and whether nothing that a prepare step left lies below it.</summary>
internal sealed record RunTree(string Mirror, string Id, bool IsAlone);

/// <summary>One command to be run in the sandbox, on which layers, with which environment.</summary>
internal sealed record SandboxOrder
{
    // What the command left in JUnit files follows what it printed, bounded. It names failing cases and decides nothing.
    private const string Inside = """sh -c "$1"; code=$?; for file in $2; do if [ -f "$file" ] && [ ! -L "$file" ]; then printf '\n%s\n' '"""
        + Runs.Junit.Mark + """'; head -c 1048576 "$file"; fi; done; exit $code""";

    public required string Command { get; init; }

    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>What the layers are made of, for whoever compares; null where they are of no repository.</summary>
    public RunTree? Tree { get; init; }

    public required string Scratch { get; init; }

    public required IEnumerable<KeyValuePair<string, string>> Environment { get; init; }

    public string? Junit { get; init; }

    /// <summary>Read-only layers of the home directory, the uppermost first.</summary>
    public IReadOnlyList<string> HomeLayers { get; init; } = [];

    public bool Network { get; init; }

    /// <summary>Where what it writes is kept (a prepare step); null when it is discarded whole.</summary>
    public string? Keep { get; init; }

    /// <summary>Why what a prepare step left could not be kept; null when it could.</summary>
    public string? Unkept => Path.Combine(Scratch, "unkept") is var note && File.Exists(note) && File.ReadLines(note).FirstOrDefault() is { Length: > 0 } why ? why : null;

    /// <summary>What is started in the end: the command, and what shows the failing cases that it left in files.</summary>
    public IEnumerable<string> Shell => Junit is null ? ["sh", "-c", Command] : ["sh", "-c", Inside, "sh", Command, Junit];
}

/// <summary>Where proposed code runs, and how it is held there.</summary>
internal interface ISandbox
{
    /// <summary>Whether layers can be laid on each other; if not, each run gets a whole tree of its own.</summary>
    bool Overlays { get; }

    /// <summary>Null where no cgroup can be written.</summary>
    Cgroups? Cgroups { get; }

    /// <summary>Stands for what a run sees of the machine: part of every key.</summary>
    string Fingerprint { get; }

    /// <summary>Why no run can have the network; null when one can.</summary>
    string? NetworkProblem { get; }

    /// <summary>What the operator must know for as long as it is so; null when all is as promised.</summary>
    string? Alarm { get; }

    /// <summary>Whether the command itself was begun: what went wrong before is the machine's failure, not the change's.</summary>
    bool Began(SandboxOrder order);

    /// <summary>Starts a run. It ends with the process that is answered, and everything that it started with it.</summary>
    /// <exception cref="IOException">The run could not be started.</exception>
    Process Start(SandboxOrder order, RunGroup? group);
}

/// <summary>
/// Builds the command that runs proposed code: an own mount namespace with a bounded tmpfs for all that is written, an overlay of
/// read-only layers below it, and bubblewrap around the command. Everything ends with the one process that is started.
/// </summary>
internal sealed partial class Sandbox : ISandbox
{
    public const string Tree = "/work";
    public const string Home = "/home/run";

    /// <summary>
    /// The account of proposed code when the worker is root, and null when it is not. In a user namespace root's own files and /proc/sys
    /// would still be root's to write, so code never runs as root, mapped or not. The number belongs to no package and to no range of subordinate ids.
    /// </summary>
    public static readonly uint? RunUser = Environment.IsPrivilegedProcess ? 964_321 : null;

    /// <summary>Where a run's mounts are laid out: seen by that run's processes only.</summary>
    public const string Place = "/mnt";
    public const string Passwd = $"run:x:1000:1000::{Home}:/bin/sh\nroot:x:0:0::/:/bin/sh\n";
    public const string Groups = "run:x:1000:\nroot:x:0:\n";
    private readonly bool root;
    private readonly RunLimits limits;
    private readonly IReadOnlyList<string> mounts;
    private readonly string etc;

    private Sandbox(bool root, bool overlays, RunLimits limits, IReadOnlyList<string> mounts, string etc, Cgroups? cgroups)
    {
        (this.root, Overlays, this.limits, this.mounts, this.etc, Cgroups) = (root, overlays, limits, mounts, etc, cgroups);
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Shown()))));
    }

    public bool Overlays { get; }

    public Cgroups? Cgroups { get; }

    public string Fingerprint { get; }

    /// <summary>Finds out by trying what this machine can do. <paramref name="problem"/> says why no sandbox can be had.</summary>
    public static Sandbox? Find(string work, RunLimits limits, IReadOnlyList<string> mounts, out string problem)
    {
        var root = Environment.IsPrivilegedProcess;
        var etc = Path.Combine(work, "sandbox-etc");
        Directory.CreateDirectory(etc);
        File.WriteAllText(Path.Combine(etc, "passwd"), Passwd);
        File.WriteAllText(Path.Combine(etc, "group"), Groups);
        var scratch = Path.Combine(work, "sandbox-probe");
        var lower = Path.Combine(scratch, "lower");
        Directory.CreateDirectory(lower);
        problem = "";
        foreach (var overlays in new[] { true, false })
        {
            var sandbox = new Sandbox(root, overlays, limits, mounts, etc, null);
            using var process = Process.Start(sandbox.Script(new() { Command = "true", Layers = [lower], Scratch = scratch, Environment = [] }, null))!;
            process.StandardInput.Close();
            var said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0)
                return new(root, overlays, limits, mounts, etc, Cgroups.Find());
            problem = said.Trim();
        }

        return null;
    }

    public string? Alarm => Cgroups is not null ? null
        : root ? "the worker runs as root and no cgroup can be written, so a run's processes are not limited: give the worker a cgroup (Delegate=yes in its unit)"
        : "no cgroup can be written, so memory is limited for each process of a run and not for the run: give the worker a cgroup (Delegate=yes in its unit)";

    public Process Start(SandboxOrder order, RunGroup? group) =>
        order.Network ? RunThread.Start(() => StartNetworked(order, group))
            : RunUser is { } user && Overlays && group?.Tasks is not { Count: 0 }
            ? RootMounts.Start(order, limits.Disk, user, group?.Tasks ?? [], Command(
                "sh", ["-c", Watched, "gatekeeper", order.Scratch, order.Keep ?? "", "setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "--no-new-privs", "--", .. Limited(group), "bwrap", .. Bubble(order)]))
            : RunThread.Start(() => Process.Start(Script(order, group))!);

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

    private ProcessStartInfo Script(SandboxOrder order, RunGroup? group)
    {
        var entrances = group?.Entrances.ToList() ?? [];
        string[] namespaces = [.. root ? (string[])[] : ["--user", "--map-root-user"], .. order.Network ? (string[])["--net"] : []];
        IEnumerable<string> arguments =
        [
            "-c", Enter, "gatekeeper", Text(entrances.Count), .. entrances,
            "unshare", .. namespaces, "--mount", "--propagation", "private", "--", "sh", "-c", Mount, "gatekeeper",
            order.Scratch, Text(limits.Disk), Overlays ? "overlay" : "copy", Join(order.Layers), Join(order.HomeLayers), order.Keep ?? "", root ? "" : ",userxattr", RunUser is { } user ? Text(user) : "", etc, order.Network ? Nameserver : "",
            .. Limited(group), "bwrap", .. Bubble(order),
        ];
        return Command("sh", arguments);
    }

    // The first thing that happens is that the process enters its cgroups: what it starts afterwards is in them too.
    private const string Enter = """count=$1; shift; while [ "$count" -gt 0 ]; do echo 0 > "$1" || exit 125; shift; count=$((count - 1)); done; exec "$@" """;

    // All mounts are seen by this process and its children only, and go with them. The paths are the same constants in every run.
    private const string Mount = """
        scratch=$1 disk=$2 how=$3 layers=$4 homes=$5 keep=$6 options=$7 user=$8 etc=$9; shift 9; nameserver=$1; shift
        if [ -n "$nameserver" ]; then
        """ + JoinNetwork + """

        fi
        exec 2>&1
        mount -t tmpfs -o "size=$disk,mode=0755" gatekeeper /mnt || exit 125
        cd /mnt && mkdir tree tree.upper tree.work home home.upper home.work tmp shm etc && cp "$etc/passwd" "$etc/group" etc && printf %s "$nameserver" > etc/resolv.conf || exit 125
        if [ -n "$user" ]; then chown "$user:$user" tree home tmp shm tree.upper home.upper || exit 125; fi
        if [ "$how" = overlay ]; then
          mount -t overlay overlay -o "lowerdir=$layers,upperdir=/mnt/tree.upper,workdir=/mnt/tree.work$options" tree || exit 125
          if [ -n "$homes" ]; then mount -t overlay overlay -o "lowerdir=$homes,upperdir=/mnt/home.upper,workdir=/mnt/home.work$options" home || exit 125; fi
        else
          old=$IFS; IFS=:
          for layer in $layers; do cp -a "$layer/." tree || exit 125; done
          for layer in $homes; do cp -a "$layer/." home || exit 125; done
          IFS=$old
        fi
        if [ -n "$user" ]; then set -- setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs -- "$@"; fi

        """ + Finish;

    // An overlay names its uppermost layer first; copies are laid down from the lowest.
    private string Join(IReadOnlyList<string> layers) => string.Join(':', Overlays ? layers : layers.Reverse());

    // A group bounds memory and processes, and the file system in memory what is written: then nothing is left to limit by process.
    private IEnumerable<string> Limited(RunGroup? group) =>
        group is not null ? [] : ["prlimit", $"--fsize={Text(limits.Disk)}", $"--nproc={limits.Processes}", $"--data={Text(limits.Memory)}", "--"];

    private IEnumerable<string> Shown() =>
    [
        "gatekeeper-runner-1",
        File.Exists("/etc/os-release") ? File.ReadAllText("/etc/os-release") : "",
        File.Exists("/var/lib/dpkg/status") ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes("/var/lib/dpkg/status"))) : "",
        Machine.Look("/usr/local"),
        .. mounts.Select(mount => Machine.Look(mount.Split(':')[0])),
    ];

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
