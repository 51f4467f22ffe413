using System.Security.Cryptography;
using System.Text;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Runs;

namespace GateKeeper.Status;

/// <summary>The network face: reading only. Nothing here changes anything.</summary>
internal static class Endpoints
{
    private const string Policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Monitors ask with HEAD; the server then leaves the body out by itself.</summary>
    internal static readonly string[] Reading = ["GET", "HEAD"];

    public static void MapStatus(this WebApplication app, Gatehouse house, GateWorker? worker)
    {
        app.Use((context, next) => GuardAsync(context, next, house));
        app.MapMethods("/healthz", Reading, () => Microsoft.AspNetCore.Http.Results.Text("alive\n"));
        app.MapMethods("/readyz", Reading, () => worker?.Ready != false ? Microsoft.AspNetCore.Http.Results.Text("ready\n") : Microsoft.AspNetCore.Http.Results.Text("not ready: a repository could not be read; see its alarm\n", statusCode: 503));
        app.MapMethods("/style.css", Reading, () => Microsoft.AspNetCore.Http.Results.Text(Pages.Style, "text/css"));
        app.MapMethods("/", Reading, () => Page("overview", Pages.Overview(house.Pictures, house.Notebook.Alarms, house.Notebook.Landings(null, 50), house.Tools.Results.Last(20)), live: true));
        app.MapMethods("/change/{id}", Reading, (string id) => Find(house, id) is var (picture, status)
            ? Page(status.Change.Title, Pages.Change(picture, status, house.Tools.Results.RunsOf(picture.Key, status.Change.Id)), live: true)
            : Missing("There is no such open change. It may have landed: the overview lists landings."));
        app.MapMethods("/for/{name}", Reading, (string name) => Page($"for {name}", Pages.For(name, WaitingFor(house, name)), live: false));
        app.MapMethods("/run/{id:long}", Reading, (long id) => house.Tools.Results.Run(id) is { } run
            ? Page($"run {id}", Pages.Run(run, RunLog.Tail(house.Tools.Runner.LogOf(id), 400, 1 << 16)), live: run.Outcome is null)
            : Missing("There is no such run; results are kept for a while only."));
        app.MapMethods("/run/{id:long}/log", Reading, (long id) => File.Exists(house.Tools.Runner.LogOf(id))
            ? Microsoft.AspNetCore.Http.Results.Stream(new FileStream(house.Tools.Runner.LogOf(id), FileMode.Open, FileAccess.Read, FileShare.ReadWrite), "text/plain; charset=utf-8")
            : Missing("There is no such log; logs are kept for a while only."));
        app.MapApi(house);
    }

    public static (TrunkPicture Picture, Progress Status)? Find(Gatehouse house, string id)
    {
        var found = house.Pictures.SelectMany(picture => picture.Plan.Open.Select(status => (picture, status)))
            .Where(item => item.status.Change.Id.Value == id || item.status.Change.Number == id || (id.Length >= 4 && item.status.Change.Id.Value.StartsWith(id, StringComparison.Ordinal))).Take(2).ToList();
        return found.Count == 1 ? found[0] : null;
    }

    /// <summary>The change with the least missing first: a vote on it does most.</summary>
    public static IEnumerable<(TrunkPicture Picture, Progress Status)> WaitingFor(Gatehouse house, string name) =>
        house.Pictures.SelectMany(picture => picture.Plan.Open.Select(status => (picture, status)))
            .Where(item => item.status.WaitsFor.Any(cure => cure == name || (cure.StartsWith('@') && item.picture.Snapshot?.People.Has(cure[1..], new(name)) == true)))
            .OrderBy(item => item.status.Judgement.Missing.Count());

    private static IResult Page(string title, Html body, bool live) => Microsoft.AspNetCore.Http.Results.Text(Pages.Layout(title, body, live).ToString(), "text/html; charset=utf-8");

    private static IResult Missing(string words) => Microsoft.AspNetCore.Http.Results.Text(Pages.Layout("not found", $"<p>{words}</p>", live: false).ToString(), "text/html; charset=utf-8", statusCode: 404);

    /// <summary>Answers only to names that it knows, so that a page elsewhere cannot point its own name here, and only to who has the token, if there is one.</summary>
    private static async Task GuardAsync(HttpContext context, RequestDelegate next, Gatehouse house)
    {
        var page = house.Settings.Page;
        var host = context.Request.Host.Host;
        var known = host is "127.0.0.1" or "localhost" or "[::1]" or "::1"
            || (Uri.TryCreate(page.Address, UriKind.Absolute, out var address) && host == address.Host) || (Uri.TryCreate(page.Listen, UriKind.Absolute, out var listen) && host == listen.Host);
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        if (!known)
        {
            context.Response.StatusCode = 421;
            await context.Response.WriteAsync("this address is not one of this worker's; the operator names it in page.address\n");
            return;
        }

        if (page.Token is { } token && !context.Request.Path.StartsWithSegments("/healthz", StringComparison.Ordinal) && !context.Request.Path.StartsWithSegments("/readyz", StringComparison.Ordinal)
            && !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes($"Bearer {token}"), Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString())))
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsync("this page needs the token that the operator set: Authorization: Bearer ...\n");
            return;
        }

        await next(context);
    }
}
