using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>What the rules say of one revision of a change: every gate that applies, and what stands in the way beside them.</summary>
public sealed record Judgement(Revision Of, ValueList<Verdict> Gates, ValueList<Verdict> Obstacles)
{
    /// <summary>The gates that two people have lifted for this revision, each with who and why: for the landing's trailers.</summary>
    public ValueList<string> Overridden => [.. Gates.Where(gate => gate.IsLifted).Select(gate => $"{gate.Name}: {gate.Reason}")];

    /// <summary>Whose approvals count for the gates that apply; empty where nothing that lands names them.</summary>
    public ValueList<Account> Approvers { get; init; } = [];

    /// <summary>One answer for all of it; its parts are the tree that people are shown.</summary>
    public Verdict Whole => Verdict.All("may land", Gates.Concat(Obstacles));

    public bool Passes => Gates.All(gate => gate.Passes) && Obstacles.All(obstacle => obstacle.Passes);

    /// <summary>
    /// What is missing, innermost, each with its cure. While a change does not merge, or was ejected for its tests, what is not known of
    /// tests is beside the point.
    /// </summary>
    public IEnumerable<Verdict> Missing
    {
        get
        {
            var settled = Obstacles.Any(obstacle => obstacle is { Decision: Decision.Block, Name: "conflict" or "tests failed" });
            return Gates.Concat(Obstacles).SelectMany(verdict => verdict.Unmet()).Where(verdict => !settled || !verdict.Name.StartsWith("test ", StringComparison.Ordinal));
        }
    }

    /// <summary>Whether anything of this name was judged, whatever came of it.</summary>
    public bool Names(string verdict) => Gates.Any(gate => Has(gate, verdict));

    private static bool Has(Verdict of, string verdict) => of.Name == verdict || of.Parts.Any(part => Has(part, verdict));

    public Judgement And(params IEnumerable<Verdict> more) => this with { Obstacles = [.. Obstacles, .. more] };
}

/// <summary>Applies the rules of a trunk to a change.</summary>
public static class Judge
{
    public static Judgement Of(Ruleset rules, Circumstances now)
    {
        now = now with { CarrySameDiff = rules.CarrySameDiff };
        var applying = rules.Gates.Select(gate => (gate, applies: gate.When?.Judge(now) ?? Applies.Yes)).Where(item => !item.applies.IsNo).ToList();
        var replaced = applying.Where(item => item.applies.IsYes).Select(item => item.gate.InsteadOf).OfType<string>().ToHashSet();
        var verdicts = applying
            .Where(item => !replaced.Contains(item.gate.Name))
            .Select(item => item.applies.Why is { } why
                ? Verdict.Unknown(item.gate.Name, $"it is not known whether this gate applies: {why}")
                : Overrides.Lifted(rules, item.gate, now) ?? Named(item.gate.Name, item.gate.Require.Judge(now)))
            .ToList();
        if (verdicts.Count == 0)
            verdicts.Add(Verdict.Wait("some gate", "no gate of rules.yaml applies to this change, and what no gate judges may not land"));

        return new(now.Change.Current, [.. verdicts], [.. Obstacles(rules, now)])
        {
            Approvers = rules.Landing.NamesApprovers
                ? [.. applying.Where(item => item.applies.IsYes && !replaced.Contains(item.gate.Name)).SelectMany(item => item.gate.Require.Flatten()).SelectMany(part => part.Approvers(now)).Distinct()]
                : [],
        };
    }

    private static Verdict Named(string name, Verdict verdict) => verdict with { Name = name };

    private static IEnumerable<Verdict> Obstacles(Ruleset rules, Circumstances now)
    {
        var change = now.Change;
        if (change.Draft)
            yield return Verdict.Wait("draft", $"{change.Author} has not marked it ready", change.Author.Name);
        foreach (var hold in Asked.Holds(rules, now).DistinctBy(hold => hold.By))
            yield return Verdict.Wait("hold", $"held by {hold.By}{(hold.Reason.Length > 0 ? $": {hold.Reason}" : "")} (/gatekeeper unhold)", hold.By.Name);
        foreach (var obstacle in change.Obstacles)
            yield return Verdict.Block("obstacle", obstacle);
        foreach (var unmet in change.Unmet)
            yield return Verdict.Wait("forge", unmet);
        foreach (var unknown in change.Unknowns)
            yield return Verdict.Unknown("unknown", unknown);
    }
}

