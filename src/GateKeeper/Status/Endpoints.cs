using GateKeeper.Reconcile;
using GateKeeper.Runs;

namespace GateKeeper.Status;

/// <summary>The network face: reading only. Nothing here changes anything.</summary>
internal static class Endpoints
{
    /// <summary>Monitors ask with HEAD; the server then leaves the body out by itself.</summary>
    internal static readonly string[] Reading = ["GET", "HEAD"];

    public static void MapStatus(this WebApplication app, Gatehouse house, GateWorker? worker)
    {
        var page = house.Settings.Page;
        var token = page.Token is { } from ? Secret.Read(from) : null;
        app.Use((context, next) => Doorman.GuardAsync(context, next, page, token));
        app.MapMethods("/healthz", Reading, () => Microsoft.AspNetCore.Http.Results.Text("alive\n"));
        app.MapMethods("/readyz", Reading, () => worker?.Ready != false ? Microsoft.AspNetCore.Http.Results.Text("ready\n") : Microsoft.AspNetCore.Http.Results.Text("not ready: a repository could not be read; see its alarm\n", statusCode: 503));
        app.MapMethods("/style.css", Reading, () => Microsoft.AspNetCore.Http.Results.Text(Pages.Style, "text/css"));
        app.MapMethods("/", Reading, (HttpRequest request) => Page("overview", Html.Of($"{FetchNote.Of(house.Loops)}{Pages.Overview([.. house.Pictures], house.Notebook.Alarms, house.Notebook.Landings(null, 50), house.Tools.Results.Last(20))}"), Live(request)));
        app.MapMethods("/trunk/{**key}", Reading, (HttpRequest request, string key) => house.Pictures.FirstOrDefault(picture => picture.Key == key) is { } picture
            ? Page(key, TrunkPages.Whole(picture, ListQuery.Of(request)), Live(request), ListQuery.Of(request))
            : Missing("There is no such trunk here. The overview lists all of them."));
        app.MapMethods("/change/{id}", Reading, (HttpRequest request, string id) => Change(house, new(null, id), request));
        app.MapMethods("/change/{repository}/{id}", Reading, (HttpRequest request, string repository, string id) => Change(house, new(repository, id), request));
        app.MapMethods("/for/{**name}", Reading, (HttpRequest request, string name) =>
            Page($"for {Whom.Say(name)}", Pages.For(name, [.. Finding.WaitingFor(house.Pictures, name)], Finding.KnownNames(house.Pictures), ListQuery.Of(request)), Refresh.Never));
        app.MapMethods("/run/{id:long}", Reading, (HttpRequest request, long id) => house.Tools.Results.Run(id) is { } run
            ? Page($"run {id}", Pages.Run(run, RunLog.Tail(house.Tools.Runner.LogOf(id), 400, 1 << 16)), run.Outcome is null ? Live(request) : Refresh.Never)
            : Missing("There is no such run; results are kept for a while only."));
        app.MapMethods("/run/{id:long}/log", Reading, (long id) => File.Exists(house.Tools.Runner.LogOf(id))
            ? Microsoft.AspNetCore.Http.Results.Stream(to => PlainLog.CopyAsync(house.Tools.Runner.LogOf(id), to, CancellationToken.None), "text/plain; charset=utf-8")
            : Missing("There is no such log; logs are kept for a while only."));
        app.MapApi(house);
        app.MapWebhooks(house);
        app.MapFallback("{**path}", (HttpContext context, string? path) => !Reads(context, path) ? Refuse(context) : Missing(Html.Of($"""<p>There is no such page. <a href="/">The overview</a> leads to all that there are.</p>""")));
    }

    /// <summary>Where nothing but a webhook may ever be sent to, and none is awaited, there is no place at all.</summary>
    internal static bool Reads(HttpContext context, string? path) => Reading.Contains(context.Request.Method, StringComparer.OrdinalIgnoreCase) || $"/{path}" == Webhooks.Path;

    internal static IResult Refuse(HttpContext context)
    {
        context.Response.Headers.Allow = string.Join(", ", Reading);
        return Microsoft.AspNetCore.Http.Results.Text("this page is for reading only: it takes GET and HEAD\n", statusCode: 405);
    }

    private static IResult Change(Gatehouse house, ChangeName name, HttpRequest request) => Finding.Of(house.Pictures, house.Notebook, name) switch
    {
        Found.Open(var picture, var status) => Page(status.Change.Title, Pages.Change(picture, status, house.Tools.Results.RunsOf(picture.Key, status.Change.Id)), Live(request)),
        Found.Landed(var landing) => Page(landing.Title, Pages.Landed(LandingView.Of(landing), house.Tools.Results.RunsOf(landing.Trunk, landing.Change)), Refresh.Never),
        Found.Several(var names) => Missing(Pages.Several(name, names)),
        _ => Missing("There is no such change. The overview lists what is open and what has landed."),
    };

    /// <summary>A page that follows what happens loads itself anew, unless its reader wants it to stand still.</summary>
    private static Refresh Live(HttpRequest request) => request.Query.ContainsKey("still") ? Refresh.Stopped : Refresh.Running;

    private static IResult Page(string title, Html body, Refresh refresh, ListQuery? asked = null) => Microsoft.AspNetCore.Http.Results.Text(Pages.Layout(title, body, refresh, asked).ToString(), "text/html; charset=utf-8");

    private static IResult Missing(string words) => Missing(Html.Of($"<p>{words}</p>"));

    private static IResult Missing(Html words) => Microsoft.AspNetCore.Http.Results.Text(Pages.Layout("not found", words, Refresh.Never).ToString(), "text/html; charset=utf-8", statusCode: 404);
}
