using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GateKeeper.Runs;

namespace GateKeeper.Tests.Gerrit;

/// <summary>A place on a real Gerrit server, one for the whole test run, that GERRIT_WAR names.</summary>
internal sealed class RealGerrit : GerritPlace
{
    private readonly LocalServer proxy;
    private readonly HttpMessageInvoker client;
    private readonly RealGerritServer server;

    private RealGerrit(RealGerritServer server, LocalServer proxy, HttpMessageInvoker client, Doorway doorway)
        : base(server.Address, proxy.Addresses[0], doorway) => (this.server, this.proxy, this.client) = (server, proxy, client);

    public override int? SshPort => server.SshPort;

    public static async Task<GerritPlace> OpenAsync()
    {
        var server = await RealGerritServer.OneAsync();
        var doorway = new Doorway();
        var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None });
        var onward = LocalServer.Onward(client, server.Address);
        return new RealGerrit(server, await LocalServer.StartAsync(context => doorway.PassAsync(context, onward)), client, doorway);
    }

    public override async ValueTask DisposeAsync()
    {
        await proxy.DisposeAsync();
        client.Dispose();
        await base.DisposeAsync();
    }
}

/// <summary>The server process: a site of its own in a temporary folder, on loopback alone, ended with the test run.</summary>
internal sealed class RealGerritServer : IDisposable
{
    private static readonly SemaphoreSlim Gate = new(1);
    private static RealGerritServer? one;
    private static string? missing;
    private readonly string site;
    private readonly Process process;

    private RealGerritServer(string site, Process process, int httpPort, int sshPort) =>
        (this.site, this.process, Address, SshPort) = (site, process, new($"http://127.0.0.1:{httpPort}/"), sshPort);

    public Uri Address { get; }

    public int SshPort { get; }

    /// <summary>The one server of this test run, started when it is first wanted; without one the test is skipped and says what is missing.</summary>
    public static async Task<RealGerritServer> OneAsync()
    {
        await Gate.WaitAsync();
        try
        {
            if (one is null && missing is null)
            {
                var war = Environment.GetEnvironmentVariable("GERRIT_WAR");
                missing = string.IsNullOrEmpty(war) ? "no real Gerrit: GERRIT_WAR names none (the official war, or a jar that takes its command line)"
                    : !File.Exists(war) ? $"no real Gerrit: GERRIT_WAR names {war}, which is not there"
                    : !Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(path => File.Exists(Path.Combine(path, "java"))) ? "no real Gerrit: there is no java to run it"
                    : null;
                if (missing is not null)
                    TestContext.Error.WriteLine($"{missing}; what happens on a real server is not run");
                else
                    one = await StartAsync(Path.GetFullPath(war!));
            }
        }
        finally
        {
            Gate.Release();
        }

        if (missing is not null)
            Assert.Ignore(missing);
        return one!;
    }

    public static void End()
    {
        one?.Dispose();
        one = null;
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        Files.Delete(site);
    }

    private static async Task<RealGerritServer> StartAsync(string war)
    {
        var site = Directory.CreateTempSubdirectory("gatekeeper-gerrit-").FullName;
        var (http, ssh) = (FreePort(), FreePort());
        await RunAsync("java", "-jar", war, "init", "--batch", "--dev", "--no-auto-start", "--skip-plugins", "--skip-all-downloads", "-d", site);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["httpd.listenUrl"] = $"http://127.0.0.1:{http}/",
            ["gerrit.canonicalWebUrl"] = $"http://127.0.0.1:{http}/",
            ["sshd.listenAddress"] = $"127.0.0.1:{ssh}",
            ["sendemail.enable"] = "false",
        })
            await RunAsync("git", "config", "-f", Path.Combine(site, "etc/gerrit.config"), name, value);

        // It dies with the test run, however that ends; for this the thread that started it has to live as long.
        var ready = new TaskCompletionSource();
        var said = new List<string>();
        var process = RunThread.Start(() =>
        {
            var started = Process.Start(Quiet("setpriv", "--pdeathsig", "KILL", "java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", war, "daemon", "--headless", "--console-log", "-d", site))!;
            started.OutputDataReceived += (_, line) => Hear(line.Data);
            started.ErrorDataReceived += (_, line) => Hear(line.Data);
            started.BeginOutputReadLine();
            started.BeginErrorReadLine();
            return started;
        });
        await ready.Task.WaitAsync(TimeSpan.FromMinutes(2));
        var server = new RealGerritServer(site, process, http, ssh);
        await GerritPlace.PrepareServerAsync(server.Address);
        return server;

        void Hear(string? line)
        {
            lock (said)
                said.Add(line ?? "");
            if (line is null)
                ready.TrySetException(new IOException($"the real Gerrit did not start:\n{string.Join('\n', said)}"));
            else if (line.EndsWith(" ready", StringComparison.Ordinal))
                ready.TrySetResult();
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(Quiet(program, arguments))!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new IOException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {string.Concat(said)}");
    }

    private static ProcessStartInfo Quiet(string program, params string[] arguments) => new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Whatever ran on the real server, it ends with the last test.</summary>
[SetUpFixture]
public sealed class RealGerritEnds
{
    [OneTimeTearDown]
    public void End() => RealGerritServer.End();
}
