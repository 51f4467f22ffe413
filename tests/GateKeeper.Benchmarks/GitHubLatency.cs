using System.Collections.Concurrent;
using System.Diagnostics;
using GateKeeper.Reconcile;
using GateKeeper.Status;
using GateKeeper.Tests.GitHub.Imitation;
using GateKeeper.Tests.Servers;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace GateKeeper.Benchmarks;

/// <summary>One landing: milliseconds from the accepted approval to the moved trunk, those of them in which no answer was waited for, and how many requests it took.</summary>
internal sealed record Wait(double Total, double Own, int Requests);

/// <summary>From the approval that was still missing to the moved trunk, by the worker as it runs, over a wire with GitHub's delays, on the real clock.</summary>
internal sealed class GitHubLatency : IAsyncDisposable
{
    public const int Files = 50_000, Open = 200, Samples = 60;

    private readonly HttpMessageInvoker client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly ConcurrentDictionary<HubPull, TaskCompletionSource<long>> awaited = [];
    private readonly Random random = new(1);
    private readonly LongWire wire;
    private readonly GitHubBenchWorld world;
    private readonly HubRepository repository;
    private readonly Queue<HubPull> next;

    private GitHubLatency(LongWire wire, GitHubBenchWorld world, HubRepository repository, Queue<HubPull> next)
    {
        (this.wire, this.world, this.repository, this.next) = (wire, world, repository, next);
        wire.Done += Look;
    }

    public static async Task<GitHubLatency> StartAsync()
    {
        var wire = new LongWire(1);
        var world = await GitHubBenchWorld.StartAsync(TimeProvider.System, wire.PassAsync);
        world.Server.Limits.Limit = 1_000_000;
        var repository = world.Add("monorepo", Files);
        var pulls = new Queue<HubPull>();
        for (var i = 0; i < Open + (2 * Samples); i++)
            pulls.Enqueue(world.Propose(repository, $"page-{i}"));
        return new(wire, world, repository, pulls);
    }

    /// <summary>The server's events wake the gate; somebody approves one pull request after the other.</summary>
    public Task<List<Wait>> WokenAsync() => WorkAsync("woken", TimeSpan.FromSeconds(60), hooks: true, async () =>
    {
        var waits = new List<Wait>();
        for (var i = 0; i < Samples; i++)
        {
            waits.Add(await ApproveAsync(next.Dequeue()));
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 1200)), TimeProvider.System);
        }

        return waits;
    });

    /// <summary>Nothing wakes the gate but its own poll; people approve when they please.</summary>
    public Task<List<Wait>> PolledAsync() => WorkAsync("polled", TimeSpan.FromSeconds(10), hooks: false, async () =>
    {
        var waits = new List<Task<Wait>>();
        for (var i = 0; i < Samples; i++)
        {
            waits.Add(ApproveAsync(next.Dequeue()));
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(500, 2500)), TimeProvider.System);
        }

        return [.. await Task.WhenAll(waits)];
    });

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await world.DisposeAsync();
    }

    private async Task<List<Wait>> WorkAsync(string name, TimeSpan poll, bool hooks, Func<Task<List<Wait>>> people)
    {
        wire.IsLong = false;
        await using var house = await world.OpenAsync([repository], name, poll, hooks);
        await using var page = Hosting.Build(house, quiet: true);
        await page.StartAsync();
        var address = new Uri(page.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await using var post = await LocalServer.StartAsync(context => CarryAsync(context, address));
        world.Server.Hooks.Address = hooks ? new Uri(post.Addresses[0], Webhooks.Path) : null;
        await QuietAsync(house);
        wire.IsLong = true;
        wire.Forget();
        var waits = await people();
        world.Server.Hooks.Address = null;
        await page.StopAsync();
        return waits;
    }

    /// <summary>Until the gate knows all and has nothing more to do.</summary>
    private async Task QuietAsync(Gatehouse house)
    {
        while (house.Pictures.SingleOrDefault()?.Plan.Open.Count is not { } open || open < next.Count || house.Loops[0].InFlight || Stopwatch.GetElapsedTime(wire.LastPassed) < TimeSpan.FromSeconds(3))
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
    }

    private async Task<Wait> ApproveAsync(HubPull pull)
    {
        var moved = awaited[pull] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var approved = await world.Server.DoAsync(() =>
        {
            world.Review(pull, "APPROVE");
            return Stopwatch.GetTimestamp();
        });
        var at = await moved.Task.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);

        // Its own push is still on the way back: let it come, so that it is counted.
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        var (own, requests) = wire.Between(approved, at);
        world.Server.Transcript.Forget();
        return new(Stopwatch.GetElapsedTime(approved, at).TotalMilliseconds, own, requests);
    }

    /// <summary>As soon as the server has taken a push, what it brought is merged.</summary>
    private void Look(string target)
    {
        if (!target.EndsWith("/git-receive-pack", StringComparison.Ordinal))
            return;
        foreach (var (pull, moved) in awaited)
        {
            if (pull.State == "MERGED" && awaited.TryRemove(pull, out _))
                moved.SetResult(Stopwatch.GetTimestamp());
        }
    }

    /// <summary>An event is half a round trip on its way, and who sends it does not wait for it.</summary>
    private async Task CarryAsync(HttpContext context, Uri page)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(page, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)) { Content = new ByteArrayContent(body.ToArray()) };
        foreach (var (name, value) in context.Request.Headers.Where(header => header.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase)))
            request.Headers.TryAddWithoutValidation(name, value.AsEnumerable());
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        _ = Task.Run(async () =>
        {
            using var sent = request;
            await Task.Delay(wire.Trip() / 2, TimeProvider.System);
            (await client.SendAsync(sent, default)).Dispose();
        });
    }
}
