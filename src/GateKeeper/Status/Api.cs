using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;

namespace GateKeeper.Status;

internal sealed record VerdictView(string Name, string Decision, string Reason, IEnumerable<string> Cures, IEnumerable<VerdictView> Parts)
{
    public static VerdictView Of(Verdict verdict) =>
        new(verdict.Name, JsonNamingPolicy.CamelCase.ConvertName(verdict.Decision.ToString()), verdict.Reason, verdict.Cures, verdict.Parts.Select(Of));
}

internal sealed record ChangeView(
    string Trunk, string Id, string Title, string Author, string Revision, string Outcome, string Note, int? Place, string? Candidate, IEnumerable<VerdictView> Verdicts, IEnumerable<VerdictView> Missing)
{
    public static ChangeView Of(TrunkPicture picture, Progress status) => new(
        picture.Key, status.Change.Id.Value, status.Change.Title, status.Change.Author.Name, status.Change.Current.Commit.Hex, status.Outcome, status.Note, status.Place, status.Candidate?.Hex,
        status.Judgement.Gates.Concat(status.Judgement.Obstacles).Select(VerdictView.Of), status.Judgement.Missing.Select(VerdictView.Of));
}

internal sealed record TrunkListing(string Trunk, string Tip, string? Closed, int? Window, IEnumerable<string> Red, IEnumerable<ChangeView> Changes)
{
    public static TrunkListing Of(TrunkPicture picture) => new(
        picture.Key, picture.Tip.Hex, picture.Closed, picture.Snapshot?.Window, picture.Plan.Red, picture.Plan.Open.Select(status => ChangeView.Of(picture, status)));
}

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
        app.MapMethods("/api/v1/changes/{id}", Endpoints.Reading, (string id) => Endpoints.Find(house, id) is var (picture, status) ? Answer(ChangeView.Of(picture, status)) : Unknown("change"));
        app.MapMethods("/api/v1/for/{name}", Endpoints.Reading, (string name) => Answer(Endpoints.WaitingFor(house, name).Select(item => ChangeView.Of(item.Picture, item.Status))));
        app.MapMethods("/api/v1/landings", Endpoints.Reading, () => Answer(house.Notebook.Landings(null, 500).Select(landing => new { landing.Trunk, Change = landing.Change.Value, Revision = landing.Revision.Hex, Commit = landing.Commit.Hex, landing.Title, Author = landing.Author.Name, landing.At })));
        app.MapMethods("/api/v1/alarms", Endpoints.Reading, () => Answer(house.Notebook.Alarms));
        app.MapMethods("/api/v1/runs", Endpoints.Reading, () => Answer(house.Tools.Results.Last(200).Select(run => new { run.Id, run.Trunk, run.Test, Change = run.Change.Value, Revision = run.Revision.Hex, Base = run.Base.Hex, run.Purpose, run.StartedAt, run.EndedAt, run.Outcome, run.Summary })));
    }

    private static IResult Answer<T>(T value) => Microsoft.AspNetCore.Http.Results.Json(value, Json);

    private static IResult Unknown(string what) => Microsoft.AspNetCore.Http.Results.Json(new { error = $"there is no such {what}" }, Json, statusCode: 404);
}
