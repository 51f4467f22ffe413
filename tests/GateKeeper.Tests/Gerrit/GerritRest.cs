using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace GateKeeper.Tests.Gerrit;

/// <summary>What a Gerrit server answered to one call: the status, and the body as JSON or as the words of a refusal.</summary>
internal sealed record GerritAnswer(HttpStatusCode Status, string Text)
{
    private const string Guard = ")]}'";

    public bool Ok => (int)Status is >= 200 and < 300;

    public JsonNode Json => JsonNode.Parse(Text.StartsWith(Guard, StringComparison.Ordinal) ? Text[(Text.IndexOf('\n', StringComparison.Ordinal) + 1)..] : Text)!;
}

/// <summary>Gerrit would not do what somebody asked.</summary>
internal sealed class GerritRefusal(string call, GerritAnswer answer) : Exception($"{call}: {(int)answer.Status} {answer.Text}")
{
    public HttpStatusCode Status => answer.Status;
}

/// <summary>A server's REST, called by people of whom the tests know the secrets.</summary>
internal sealed class GerritRest(Uri address) : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = address };

    public static string Secret(string who) => who switch
    {
        "admin" => "secret",
        GerritPlace.Gate => "s3cret",
        _ => $"pw-{who}",
    };

    public static string Basic(string who) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{who}:{Secret(who)}"));

    /// <summary>One call; the path is below the address, with its query, names in it encoded, and the body is written as JSON.</summary>
    public async Task<GerritAnswer> TryAsync(string who, string method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"a/{path}");
        request.Headers.Authorization = new("Basic", Basic(who));
        request.Headers.Accept.Add(new("application/json"));
        if (body is not null || method is "PUT" or "POST")
            request.Content = new StringContent(System.Text.Json.JsonSerializer.Serialize(body ?? new object()), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await client.SendAsync(request);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <exception cref="GerritRefusal">The server did not do it.</exception>
    public async Task<GerritAnswer> CallAsync(string who, string method, string path, object? body = null)
    {
        var answer = await TryAsync(who, method, path, body);
        return answer.Ok ? answer : throw new GerritRefusal($"{method} {path} by {who}", answer);
    }

    /// <summary>What the server takes as plain text: a key.</summary>
    public async Task PutTextAsync(string who, string path, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"a/{path}") { Content = new StringContent(text, Encoding.UTF8, "text/plain") };
        request.Headers.Authorization = new("Basic", Basic(who));
        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => client.Dispose();
}
