using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace GateKeeper.Forges.Gerrit;

/// <summary>
/// Speaks to one Gerrit server over HTTP in one account's name. Questions are asked again where that may help; what changes something is
/// never repeated by itself, for the server may have done it before its answer was lost.
/// </summary>
internal sealed class GerritClient : IDisposable
{
    private const string Guard = ")]}'";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);
    private readonly HttpClient http;
    private readonly ResiliencePipeline<HttpResponseMessage> asking;
    private readonly ResiliencePipeline<HttpResponseMessage> telling;
    private readonly string user;

    /// <param name="address">The server's address, with its path if it has one.</param>
    /// <param name="user">The account.</param>
    /// <param name="secret">Its HTTP password or token.</param>
    public GerritClient(Uri address, string user, string secret)
    {
        this.user = user;
        Address = new(address.AbsoluteUri.TrimEnd('/') + "/");
        http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(10), AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.GZip })
        {
            BaseAddress = new(Address, "a/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{secret}")));
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        var breaker = new CircuitBreakerStrategyOptions<HttpResponseMessage>
        {
            ShouldHandle = IsTransient,
            FailureRatio = 0.9,
            MinimumThroughput = 20,
            SamplingDuration = TimeSpan.FromSeconds(60),
            BreakDuration = TimeSpan.FromSeconds(10),
        };
        telling = new ResiliencePipelineBuilder<HttpResponseMessage>().AddCircuitBreaker(breaker).AddTimeout(Limit).Build();
        asking = new ResiliencePipelineBuilder<HttpResponseMessage>().AddRetry(Again()).AddPipeline(telling).Build();
    }

    public Uri Address { get; }

    /// <exception cref="ForgeException">The server did not answer, or with no; the message is for the operator.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> shape, CancellationToken cancellation) =>
        await TryGetAsync(path, shape, cancellation) ?? throw new ForgeException($"GET {path}: 404, there is no such thing or {user} may not see it", 404);

    /// <summary>Null where the server has no such thing, or does not let this account see it: it says the same of both.</summary>
    public async Task<T?> TryGetAsync<T>(string path, JsonTypeInfo<T> shape, CancellationToken cancellation)
    {
        using var answer = await SendAsync(asking, HttpMethod.Get, path, null, cancellation);
        return answer.StatusCode is HttpStatusCode.NotFound ? default : Read(path, await BodyAsync(HttpMethod.Get, path, answer, cancellation), shape);
    }

    /// <summary>The text of an answer whose shape does not matter.</summary>
    public async Task<(int Status, string Text)> AskAsync(HttpMethod method, string path, string? body, CancellationToken cancellation)
    {
        using var answer = await SendAsync(method == HttpMethod.Get ? asking : telling, method, path, body, cancellation);
        return ((int)answer.StatusCode, Plain(await answer.Content.ReadAsStringAsync(cancellation)));
    }

    public async Task<T> PostAsync<TBody, T>(string path, TBody body, JsonTypeInfo<TBody> bodyShape, JsonTypeInfo<T> shape, CancellationToken cancellation)
    {
        using var answer = await SendAsync(telling, HttpMethod.Post, path, JsonSerializer.Serialize(body, bodyShape), cancellation);
        return Read(path, await BodyAsync(HttpMethod.Post, path, answer, cancellation), shape);
    }

    /// <summary>What the server's clock says; null where it does not say.</summary>
    public async Task<DateTimeOffset?> ClockAsync(CancellationToken cancellation)
    {
        using var answer = await SendAsync(asking, HttpMethod.Get, "config/server/version", null, cancellation);
        return answer.Headers.Date;
    }

    /// <summary>Null also where the server does not let this account see it, and says so.</summary>
    public async Task<T?> SeenAsync<T>(string path, JsonTypeInfo<T> shape, CancellationToken cancellation)
    {
        try
        {
            return await TryGetAsync(path, shape, cancellation);
        }
        catch (ForgeException error) when (error.Status is 400 or 403 or 405)
        {
            return default;
        }
    }

    /// <summary>Who this account is; null where the server cannot be asked now.</summary>
    public async Task<AccountDto?> SelfAsync(CancellationToken cancellation)
    {
        try
        {
            return await GetAsync("accounts/self/detail", GerritJson.Default.AccountDto, cancellation);
        }
        catch (ForgeException error) when (error.Status is null or >= 500)
        {
            return null;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(ResiliencePipeline<HttpResponseMessage> how, HttpMethod method, string path, string? body, CancellationToken cancellation)
    {
        try
        {
            return await how.ExecuteAsync(
                async token =>
                {
                    // A request can be sent once, so each try makes its own.
                    using var request = new HttpRequestMessage(method, path);
                    if (body is not null)
                        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                    return await http.SendAsync(request, token);
                }, cancellation);
        }
        catch (Exception error) when (error is HttpRequestException or BrokenCircuitException or Polly.Timeout.TimeoutRejectedException or IOException && !cancellation.IsCancellationRequested)
        {
            throw new ForgeException($"{method} {path}: {(error is BrokenCircuitException ? "the server has not answered for a while, and is asked again shortly" : error.Message)}", null);
        }
    }

    private async Task<string> BodyAsync(HttpMethod method, string path, HttpResponseMessage answer, CancellationToken cancellation)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        if (answer.IsSuccessStatusCode)
            return text;
        var status = (int)answer.StatusCode;
        throw new ForgeException(
            status == 401 ? $"the server does not take the credential of {user}: give it a new one (Settings, HTTP Credentials) and name it in the settings"
            : $"{method} {path}: {status} {Plain(text)}", status);
    }

    internal static T Read<T>(string path, string text, JsonTypeInfo<T> shape)
    {
        try
        {
            var value = JsonSerializer.Deserialize(Plain(text), shape) ?? throw new ForgeException($"{path}: the answer is empty", null) { IsUnreadable = true };
            return value is System.Collections.IEnumerable list && list.Cast<object?>().Contains(null) ? throw new ForgeException($"{path}: the answer has a hole in its list", null) { IsUnreadable = true } : value;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ForgeException($"{path}: the answer is not as expected: {error.Message}", null) { IsUnreadable = true };
        }
    }

    /// <summary>JSON comes after a line that keeps browsers from running it.</summary>
    private static string Plain(string text) =>
        text.StartsWith(Guard, StringComparison.Ordinal) ? text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..].Trim() : text.Trim();

    private static RetryStrategyOptions<HttpResponseMessage> Again() => new()
    {
        ShouldHandle = IsTransient,
        MaxRetryAttempts = 3,
        Delay = TimeSpan.FromMilliseconds(100),
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        DelayGenerator = answer => ValueTask.FromResult(answer.Outcome.Result?.Headers.RetryAfter?.Delta is { } asked ? asked < LongestWait ? asked : LongestWait : (TimeSpan?)null),
    };

    private static ValueTask<bool> IsTransient(RetryPredicateArguments<HttpResponseMessage> answer) => ValueTask.FromResult(IsTransient(answer.Outcome));

    private static ValueTask<bool> IsTransient(CircuitBreakerPredicateArguments<HttpResponseMessage> answer) => ValueTask.FromResult(IsTransient(answer.Outcome));

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is HttpRequestException or IOException or Polly.Timeout.TimeoutRejectedException
        || outcome.Result?.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
}
