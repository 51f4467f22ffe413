using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Store;

namespace GateKeeper.Status;

/// <summary>What was asked for: a change that is open, or one that has landed.</summary>
internal abstract record Found
{
    private Found()
    {
    }

    public sealed record Open(TrunkPicture Picture, Progress Status) : Found;

    public sealed record Landed(LandingRecord Landing) : Found;
}

/// <summary>Finds changes by their id or its beginning, an open one before one that has landed; what may mean two is not found.</summary>
internal static class Finding
{
    public const int ShortestId = 4;

    public static Found? Of(IEnumerable<TrunkPicture> pictures, Notebook notebook, string id)
    {
        var open = pictures.SelectMany(picture => picture.Plan.Open.Select(status => new Found.Open(picture, status))).Where(item => Means(item.Status.Change, id)).ToList();
        if (open.Count > 1)
            open.RemoveAll(item => item.Status.Change.Id.Value != id);
        if (open.Count > 0)
            return open is [var one] ? one : null;
        var landed = notebook.LandingsOf(id).DistinctBy(landing => landing.Change).ToList();
        return (landed.Find(landing => landing.Change.Value == id) ?? (landed is [var only] ? only : null)) is { } last ? new Found.Landed(last) : null;
    }

    /// <summary>The change with the least missing first: a vote on it does most.</summary>
    public static IEnumerable<Found.Open> WaitingFor(IEnumerable<TrunkPicture> pictures, string name) =>
        pictures.SelectMany(picture => picture.Plan.Open.Select(status => new Found.Open(picture, status)))
            .Where(item => item.Status.WaitsFor.Any(cure => cure == name || (cure.StartsWith('@') && item.Picture.Snapshot?.People.Has(cure[1..], new(name)) == true)))
            .OrderBy(item => item.Status.Judgement.Missing.Count());

    /// <summary>Every name that is spoken of: members of groups, authors, and those who can meet something.</summary>
    public static IReadOnlySet<string> KnownNames(IEnumerable<TrunkPicture> pictures) => pictures.SelectMany(picture => picture.Plan.Open)
        .SelectMany(status => status.WaitsFor.Append(status.Change.Author.Name))
        .Concat(pictures.Select(picture => picture.Snapshot?.People).OfType<Core.Gates.Membership>().SelectMany(people => people.Names.Select(group => $"@{group}").Concat(people.Names.SelectMany(people.Of).Select(account => account.Name))))
        .ToHashSet();

    private static bool Means(Core.Changes.Change change, string id) =>
        change.Id.Value == id || change.Number == id || (id.Length >= ShortestId && change.Id.Value.StartsWith(id, StringComparison.Ordinal));
}
