using System.Net;
using GateKeeper.Demo;
using GateKeeper.Runs;
using GateKeeper.Tests.Servers;

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

/// <summary>The one server of a test run, with a site of its own in a temporary folder, ended with the test run.</summary>
internal sealed class RealGerritServer : IDisposable
{
    private static readonly SemaphoreSlim Gate = new(1);
    private static RealGerritServer? one;
    private static string? missing;
    private readonly string site;
    private readonly GerritServer server;

    private RealGerritServer(string site, GerritServer server) => (this.site, this.server) = (site, server);

    public Uri Address => server.Address;

    public int SshPort => server.SshPort;

    /// <summary>The one server of this test run, started when it is first wanted; without one the test is skipped and says what is missing.</summary>
    public static async Task<RealGerritServer> OneAsync()
    {
        await Gate.WaitAsync();
        try
        {
            if (one is null && missing is null)
            {
                missing = GerritServer.Missing(GerritServer.Named);
                if (missing is not null)
                    TestContext.Error.WriteLine($"{missing}; what happens on a real server is not run");
                else
                    one = await StartAsync(GerritServer.Named!);
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
        server.Dispose();
        Files.Delete(site);
    }

    private static async Task<RealGerritServer> StartAsync(string war)
    {
        var site = Directory.CreateTempSubdirectory("gatekeeper-gerrit-").FullName;
        var started = new RealGerritServer(site, await GerritServer.StartAsync(site, war, default));
        await GerritPlace.PrepareServerAsync(started.Address);
        return started;
    }
}
