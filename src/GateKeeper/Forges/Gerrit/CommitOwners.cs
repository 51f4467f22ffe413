using System.Globalization;
using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.Gerrit;

/// <summary>
/// Whose the commits are that changes bring beside their own: patch sets of open changes, as their logs tell, and of others, as the server
/// was asked. One commit may be a patch set of several changes, for several branches.
/// </summary>
internal sealed partial class CommitOwners(Uri server, TimeProvider time)
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);
    private readonly Dictionary<string, (IReadOnlyList<ChangeDto> Changes, long At)> asked = [];
    private readonly Dictionary<string, (IReadOnlyList<ChangeDto> Changes, long At)> named = [];
    private ILookup<string, ChangeDto> patchSets = Array.Empty<ChangeDto>().ToLookup(_ => "");
    private HashSet<(string Branch, string Commit)> current = [];
    private IReadOnlyCollection<ChangeDto> open = [];

    /// <summary>Takes the open changes as they are now.</summary>
    public void Take(IEnumerable<(ChangeDto Change, ChangeLog Log)> changes)
    {
        var list = changes.ToList();
        open = [.. list.Select(item => item.Change)];
        patchSets = list.SelectMany(item => item.Log.PatchSets.Values.Select(commit => (commit.Hex, item.Change))).ToLookup(item => item.Hex, item => item.Change);
        current = [.. open.Select(change => (change.Branch, change.CurrentRevision ?? ""))];
    }

    public bool IsCurrent(string branch, CommitSha commit) => current.Contains((branch, commit.Hex));

    /// <summary>Whether the server must still be asked whose a commit is: not where an open change of the same branch has it.</summary>
    public bool MustAsk(string branch, string commit) => !patchSets[commit].Any(owner => owner.Branch == branch) && !IsFresh(asked, commit);

    public void Learn(IEnumerable<string> commits, IReadOnlyList<ChangeDto> found)
    {
        foreach (var commit in commits)
            asked[commit] = ([.. found.Where(change => change.Revisions?.ContainsKey(commit) == true)], time.GetTimestamp());
    }

    /// <summary>What has landed on whatever branch was seen there; everything else of others, open or not, has not.</summary>
    public bool BelongsElsewhere(Change change, CommitSha commit) =>
        patchSets[commit.Hex].Concat(asked.GetValueOrDefault(commit.Hex).Changes ?? []).Any(owner => Number(owner) != change.Id.Value && owner.Status != "MERGED");

    public bool MustAskName(string name) => Askable(name) is { } what && !IsFresh(named, what) && !open.Any(change => Is(change, what));

    /// <summary>What may be asked of the server for a name in a Depends-On line; null for what is no name of a change.</summary>
    public string? Askable(string name)
    {
        if (ChangeName().Match(name) is not { Success: true } match || (match.Groups["host"] is { Success: true, Value: var host } && !LinkHost.IsOf(server, host)))
            return null;
        return match.Groups["id"].Success ? match.Groups["id"].Value : match.Groups["number"].Value.TrimStart('0') is { Length: > 0 } number ? number : null;
    }

    public void LearnName(string name, IReadOnlyList<ChangeDto> found) => named[Askable(name)!] = (found, time.GetTimestamp());

    /// <summary>The change that a Depends-On line means, that for the same trunk first.</summary>
    public (ChangeId Change, CommitSha? Commit)? Means(Change change, string name)
    {
        if (Askable(name) is not { } what)
            return null;
        var found = open.Where(other => Is(other, what)).OrderByDescending(other => other.Branch == change.Target).FirstOrDefault()
            ?? named.GetValueOrDefault(what).Changes?.OrderByDescending(other => other.Branch == change.Target).FirstOrDefault();
        return found is null ? null : (new(Number(found)), CommitSha.TryParse(found.CurrentRevision, out var commit) ? commit : null);
    }

    private bool IsFresh(Dictionary<string, (IReadOnlyList<ChangeDto> Changes, long At)> known, string key) => known.TryGetValue(key, out var answer) && time.GetElapsedTime(answer.At) < Forgotten;

    private static bool Is(ChangeDto change, string what) => change.ChangeId == what || Number(change) == what;

    private static string Number(ChangeDto change) => change.Number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A(?:(?<id>I[0-9a-f]{40})|#?(?<number>[0-9]{1,9})(?:[,/][0-9]{1,9})?|https?://(?<host>[^/ ]{1,250})/(?:[^ ]{0,500}/)?\+/(?<number>[0-9]{1,9})(?:[/?#][^ ]{0,500})?|https?://(?<host>[^/ ]{1,250})/(?:#/)?(?:c/)?(?<number>[0-9]{1,9})(?:/[0-9]{0,9})?/?)\z", RegexOptions.NonBacktracking)]
    private static partial Regex ChangeName();
}
