using GateKeeper.Git;

namespace GateKeeper.Forges;

/// <summary>Names what old histories hold and no change may bring.</summary>
internal static class HistoryDoctor
{
    /// <param name="mirrors">Where mirrors of the repository lie, or may lie.</param>
    public static IEnumerable<Finding> Look(params IEnumerable<string> mirrors)
    {
        var kinds = mirrors.SelectMany(OldKinds.Noted).GroupBy(item => item.Key).Select(group => (Kind: group.Key, Most: group.MaxBy(item => item.Value.Count).Value)).OrderBy(item => item.Kind, StringComparer.Ordinal).ToList();
        if (kinds.Count > 0)
            yield return Finding.Right("old history", $"objects that git fsck refuses lie there already and are lived with; no change may bring new ones: {string.Join(", ", kinds.Select(item => $"{item.Kind} ({item.Most.Count:N0}, such as {item.Most.Id})"))}");
    }
}
