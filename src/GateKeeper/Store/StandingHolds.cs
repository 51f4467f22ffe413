using System.Text.Json;
using GateKeeper.Core.Changes;

namespace GateKeeper.Store;

/// <summary>
/// The holds that stand on the changes of one repository. What holds a change up must not go with the comment that asked for it, which
/// somebody else may have deleted or edited; so it is remembered until somebody who may lifts it, whatever becomes of the change meanwhile.
/// </summary>
internal sealed class StandingHolds(Database database, string repository)
{
    public IReadOnlyDictionary<ChangeId, ValueList<Request>> Known() => database.Read(
        "SELECT change, holds FROM holds WHERE repository = $1", row => (Change: new ChangeId(row.GetString(0)), Holds: JsonSerializer.Deserialize<Request[]>(row.GetString(1))!), repository)
        .ToDictionary(item => item.Change, item => (ValueList<Request>)[.. item.Holds]);

    public void Set(ChangeId change, ValueList<Request> holds)
    {
        if (holds.Count == 0)
            database.Do("DELETE FROM holds WHERE repository = $1 AND change = $2", repository, change.Value);
        else
            database.Do("INSERT INTO holds (repository, change, holds) VALUES ($1, $2, $3) ON CONFLICT (repository, change) DO UPDATE SET holds = $3", repository, change.Value, JsonSerializer.Serialize<Request[]>([.. holds]));
    }

    /// <summary>The changes with what is remembered and not shown any more among their requests.</summary>
    public static ValueList<Change> Beside(ValueList<Change> changes, IReadOnlyDictionary<ChangeId, ValueList<Request>> known) =>
        known.Count == 0 ? changes : [.. changes.Select(change => known.TryGetValue(change.Id, out var holds) ? With(change, holds) : change)];

    private static Change With(Change change, ValueList<Request> holds)
    {
        var gone = holds.Where(hold => !change.Requests.Any(request => IsSame(request, hold))).Select(hold => hold with { IsGone = true }).ToList();
        return gone.Count == 0 ? change : change with { Requests = [.. change.Requests, .. gone] };
    }

    /// <summary>
    /// Whether a request that is shown is the one that is remembered. Its place may have changed: on plain git it is known for good only when
    /// the server's log of its push has come.
    /// </summary>
    private static bool IsSame(Request shown, Request remembered) =>
        shown.Kind == remembered.Kind && shown.By == remembered.By && (shown.Order == remembered.Order || shown.At == remembered.At);
}
