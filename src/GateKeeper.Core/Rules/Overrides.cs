using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Gates that two people lift for one revision: one asks, another confirms, and neither made the change.</summary>
internal static class Overrides
{
    /// <summary>Why a request that the rules let somebody make lifts nothing and never will; null when it counts.</summary>
    public static string? WhyNot(Ruleset rules, Request request, Circumstances now)
    {
        if (request.Kind is not (RequestKind.Override or RequestKind.Confirm) || rules.May.Override is not { } right)
            return null;
        if (now.UploaderIsKnown && now.Makers.Contains(request.By))
            return $"{request.By} is among those who made this change: somebody else has to {(request.Kind is RequestKind.Override ? "ask" : "confirm")}";
        if (request.Kind is RequestKind.Confirm)
            return null;
        var named = rules.Gates.Where(gate => Names(gate).Contains(request.Argument)).ToList();
        return named.Count == 0 ? $"there is no gate \"{request.Argument}\"; there are {string.Join(", ", rules.Gates.Select(gate => $"\"{gate.Name}\""))}"
            : named.Exists(gate => IsLiftable(right, gate)) ? null
            : named.Exists(gate => gate.RequiresTests) ? $"the gate \"{request.Argument}\" requires tests, and such a gate is lifted only where may.override.gates names it"
            : $"the rules let nobody lift the gate \"{request.Argument}\": may.override.gates names {string.Join(", ", right.Gates.Select(name => $"\"{name}\""))}";
    }

    /// <summary>The verdict of a gate that two people have lifted for this revision; null when it stands.</summary>
    public static Verdict? Lifted(Ruleset rules, Gate gate, Circumstances now)
    {
        if (rules.May.Override is not { } right || !IsLiftable(right, gate) || !now.UploaderIsKnown)
            return null;

        var here = now.Change.Requests.Where(request => request.On == now.Change.Current.Commit && Asked.May(rules, request, now) && WhyNot(rules, request, now) is null).ToList();
        var asked = here.FindAll(request => request.Kind is RequestKind.Override && Names(gate).Contains(request.Argument));
        foreach (var first in asked)
        {
            if (here.Find(second => second.Kind is RequestKind.Confirm && second.By != first.By && second.Order > first.Order) is { } confirmed)
                return Verdict.Pass(gate.Name, $"OVERRIDDEN by {first.By}, confirmed by {confirmed.By}: {first.Reason}") with { IsLifted = true };
        }

        return asked.Count > 0 ? Waiting(gate.Require.Judge(now) with { Name = gate.Name }) : null;
    }

    private static IEnumerable<string> Names(Gate gate) => new[] { gate.Name, gate.InsteadOf }.OfType<string>();

    /// <summary>A gate that requires tests is lifted only where the file names that very gate, not the one that it stands instead of.</summary>
    private static bool IsLiftable(OverrideRight right, Gate gate) =>
        gate.RequiresTests ? right.Gates.Contains(gate.Name) : right.Gates.Count == 0 || right.Gates.Any(Names(gate).Contains);

    private static Verdict Waiting(Verdict verdict) =>
        verdict.Passes ? verdict : verdict with { Reason = $"{verdict.Reason}; an override waits for a second person (/gatekeeper confirm)" };
}
