using System.Security.Cryptography;
using System.Text;
using GateKeeper.Reconcile;
using Microsoft.AspNetCore.Http.Features;

namespace GateKeeper.Status;

/// <summary>
/// Takes what a forge tells of events, as a hint and no more: that its sender knows the secret is seen, and nothing in it is read. A
/// forged, old or doubled event makes the gate look, and it looks by and by without any.
/// </summary>
internal static class Webhooks
{
    public const string Path = "/hooks/github";

    private const string Header = "X-Hub-Signature-256", Scheme = "sha256=";
    private const int MostBytes = 25 << 20;

    /// <summary>Where no repository has a secret there is no such place.</summary>
    public static void MapWebhooks(this WebApplication app, Gatehouse house)
    {
        var keys = house.Settings.Repositories.SelectMany(repository => repository.WebhookSecrets.Select(from => (repository.Name, Key: Encoding.UTF8.GetBytes(Secret.Read(from))))).ToList();
        if (keys.Count > 0)
            app.MapPost(Path, (Delegate)((HttpContext context) => ReceiveAsync(context, keys, name => house.WakeOf(name).Hint())));
    }

    private static async Task<IResult> ReceiveAsync(HttpContext context, IReadOnlyList<(string Repository, byte[] Key)> keys, Action<string> hint)
    {
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = MostBytes;
        var given = new byte[SHA256.HashSizeInBytes];
        var header = context.Request.Headers[Header].ToString();
        if (!header.StartsWith(Scheme, StringComparison.Ordinal) || Convert.FromHexString(header.AsSpan(Scheme.Length), given, out _, out var length) is not System.Buffers.OperationStatus.Done || length != given.Length)
            return Refuse("a webhook needs its signature: set the same secret here and where it is sent from");
        var hashes = keys.Select(item => (item.Repository, Hash: IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, item.Key))).ToList();
        try
        {
            var buffer = new byte[16 << 10];
            for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
                hashes.ForEach(item => item.Hash.AppendData(buffer, 0, read));
            var signed = hashes.Where(item => CryptographicOperations.FixedTimeEquals(item.Hash.GetHashAndReset(), given)).Select(item => item.Repository).Distinct().ToList();
            signed.ForEach(hint);
            return signed.Count > 0 ? Microsoft.AspNetCore.Http.Results.StatusCode(StatusCodes.Status202Accepted) : Refuse("the signature is not by the secret that is set here");
        }
        catch (BadHttpRequestException error)
        {
            return Microsoft.AspNetCore.Http.Results.Text($"{error.Message}\n", statusCode: error.StatusCode);
        }
        finally
        {
            hashes.ForEach(item => item.Hash.Dispose());
        }
    }

    private static IResult Refuse(string why) => Microsoft.AspNetCore.Http.Results.Text($"{why}\n", statusCode: StatusCodes.Status401Unauthorized);
}
