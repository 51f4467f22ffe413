using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using GateKeeper.Git;
using GateKeeper.Runs;

namespace GateKeeper.Demo;

/// <summary>A real Gerrit server of one's own, on loopback alone and in a folder that may be thrown away: it ends with the program that started it.</summary>
internal sealed class GerritServer : IDisposable
{
    /// <summary>What names the server's jar.</summary>
    public const string Variable = "GERRIT_WAR";

    public const string Admin = "admin";
    public const string AdminSecret = "secret";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private readonly Process process;

    private GerritServer(Process process, int http, int ssh, bool hasPages) =>
        (this.process, Address, SshPort, HasPages) = (process, new($"http://127.0.0.1:{http}/"), ssh, hasPages);

    public Uri Address { get; }

    public int SshPort { get; }

    /// <summary>Whether people can look at it with a browser.</summary>
    public bool HasPages { get; }

    /// <summary>The jar that the environment names; null where it names none.</summary>
    public static string? Named => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } war ? war : null;

    /// <summary>What is missing to start one; null when nothing is.</summary>
    public static string? Missing(string? war) =>
        war is null ? $"no real Gerrit: {Variable} names none (the official war, or a jar that takes its command line)"
        : !File.Exists(war) ? $"no real Gerrit: {war} is not there"
        : !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(path => File.Exists(Path.Combine(path, "java"))) ? "no real Gerrit: there is no java to run it"
        : null;

    /// <param name="site">Where it keeps everything; made anew.</param>
    /// <param name="war">The server's jar.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<GerritServer> StartAsync(string site, string war, CancellationToken cancellation)
    {
        war = Path.GetFullPath(war);
        var (http, ssh) = (FreePort(), FreePort());
        await RunAsync(["java", "-jar", war, "init", "--batch", "--dev", "--no-auto-start", "--skip-plugins", "--skip-all-downloads", "-d", site], cancellation);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["httpd.listenUrl"] = $"http://127.0.0.1:{http}/",
            ["gerrit.canonicalWebUrl"] = $"http://127.0.0.1:{http}/",
            ["sshd.listenAddress"] = $"127.0.0.1:{ssh}",
            ["sendemail.enable"] = "false",
        })
            await RunAsync(["git", "config", "-f", Path.Combine(site, "etc/gerrit.config"), name, value], cancellation);

        // It dies with this program, however that ends; for this the thread that started it has to live as long.
        var hasPages = HasPagesIn(war);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        var process = RunThread.Start(() =>
        {
            var started = Children.Start(Quiet(
                [
                    "setpriv", "--pdeathsig", "KILL", "java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", war, "daemon", .. hasPages ? [] : (string[])["--headless"],
                    "--console-log", "-d", site,
                ]));
            started.OutputDataReceived += (_, line) => Hear(line.Data);
            started.ErrorDataReceived += (_, line) => Hear(line.Data);
            started.BeginOutputReadLine();
            started.BeginErrorReadLine();
            return started;
        }, niceness: 0);
        var server = new GerritServer(process, http, ssh, hasPages);
        try
        {
            await ready.Task.WaitAsync(Limit, TimeProvider.System, cancellation);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }

        void Hear(string? line)
        {
            lock (said)
            {
                said.Add(line ?? "");
                if (line is null)
                    ready.TrySetException(new IOException($"the real Gerrit did not start:\n{string.Join('\n', said)}"));
                else if (line.EndsWith(" ready", StringComparison.Ordinal))
                    ready.TrySetResult();
                if (ready.Task.IsCompleted)
                    said.Clear();
            }
        }
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    private static async Task RunAsync(string[] command, CancellationToken cancellation)
    {
        using var process = Children.Start(Quiet(command));
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
            throw new IOException($"{string.Join(' ', command)} ended with {process.ExitCode}: {string.Concat(said)}");
    }

    private static ProcessStartInfo Quiet(string[] command) => new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };

    /// <summary>The official war brings its pages with it; without them the server serves programs alone, and has to be told so.</summary>
    private static bool HasPagesIn(string war)
    {
        using var jar = ZipFile.OpenRead(war);
        return jar.Entries.Any(entry => entry.FullName.StartsWith("polygerrit_ui/", StringComparison.Ordinal));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
