using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GateKeeper.Reconcile;

namespace GateKeeper.Status;

/// <summary>The same as the pages, for programs.</summary>
internal static class Api
{
    /// <summary>For people's eyes too, so quotes stay quotes: it is served as JSON and nothing else, never inside of a page.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void MapApi(this WebApplication app, Gatehouse house)
    {
        app.MapMethods("/api/v1/trunks", Endpoints.Reading, () => Answer(house.Pictures.Select(TrunkListing.Of)));
        app.MapMethods("/api/v1/changes/{id}", Endpoints.Reading, (string id) => Change(house, new(null, id)));
        app.MapMethods("/api/v1/changes/{repository}/{id}", Endpoints.Reading, (string repository, string id) => Change(house, new(repository, id)));
        app.MapMethods("/api/v1/for/{**name}", Endpoints.Reading, (string name) => Answer(Finding.WaitingFor(house.Pictures, name).Select(item => ChangeView.Of(item.Picture, item.Status))));
        app.MapMethods("/api/v1/landings", Endpoints.Reading, () => Answer(house.Notebook.Landings(null, 500).Select(LandingView.Of)));
        app.MapMethods("/api/v1/alarms", Endpoints.Reading, () => Answer(house.Notebook.Alarms));
        app.MapMethods("/api/v1/runs", Endpoints.Reading, () => Answer(house.Tools.Results.Last(200).Select(RunView.Of)));
        app.MapMethods("/api/v1/runs/{id:long}", Endpoints.Reading, (long id) => house.Tools.Results.Run(id) is { } run ? Answer(RunView.Of(run)) : Unknown("run"));
        app.MapFallback("api/{**path}", (HttpContext context) => !Endpoints.Reads(context, null) ? Endpoints.Refuse(context) : Unknown("place; docs/operating.md lists those that there are"));
    }

    private static IResult Change(Gatehouse house, ChangeName name) => Finding.Of(house.Pictures, house.Notebook, name) switch
    {
        Found.Open(var picture, var status) => Answer(ChangeView.Of(picture, status) with { Runs = house.Tools.Results.RunsOf(picture.Key, status.Change.Id).Select(RunView.Of) }),
        Found.Landed(var landing) => Answer(ChangeView.Of(landing) with { Runs = house.Tools.Results.RunsOf(landing.Trunk, landing.Change).Select(RunView.Of) }),
        Found.Several(var names) => Microsoft.AspNetCore.Http.Results.Json(new { error = $"{name} may mean {string.Join(" or ", names)}", names = names.Select(one => one.ToString()) }, Json, statusCode: 404),
        _ => Unknown("change"),
    };

    private static IResult Answer<T>(T value) => Microsoft.AspNetCore.Http.Results.Json(value, Json);

    private static IResult Unknown(string what) => Microsoft.AspNetCore.Http.Results.Json(new { error = $"there is no such {what}" }, Json, statusCode: 404);
}
