using System.Globalization;

namespace GateKeeper.Runs;

/// <summary>Limits that a single process cannot leave. Which kind the machine has is found out, not assumed.</summary>
internal abstract class Cgroups
{
    public abstract string Kind { get; }

    /// <summary>A group for one run; the process enters by writing 0 to each of the files named.</summary>
    public abstract RunGroup Create(string name, long memory, int processes);

    /// <summary>Null when neither kind can be written here.</summary>
    public static Cgroups? Find() => (Cgroups?)VersionTwo.TryFind() ?? VersionOne.TryFind();

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

        public override RunGroup Create(string name, long memoryLimit, int processes)
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

        public override RunGroup Create(string name, long memoryLimit, int processes)
        {
            var group = Path.Combine(root, name);
            Directory.CreateDirectory(group);
            var set = TryWrite(Path.Combine(group, "pids.max"), Number(processes)) & TryWrite(Path.Combine(group, "memory.max"), Number(memoryLimit));
            TryWrite(Path.Combine(group, "memory.swap.max"), "0");
            return set ? new([group], Path.Combine(group, "pids.events"), Path.Combine(group, "memory.events"), byThread: false) : throw new IOException("the cgroup limits could not be set");
        }
    }
}

/// <summary>The cgroups of one run.</summary>
internal sealed class RunGroup(IReadOnlyList<string> directories, string pidsEvents, string memoryEvents, bool byThread) : IDisposable
{
    /// <summary>The files by which one thread enters, for groups that take threads: what it starts then begins in them.</summary>
    public IReadOnlyList<string> Tasks => byThread ? [.. directories.Select(directory => Path.Combine(directory, "tasks"))] : [];

    public IEnumerable<string> Entrances => directories.Select(directory => Path.Combine(directory, "cgroup.procs"));

    /// <summary>Which limit the run hit, in words; null when none.</summary>
    public string? LimitHit =>
        Count(memoryEvents, "oom_kill") > 0 ? "it used more memory than runs may"
        : Count(pidsEvents, "max") > 0 ? "it started more processes than runs may"
        : null;

    /// <summary>Kills what is left, should anything be.</summary>
    public void Kill()
    {
        // The thread that starts a run enters its groups first, and until the kernel has let go of it the worker itself is listed there.
        var own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (var pid in directories.SelectMany(directory => Read(Path.Combine(directory, "cgroup.procs"))).Distinct().Where(pid => pid != own))
        {
            try
            {
                using var process = System.Diagnostics.Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
                process.Kill();
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It ended by itself in between.
            }
        }
    }

    public void Dispose()
    {
        Kill();
        foreach (var directory in directories)
        {
            // A group can be removed once the kernel has reaped its last process, which may be a moment after the run's end.
            for (var tries = 0; tries < 100 && !TryRemove(directory); tries++)
                Thread.Yield();
        }
    }

    private static bool TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(directory);
        }
    }

    private static int Count(string file, string name) =>
        Read(file).Select(line => line.Split(' ')).Where(words => words.Length == 2 && words[0] == name).Select(words => int.Parse(words[1], CultureInfo.InvariantCulture)).FirstOrDefault();

    private static string[] Read(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            return [];
        }
    }
}
