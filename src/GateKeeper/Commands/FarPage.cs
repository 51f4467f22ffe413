using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using GateKeeper.Status;

namespace GateKeeper.Commands;

/// <summary>A worker's page as programs ask it: its operator finds it by the settings, everybody else by its address.</summary>
internal sealed record FarPage(string Address, string? Token)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Option<string?> At { get; } = new("--at") { Description = "The address of the worker's page, such as https://gate.example.org: nothing else of the worker is needed." };

    public static Option<string?> With { get; } = new("--token") { Description = "What opens that page, where it is not open to all: env:NAME or file:PATH." };

    /// <summary>The page that the caller named; null when he named none.</summary>
    public static FarPage? Named(ParseResult parsed)
    {
        if (parsed.GetValue(At) is not { } address)
            return parsed.GetValue(With) is null ? null : throw new UsageException("--token opens the page that --at names; name it too");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new UsageException($"--at {address}: expected the page's address, such as https://gate.example.org");
        return new(address, parsed.GetValue(With) switch
        {
            null => null,
            var from when from.StartsWith("env:", StringComparison.Ordinal) || from.StartsWith("file:", StringComparison.Ordinal) => Secret.Read(from),
            _ => throw new UsageException("--token: expected env:NAME or file:PATH; a token on a command line is seen by everybody on the machine"),
        });
    }

    public static FarPage Of(PageSettings settings) => new(settings.Listen, settings.Token is { } from ? Secret.Read(from) : null);

    /// <summary>What the page answers; null when it knows no such thing.</summary>
    /// <exception cref="HttpRequestException">Nobody answers there, or not with an answer.</exception>
    public async Task<T?> AskAsync<T>(string path, CancellationToken cancellation)
        where T : class
    {
        using var client = new HttpClient { Timeout = Patience };
        if (Token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var answer = await GetAsync(client, new Uri(Address.TrimEnd('/') + path), cancellation);
        var body = await answer.Content.ReadAsStringAsync(cancellation);
        return (int)answer.StatusCode switch
        {
            200 => JsonSerializer.Deserialize<T>(body, Api.Json),
            404 => Names(body) is { } several ? throw new ReviewException(several) : null,
            401 => throw new UsageException($"{Address} opens to its token only: --token env:NAME or file:PATH"),
            var code => throw new UsageException($"{Address} answered {code}: {body.Trim()}"),
        };
    }

    /// <summary>What the page says where a name may mean several; null where it means nothing.</summary>
    private static string? Names(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<Refusal>(body, Api.Json) is { Names.Count: > 0, Error: var error } ? error : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Refusal(string? Error, IReadOnlyList<string>? Names);

    private async Task<HttpResponseMessage> GetAsync(HttpClient client, Uri uri, CancellationToken cancellation)
    {
        try
        {
            return await client.GetAsync(uri, cancellation);
        }
        catch (HttpRequestException error)
        {
            throw new HttpRequestException($"no worker answers at {Address}: {error.Message}", error);
        }
    }
}
