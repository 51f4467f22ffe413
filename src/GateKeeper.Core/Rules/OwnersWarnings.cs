using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Warns of owners files that rules name and nobody can read: every change that needs them would wait.</summary>
public static class OwnersWarnings
{
    private const int MostNamed = 3;

    /// <param name="rules">The rules.</param>
    /// <param name="places">Where their parts stand.</param>
    /// <param name="read">Reads what one of them names; null where there is no such file.</param>
    public static IEnumerable<RuleProblem> Of(Ruleset rules, RulePlaces places, Func<OwnersApprove, OwnersFile?> read) =>
        from gate in rules.Gates
        from owners in gate.Require.Flatten().OfType<OwnersApprove>()
        from why in Problems(owners, read(owners))
        select new RuleProblem(places.Of(owners), $"gate \"{gate.Name}\": {why}", IsWarning: true);

    private static IEnumerable<string> Problems(OwnersApprove owners, OwnersFile? file) => file switch
    {
        null => [$"there is no {owners.File}{(owners.Nested ? " in any directory" : "")}, so that it waits until there is one"],
        { Problems.Count: 0 } => [],
        _ => [$"{owners.File} cannot be read: {string.Join("; ", file.Problems.Take(MostNamed))}{(file.Problems.Count > MostNamed ? $"; and {file.Problems.Count - MostNamed} more" : "")}"],
    };
}
