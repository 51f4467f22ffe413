using GateKeeper.Forges;
using GateKeeper.Git;
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
            return [Finding.Wrong(What, "runs.sandbox is none, so proposed code reads whatever the worker's account can, and can write its own result", "leave \"sandbox\" out of \"runs\", unless this machine is thrown away after use")];
        var limits = new RunLimits(settings.Runs.Memory, settings.Runs.Disk, settings.Runs.Processes, settings.Runs.Output, settings.Runs.Network) { Users = UserRange.Of(settings.Runs.Users), Slots = settings.Runs.Slots };
        var work = Path.Combine(settings.Work, "doctor");
        using var memory = Scratch.Open(work);
        if (Sandbox.Find(work, memory.Path, limits, settings.Runs.Mounts, out var problem, looking: true) is not { } sandbox)
            return [Finding.Unknown(What, $"none can be had here: {problem}", "call the doctor on the worker's machine, as the worker's account; there, install bubblewrap and allow user namespaces (sysctl kernel.unprivileged_userns_clone=1)")];
        return
        [
            Finding.Right(What, sandbox.Overlays ? "bubblewrap, on layers" : "bubblewrap, on a copy of the tree for each run"),
            sandbox.Forgeable is { } why ? Finding.Wrong("verdicts", why, "sysctl kernel.yama.ptrace_scope=1, where the kernel has Yama") : Finding.Right("verdicts", "proposed code cannot reach the process that reports its exit code; what one command starts is one trust domain, so a check that a change must not touch is a test of its own"),
            sandbox.Crowded is { } crowded ? Finding.Wrong("user ids of runs", crowded, "bring the system up to date, or run one slot")
                : Environment.IsPrivilegedProcess && Taken(limits.Users) is { } taken ? Finding.Wrong("user ids of runs", taken, "name others as \"users\" in \"runs\"")
                : Finding.Right("user ids of runs", sandbox.Users),
            sandbox.Narrow is { } narrow ? Finding.Wrong("limits of runs", narrow, "LimitNOFILE=, LimitSTACK= and so on in the worker's unit, or ulimit before it")
                : Finding.Right("limits of runs", "the worker's own limits hold no run"),
        ];
    }

    /// <summary>Every candidate is made by git.</summary>
    public static async Task<Finding> GitAsync(CancellationToken cancellation)
    {
        var said = await GitVersion.AskAsync(cancellation);
        return GitVersion.Problem(said) is { } problem ? Finding.Wrong("git", problem, $"install git {GitVersion.Needed} or later, and start the worker anew") : Finding.Right("git", said);
    }

    /// <summary>Where keys are named whose signatures count: whether they can be read, and verified here.</summary>
    public static IReadOnlyList<Finding> Signers(RepositorySettings repository)
    {
        const string What = "signers";
        if (repository.Signers is not { } path)
            return [];
        if (SshSignatures.Missing() is { } missing)
            return [Finding.Wrong(What, missing, "install openssh-client (openssh-clients, openssh) on the worker's machine")];
        try
        {
            var (file, now) = (SignersFile.Read(path), TimeProvider.System.GetUtcNow());
            var (all, counting) = (file.Signers.Count, file.Signers.Count(signer => signer.CountsAt(now)));
            return file.Problems.Count > 0 ? [Finding.Wrong(What, $"{path}: {string.Join("; ", file.Problems.Take(5))}{(file.Problems.Count > 5 ? $"; and {file.Problems.Count - 5} more" : "")}", "mend these lines: until then they count for nobody (ALLOWED SIGNERS in ssh-keygen(1))")]
                : counting == 0 ? [Finding.Wrong(What, $"{path} names no key that counts now", "add the keys of those who sign")]
                : [Finding.Right(What, $"{path} names {all} {(all == 1 ? "key" : "keys")}{(counting < all ? $", {counting} of which count now" : "")}")];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [Finding.Wrong(What, $"{path} cannot be read: {error.Message}", "let the worker's account read it")];
        }
    }

    /// <summary>An id that is somebody's own opens that account's files to proposed code.</summary>
    private static string? Taken(UserRange users) =>
        Lines("/etc/passwd").Where(parts => Number(parts, 2) is { } id && id >= users.First && id <= users.Last).Select(parts => $"{parts[2]} is the account {parts[0]}")
            .Concat(Lines("/etc/subuid").Where(parts => Number(parts, 1) is { } first && Number(parts, 2) is { } count && first <= users.Last && first + count > users.First)
                .Select(parts => $"{users} is within what /etc/subuid gives to {parts[0]}"))
            .FirstOrDefault();

    private static IEnumerable<string[]> Lines(string file) => (File.Exists(file) ? File.ReadLines(file) : []).Select(line => line.Split(':'));

    private static long? Number(string[] parts, int at) => parts.Length > at && uint.TryParse(parts[at], out var number) ? number : null;
}
