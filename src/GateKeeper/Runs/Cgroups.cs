using System.Globalization;

namespace GateKeeper.Runs;

/// <summary>Limits that a single process cannot leave. Which kind the machine has is found out, not assumed.</summary>
internal abstract class Cgroups
{
    private static long made;

    public abstract string Kind { get; }

    /// <summary>A group for one run; the process enters by writing 0 to each of the files named.</summary>
    public RunGroup Create(string worker, long run, long memory, int processes)
    {
        RunGroup.RemoveLeft();

        // A number for each: what a group counted is one run's, and one that is still to be removed is nobody's again.
        return Create($"run-{worker}-{run}.{Interlocked.Increment(ref made)}", memory, processes);
    }

    protected abstract RunGroup Create(string name, long memory, int processes);

    /// <summary>Null when neither kind can be written here. What workers left that are gone is removed.</summary>
    public static Cgroups? Find()
    {
        Cgroups? found = (Cgroups?)VersionTwo.TryFind() ?? VersionOne.TryFind();
        foreach (var directory in found?.Homes ?? [])
            Sweep(directory);
        return found;
    }

    /// <summary>Where the groups of runs lie.</summary>
    protected abstract IEnumerable<string> Homes { get; }

    /// <summary>Removes the groups that no living worker answers for; the kernel keeps those that still hold a process.</summary>
    internal static void Sweep(string directory)
    {
        foreach (var group in Directory.EnumerateDirectories(directory, "run-*").ToList())
        {
            if (Path.GetFileName(group).Split('-') is [_, var worker, _] && !Directory.Exists($"/proc/{worker}"))
                RunGroup.TryRemove(group);
        }
    }

    private static bool TryWrite(string file, string text)
    {
        try
        {
            File.WriteAllText(file, text);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed class VersionOne(string pids, string memory) : Cgroups
    {
        public override string Kind => "cgroup v1";

        protected override IEnumerable<string> Homes => [pids, memory];

        public static VersionOne? TryFind()
        {
            var (pids, memory) = ("/sys/fs/cgroup/pids/gatekeeper", "/sys/fs/cgroup/memory/gatekeeper");
            try
            {
                if (!File.Exists("/sys/fs/cgroup/pids/cgroup.procs") || !File.Exists("/sys/fs/cgroup/memory/cgroup.procs"))
                    return null;
                // The folders may be another account's: only making a group below them tells.
                foreach (var group in (string[])[pids, memory])
                {
                    var probe = Path.Combine(group, $"probe-{Environment.ProcessId}");
                    Directory.CreateDirectory(probe);
                    Directory.Delete(probe);
                }

                return new(pids, memory);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        protected override RunGroup Create(string name, long memoryLimit, int processes)
        {
            var (one, two) = (Path.Combine(pids, name), Path.Combine(memory, name));
            Directory.CreateDirectory(one);
            Directory.CreateDirectory(two);
            var set = TryWrite(Path.Combine(one, "pids.max"), Number(processes))
                & TryWrite(Path.Combine(two, "memory.limit_in_bytes"), Number(memoryLimit));
            TryWrite(Path.Combine(two, "memory.memsw.limit_in_bytes"), Number(memoryLimit));
            return set ? new([one, two], Path.Combine(one, "pids.events"), Path.Combine(two, "memory.oom_control"), byThread: true) : throw new IOException("the cgroup limits could not be set");
        }
    }

    private sealed class VersionTwo(string root) : Cgroups
    {
        public override string Kind => "cgroup v2";

        protected override IEnumerable<string> Homes => [root];

        /// <summary>Works where the service manager has delegated a subtree: the worker moves into a leaf so that its siblings may have limits.</summary>
        public static VersionTwo? TryFind()
        {
            const string mount = "/sys/fs/cgroup";
            if (!File.Exists($"{mount}/cgroup.controllers"))
                return null;
            var own = File.ReadLines("/proc/self/cgroup").FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..];
            var root = own is null ? null : mount + own.TrimEnd('/');
            if (root is null || root == mount)
                return null;
            try
            {
                if (root.EndsWith("/gatekeeper-worker", StringComparison.Ordinal))
                    root = Path.GetDirectoryName(root)!;
                var leaf = Path.Combine(root, "gatekeeper-worker");
                Directory.CreateDirectory(leaf);
                foreach (var process in File.ReadAllLines(Path.Combine(root, "cgroup.procs")))
                    TryWrite(Path.Combine(leaf, "cgroup.procs"), process);
                return TryWrite(Path.Combine(root, "cgroup.subtree_control"), "+pids +memory") ? new(root) : null;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        protected override RunGroup Create(string name, long memoryLimit, int processes)
        {
            var group = Path.Combine(root, name);
            Directory.CreateDirectory(group);
            var set = TryWrite(Path.Combine(group, "pids.max"), Number(processes)) & TryWrite(Path.Combine(group, "memory.max"), Number(memoryLimit));
            TryWrite(Path.Combine(group, "memory.swap.max"), "0");
            return set ? new([group], Path.Combine(group, "pids.events"), Path.Combine(group, "memory.events"), byThread: false) : throw new IOException("the cgroup limits could not be set");
        }
    }
}
