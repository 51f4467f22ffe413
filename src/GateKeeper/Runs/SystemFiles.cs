using System.Text;

namespace GateKeeper.Runs;

/// <summary>The files in /etc that are the sandbox's own, the same on every machine: who there is, and which names are found.</summary>
internal static class SystemFiles
{
    /// <summary>What a run's machine is called.</summary>
    public const string HostName = "gatekeeper";

    private const string Passwd = $"run:x:1000:1000::{Sandbox.Home}:/bin/sh\nroot:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n";
    private const string Group = "run:x:1000:\nroot:x:0:\nnogroup:x:65534:\n";

    // As Debian has it: the host's own name is an address of the loopback that is not localhost's.
    private const string Hosts = $"127.0.0.1\tlocalhost\n127.0.1.1\t{HostName}\n::1\tlocalhost ip6-localhost ip6-loopback\n";

    // Programs that want an id of the machine (D-Bus) get one; the machine's own is nobody's business.
    private const string MachineId = "676174656b6565706572000000000001\n";

    private static readonly ToolConfiguration.Entry[] Alone = [.. Both(), Text("nsswitch.conf", Switch("files"))];
    private static readonly ToolConfiguration.Entry[] WithNetwork = [.. Both(), Text("nsswitch.conf", Switch("files dns")), Text("resolv.conf", Sandbox.Nameserver)];

    /// <param name="network">Whether names of the world are found too.</param>
    public static IReadOnlyList<ToolConfiguration.Entry> Of(bool network) => network ? WithNetwork : Alone;

    private static ToolConfiguration.Entry[] Both() =>
    [
        Text("passwd", Passwd), Text("group", Group), Text("hosts", Hosts), Text("hostname", HostName + "\n"), Text("machine-id", MachineId),
        new("mtab", UnixFileMode.None, null, "/proc/self/mounts"),
    ];

    private static ToolConfiguration.Entry Text(string name, string text) => ToolConfiguration.Entry.File(name, Encoding.UTF8.GetBytes(text));

    private static string Switch(string hosts) =>
        $"passwd: files\ngroup: files\nshadow: files\nhosts: {hosts}\nnetworks: files\nprotocols: files\nservices: files\nethers: files\nrpc: files\n";
}
