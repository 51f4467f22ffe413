using GateKeeper.Core.Changes;
using GateKeeper.Git;

namespace GateKeeper.Forges;

/// <summary>Looks for branches and tags whose names git could take for others, the trunk's above all. The gate names what it means exactly; people do not.</summary>
internal static class NameDoctor
{
    private const int MostNamed = 8;
    private const string Branches = "refs/heads/";

    /// <param name="mirror">Knows which refs there are.</param>
    /// <param name="trunks">The trunks as the settings name them.</param>
    /// <param name="others">Full names of further refs that nothing may be taken for.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async Task<Finding> LookAsync(Mirror mirror, IReadOnlyList<string> trunks, IReadOnlyList<string> others, CancellationToken cancellation)
    {
        const string What = "names";
        var names = await mirror.NamesAsync(cancellation);
        var patterns = trunks.Select(trunk => Glob.TryParse(trunk, out _, PatternOf.Branch)).OfType<Glob>().ToList();
        List<string> guarded = [.. trunks, .. names.Where(name => name.StartsWith(Branches, StringComparison.Ordinal)).Select(name => name[Branches.Length..]).Where(name => patterns.Exists(pattern => pattern.Matches(name)))];
        var doubts = names.Order(StringComparer.Ordinal)
            .Select(name => (Name: name, Why: RefNames.Doubt(name, guarded, others))).Where(item => item.Why is not null).ToList();
        return doubts.Count == 0 ? Finding.Right(What, "no branch or tag could be taken for another ref")
            : Finding.Wrong(What, string.Join("; ", doubts.Take(MostNamed).Select(item => $"{item.Name}: {item.Why}")) + (doubts.Count > MostNamed ? $"; and {doubts.Count - MostNamed} more" : ""), "delete or rename them, and ask who made them");
    }
}
