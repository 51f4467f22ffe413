using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>Where a change stands, in the words that users see, and why: what page, comment, command and API render.</summary>
public sealed record Progress(Change Change, string Outcome, string Note, Judgement Judgement)
{
    /// <summary>Its place in the queue, from 1; null when it is not in it.</summary>
    public int? Place { get; init; }

    public CommitSha? Candidate { get; init; }

    /// <summary>When it will have landed if all goes as it did before; null where that cannot be said.</summary>
    public DateTimeOffset? Expected { get; init; }

    /// <summary>Whether a person could do something about it now.</summary>
    public IEnumerable<string> WaitsFor => Place is null ? Judgement.Missing.SelectMany(verdict => verdict.Cures).Distinct() : [];
}

/// <summary>The next steps, and where everything stands: two readings of one evaluation. The second is made when somebody reads it.</summary>
public sealed class Plan(ValueList<Effect> effects, ValueList<string> red, ValueList<CommitSha> awaited, Lazy<ValueList<Progress>> open)
{
    /// <summary>The plan where nothing can be decided.</summary>
    public static Plan Nothing { get; } = new([], [], [], new(() => []));

    public ValueList<Effect> Effects => effects;

    public ValueList<Progress> Open => open.Value;

    /// <summary>The tests that the trunk itself fails.</summary>
    public ValueList<string> Red => red;

    /// <summary>The commits on which reports matter now.</summary>
    public ValueList<CommitSha> Awaited => awaited;

    /// <summary>What could not be judged, each with why: the plan is about the others.</summary>
    public ValueList<(Revision Revision, string Why)> Troubled { get; init; } = [];
}

/// <summary>Decides.</summary>
public static class Planner
{
    /// <summary>
    /// The next steps, given how things stand. Pure and memoryless: asked again about the same snapshot it answers the same, and once its
    /// effects show in the snapshot it no longer asks for them.
    /// </summary>
    public static Plan Decide(Snapshot now) => Fence.Decide(now, All);

    private static Plan All(Snapshot now)
    {
        var tests = new TestView(now);
        var queue = new Queue(now, tests);
        var chain = new Chain(now, tests, queue);
        chain.Walk();
        var atRest = chain.Effects.Count == 0 && chain.Wanted.Count == 0;
        var proposals = new Proposals(now, tests, queue);
        proposals.Walk(atRest);

        var red = now.Rules.Required.Where(tests.IsRed).ToList();
        var runs = Runs([.. chain.Wanted, .. RedAgain(red, now, tests)], proposals.Wanted, now, tests).ToList();
        var open = new Lazy<ValueList<Progress>>(() => [.. Open(now, tests, queue, chain, new(now, tests, chain, runs))]);
        IEnumerable<Effect> effects =
        [
            .. OfTrunk(now, queue), .. Places(now, queue), .. runs, .. Publications.Of(now, chain), .. chain.Effects, .. proposals.Effects, .. Messages(now, queue), .. new Shortcomings(now, tests, queue, chain, proposals).Tell(), .. Holds(now), .. Answers.To(now, open), .. Answers.ToGone(now), .. Alarms(now, red), .. Publications.Failures(tests),
        ];
        return new([.. effects.Distinct()], [.. red.Select(test => test.Name)], [.. Publications.Awaited(now, chain, queue, tests)], open);
    }

    private static IEnumerable<Effect> OfTrunk(Snapshot now, Queue queue) =>
        queue.ToRemember is { } asked && asked != now.Asked ? [new Effect.Remember(asked)] : [];

    /// <summary>Entering and leaving are remembered, so that a place in the queue is kept from tick to tick.</summary>
    private static IEnumerable<Effect> Places(Snapshot now, Queue queue)
    {
        var eligible = queue.Entries.Select(entry => entry.Change.Id).ToHashSet();
        foreach (var entry in queue.Entries.Where(entry => entry.Record?.EligibleSince is null))
            yield return new Effect.Enter(entry.Revision);
        foreach (var (id, _) in now.Queue.Where(item => item.Value.EligibleSince is not null && !eligible.Contains(item.Key)))
            yield return new Effect.Leave(id);
    }

