using System.Diagnostics;
using GateKeeper.Git;

namespace GateKeeper.Runs;

/// <content>
/// The network, for tests that say so where the operator allows it: a namespace of the run's own whose only way out is slirp4netns, a
/// network stack in a process outside. What is near (the machine itself, its neighbours, where clouds tell secrets) cannot be reached.
/// </content>
internal sealed partial class Sandbox
{
    public const string Nameserver = "nameserver 10.0.2.3\n";

    // RFC 6890's special ranges. The stack's own net is within the first, and more specific, so that names are still found.
    private const string Barred = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/4 240.0.0.0/4";

    // It waits in its namespace until the stack outside has come to it.
    private const string JoinNetwork = $$"""
          echo network >&2; read -r _ || exit 125
          ip link set lo up || exit 125
          for range in {{Barred}}; do ip route add unreachable "$range" || exit 125; done
        """;

    /// <summary>Why no test can have the network here; null when it can.</summary>
    public string? NetworkProblem { get; } = Missing("slirp4netns") ?? Missing("ip");

    private static Process Connect(Process process, SandboxOrder order)
    {
        if (!order.Network || !WrittenTree.Line(process.StandardError.BaseStream))
            return process;

        // The kernel ends it with the thread that started it, which lives as long as the run.
        var start = Command("setpriv", ["--pdeathsig=KILL", "--", "slirp4netns", "--configure", "--disable-host-loopback", "--enable-sandbox", "--ready-fd=1", Text(process.Id), "tap0"]);
        var stack = Children.Start(start);
        try
        {
            if (stack.StandardOutput.BaseStream.ReadByte() < 0)
                throw new IOException($"the run's network did not come up: {stack.StandardError.ReadToEnd().Trim()}");
            stack.BeginErrorReadLine();
            process.StandardInput.WriteLine();
            process.StandardInput.Flush();
            return process;
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    private static string? Missing(string program) =>
        Array.Exists(["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin"], directory => File.Exists(Path.Combine(directory, program)))
            ? null
            : $"this worker has no {program} to give it one (apt-get install slirp4netns iproute2)";
}