/// <summary>What the requests on a change come to, as far as the rules let those who made them ask.</summary>
public static class Asked
{
    /// <summary>Whether the rules let this person ask for this at this moment.</summary>
    public static bool May(Ruleset rules, Request request, Circumstances now) =>
        rules.May.For(request.Kind).Any(from => GoAhead.Is(from, request.By, now));

    /// <summary>Whether they let him, or would if a group that cannot be read just now held him: enough for what only holds up.</summary>
    private static bool Might(Ruleset rules, Request request, Circumstances now) =>
        May(rules, request, now) || rules.May.For(request.Kind).Any(from => from != GoAhead.Author && now.People.Unreadable(from) is not null);

    /// <summary>
    /// The holds that stand, the oldest first. Each is lifted by who set it; somebody else than the author whom the rules let hold lifts
    /// them all. While it is not known whether somebody may hold, his hold stands.
    /// </summary>
    public static IReadOnlyList<Request> Holds(Ruleset rules, Circumstances now)
    {
        var holds = new List<Request>();
        foreach (var request in now.Change.Requests.OrderBy(request => request.Order))
        {
            if (request.Kind is RequestKind.Hold && Might(rules, request, now))
                holds.Add(request);
            else if (request.Kind is RequestKind.Unhold)
                holds.RemoveAll(hold => request.By == hold.By || (request.By != now.Change.Author && May(rules, request, now)));
        }

        return holds;
    }

    /// <summary>When somebody who may last asked for a new count of failures of this revision.</summary>
    public static DateTimeOffset? Retried(Ruleset rules, Circumstances now) => Last(RequestKind.Retry, rules, now)?.At;

    /// <summary>The last request to test this revision, or to try it again, by somebody who may.</summary>
    public static Request? AskedAnew(Ruleset rules, Circumstances now) =>
        new[] { Last(RequestKind.Test, rules, now), Last(RequestKind.Retry, rules, now) }.OfType<Request>().MaxBy(request => request.Order);

    /// <summary>Whether somebody who may asked for tests of this very revision.</summary>
    public static bool ToTest(Ruleset rules, Circumstances now) => Last(RequestKind.Test, rules, now) is not null;

    /// <summary>The priority asked for in a comment; 0 where none was.</summary>
    public static int Priority(Ruleset rules, Circumstances now) =>
        Last(RequestKind.Priority, rules, now) is { } asked && int.TryParse(asked.Argument, out var value) ? Math.Clamp(value, -1000, 1000) : 0;

    /// <summary>The highest priority that the rules give; 0 where they give none.</summary>
    public static int Labelled(Ruleset rules, Circumstances now) =>
        rules.Landing.Priority.Where(rule => rule.When.Judge(now).IsYes).Select(rule => rule.Value).DefaultIfEmpty(0).Max();

    /// <summary>
    /// What was last asked of the trunk on any of its changes, by somebody who may: to freeze it or to lift that. It belongs to the trunk,
    /// so it is remembered when the change on which it was asked is closed.
    /// </summary>
    /// <param name="rules">The rules.</param>
    /// <param name="changes">The open changes.</param>
    /// <param name="certain">Only freezes by those who may; else also by those of whom that is not known just now.</param>
    public static Request? Freeze(Ruleset rules, IEnumerable<Circumstances> changes, bool certain) =>
        changes.SelectMany(now => now.Change.Requests.Where(request => request.Kind is RequestKind.Freeze && !certain ? Might(rules, request, now) : request.Kind is RequestKind.Freeze or RequestKind.Unfreeze && May(rules, request, now)))
            .OrderBy(request => request.At).ThenBy(request => request.Order).LastOrDefault();

    /// <summary>The freeze of the rules that holds this change up now, in words; null when none does.</summary>
    public static string? Frozen(Ruleset rules, Circumstances now) =>
        rules.Freezes.Where(freeze => freeze.IsOn(now.Now) && freeze.Except?.Judge(now).IsYes != true)
            .Select(freeze => $"frozen: {freeze.Name}{(freeze.Reason.Length > 0 ? $" ({freeze.Reason})" : "")}")
            .FirstOrDefault();

    private static Request? Last(RequestKind kind, Ruleset rules, Circumstances now) =>
        now.Change.Requests.Where(request => request.Kind == kind && request.On == now.Change.Current.Commit && May(rules, request, now)).MaxBy(request => request.Order);
}