    /// <summary>Starts what is wanted while slots are free, and ends what nobody wants any more. No run that is wanted is preempted.</summary>
    private static IEnumerable<Effect> Runs(List<RunOrder> gate, List<RunOrder> proposals, Snapshot now, TestView tests)
    {
        var wanted = gate.Concat(proposals).Select(order => order.Key).ToHashSet();
        var useless = now.Runs.Where(run => !wanted.Contains(run.Order.Key)).ToList();
        foreach (var run in useless)
            yield return new Effect.CancelRun(run.Id);

        // A cancelled run gives its slot back when it is gone, which the next snapshot shows.
        var free = now.Slots - now.SlotsOfOthers - now.Runs.Count;
        var proposing = now.ProposalsOfOthers + now.Runs.Count(run => run.Order.Purpose is RunPurpose.Proposal);
        var forProposals = Math.Min(now.ProposalSlots, now.Slots >= 2 ? now.Slots - 1 : now.Slots);
        var started = new HashSet<string>();
        foreach (var order in gate.Concat(proposals))
        {
            if (free <= 0)
                yield break;
            if (tests.IsRunning(order.Key) || WaitsAfterLoss(order, now) || !started.Add(order.Key))
                continue;
            if (order.Purpose is RunPurpose.Proposal && proposing++ >= forProposals)
                continue;
            free--;
            yield return new Effect.StartRun(order);
        }
    }

    private static bool WaitsAfterLoss(RunOrder order, Snapshot now) =>
        now.Results.GetValueOrDefault(order.Key) is { Lost: > 0 and var lost, LostAt: { } at } && now.Now < at + Backoff.After(lost);

    /// <summary>While the trunk is red it is run afresh with back-off, for the failure may have been the world's.</summary>
    private static IEnumerable<RunOrder> RedAgain(List<TestDefinition> red, Snapshot now, TestView tests)
    {
        foreach (var test in red.Where(test => test.Run is not null))
        {
            var key = now.TipKeys[test.Name];
            var failed = tests.Record(key)!.FailedAt;
            if (now.Now >= failed[^1] + Backoff.After(failed.Count - test.Retries) || tests.IsRunning(key))
                yield return new(test, key, new(now.Tip, new(new("trunk"), now.Tip)), now.Tip, RunPurpose.Base, now.Forge.Gate ?? new("gatekeeper"));
        }
    }

    /// <summary>
    /// What is known to be held is remembered, one hold for each who holds it; while something of a change could not be read, nothing is
    /// forgotten.
    /// </summary>
    private static IEnumerable<Effect> Holds(Snapshot now)
    {
        foreach (var change in now.Changes.Where(change => change.Unknowns.Count == 0))
        {
            ValueList<Request> holds = [.. Asked.Holds(now.Rules, now.Around(change)).GroupBy(hold => hold.By).Select(holds => holds.Last() with { IsGone = false })];
            if (!holds.Equals(now.Holds.GetValueOrDefault(change.Id) ?? []))
                yield return new Effect.KeepHolds(change.Id, holds);
        }
    }

    private static IEnumerable<Effect> Messages(Snapshot now, Queue queue)
    {
        foreach (var change in now.Changes)
        {
            var record = now.Queue.GetValueOrDefault(change.Id) is { } known && known.Revision == change.Current.Commit ? known : null;
            if (record is null)
                continue;
            var quiet = record.Told.Contains(Topics.Before);
            if (record.Ejected is { } ejected && !record.Told.Contains(Topics.Ejected(ejected.At)))
                yield return new Effect.Tell(change.Current, Topics.Ejected(ejected.At), Words.Ejected(ejected), ejected.Outcome == "tests failed" ? Said.Failure : Said.Nothing);
            if (change.NearMisses.Count > 0 && !quiet && !record.Told.Contains(Topics.NearMiss(change.NearMisses)))
                yield return new Effect.Tell(change.Current, Topics.NearMiss(change.NearMisses), Words.NearMisses(change.NearMisses), Said.Nothing);
            if (queue.Bases.Facts(change) is CandidateFacts.Conflict conflict && !quiet && record.Told.Contains(Topics.Proposal)
                && record.ProposedOn is { } proposed && now.Candidates.GetValueOrDefault(new(proposed, change.Current)) is not CandidateFacts.Conflict && !record.Told.Contains(Topics.Conflict(conflict.Files)))
                yield return new Effect.Tell(change.Current, Topics.Conflict(conflict.Files), Words.Conflicts(now.Trunk, queue.Bases.Of(change).On, conflict.Files), Said.Nothing);
        }
    }

