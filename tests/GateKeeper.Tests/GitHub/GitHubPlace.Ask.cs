using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub;

/// <summary>What the server answered to one call.</summary>
internal sealed record GitHubAnswer(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string? Message => (string?)Json["message"];
}

/// <summary>Any call, with any token, for stories about the server itself.</summary>
internal sealed partial class GitHubPlace
{
    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });

    /// <summary>One call of REST: the path is below "api/v3/".</summary>
    public async Task<GitHubAnswer> AskAsync(string? token, string method, string path, object? body = null, string? ifNoneMatch = null, string? to = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), to ?? RestUrl + path);
        request.Headers.UserAgent.ParseAdd("story/1");
        request.Headers.Accept.Add(new("application/vnd.github+json"));
        request.Headers.Add("X-GitHub-Api-Version", "2022-11-28");
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        if (ifNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        if (body is not null)
            request.Content = new StringContent(body as string ?? System.Text.Json.JsonSerializer.Serialize(body), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await client.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The repository's part of REST.</summary>
    public Task<GitHubAnswer> AskRepositoryAsync(string? token, string method, string path, object? body = null) => AskAsync(token, method, $"repos/{FullName}/{path}", body);

    public Task<GitHubAnswer> QueryAsync(string? token, string query, object? variables = null) => AskAsync(token, "POST", "", new { query, variables }, to: GraphUrl);

    /// <summary>What the App signs to prove itself, good for nine minutes by its own clock.</summary>
    public string Jwt(TimeSpan clockIsWrong = default, string issuer = "4242", int minutes = 9, RSA? key = null)
    {
        var now = Server.Now + clockIsWrong;
        var signed = $"{Part("""{"alg":"RS256","typ":"JWT"}""")}.{Part($$"""{"iat":{{now.ToUnixTimeSeconds() - 60}},"exp":{{now.AddMinutes(minutes).ToUnixTimeSeconds()}},"iss":"{{issuer}}"}""")}";
        return $"{signed}.{Base64((key ?? App.Key!).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";

        static string Part(string json) => Base64(Encoding.UTF8.GetBytes(json));

        static string Base64(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
