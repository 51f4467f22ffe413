using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace GateKeeper.Forges.GitHub;

/// <summary>What a conditional question brought: the answer, and whether it is another than the last time.</summary>
internal readonly record struct Seen<T>(T Value, bool Moved);

/// <summary>Asks GitHub: by REST where an unchanged answer costs nothing, by GraphQL where one question brings what many would.</summary>
internal sealed class GitHubClient(GitHubPlace place, Line line) : IDisposable
{
    private const int MostPages = 100;
    private readonly HttpMessageInvoker http = new(line, disposeHandler: true);
    private readonly ConcurrentDictionary<string, (EntityTagHeaderValue Tag, object Value, string? Next)> known = [];

    public Line Line => line;

    /// <summary>How far the host's clock is ahead of this machine's, as last seen.</summary>
    public TimeSpan Ahead { get; private set; }

    /// <exception cref="ForgeException">The host did not answer, or with no; the message is for the operator.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> shape, CancellationToken cancellation)
        where T : class => (await AskAsync(path, shape, cancellation))?.Value ?? throw new ForgeException($"GET {path}: 404, there is no such thing or the gate may not see it", 404);

    /// <summary>Null where there is no such thing, or the credential may not see it: the host says the same of both.</summary>
    public async Task<Seen<T>?> AskAsync<T>(string path, JsonTypeInfo<T> shape, CancellationToken cancellation)
        where T : class => await PageAsync(path, shape, cancellation) is var (value, moved, _) ? new Seen<T>(value, moved) : null;

    /// <summary>Whether any page of an answer is another than the last time, or there is no such thing.</summary>
    public async Task<bool> AnyMovedAsync<T>(string path, JsonTypeInfo<T> shape, CancellationToken cancellation)
        where T : class
    {
        var moved = false;
        for (var next = path; next is not null;)
        {
            if (await PageAsync(next, shape, cancellation) is not var (_, differs, further))
                return true;
            moved |= differs;
            next = further;
        }

        return moved;
    }

    /// <summary>All pages of a list. Unchanged pages cost nothing, and those that there were the last time are asked for all at once.</summary>
    public async Task<Seen<IReadOnlyList<T>>?> AllAsync<T>(string path, JsonTypeInfo<IReadOnlyList<T>> shape, CancellationToken cancellation)
    {
        var asked = Chain(path).Take(MostPages).ToDictionary(page => page, page => PageAsync(page, shape, cancellation));
        await Task.WhenAll(asked.Values);
        var (all, moved) = (new List<T>(), false);
        for (var (next, pages) = (path, 0); next is not null; pages++)
        {
            if (pages == MostPages)
                throw new ForgeException($"GET {path}: there are more than {MostPages} pages of it", null);
            if (await (asked.TryGetValue(next, out var begun) ? begun : PageAsync(next, shape, cancellation)) is not var (some, differs, further))
                return null;
            all.AddRange(some);
            moved |= differs;
            next = further;
        }

        return new(all, moved);
    }

    /// <summary>The pages of a list as they followed each other the last time.</summary>
    private IEnumerable<string> Chain(string path)
    {
        var seen = new HashSet<string>();
        for (var next = path; next is not null && seen.Add(next); next = known.TryGetValue(next, out var kept) ? kept.Next : null)
            yield return next;
    }

