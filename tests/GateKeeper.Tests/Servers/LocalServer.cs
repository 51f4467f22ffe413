using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests.Servers;

/// <summary>An HTTP server inside the test, with one address on loopback for each of its handlers.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private static readonly object Key = new();
    private readonly WebApplication app;

    private LocalServer(WebApplication app, IReadOnlyList<Uri> addresses) => (this.app, Addresses) = (app, addresses);

    public IReadOnlyList<Uri> Addresses { get; }

    public static async Task<LocalServer> StartAsync(params RequestDelegate[] handlers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            foreach (var handler in handlers)
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => connection =>
                {
                    connection.Items[Key] = handler;
                    return next(connection);
                }));
        });
        var app = builder.Build();
        app.Run(context => ((RequestDelegate)context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items[Key]!)(context));
        await app.StartAsync();
        return new(app, [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address))]);
    }

    /// <summary>A handler that hands every request on to another server, and its answer back, as they are.</summary>
    public static RequestDelegate Onward(HttpMessageInvoker client, Uri server) => async context =>
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(server.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(context.Request.Body);
        foreach (var (name, value) in context.Request.Headers.Where(header => header.Key is not ("Host" or "Connection" or "Transfer-Encoding" or "Expect")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(name, value.AsEnumerable());
        }

        using var response = await client.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, value) in response.Headers.Concat(response.Content.Headers).Where(header => header.Key is not ("Connection" or "Transfer-Encoding" or "Keep-Alive")))
            context.Response.Headers[name] = value.ToArray();
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
