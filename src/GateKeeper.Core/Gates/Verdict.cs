using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>What a gate says of a change, the worst last. Wait: time or people may mend it. Block: a new revision or a human must.</summary>
public enum Decision
{
    Pass,
    Wait,
    Block,
}

/// <summary>
/// An answer together with its explanation: what was judged, what was found, and who or what could meet it. Page, comment, command and
/// API render this value and nothing else.
/// </summary>
public sealed record Verdict(string Name, Decision Decision, string Reason)
{
    /// <summary>The answers that this one was made from.</summary>
    public ValueList<Verdict> Parts { get; init; } = [];

    /// <summary>The people who could meet it by a vote or a request: accounts and, with a leading @, groups.</summary>
    public ValueList<string> Cures { get; init; } = [];

    /// <summary>What somebody did to meet it, and why that does not count.</summary>
    public ValueList<string> Uncounted { get; init; } = [];

    /// <summary>What a failed test printed last. It stands where a change's lacks are told, once, and not wherever the verdict is named.</summary>
    public string LastLines { get; init; } = "";

    /// <summary>True where it is not known whether it is met: that may pass by itself.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>True for a gate that was not met, and that two people lifted for this revision.</summary>
    public bool IsLifted { get; init; }

    public bool Passes => Decision is Decision.Pass;

    public static Verdict Pass(string name, string reason) => new(name, Decision.Pass, reason);

    public static Verdict Wait(string name, string reason, params ReadOnlySpan<string> cures) =>
        new(name, Decision.Wait, reason) { Cures = [.. cures] };

    /// <summary>What cannot be judged just now.</summary>
    public static Verdict Unknown(string name, string reason) => new(name, Decision.Wait, reason) { IsUnknown = true };

    public static Verdict Block(string name, string reason) => new(name, Decision.Block, reason);

    /// <summary>Passes when every part does; else it is as bad as its worst part and names all that is unmet.</summary>
    public static Verdict All(string name, IEnumerable<Verdict> parts)
    {
        ValueList<Verdict> list = [.. parts];
        var unmet = list.Where(part => !part.Passes).ToList();
        var decision = list.Count == 0 ? Decision.Wait : list.Max(part => part.Decision);
        var said = unmet.Count == 0 ? list.AsEnumerable() : unmet;
        return new(name, decision, string.Join("; ", said.Select(part => part.Reason)))
        {
            Parts = list,
            Cures = [.. unmet.SelectMany(part => part.Cures).Distinct()],
        };
    }

    /// <summary>Passes when one part does; else it waits if time or people may mend one of them.</summary>
    public static Verdict Any(string name, IEnumerable<Verdict> parts)
    {
        ValueList<Verdict> list = [.. parts];
        var best = list.Count == 0 ? Decision.Wait : list.Min(part => part.Decision);
        var said = best is Decision.Pass ? list.Where(part => part.Passes).Take(1) : list;
        return new(name, best, string.Join(" or ", said.Select(part => part.Reason)))
        {
            Parts = list,
            Cures = best is Decision.Pass ? [] : [.. list.SelectMany(part => part.Cures).Distinct()],
        };
    }

    /// <summary>The innermost answers that are not a pass: what is missing, each with its own cure.</summary>
    public IEnumerable<Verdict> Unmet() =>
        Passes ? [] : Parts.All(part => part.Passes) ? [this] : Parts.SelectMany(part => part.Unmet());
}
