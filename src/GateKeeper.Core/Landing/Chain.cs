using System.Diagnostics;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>
/// Walks the queue from its head and lays each change on the nearest one ahead that is not known to be failing. What comes of the walk is
/// what to build, what to run, in order of worth, what to eject, and what may land now.
/// </summary>
internal sealed partial class Chain(Snapshot now, TestView tests, Queue queue)
{
    private const int MostAtOnce = 50;
    private readonly List<Landed> landing = [];
    private readonly List<Revision> building = [];
    private readonly HashSet<string> disturbed = [];
    private readonly Dictionary<ChangeId, Stage> stages = [];
    private readonly Dictionary<(ChangeId, CommitSha), (Judgement, Judgement)> judged = [];
    private readonly Worded worded = new(now);
    private CommitSha at = now.Tip;
    private CommitSha landAt = now.Tip;
    private int inFlight;
    private bool clean = true;
    private string? stop;

    public List<Link> Links { get; } = [];

    public List<Effect> Effects { get; } = [];

    /// <summary>The runs that this queue wants, the worthiest first.</summary>
    public List<RunOrder> Wanted { get; } = [];

    public void Walk()
    {
        foreach (var entry in queue.Entries)
        {
            var link = stop is not null ? new(entry, Stage.Behind, stop) : Aside(entry) ?? (building.Count > 0 ? Next(entry) : Step(entry));
            stages[entry.Change.Id] = link.Stage;
            Links.Add(link);
        }

        if (building.Count > 0)
            Effects.Add(new Effect.Build(at, [.. building]));
        if (now.Closed is null && landing.Count > 0)
            Effects.Add(new Effect.Land(now.Tip, [.. landing]));
        WalkAside();
        HoldRed();
    }

    private Link? Aside(Entry entry) =>
        entry.Frozen is { } frozen ? new(entry, Stage.Aside, frozen) { Trouble = Trouble.Frozen }
        : entry.Record?.Parked is { } parked && parked.Until > now.Now ? new(entry, Stage.Aside, $"parked: {parked.Why}") { Trouble = Trouble.Parked }
        : entry.Change.DependsOn.Select(Ahead).OfType<Link>().FirstOrDefault() is { } ahead ? new(entry, ahead.Stage is Stage.Aside ? Stage.Aside : Stage.Held, $"depends on {ahead.Entry.Change.Id}, which {ahead.Stage.Said()}")
        {
            Trouble = ahead.Stage is Stage.Aside or Stage.Red ? Trouble.Dependency : Trouble.None,
        }
        : null;

    private Link? Ahead(Dependency dependency) =>
        dependency is { Landed: false, Change: { } id } && stages.TryGetValue(id, out var stage) && stage is not (Stage.Passed or Stage.Undecided)
            ? Links.Find(link => link.Entry.Change.Id == id)
            : null;

    /// <summary>What lies on a merge that is still to be made is merged with it, one onto the other.</summary>
    private Link Next(Entry entry)
    {
        if (IsFull(entry) is { } full)
            return full;
        inFlight++;
        building.Add(entry.Revision);
        if (building.Count >= MostAtOnce || entry.Change.Paths is not { } paths || now.IsBarrier(paths))
            stop = "what is ahead is being merged";
        return new(entry, Stage.Unbuilt, "is being merged") { Base = at };
    }

    private Link? IsFull(Entry entry)
    {
        if (inFlight < Math.Max(1, Math.Min(now.Window, now.Rules.Landing.Window)))
            return null;
        stop = "the window is full";
        return new(entry, Stage.Behind, stop);
    }

    private Link Step(Entry entry)
    {
        if (IsFull(entry) is { } full)
            return full;

        switch (Known(new(at, entry.Revision), entry))
        {
            case null:
                clean = false;
                return Next(entry);
            case CandidateFacts.Conflict conflict:
                return new(entry, Stage.Held, $"conflicts with a change ahead in {Words.Some(conflict.Files)}; tried again when that has landed or left") { Base = at };
            case CandidateFacts.Unknown unknown:
                return new(entry, Stage.Aside, unknown.Why) { Base = at };
            case CandidateFacts.Refused refused:
                return new(entry, Stage.Held, refused.Why) { Base = at };
            case CandidateFacts.Reading:
                return new(entry, Stage.Aside, $"the {now.RulesPath} it brings is being read") { Base = at };
            case CandidateFacts.Built built:
                return Step(entry, built);
            default:
                throw new UnreachableException();
        }
    }

