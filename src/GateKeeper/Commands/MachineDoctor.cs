using GateKeeper.Forges;
using GateKeeper.Runs;
using GateKeeper.Settings;

namespace GateKeeper.Commands;

/// <summary>Looks at the machine that the doctor is called on, as one that runs proposed code. Nothing is changed.</summary>
internal static class MachineDoctor
{
    public static IReadOnlyList<Finding> Look(GateSettings settings)
    {
        const string What = "sandbox";
        if (!settings.Runs.Sandboxed)
            return [Finding.Wrong(What, "runs:sandbox is none, so proposed code reads whatever the worker's account can, and can write its own result", "leave \"sandbox\" out of \"runs\", unless this machine is thrown away after use")];
        var limits = new RunLimits(settings.Runs.Memory, settings.Runs.Disk, settings.Runs.Processes, settings.Runs.Output, settings.Runs.Network) { Users = UserRange.Of(settings.Runs.Users), Slots = settings.Runs.Slots };
        var work = Path.Combine(settings.Work, "doctor");
        using var memory = Scratch.Open(work);
        if (Sandbox.Find(work, memory.Path, limits, settings.Runs.Mounts, out var problem, looking: true) is not { } sandbox)
            return [Finding.Unknown(What, $"none can be had here: {problem}", "call the doctor on the worker's machine, as the worker's account; there, install bubblewrap and allow user namespaces (sysctl kernel.unprivileged_userns_clone=1)")];
        return
        [
            Finding.Right(What, sandbox.Overlays ? "bubblewrap, on layers" : "bubblewrap, on a copy of the tree for each run"),
            sandbox.Forgeable is { } why ? Finding.Wrong("verdicts", why, "sysctl kernel.yama.ptrace_scope=1, where the kernel has Yama") : Finding.Right("verdicts", "proposed code cannot reach the process that reports its exit code"),
            Taken(limits.Users) is { } taken && Environment.IsPrivilegedProcess ? Finding.Wrong("user ids of runs", taken, "name others as \"users\" in \"runs\"") : Finding.Right("user ids of runs", sandbox.Users),
        ];
    }

    /// <summary>An id that is somebody's own opens that account's files to proposed code.</summary>
    private static string? Taken(UserRange users)
    {
        const string Accounts = "/etc/passwd";
        var whose = (File.Exists(Accounts) ? File.ReadLines(Accounts) : []).Select(line => line.Split(':'))
            .FirstOrDefault(parts => parts.Length > 2 && uint.TryParse(parts[2], out var id) && id >= users.First && id <= users.Last);
        return whose is null ? null : $"{whose[2]} is the account {whose[0]}";
    }
}