    private static IEnumerable<Effect> Alarms(Snapshot now, List<TestDefinition> red)
    {
        var prefix = $"red:{now.Key}:";
        foreach (var test in red.Where(test => !now.Alarms.Contains(prefix + test.Name)))
            yield return new Effect.Alarm(prefix + test.Name, $"{now.Trunk} itself fails {test.Name}: what requires it does not land until a change mends it or a run on the tip passes");
        foreach (var mended in now.Alarms.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && !red.Exists(test => prefix + test.Name == name)))
            yield return new Effect.Mend(mended);
    }

    private static IEnumerable<Progress> Open(Snapshot now, TestView tests, Queue queue, Chain chain, QueueNotes notes)
    {
        var places = chain.Links.Select((link, index) => (link, place: index + 1)).ToDictionary(item => item.link.Entry.Change.Id);
        var expected = Forecast.Of(now, chain.Links);
        return now.Changes.Select(Safe);

        // This is read when the plan is made already, so what cannot be shown of one change hides no other.
        Progress Safe(Change change)
        {
            try
            {
                return One(change);
            }
            catch (Exception error)
            {
                return new(change, "waiting", "", new Judgement(change.Current, [], [Verdict.Wait("unknown", $"the gate cannot judge it, which is the gate's own fault: {error.Message}")]));
            }
        }

        Progress One(Change change)
        {
            if (places.TryGetValue(change.Id, out var item))
            {
                var leaves = item.link is { Stage: Stage.Leaves, Lacks: { } asMerged } ? Outcome(asMerged) : null;
                return new(change, leaves ?? "in the queue", notes.Of(item.link), (item.link.Judgement ?? Actual(change)).And(Closed(change)))
                {
                    Place = item.link.Stage is Stage.Leaves ? null : item.place,
                    Candidate = item.link.Built?.Commit,
                    Expected = expected.TryGetValue(change.Id, out var at) ? at : null,
                };
            }

            var judgement = Actual(change);
            return new(change, Outcome(judgement), Resting(change), judgement);
        }

        // What is left alone for a while shows it also where it is not in the queue.
        string Resting(Change change) => now.Queue.GetValueOrDefault(change.Id) is { Parked: { } parked } record && record.Revision == change.Current.Commit && parked.Until > now.Now ? $"parked: {parked.Why}" : "";

        Judgement Actual(Change change)
        {
            var record = now.Queue.GetValueOrDefault(change.Id);
            var around = now.Around(change);
            var built = ((record?.ProposedOn is { } tip ? now.Candidates.GetValueOrDefault(new(tip, change.Current)) : null)
                ?? queue.Bases.Facts(change)) as CandidateFacts.Built;
            var judged = Judge.Of(now.Rules, around with { Tests = tests.Standings(change, built, Asked.Retried(now.Rules, around)), CandidatePaths = built?.Paths });
            IEnumerable<Verdict> rules = built?.RulesProblem is { } problem ? [Words.BadRules(now.RulesPath, problem)] : [];
            return judged with { Obstacles = [.. queue.Judgements[change.Id].Obstacles, .. rules] };
        }

        static string Outcome(Judgement judgement)
        {
            var blocks = judgement.Missing.Where(verdict => verdict.Decision is Decision.Block).Select(verdict => verdict.Name).ToList();
            return blocks.Find(name => name is "conflict" or "tests failed" or "configuration error" or "forge refused")
                ?? (blocks.Exists(name => name.StartsWith("test ", StringComparison.Ordinal)) ? "tests failed" : blocks.Count > 0 ? "blocked" : "waiting");
        }

        IEnumerable<Verdict> Closed(Change change)
        {
            if (now.Closed is { } closed)
                yield return Verdict.Wait("trunk", closed);
            if (queue.FreezeOf(change) is { } frozen)
                yield return Verdict.Wait("freeze", frozen);
        }
    }
}
