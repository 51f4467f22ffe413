using System.Diagnostics;
using System.Net;
using GateKeeper.Tests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GateKeeper.Benchmarks;

/// <summary>A door before a server that counts what passes, and for how long the server had it.</summary>
internal sealed class Tollgate : IAsyncDisposable
{
    private readonly HttpMessageInvoker client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None });
    private readonly List<(string Target, double Milliseconds)> passed = [];
    private readonly LocalServer door;

    private Tollgate(Func<Tollgate, HttpMessageInvoker, LocalServer> open) => door = open(this, client);

    public Uri Address => door.Addresses[0];

    public static Tollgate Before(Uri server) =>
        new((gate, client) => LocalServer.StartAsync(context => gate.PassAsync(context, LocalServer.Onward(client, server))).GetAwaiter().GetResult());

    /// <summary>What has passed since this was asked last.</summary>
    public IReadOnlyList<(string Target, double Milliseconds)> Take()
    {
        lock (passed)
        {
            (string, double)[] taken = [.. passed];
            passed.Clear();
            return taken;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await door.DisposeAsync();
        client.Dispose();
    }

    private async Task PassAsync(HttpContext context, RequestDelegate onward)
    {
        var watch = Stopwatch.StartNew();
        await onward(context);
        lock (passed)
            passed.Add((context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, watch.Elapsed.TotalMilliseconds));
    }
}
