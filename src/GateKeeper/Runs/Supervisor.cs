using System.Globalization;

namespace GateKeeper.Runs;

/// <summary>
/// The first process of a run: a shell that starts the command and ends with the command's exit code, which bubblewrap's outer process,
/// in no namespace of the run, hands on to the worker.
/// <para>
/// The shell is of the same user as the command. The kernel lets a process look into another, write its memory or take its open files
/// only where the other has no capability that it lacks itself, so the shell keeps one that is of no use in the sandbox and the command
/// begins without. Where the kernel has Yama that forbids it too; without, proposed code could else write its own result.
/// </para>
/// </summary>
internal static class Supervisor
{
    /// <summary>What the shell has and the command has not. Within a user namespace its one use is to set the limits of that namespace.</summary>
    public const string Kept = "CAP_SYS_RESOURCE";

    /// <summary>
    /// Prints a word where the command could write into the process that reports its exit code, and another where the limits of its own
    /// namespace took effect: as a namespace begins there are none.
    /// </summary>
    public const string Probe = """
        ( : 3<> /proc/1/mem ) 2>/dev/null && echo reachable
        [ "$(cat /proc/sys/user/max_inotify_instances)" -lt 2147483647 ] 2>/dev/null && echo limited
        true
        """;

    public const string Reachable = "reachable";
    public const string IsLimited = "limited";

    /// <summary>Told before the command begins, and once its exit code is known. What went wrong before or in between is no failure of the change.</summary>
    public const string Begun = "begun";

    public const string Ended = "ended";

    private const string Limits = "/proc/sys/user";

    // By user and namespace; there are those of the kernel that runs here, which may know fewer.
    private static readonly string[] Limited = ["max_inotify_instances", "max_inotify_watches", "max_fanotify_groups", "max_fanotify_marks", "max_user_namespaces"];

    // The variables of a test are the command's alone: PATH or LD_PRELOAD of the shell would be as good as the verdict. The command does not
    // have the descriptor of the marks: whoever writes the first gives it away before the command begins.
    private const string Script = """
        limits=$1 command=$2; shift 2
        for limit in $limits; do echo "${limit#*=}" > "/proc/sys/user/${limit%%=*}"; done 2>/dev/null
        setpriv --inh-caps=-all --ambient-caps=-all -- sh -c 'echo begun >&3; exec 3>&-; exec env -i -- "$@"' gatekeeper "$@" /bin/sh -c "$command"
        code=$?
        echo ended >&3
        exit $code
        """;

    /// <summary>Where bubblewrap starts it: with this environment and no other.</summary>
    public static IEnumerable<string> Bubble(bool guarded) =>
        ["--as-pid-1", "--cap-drop", "ALL", .. guarded ? (string[])["--cap-add", Kept] : [], "--clearenv", "--setenv", "PATH", "/usr/bin:/bin"];

    /// <param name="order">What is to be run.</param>
    /// <param name="share">Among how many the user that runs have is shared: each run may have a part of what that user may.</param>
    public static IEnumerable<string> Command(SandboxOrder order, int share) =>
    [
        "sh", "-c", Script, "gatekeeper", string.Join(' ', Shares(share)), order.Command,
        .. RunDescription.Surroundings(Sandbox.Home).Concat(order.Environment).Select(variable => $"{variable.Key}={variable.Value}"),
    ];

    private static IEnumerable<string> Shares(int share)
    {
        foreach (var name in Limited)
        {
            var path = Path.Combine(Limits, name);
            if (File.Exists(path) && long.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var most))
                yield return $"{name}={Math.Max(1, most / share).ToString(CultureInfo.InvariantCulture)}";
        }
    }
}
