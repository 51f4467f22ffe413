using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// A GitHub App. It signs for itself with its key, and asks for tokens that live an hour, for this one repository and for what the gate
/// needs of what was granted.
/// </summary>
/// <param name="place">The repository.</param>
/// <param name="app">The App's id, or its client id.</param>
/// <param name="key">Its private key, as the host gives it out (PEM).</param>
/// <param name="time">The clock by which a token's age is measured.</param>
internal sealed class AppLogin(GitHubPlace place, string app, string key, TimeProvider time) : Login
{
    private static readonly TimeSpan BeforeTheEnd = TimeSpan.FromMinutes(10);
    private readonly SemaphoreSlim one = new(1);
    private string? token;
    private (long At, TimeSpan Lives) had;
    private TimeSpan ahead;

    /// <summary>What the gate asks for, as far as it was granted; more would be refused.</summary>
    public static IReadOnlyDictionary<string, string> Needed { get; } = new Dictionary<string, string>
    {
        ["metadata"] = "read",
        ["contents"] = "write",
        ["pull_requests"] = "write",
        ["checks"] = "write",
        ["statuses"] = "write",
        ["members"] = "read",
        ["workflows"] = "write",
        ["actions"] = "read",
        ["administration"] = "read",
    };

    public override bool IsApp => true;

    public override void Dispose()
    {
        one.Dispose();
        base.Dispose();
    }

    public override bool Refused(string token)
    {
        if (token == this.token)
            this.token = null;
        return true;
    }

    public override async Task<string> TokenAsync(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            if (token is { } known && time.GetElapsedTime(had.At) < had.Lives - BeforeTheEnd)
                return known;
            var (installation, granted) = await InstallationAsync(send, cancellation);
            var made = await AskAsync(
                send, HttpMethod.Post, $"app/installations/{installation}/access_tokens", new TokenWishDto([place.Name], granted), GitHubJson.Default.TokenWishDto, GitHubJson.Default.TokenDto, cancellation);
            (token, had) = (made.Answer.Token, (time.GetTimestamp(), made.Answer.ExpiresAt - made.Date));
            Renew(token);
            return token;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Signs for the App itself: nine minutes, for ten are the most, by the server's clock.</summary>
    public string Sign()
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(key);
        }
        catch (ArgumentException)
        {
            throw new ForgeException($"the credential of the App {app} is no private key: give the .pem file that the App's page makes (General, Private keys)", 401);
        }

        var now = (time.GetUtcNow() + ahead).ToUnixTimeSeconds();
        var head = Encode("""{"alg":"RS256","typ":"JWT"}"""u8);
        var claims = JsonSerializer.SerializeToUtf8Bytes(new ClaimsDto(now - 60, now + 540, app), GitHubJson.Default.ClaimsDto);
        var body = $"{head}.{Encode(claims)}";
        return $"{body}.{Encode(rsa.SignData(Encoding.ASCII.GetBytes(body), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private async Task<(long Id, Dictionary<string, string> Granted)> InstallationAsync(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellation)
    {
        var (found, _) = await AskAsync(send, HttpMethod.Get, $"{place.Path}/installation", (object?)null, null, GitHubJson.Default.InstallationDto, cancellation);
        return (found.Id, (found.Permissions ?? []).Where(right => Needed.ContainsKey(right.Key)).ToDictionary(right => right.Key, right => right.Value == "read" ? "read" : Needed[right.Key]));
    }

    /// <summary>Asks in the App's own name; where the clocks differ too much, once more by the server's.</summary>
    private async Task<(T Answer, DateTimeOffset Date)> AskAsync<TBody, T>(
        Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, HttpMethod method, string path, TBody? body,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<TBody>? bodyShape, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> shape, CancellationToken cancellation)
    {
        for (var again = false; ; again = true)
        {
            using var request = new HttpRequestMessage(method, new Uri(place.Rest, path));
            request.Headers.Authorization = new("Bearer", Sign());

            // A token that is made twice does no harm.
            request.Options.Set(Line.Asks, true);
            if (bodyShape is not null)
                request.Content = new StringContent(JsonSerializer.Serialize(body!, bodyShape), Encoding.UTF8, "application/json");
            using var answer = await send(request, cancellation);
            var date = answer.Headers.Date ?? time.GetUtcNow();
            if (answer.StatusCode is HttpStatusCode.Unauthorized && !again && (date - time.GetUtcNow() - ahead).Duration() > TimeSpan.FromSeconds(30))
            {
                ahead = date - time.GetUtcNow();
                continue;
            }

            var text = await answer.Content.ReadAsStringAsync(cancellation);
            if (!answer.IsSuccessStatusCode)
                throw Problem((int)answer.StatusCode, path, text);
            return (JsonSerializer.Deserialize(text, shape) ?? throw new ForgeException($"{path}: the answer is empty", null), date);
        }
    }

    private ForgeException Problem(int status, string path, string text) => new(
        status switch
        {
            401 => $"the host does not take the App {app} or its key: {Wire.Message(text)}",
            403 => $"the installation of the App {app} for {place} may not be used (suspended?): {Wire.Message(text)}",
            404 => $"the App {app} is not installed for {place}: install it there (the App's page, Install App) and select this repository",
            _ => $"{path}: {status} {Wire.Message(text)}",
        }, status);
}
