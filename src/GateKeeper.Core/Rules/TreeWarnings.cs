namespace GateKeeper.Core.Rules;

/// <summary>Why a path is something else in runs than in a person's work tree.</summary>
public enum Difference
{
    /// <summary>Git LFS keeps its content elsewhere.</summary>
    Lfs,

    /// <summary>Another repository, of which only the commit is known here.</summary>
    Submodule,

    /// <summary>It has CR LF in work trees.</summary>
    LineEndings,

    /// <summary>A filter, an encoding or an expanded keyword makes its content in work trees.</summary>
    Converted,
}

/// <summary>A path that runs see in another way than people do.</summary>
public sealed record OddPath(string Path, Difference Why);

/// <summary>
/// Warns of paths of which a run sees what the repository holds, and a person's work tree something else: a test may pass in the one and
/// fail in the other.
/// </summary>
public static class TreeWarnings
{
    private const int MostNamed = 3;

    public static IEnumerable<RuleProblem> Of(Ruleset rules, RulePlaces places, IReadOnlyList<OddPath> odd) =>
        from test in rules.Tests
        where test.Run is not null
        from kind in odd.Where(path => test.Inputs.Matches(path.Path)).GroupBy(path => path.Why).OrderBy(kind => kind.Key)
        select new RuleProblem(places.Of(test), $"test {test.Name}: {Words(kind.Key, [.. kind.Select(path => path.Path)])}", IsWarning: true);

    private static string Words(Difference why, List<string> paths) => why switch
    {
        Difference.Lfs => $"{Some(paths)}: Git LFS keeps the content elsewhere, and runs see only the pointer; leave it out of \"inputs\", or let a prepare step with the network fetch the content into $HOME",
        Difference.Submodule => $"{Some(paths)}: a submodule is an empty directory in runs; let a prepare step with the network fetch it",
        Difference.LineEndings => $"{Some(paths)}: .gitattributes wants CR LF in work trees; runs see the repository's LF",
        _ => $"{Some(paths)}: .gitattributes converts it for work trees (filter, working-tree-encoding or ident); runs see what the repository holds",
    };

    private static string Some(List<string> paths) =>
        paths.Count <= MostNamed ? string.Join(", ", paths) : $"{string.Join(", ", paths.Take(MostNamed))} and {paths.Count - MostNamed} more";
}
