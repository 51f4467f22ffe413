using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using GateKeeper.Git;

namespace GateKeeper.Runs;

/// <summary>
/// Runs proposed code with nothing around it but a directory, an environment and limits of its own: for machines that are thrown away
/// after use, where the operator says so by name. Whatever the worker's account may read, the code may read, the credential too.
/// </summary>
internal sealed partial class NoSandbox(RunLimits limits) : ISandbox
{
    private const int Kill = 9;
    private readonly ProcessLimits bounds = ProcessLimits.OfThisProcess(limits);

    public bool Overlays => false;

    public Cgroups? Cgroups { get; } = Cgroups.Find();

    // What the machine holds is not known, so nothing that was found out here is taken for found out elsewhere.
    public string Fingerprint => $"no-sandbox {Environment.MachineName} {limits.Identity} by {(Cgroups is null ? "process" : "group")}{bounds.Narrow}";

    public uint? Owner => null;

    public string Alarm => "runs.sandbox is none: proposed code runs as the worker's own account and can read whatever it can, the credential too, and write its own result";

    public string? NetworkProblem => null;

    public bool Began(SandboxOrder order) => File.Exists(Path.Combine(order.Scratch, "started"));

    public bool Ended(SandboxOrder order) => File.Exists(Path.Combine(order.Scratch, "ended"));

    public Process Start(SandboxOrder order, RunGroup? group)
    {
        var room = order.Keep ?? Path.Combine(order.Scratch, "room");
        if (order.Written is { } written)
            written.Path = Path.Combine(room, "tree");
        IReadOnlyList<string> entrances = [.. group?.Entrances ?? []];
        var start = new ProcessStartInfo("setsid") { WorkingDirectory = "/", RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        string[] own = ["PATH=/usr/local/bin:/usr/bin:/bin", $"HOME={room}/home", $"TMPDIR={room}/tmp", "LANG=C.UTF-8", "TZ=UTC", "USER=run", "GATEKEEPER=1"];
        IEnumerable<string> arguments =
        [
            "sh", "-c", Script, "gatekeeper", Text(entrances.Count), .. entrances, order.Scratch, room, string.Join(':', order.Layers.Reverse()), string.Join(':', order.HomeLayers.Reverse()),
            .. bounds.Command(byGroup: true).SkipLast(1), $"--fsize={Text(limits.Disk)}", "--", "env", "-i", .. own, .. order.Environment.Select(pair => $"{pair.Key}={pair.Value}"), "sh", "-c", order.Command,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var process = Children.Start(start);
        var session = process.Id;

        // What it left in the background goes with it, as far as it stayed in the session.
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _ = Signal(-session, Kill);
        return process;
    }

    private const string Script = """
        count=$1; shift; while [ "$count" -gt 0 ]; do echo 0 > "$1" || exit 125; shift; count=$((count - 1)); done
        umask 022
        { echo 500 > /proc/self/oom_score_adj; } 2>/dev/null
        scratch=$1 room=$2 layers=$3 homes=$4; shift 4
        mkdir -p "$room/tree" "$room/home" "$room/tmp" || exit 125
        old=$IFS; IFS=:
        for layer in $layers; do cp -a "$layer/." "$room/tree" || exit 125; done
        for layer in $homes; do cp -a "$layer/." "$room/home" || exit 125; done
        IFS=$old
        : > "$scratch/started"
        cd "$room/tree" && "$@"
        code=$?
        : > "$scratch/ended"
        exit $code
        """;

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int session, int signal);
}
