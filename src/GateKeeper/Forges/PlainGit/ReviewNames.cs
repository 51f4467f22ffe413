using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.PlainGit;

/// <summary>
/// What people call reviews: by the id or the beginning of one, by the branch, or as the gate's page has it, REPOSITORY/ID. Commands and
/// Depends-On lines take the same names.
/// </summary>
internal sealed class ReviewNames
{
    private const string Heads = "refs/heads/";
    private const int Shortest = 4;
    private const int Certain = 10;
    private readonly SortedList<string, Review> ids;
    private readonly ILookup<string, Review> branches;

    public ReviewNames(IEnumerable<Review> reviews)
    {
        ids = new(reviews.ToDictionary(review => review.Id), StringComparer.Ordinal);
        branches = ids.Values.Where(review => review.Request?.ReviewRef is not null).ToLookup(review => review.Request!.ReviewRef!);
    }

    /// <summary>The branches of reviews, without "refs/heads/", each with the one that was proposed last.</summary>
    public static IReadOnlyDictionary<string, ChangeId> OfBranches(IEnumerable<Review> reviews) =>
        reviews.Where(review => review.Request!.ReviewRef?.StartsWith(Heads, StringComparison.Ordinal) == true)
            .OrderBy(review => Review.Time(review.Request!.Timestamp)).GroupBy(review => review.Request!.ReviewRef![Heads.Length..])
            .ToDictionary(group => group.Key, group => new ChangeId(group.Last().Id));

    /// <summary>All that a name may mean. A branch's name may be used again: what is open comes before what is over.</summary>
    public IReadOnlyList<Review> Meant(string name, Func<Review, bool> isOver)
    {
        var found = Beginning(name).Concat(branches[name.StartsWith(Heads, StringComparison.Ordinal) ? name : $"{Heads}{name}"]).Distinct().ToList();

        // A clone does not know what the gate calls its repository, so only an id that can hardly be one of another's is taken on its own.
        if (found.Count == 0 && name.Split('/') is [_, { Length: >= Certain } id])
            found = [.. Beginning(id)];
        return found.Count > 1 && found.FindAll(review => !isOver(review)) is { Count: > 0 } open ? open : found;
    }

    private IEnumerable<Review> Beginning(string id)
    {
        if (id.Length < Shortest)
            yield break;
        var (low, high) = (0, ids.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = string.CompareOrdinal(ids.GetKeyAtIndex(middle), id) < 0 ? (middle + 1, high) : (low, middle);
        }

        for (var at = low; at < ids.Count && ids.GetKeyAtIndex(at).StartsWith(id, StringComparison.Ordinal); at++)
            yield return ids.GetValueAtIndex(at);
    }
}
