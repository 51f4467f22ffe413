using System.Security.Cryptography;
using System.Text;
using GateKeeper.Settings;

namespace GateKeeper.Status;

/// <summary>Answers only to names that it knows, so that a page elsewhere cannot point its own name here, and only to who has the token, if there is one.</summary>
internal static class Doorman
{
    private const string Policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static async Task GuardAsync(HttpContext context, RequestDelegate next, PageSettings page, string? token)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        if (!Knows(page, context.Request.Host.Host))
        {
            context.Response.StatusCode = 421;
            await context.Response.WriteAsync("this address is not one of this worker's; the operator names it in page.address\n");
            return;
        }

        if (token is not null && !IsProbe(context.Request.Path) && !IsSigned(context.Request) && !Opens(token, context.Request.Headers.Authorization.ToString()))
        {
            context.Response.StatusCode = 401;
            headers.WWWAuthenticate = "Basic realm=\"GateKeeper\"";
            await context.Response.WriteAsync("this page needs the token that the operator set: as the password, with any name, or as Authorization: Bearer ...\n");
            return;
        }

        await next(context);
    }

    /// <summary>Webhooks bring a signature of their own in the token's place.</summary>
    private static bool IsSigned(HttpRequest request) => HttpMethods.IsPost(request.Method) && request.Path == Webhooks.Path;

    private static bool IsProbe(PathString path) =>
        path.StartsWithSegments("/healthz", StringComparison.Ordinal) || path.StartsWithSegments("/readyz", StringComparison.Ordinal);

    private static bool Knows(PageSettings page, string host) => host is "127.0.0.1" or "localhost" or "[::1]" or "::1"
        || (Uri.TryCreate(page.Address, UriKind.Absolute, out var address) && host == address.Host)
        || (Uri.TryCreate(page.Listen, UriKind.Absolute, out var listen) && host == listen.Host);

    /// <summary>Programs bring the token as it is; browsers ask people for it, as the password of a name that does not matter.</summary>
    private static bool Opens(string token, string authorization)
    {
        var given = authorization.Split(' ', 2) is not [var scheme, var value] ? ""
            : scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? value.Trim()
            : scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ? Password(value.Trim())
            : "";
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(given));
    }

    private static string Password(string encoded)
    {
        var bytes = new byte[encoded.Length];
        var pair = Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
        return pair.Split(':', 2) is [_, var password] ? password : "";
    }
}