    private Link Step(Entry entry, CandidateFacts.Built built)
    {
        if (FollowUp(entry) is { } guilty)
        {
            Effects.Add(new Effect.Eject(entry.Revision, "tests failed", guilty.Note, Head: inFlight == 0) { LastLines = guilty.LastLines });
            return new(entry, Stage.Leaves, guilty.Note) { Base = at, Built = built };
        }

        var (assumed, judged) = Judged(entry, built);
        var barrier = now.IsBarrier(now.Around(entry.Change).ChangedPaths?.Concat(built.Paths) ?? built.Paths);
        if (!assumed.Passes)
        {
            if (entry.Record?.Told.Contains(Topics.AsMerged(assumed)) != true)
                Effects.Add(new Effect.Tell(entry.Revision, Topics.AsMerged(assumed), $"It is not eligible as merged onto {at}:\n{Words.Missing(assumed)}", Said.Nothing));
            return new(entry, Stage.Leaves, "") { Base = at, Built = built, Judgement = judged, Lacks = assumed };
        }

        if (!now.MayRun(entry.Change) && !judged.Passes)
            return new(entry, Stage.Aside, "a reviewer's word is needed before its tests are run (run-for)") { Trouble = Trouble.Unrun, Base = at, Built = built, Judgement = judged };

        Hold(entry, built, assumed);
        var link = new Link(entry, Stage.Passed, "") { Base = at, Built = built, Judgement = judged };
        if (!judged.Passes)
            link = Undecided(entry, built, link);
        if (link.Stage is Stage.Red or Stage.Leaves or Stage.Aside)
            return link;

        inFlight++;
        if (link.Stage is Stage.Passed)
            Land(entry, built, barrier);
        else
            Disturb(built);
        if (link.Stage is not Stage.Failing)
            at = built.Commit;
        if (barrier)
            stop = $"{entry.Change.Id} changes the rules and lands alone";
        return link;
    }

    private (Judgement Assumed, Judgement Judged) Judged(Entry entry, CandidateFacts.Built built)
    {
        if (!judged.TryGetValue((entry.Change.Id, built.Commit), out var answer))
            judged[(entry.Change.Id, built.Commit)] = answer = Judge(entry, built);
        return answer;
    }

    private (Judgement Assumed, Judgement Judged) Judge(Entry entry, CandidateFacts.Built built)
    {
        var around = now.Around(entry.Change) with
        {
            CandidatePaths = built.Paths,
            Tests = tests.Standings(entry.Change, built, entry.Retried),
        };
        IEnumerable<Verdict> rules = built.RulesProblem is { } problem ? [Words.BadRules(now.RulesPath, problem)]
            : now.RulesProblem is { } broken && !built.Paths.Contains(now.RulesPath) ? [Verdict.Wait("rules", $"the trunk's {now.RulesPath} is invalid, and only a change that mends it may land: {broken}")]
            : [];
        return (Rules.Judge.Of(now.Rules, around with { AssumeTests = true }).And(rules), Rules.Judge.Of(now.Rules, around).And(rules));
    }

    /// <summary>What is known of a candidate; null also where it was made with other words than it would land with now, so that it is made anew.</summary>
    private CandidateFacts? Known(Candidate candidate, Entry entry) =>
        now.Candidates.GetValueOrDefault(candidate) switch
        {
            CandidateFacts.Built built when !worded.Fits(entry.Change, built, () => Judged(entry, built).Assumed) => null,
            var known => known,
        };

    private RunOrder Order(Entry entry, CandidateFacts.Built built, TestDefinition test) =>
        new(test, built.Keys[test.Name], new(at, entry.Revision), built.Commit, RunPurpose.Gate, entry.Change.Author);

    /// <summary>
    /// A change lands with all ahead of it, or past those undecided when none of them touches what its own tests see: its keys are then
    /// the same with and without them.
    /// </summary>
    private void Land(Entry entry, CandidateFacts.Built built, bool barrier)
    {
        if (clean)
        {
            if (!barrier || landing.Count == 0)
            {
                landing.Add(new(new(landAt, entry.Revision), built.Commit));
                landAt = built.Commit;
            }

            clean = !barrier && clean;
            return;
        }

        if (barrier || built.Keys.Keys.Any(disturbed.Contains) || entry.Change.DependsOn.Any(dependency => !dependency.Landed))
            return;
        var alone = new Candidate(landAt, entry.Revision);
        switch (Known(alone, entry))
        {
            case null:
                Effects.Add(new Effect.Build(alone));
                break;
            case CandidateFacts.Built apart when Judged(entry, apart).Judged.Passes:
                landing.Add(new(alone, apart.Commit));
                landAt = apart.Commit;
                break;
        }
    }

    private void Disturb(CandidateFacts.Built built)
    {
        var before = at == now.Tip ? now.TipKeys : now.Candidates.Values.OfType<CandidateFacts.Built>().FirstOrDefault(other => other.Commit == at)?.Keys;
        foreach (var (test, key) in built.Keys)
        {
            if (before?.GetValueOrDefault(test) != key)
                disturbed.Add(test);
        }

        clean = false;
    }

    /// <summary>Frozen changes are tested too, last and on what is ahead of them, so that they are ready when the freeze ends.</summary>
    private void WalkAside()
    {
        foreach (var link in Links.Where(link => link.Stage is Stage.Aside && link.Entry.Frozen is not null).Take(now.Rules.Landing.Window).ToList())
        {
            var candidate = new Candidate(at, link.Entry.Revision);
            var known = Known(candidate, link.Entry);
            if (stop is null && building.Count == 0 && known is null)
                Effects.Add(new Effect.Build(candidate));
            if (known is not CandidateFacts.Built built)
                continue;
            if (now.MayRun(link.Entry.Change) && Judged(link.Entry, built).Assumed is { Passes: true } asMerged)
                Hold(link.Entry, built, asMerged);
            foreach (var test in now.Rules.Required.Where(test => test.Run is not null && tests.Record(built.Keys[test.Name]) is not ({ FailedAt.Count: > 0 } or { PassedAt: not null } or { Lost: >= 3 }) && now.MayRun(link.Entry.Change)))
                Wanted.Add(Order(link.Entry, built, test));
        }
    }
}
