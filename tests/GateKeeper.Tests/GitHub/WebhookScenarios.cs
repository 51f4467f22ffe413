using System.Net;
using System.Security.Cryptography;
using System.Text;
using GateKeeper.Status;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests.GitHub;

/// <summary>Webhooks wake the gate and tell it nothing.</summary>
public sealed class WebhookScenarios
{
    private const string Secret = "It's a Secret to Everybody", Body = "Hello, World!";

    /// <summary>The example that GitHub publishes for those who write receivers.</summary>
    private const string Published = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    [Test]
    public async Task A_signed_event_wakes_the_gate()
    {
        await using var world = await OpenAsync(Secret);
        await using var page = await FaceAsync(world);

        Assert.That(await SendAsync(page, Body, $"sha256={Published}"), Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await world.House.WakeOf("tool").WaitAsync(TimeSpan.FromHours(1), world.Time, default), Is.True);
    }

    [TestCase(null)]
    [TestCase("sha256=")]
    [TestCase("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e18")]
    [TestCase("sha1=d03207e4b030cf234e3447bac4d93add4c6643d8")]
    [TestCase("sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    public async Task What_is_not_signed_with_the_secret_is_refused_and_wakes_nobody(string? signature)
    {
        await using var world = await OpenAsync(Secret);
        await using var page = await FaceAsync(world);

        Assert.That(await SendAsync(page, Body, signature), Is.EqualTo(HttpStatusCode.Unauthorized));
        var wait = world.House.WakeOf("tool").WaitAsync(TimeSpan.FromHours(1), world.Time, default);
        Assert.That(wait.IsCompleted, Is.False);
        world.Time.Pass(TimeSpan.FromHours(2));
        await wait;
    }

    [Test]
    public async Task While_the_secret_is_changed_both_are_taken()
    {
        await using var world = await OpenAsync("the old one", Secret);
        await using var page = await FaceAsync(world);

        Assert.That(await SendAsync(page, Body, Sign("the old one", Body)), Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await SendAsync(page, Body, Sign(Secret, Body)), Is.EqualTo(HttpStatusCode.Accepted));
    }

    [Test]
    public async Task Where_no_secret_is_set_there_is_no_such_place()
    {
        await using var world = await OpenAsync();
        await using var page = await FaceAsync(world);

        Assert.That(await SendAsync(page, Body, Sign("", Body)), Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task More_than_GitHub_ever_sends_is_not_read()
    {
        await using var world = await OpenAsync(Secret);
        await using var page = await FaceAsync(world);

        Assert.That(await SendAsync(page, new string('x', (25 << 20) + 1), $"sha256={Published}"), Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    private static async Task<World> OpenAsync(params string[] secrets)
    {
        var world = await World.StartAsync();
        var files = secrets.Select((secret, number) =>
        {
            var file = Path.Combine(Path.GetDirectoryName(world.Settings.Store)!, $"webhook-{number}");
            File.WriteAllText(file, secret);
            return $"file:{file}";
        }).ToList();
        world.Configure(repository => repository with { WebhookSecrets = files });
        return world;
    }

    /// <summary>The gate's network face, without the worker that would take its hints.</summary>
    private static async Task<WebApplication> FaceAsync(World world)
    {
        await world.OpenAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 0);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapStatus(world.House, null);
        await app.StartAsync();
        return app;
    }

    private static string AddressOf(WebApplication page) => page.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private static async Task<HttpStatusCode> SendAsync(WebApplication page, string body, string? signature)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, AddressOf(page) + Webhooks.Path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

        // As one who asks before he sends what may be too much.
        request.Headers.ExpectContinue = true;
        if (signature is not null)
            request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", signature);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private static string Sign(string secret, string body) => $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)))}";
}
