using GateKeeper.Core.Changes;
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

    /// <summary>What was asked for may mean each of these.</summary>
    public sealed record Several(IReadOnlyList<ChangeName> Names) : Found;
}

/// <summary>Finds changes by their name or, where that is a commit's, by its beginning, and open ones by their branch. One that is open and has landed before is open.</summary>
internal static class Finding
{
    public const int ShortestId = 4;

    /// <summary>Null when nothing is called so.</summary>
    public static Found? Of(IEnumerable<TrunkPicture> pictures, Notebook notebook, ChangeName name)
    {
        pictures = [.. pictures];
        if (Named(pictures, notebook, name) is { } found)
            return found;
        var others = pictures.Select(picture => (picture.Repository, Id: OtherName(picture, name))).Where(other => other.Id is not null).Distinct()
            .Select(other => Named(pictures, notebook, new(other.Repository, other.Id!.Value.Value))).OfType<Found>().ToList();
        return others is [var one] ? one : null;
    }

    /// <summary>A branch's name may hold a slash, as what the page calls a change does.</summary>
    private static ChangeId? OtherName(TrunkPicture picture, ChangeName name) =>
        picture.Names.TryGetValue($"{name}", out var id) || ((name.Repository is null || name.Repository == picture.Repository) && picture.Names.TryGetValue(name.Id, out id)) ? id : null;

    private static Found? Named(IEnumerable<TrunkPicture> pictures, Notebook notebook, ChangeName name)
    {
        var open = pictures.SelectMany(picture => picture.Plan.Open.Where(status => IsCalled(picture, status.Change, name)).Select(status => (Name: new ChangeName(picture.Repository, status.Change.Id.Value), Found: (Found)new Found.Open(picture, status))));
        var landed = notebook.LandingsOf(name.Id, name.Repository).Select(landing => (Name: ChangeName.Of(landing.Trunk, landing.Change), Found: (Found)new Found.Landed(landing)));
        var all = open.Concat(landed).DistinctBy(item => item.Name).ToList();
        if (all.Exists(item => item.Name.Id == name.Id))
            all.RemoveAll(item => item.Name.Id != name.Id);

        // What was amended away keeps the branch's name until it is taken back.
        if (all.Count > 1 && all.FindAll(item => item.Found is Found.Open { Status.Change.Unknowns.Count: 0 }) is [var sound])
            return sound.Found;
        return all switch { [] => null, [var one] => one.Found, _ => new Found.Several([.. all.Select(item => item.Name)]) };
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

    /// <summary>A branch's name may hold a slash, as what the page calls a change does.</summary>
    private static bool IsCalled(TrunkPicture picture, Change change, ChangeName name) =>
        change.Branch == $"{name}" || $"{name}" == $"refs/heads/{change.Branch}" || ((name.Repository is null || picture.Repository == name.Repository) && (change.Branch == name.Id || Means(change, name.Id)));

    private static bool Means(Change change, string id) =>
        change.Id.Value == id || change.Number == id || (id.Length >= ShortestId && CommitSha.TryParse(change.Id.Value, out _) && change.Id.Value.StartsWith(id, StringComparison.Ordinal));
}
