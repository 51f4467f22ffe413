using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>What an open change is judged and tested on.</summary>
/// <param name="At">The commit; null while there is none.</param>
/// <param name="Build">What is merged first, so that there is one.</param>
/// <param name="On">The last change that the commit holds beside the trunk; null where it is the trunk's tip.</param>
/// <param name="Lacks">What keeps it from being made: a change that does not merge itself.</param>
internal sealed record Base(CommitSha? At, Candidate? Build, Change? On, Change? Lacks);

/// <summary>
/// A change is judged and tested as it will land. Where it needs another one that its own revision does not bring to the trunk, because
/// landing rewrites commits or because it names the other in words, it lies on the candidate of that one; else on the tip.
/// </summary>
internal sealed class Bases
{
    /// <summary>What lies on more than so many is looked at on the tip, until it is in the queue: anybody can stack as high as he likes.</summary>
    private const int MostBelow = 50;

    private readonly Snapshot now;
    private readonly IReadOnlyDictionary<ChangeId, Change> open;
    private readonly Base tip;
    private readonly Dictionary<ChangeId, Base> known = [];
    private readonly Dictionary<ChangeId, IReadOnlyList<Change>?> below = [];

    /// <param name="now">What was seen.</param>
    /// <param name="open">The open changes.</param>
    /// <param name="needs">Which of them need which.</param>
    /// <param name="circling">Those that need each other.</param>
    public Bases(Snapshot now, IReadOnlyDictionary<ChangeId, Change> open, Needs needs, IEnumerable<ChangeId> circling)
    {
        (this.now, this.open, tip) = (now, open, new(now.Tip, null, null, null));
        var sound = open.Keys.Except(circling).ToHashSet();
        sound.ExceptWith(needs.Lacking(sound));
        foreach (var id in needs.InOrder(sound.Where(id => needs.Of(id).Count > 0)))
            (known[id], below[id]) = Lay(open[id], needs.Of(id));
    }

    public Base Of(Change change) => known.GetValueOrDefault(change.Id, tip);

    /// <summary>What is known of a change on its base; null while it is not merged with that.</summary>
    public CandidateFacts? Facts(Change change) => Of(change).At is { } at ? now.Candidates.GetValueOrDefault(new(at, change.Current)) : null;

    /// <summary>What is merged next so that more is known of a change; null where nothing is.</summary>
    public Candidate? Next(Change change)
    {
        var under = Of(change);
        return under.At is not { } at ? under.Build : now.Candidates.ContainsKey(new(at, change.Current)) ? null : new(at, change.Current);
    }

    private (Base Base, IReadOnlyList<Change>? Below) Lay(Change change, IReadOnlyList<ChangeId> needed)
    {
        // One that lies on what another change is no more is blocked, and its author rebases it.
        if (change.DependsOn.Any(IsOutdated))
            return (tip, []);
        if (needed is [var only])
        {
            var (other, lower) = (open[only], Below(only));
            return lower is null || lower.Count >= MostBelow ? (tip, null)
                : IsLaidOn(change, other) ? (Onto(Of(other), other), [.. lower, other])
                : (Of(other), lower);
        }

        var all = new List<Change>();
        foreach (var other in needed.Select(id => open[id]))
        {
            if (Below(other.Id) is not { } lower)
                return (tip, null);
            all.AddRange(lower.Except(all));
            if (IsLaidOn(change, other) && !all.Contains(other))
                all.Add(other);
        }

        return all.Count > MostBelow ? (tip, null) : (all.Aggregate(tip, Onto), all);
    }

    private IReadOnlyList<Change>? Below(ChangeId change) => below.TryGetValue(change, out var some) ? some : [];

    private bool IsOutdated(Dependency dependency) =>
        dependency is { Landed: false, On: { } on, Change: { } id } && open.TryGetValue(id, out var other) && other.Current.Commit != on;

    /// <summary>
    /// A merge and a fast-forward bring to the trunk what the revision holds. What is only named is not in it; and whose code waits for a
    /// reviewer's word is not run because somebody else names it.
    /// </summary>
    private bool IsLaidOn(Change change, Change other)
    {
        var holds = change.DependsOn.Any(dependency => dependency is { Landed: false, On: not null } && dependency.Change == other.Id);
        return holds ? now.Rules.Landing.Method is LandingMethod.Squash or LandingMethod.Rebase : now.MayRun(other);
    }

    private Base Onto(Base lower, Change change)
    {
        if (lower.At is not { } at)
            return lower with { On = change };
        return now.Candidates.GetValueOrDefault(new(at, change.Current)) switch
        {
            CandidateFacts.Built built => new(built.Commit, null, change, null),
            CandidateFacts.Conflict or CandidateFacts.Refused => new(null, null, change, change),
            null => new(null, new(at, change.Current), change, null),
            _ => new(null, null, change, null),
        };
    }
}
