using System.Net;
using System.Net.Http.Headers;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// The one way to GitHub, under everything that speaks to it: it logs in, keeps to the budget, follows what was moved on the same host, and
/// repeats questions where that may help. What changes something is never repeated by itself, for the host may have done it before its
/// answer was lost.
/// </summary>
internal sealed class Line : DelegatingHandler
{
    /// <summary>Set on what asks though its method does not show that, as GraphQL does.</summary>
    public static readonly HttpRequestOptionsKey<bool> Asks = new("asks");

    private const long MostBytes = 64 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly GitHubPlace place;
    private readonly Login login;
    private readonly Budget budget;
    private readonly ResiliencePipeline<HttpResponseMessage> asking;
    private readonly ResiliencePipeline<HttpResponseMessage> telling;

    public Line(GitHubPlace place, Login login, Budget budget, TimeProvider time)
        : base(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(10), AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.GZip })
    {
        (this.place, this.login, this.budget, Time) = (place, login, budget, time);
        var breaker = new CircuitBreakerStrategyOptions<HttpResponseMessage>
        {
            ShouldHandle = answer => ValueTask.FromResult(IsTransient(answer.Outcome)),
            FailureRatio = 0.9,
            MinimumThroughput = 20,
            SamplingDuration = TimeSpan.FromSeconds(60),
            BreakDuration = TimeSpan.FromSeconds(10),
        };
        telling = new ResiliencePipelineBuilder<HttpResponseMessage>().AddCircuitBreaker(breaker).AddTimeout(Limit).Build();
        asking = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = answer => ValueTask.FromResult(IsTransient(answer.Outcome)),
                MaxRetryAttempts = 3,
                Delay = TimeSpan.FromMilliseconds(100),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .AddPipeline(telling).Build();
    }

    public TimeProvider Time { get; }

    public Budget Budget => budget;

    public Login Login => login;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var (kind, makes) = (request.RequestUri!.AbsolutePath.EndsWith("/graphql", StringComparison.Ordinal) ? Budget.Graph : Budget.Core, Makes(request));
        var bytes = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken) : null;

        // Who signs for itself has said so, and is counted apart; everybody else is logged in here, also while nothing may be asked: git needs it.
        var signs = request.Headers.Authorization is not null;
        if (!signs && budget.ClosedUntil(kind) is { } until)
        {
            await login.TokenAsync(SendAsync, cancellationToken);
            throw Closed(until);
        }

        for (var again = false; ; again = true)
        {
            var token = signs ? null : await login.TokenAsync(SendAsync, cancellationToken);
            var answer = await FollowAsync(request, bytes, token, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            var closed = signs ? null : budget.Note(answer, kind == Budget.Core && request.Method != HttpMethod.Get, makes, text);
            if (closed is { } at && !answer.IsSuccessStatusCode)
                throw Closed(at);
            if (answer.StatusCode is not HttpStatusCode.Unauthorized || signs || again || !login.Refused(token!))
                return answer;
            answer.Dispose();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            login.Dispose();
        base.Dispose(disposing);
    }

    private static ForgeException Closed(DateTimeOffset until) =>
        new($"GitHub lets the gate ask nothing more before {until:HH:mm:ss} UTC (its rate limit): nothing is asked until then, and everything goes on afterwards", 429);

    /// <summary>What fills lists or notifies people, of which the host allows few in an hour.</summary>
    private static bool Makes(HttpRequestMessage request) =>
        request.Method == HttpMethod.Post && Array.Exists(["/comments", "/check-runs", "/statuses/", "/reactions"], part => request.RequestUri!.AbsolutePath.Contains(part, StringComparison.Ordinal));

    /// <summary>A repository that was renamed or moved answers from where it is now; another host is not followed.</summary>
    private async Task<HttpResponseMessage> FollowAsync(HttpRequestMessage request, byte[]? bytes, string? token, CancellationToken cancellation)
    {
        var at = request.RequestUri!;
        for (var hops = 0; ; hops++)
        {
            var answer = await TryAsync(request, at, bytes, token, cancellation);
            if ((int)answer.StatusCode is not (301 or 302 or 307 or 308) || answer.Headers.Location is not { } location || hops == 3 || !IsSame(new(at, location), at))
                return answer;
            at = new(at, location);
            answer.Dispose();
        }
    }

    private static bool IsSame(Uri one, Uri other) => one.Scheme == other.Scheme && one.Authority == other.Authority;

    private async Task<HttpResponseMessage> TryAsync(HttpRequestMessage request, Uri at, byte[]? bytes, string? token, CancellationToken cancellation)
    {
        // The credential goes to the host that it is for, whoever asks for another.
        if (!IsSame(at, place.Rest))
            throw new ForgeException($"{request.Method} {at.GetLeftPart(UriPartial.Path)}: that is not {place.Rest.Authority}", null);
        var asks = request.Method == HttpMethod.Get || request.Options.TryGetValue(Asks, out _);
        try
        {
            return await (asks ? asking : telling).ExecuteAsync(
                async limit =>
                {
                    // All of it within the limit: an answer that stops in the middle is none.
                    var answer = await base.SendAsync(Copy(request, at, bytes, token), limit);
                    await answer.Content.LoadIntoBufferAsync(MostBytes, limit);
                    return answer;
                }, cancellation);
        }
        catch (HttpRequestException error) when (error.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new ForgeException($"{request.Method} {at.AbsolutePath}: the answer is longer than {MostBytes >> 20} MiB", 502);
        }
        catch (Exception error) when (error is HttpRequestException or BrokenCircuitException or Polly.Timeout.TimeoutRejectedException or IOException && !cancellation.IsCancellationRequested)
        {
            throw new ForgeException($"{request.Method} {at.AbsolutePath}: {(error is BrokenCircuitException ? "GitHub has not answered for a while, and is asked again shortly" : error.Message)}", null);
        }
    }

    /// <summary>A request can be sent once, so each try makes its own.</summary>
    private static HttpRequestMessage Copy(HttpRequestMessage request, Uri at, byte[]? bytes, string? token)
    {
        var copy = new HttpRequestMessage(request.Method, at);
        foreach (var header in request.Headers)
            copy.Headers.TryAddWithoutValidation(header.Key, header.Value);
        if (token is not null)
            copy.Headers.Authorization = new("Bearer", token);
        if (copy.Headers.UserAgent.Count == 0)
            copy.Headers.UserAgent.Add(new ProductInfoHeaderValue("gatekeeper", null));
        copy.Headers.Accept.Clear();
        copy.Headers.Accept.Add(new("application/vnd.github+json"));
        copy.Headers.Remove("X-GitHub-Api-Version");
        copy.Headers.Add("X-GitHub-Api-Version", "2022-11-28");
        if (bytes is null)
            return copy;
        copy.Content = new ByteArrayContent(bytes);
        copy.Content.Headers.ContentType = new("application/json", "utf-8");
        return copy;
    }

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is HttpRequestException { HttpRequestError: not HttpRequestError.ConfigurationLimitExceeded } or IOException or Polly.Timeout.TimeoutRejectedException
        || outcome.Result?.StatusCode is HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError;
}
