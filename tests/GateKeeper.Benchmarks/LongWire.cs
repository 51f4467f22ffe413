using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GateKeeper.Benchmarks;

/// <summary>
/// What lies before a server that is far away: half of each round trip passes before the server sees a request, and half before its answer
/// comes. Remembers when somebody waited for an answer.
/// </summary>
internal sealed class LongWire(int seed)
{
    private const double Median = 120, Sigma = 0.5;
    private readonly Lock gate = new();
    private readonly Random random = new(seed);
    private readonly List<(long From, long To)> waited = [];

    /// <summary>Until it is so, the server stands at the door.</summary>
    public bool IsLong { get; set; }

    /// <summary>Told of each request as soon as the server has done what it asks.</summary>
    public event Action<string>? Done;

    public long LastPassed { get; private set; } = Stopwatch.GetTimestamp();

    /// <summary>How long one round trip takes: some take much longer than most.</summary>
    public TimeSpan Trip()
    {
        lock (gate)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            return TimeSpan.FromMilliseconds(Median * Math.Exp(Sigma * normal));
        }
    }

    public async Task PassAsync(HttpContext context, RequestDelegate server)
    {
        var from = LastPassed = Stopwatch.GetTimestamp();
        var half = IsLong ? Trip() / 2 : TimeSpan.Zero;
        await Task.Delay(half, TimeProvider.System, context.RequestAborted);
        var real = context.Response.Body;
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        await server(context);
        context.Response.Body = real;
        Done?.Invoke(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        await Task.Delay(half, TimeProvider.System, context.RequestAborted);
        answer.Position = 0;
        await answer.CopyToAsync(real, context.RequestAborted);
        LastPassed = Stopwatch.GetTimestamp();
        lock (gate)
            waited.Add((from, LastPassed));
    }

    /// <summary>Of the time from the first request after one moment to another: in how many milliseconds nobody waited for an answer, and how many requests came.</summary>
    public (double Own, int Requests) Between(long begin, long end)
    {
        List<(long From, long To)> within;
        lock (gate)
            within = [.. waited.Where(item => item.From >= begin && item.From < end).OrderBy(item => item.From)];
        var (at, own) = (within.Count > 0 ? within[0].From : end, 0L);
        foreach (var (from, to) in within)
        {
            own += Math.Max(0, from - at);
            at = Math.Max(at, to);
        }

        return (TimeSpan.FromSeconds((own + Math.Max(0, end - at)) / (double)Stopwatch.Frequency).TotalMilliseconds, within.Count);
    }

    public void Forget()
    {
        lock (gate)
            waited.Clear();
    }
}
