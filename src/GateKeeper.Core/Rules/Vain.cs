using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Finds what a file asks for in vain: labels that must be there and absent at once, and gates for trunks that the file does not guard.</summary>
internal static class Vain
{
    /// <summary>Why labels that are asked for together are never right; null where they can be.</summary>
    public static string? WhyNever(IEnumerable<Requirement> together)
    {
        var labels = together.SelectMany(Joined).OfType<LabelsAre>().ToList();
        var unwanted = labels.SelectMany(part => part.None).ToList();
        return labels.SelectMany(part => part.Every).FirstOrDefault(wanted => IsName(wanted) && unwanted.Exists(pattern => pattern.Matches(wanted.Pattern))) is { } both
            ? $"the label {both} must be there and must be absent: nobody can meet this" : null;
    }

    /// <summary>Why a gate never applies; null where it may.</summary>
    public static string? WhyNowhere(Gate gate, Ruleset rules) =>
        Joined(gate.When).OfType<ForTrunks>().FirstOrDefault(part => part.Trunks.All(trunk => !trunk.LeavesOut && IsName(trunk.Glob) && !rules.Trunks.Matches(trunk.Pattern))) is { } other
            ? $"it is for {string.Join(", ", other.Trunks)} alone, which is no trunk of this file (trunks: {string.Join(", ", rules.Trunks)}), so it never applies" : null;

    /// <summary>The group that all authors of a gate's changes belong to; null where it is for others too.</summary>
    public static string? AuthorsOf(Gate gate) => Joined(gate.When).OfType<WrittenBy>().FirstOrDefault(part => !part.Outside)?.Group;

    private static IEnumerable<Requirement> Joined(Requirement requirement) => requirement is AllOf all ? all.Parts.SelectMany(Joined) : [requirement];

    private static IEnumerable<Condition> Joined(Condition? condition) => condition switch
    {
        null => [],
        AllHold all => all.Parts.SelectMany(Joined),
        _ => [condition],
    };

    private static bool IsName(Glob glob) => glob.Pattern.IndexOfAny(['*', '?', '[', '{', '\\']) < 0;
}