    /// <summary>Asks by GraphQL. What could not be had of a part is among the errors; what could not be had at all is thrown.</summary>
    public async Task<(T Data, IReadOnlyList<GraphError> Errors, DateTimeOffset Date)> QueryAsync<T>(
        string query, JsonObject variables, JsonTypeInfo<GraphAnswer<T>> shape, Func<T, RateDto?> rate, CancellationToken cancellation)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, place.GraphQl);
        request.Options.Set(Line.Asks, true);
        request.Content = new StringContent(new JsonObject { ["query"] = Queries.Text(query), ["variables"] = variables }.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await SendAsync(request, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        if (!answer.IsSuccessStatusCode)
            throw Problem($"GraphQL {query}", answer, text);
        var read = Read($"GraphQL {query}", text, shape);
        var errors = read.Errors ?? [];
        if (errors.FirstOrDefault(error => error.Type is "RATE_LIMITED" or "RATE_LIMIT") is { } spent)
            throw new ForgeException($"GitHub's points are spent, and nothing is asked before {line.Budget.SpentPoints():HH:mm:ss} UTC: {spent.Message}", 429);
        if (read.Data is null || errors.Any(error => error.Path is not { Count: > 0 }))
            throw new ForgeException($"GraphQL {query}: {string.Join("; ", errors.Select(error => error.Message))}", errors.Any(error => error.Type is "RESOURCE_LIMITS_EXCEEDED") ? 502 : null);
        line.Budget.NoteCost(rate(read.Data), answer.Headers.Date);
        if (answer.Headers.Date is { } date)
            Ahead = date - line.Time.GetUtcNow();
        return (read.Data, errors, answer.Headers.Date ?? line.Time.GetUtcNow());
    }

    public void Dispose() => http.Dispose();

    private async Task<(T Value, bool Moved, string? Next)?> PageAsync<T>(string path, JsonTypeInfo<T> shape, CancellationToken cancellation)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(place.Rest, path));
        var before = known.TryGetValue(path, out var kept) ? kept : default;
        if (before.Tag is { } tag)
            request.Headers.IfNoneMatch.Add(tag);
        using var answer = await SendAsync(request, cancellation);
        if (answer.StatusCode is HttpStatusCode.NotModified)
            return ((T)before.Value, false, before.Next);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        if (answer.StatusCode is HttpStatusCode.NotFound)
        {
            known.TryRemove(path, out _);
            return null;
        }

        if (!answer.IsSuccessStatusCode)
            throw Problem($"GET {path}", answer, text);
        var (value, next) = (Read($"GET {path}", text, shape), Next(answer));
        if (answer.Headers.ETag is { } fresh)
            known[path] = (fresh, value, next);
        return (value, true, next);
    }

    /// <summary>Forgets the answers about what is not asked any more.</summary>
    public void Forget(Func<string, bool> isOver)
    {
        foreach (var path in known.Keys.Where(isOver).ToList())
            known.TryRemove(path, out _);
    }

    /// <summary>Has the host do something, once; never repeated by itself. Answers the text of its answer.</summary>
    public async Task<string> DoAsync(HttpMethod method, string path, JsonObject body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri(place.Rest, path)) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        using var answer = await SendAsync(request, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        return answer.IsSuccessStatusCode ? text : throw Problem($"{method} {path}", answer, text);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) => await http.SendAsync(request, cancellation);

    /// <summary>The next page, as the host names it; never made up, and never on another host.</summary>
    private string? Next(HttpResponseMessage answer)
    {
        foreach (var link in answer.Headers.TryGetValues("Link", out var values) ? values.SelectMany(value => value.Split(',')) : [])
        {
            var (open, close) = (link.IndexOf('<', StringComparison.Ordinal), link.IndexOf('>', StringComparison.Ordinal));
            if (close > open && open >= 0 && link.Contains("rel=\"next\"", StringComparison.Ordinal) && Uri.TryCreate(place.Rest, link[(open + 1)..close], out var next) && next.Authority == place.Rest.Authority)
                return next.AbsoluteUri;
        }

        return null;
    }

    internal static T Read<T>(string what, string text, JsonTypeInfo<T> shape)
    {
        try
        {
            var value = JsonSerializer.Deserialize(text, shape) ?? throw new ForgeException($"{what}: the answer is empty", null) { IsUnreadable = true };
            return value is System.Collections.IEnumerable list && list.Cast<object?>().Contains(null) ? throw new ForgeException($"{what}: the answer has a hole in its list", null) { IsUnreadable = true } : value;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ForgeException($"{what}: the answer is not as expected: {error.Message}", null) { IsUnreadable = true };
        }
    }

    private ForgeException Problem(string what, HttpResponseMessage answer, string text)
    {
        var (status, said) = ((int)answer.StatusCode, Wire.Message(text));
        var needs = answer.Headers.TryGetValues("X-Accepted-GitHub-Permissions", out var rights) ? $" (it needs {string.Join(" or ", rights)})" : "";
        var request = answer.Headers.TryGetValues("X-GitHub-Request-Id", out var ids) ? $" [request {ids.First()}]" : "";
        return new(
            status == 401 ? $"GitHub does not take the credential for {place}: give it a new one and name it in the settings ({said})"
            : $"{what}: {status} {said}{needs}{request}", status);
    }
}

/// <summary>The questions, as they lie beside this file.</summary>
internal static class Queries
{
    private static readonly ConcurrentDictionary<string, string> Texts = [];

    public static string Text(string name) => Texts.GetOrAdd(name, static name =>
    {
        using var stream = typeof(Queries).Assembly.GetManifestResourceStream($"{name}.graphql") ?? throw new InvalidOperationException($"there is no question {name}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });
}
