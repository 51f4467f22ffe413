using System.Text.Json.Nodes;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>Searching for changes, in an index that may be behind what happened.</summary>
internal sealed partial class FakeServer
{
    private Dictionary<int, FakeIndexed>? stale;

    /// <summary>While the index lags, searches answer as things were when it began to; a change that is read by itself is always fresh.</summary>
    public bool IndexLags
    {
        get => stale is not null;
        set => stale = value ? Changes.ToDictionary(change => change.Number, Indexed) : null;
    }

    public List<JsonObject> Search(FakeAccount caller, string text, IReadOnlyCollection<string> options) => [.. Changes.Where(change => stale is null || stale.ContainsKey(change.Number))
        .Select(change => (Change: change, Indexed: stale?[change.Number] ?? Indexed(change)))
        .Where(each => Sees(caller, each.Change) && FakeExpression.Holds(text, term => Matches(caller, each.Change, each.Indexed, term)))
        .OrderByDescending(each => each.Indexed.Updated).ThenByDescending(each => each.Change.Number)
        .Select(each => stale is null ? FakeChangeJson.Of(this, caller, each.Change, options) : (JsonObject)each.Indexed.Json.DeepClone())];

    private FakeIndexed Indexed(FakeChange change) =>
        new(change.Updated, change.Status, change.Branch, change.Topic, change.WorkInProgress, FakeChangeJson.Of(this, accounts[0], change, FakeChangeJson.Everything));

    private bool Matches(FakeAccount caller, FakeChange change, FakeIndexed indexed, string term) => term.Split(':', 2) switch
    {
        ["project", var name] => change.Project.Name == name,
        ["branch" or "ref", var name] => indexed.Branch == Full(name),
        ["status" or "is", "open" or "pending" or "new"] => indexed.Status == "NEW",
        ["status" or "is", "closed"] => indexed.Status != "NEW",
        ["status" or "is", "merged"] => indexed.Status == "MERGED",
        ["status" or "is", "abandoned"] => indexed.Status == "ABANDONED",
        ["is", "wip"] => indexed.WorkInProgress,
        ["is", "private"] => change.Private,
        ["change", var id] => IsNamed(change, id),
        ["commit", var sha] => sha.Length >= 4 && change.PatchSets.Any(patchSet => patchSet.Commit.Sha.StartsWith(sha, StringComparison.Ordinal)),
        ["topic", var topic] => indexed.Topic == topic,
        ["hashtag", var tag] => change.Hashtags.Contains(tag, StringComparer.OrdinalIgnoreCase),
        ["submissionid", var id] => change.SubmissionId == id,
        ["owner", var name] => change.Owner == (name == "self" ? caller : Account(name)).Id,
        ["after", var moment] => indexed.Updated >= DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal),
        [var id] => IsNamed(change, id),
        _ => throw new FakeRefusal(400, $"Unsupported operator {term}"),
    };

    private static bool IsNamed(FakeChange change, string id) => id.Split('~') switch
    {
        [var project, var number] => change.Project.Name == project && $"{change.Number}" == number,
        [var project, var branch, var changeId] => change.Project.Name == project && Brief(change.Branch) == Brief(branch) && change.ChangeId == changeId,
        _ => $"{change.Number}" == id || change.ChangeId == id,
    };

    private sealed record FakeIndexed(DateTimeOffset Updated, string Status, string Branch, string? Topic, bool WorkInProgress, JsonObject Json);
}
