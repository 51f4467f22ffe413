using System.Diagnostics;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>Tests each new revision of each open change on the trunk's tip, so that reviewers look at something that works.</summary>
internal sealed class Proposals(Snapshot now, TestView tests, Queue queue)
{
    private const int MergesAtOnce = 50;

    public List<Effect> Effects { get; } = [];

    public List<RunOrder> Wanted { get; } = [];

    /// <param name="atRest">True when the queue asks for nothing: the time to see whether open changes still merge.</param>
    public void Walk(bool atRest)
    {
        var queued = queue.Entries.Select(entry => entry.Change.Id).ToHashSet();
        var busy = new HashSet<Account>(now.Runs.Where(run => run.Order.Purpose is RunPurpose.Proposal).Select(run => run.Order.For));
        var merges = 0;
        foreach (var change in now.Changes.OrderByDescending(change => change.ProposedAt))
        {
            var record = now.Queue.GetValueOrDefault(change.Id) is { } known && known.Revision == change.Current.Commit ? known : null;
            if (record?.Parked?.Until > now.Now)
                continue;
            if (IsLeftAlone(change, record))
                Effects.Add(new Effect.Pass(change.Current, Topics.Before));
            else if (IsMended(record) && !queued.Contains(change.Id) && queue.Bases.Of(change).At is { } at)
                Effects.AddRange(new Effect.Propose(change.Current, at), new Effect.Pass(change.Current, Topics.Mended));
            else if (Topics.WasTold(record, Topic(change)) || queued.Contains(change.Id) || record?.Ejected is not null)
            {
                if (atRest && merges < MergesAtOnce && record?.Told.Contains(Topics.Before) != true && queue.Bases.Next(change) is { } next)
                {
                    Effects.Add(new Effect.Build(next));
                    merges++;
                }
            }
            else if (MayRun(change, record))
            {
                Propose(change, record, busy);
            }
        }
    }

    /// <summary>
    /// What was open before the gate came is not spoken to until it moves; what is older than the operator's limit is not tested either. A
    /// change of which another revision is remembered has moved.
    /// </summary>
    public bool IsLeftAlone(Change change, QueueRecord? record) =>
        record is null && !now.Queue.ContainsKey(change.Id) && (now.FirstSight || IsOld(change));

    /// <summary>Whether people are still to be told how a revision did when it was proposed.</summary>
    public bool Awaits(Change change, QueueRecord? record) => !Topics.WasTold(record, Topic(change)) && record?.Ejected is null && queue.Bases.Of(change).Lacks is null && MayRun(change, record);

    private bool IsOld(Change change) => change.ProposedAt < (now.ProposalsSince ?? DateTimeOffset.MinValue);

    private bool MayRun(Change change, QueueRecord? record)
    {
        if (!now.MayRun(change))
            return false;
        return Asked.ToTest(now.Rules, now.Around(change)) || (!change.Draft && change.Obstacles.Count == 0 && !(record?.Told.Contains(Topics.Before) == true && IsOld(change)));
    }

    /// <summary>Asked to test or to try again, it is tested and told anew; and so it is once when the trunk is mended that failed what it failed.</summary>
    private string Topic(Change change) =>
        Topics.Proposed(Asked.AskedAnew(now.Rules, now.Around(change)), now.Queue.GetValueOrDefault(change.Id) is { } record && record.Revision == change.Current.Commit && record.Told.Contains(Topics.Mended));

    private bool IsMended(QueueRecord? record) =>
        record is not null && !record.Told.Contains(Topics.Mended) && Topics.ShortOfWhat(record).Any(key => key.StartsWith(Topics.Red, StringComparison.Ordinal)) && !now.Rules.Tests.Any(tests.IsRed);

    private void Propose(Change change, QueueRecord? record, HashSet<Account> busy)
    {
        var under = queue.Bases.Of(change);
        if (record?.ProposedOn is not { } tip)
        {
            if (under.At is { } at)
                Effects.Add(new Effect.Propose(change.Current, at));
            else if (under.Build is { } lower)
                Effects.Add(new Effect.Build(lower));
            return;
        }

        var on = tip == under.At ? under.On : null;
        var candidate = new Candidate(tip, change.Current);
        switch (now.Candidates.GetValueOrDefault(candidate))
        {
            case null:
                Effects.Add(new Effect.Build(candidate));
                break;
            case CandidateFacts.Conflict conflict:
                Tell(change, Words.Conflicts(now.Trunk, on, conflict.Files), Said.Failure, Shortcomings.CoveredGates(queue.Judgements[change.Id]));
                break;
            case CandidateFacts.Refused refused:
                Tell(change, refused.Why, Said.Failure, Shortcomings.Covered(queue.Judgements[change.Id]));
                break;
            case CandidateFacts.Unknown when under.At is { } fresh && fresh != tip:
                Effects.Add(new Effect.Propose(change.Current, fresh));
                break;
            case CandidateFacts.Reading or CandidateFacts.Unknown:
                break;
            case CandidateFacts.Built built:
                Run(change, tip, on, built, busy);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void Run(Change change, CommitSha tip, Change? on, CandidateFacts.Built built, HashSet<Account> busy)
    {
        var ground = Words.Ground(now.Trunk, tip, on);
        var all = now.Rules.Tests.Where(test => test.Run is not null && test.AtProposal).ToList();
        var anew = Asked.AskedAnew(now.Rules, now.Around(change))?.At;
        var keyed = all.ConvertAll(test => (Test: test, Key: RunOrder.ProposalKey(test, built.Keys[test.Name])));
        var brings = built.Brought.Select(item => (item.Test, item.Key)).ToList();
        var open = keyed.Select(item => (item.Test, item.Key, IsBrought: false)).Concat(brings.Select(item => (item.Test, item.Key, IsBrought: true)))
            .Where(item => !tests.Passed(item.Test, item.Key) && tests.Failures(item.Test, item.Key, anew) == 0 && !(tests.Record(item.Key) is { Lost: >= 3, LostAt: var lost } && !(anew > lost))).ToList();
        foreach (var (test, key, isBrought) in open)
        {
            if (tests.IsRunning(key) || busy.Add(change.Author))
                Wanted.Add(new(test, key, new(tip, change.Current), built.Commit, RunPurpose.Proposal, change.Author) { IsBrought = isBrought });
        }

        if (open.Count > 0)
            return;
        var failed = keyed.FindAll(item => item.Test.Voting && !tests.Passed(item.Test, item.Key));
        var shown = keyed.Select(item => item.Test.Voting ? item.Test.Name : $"{item.Test.Name} (not voting: {(tests.Passed(item.Test, item.Key) ? "passed" : "failed")})");
        var brought = Words.AsBrought(now.RulesPath, brings.Select(item => (item.Test.Name, tests.Passed(item.Test, item.Key), Why(item.Key), LastLines(item.Key))));
        var rules = built.RulesProblem is { } problem ? $"configuration error: the {now.RulesPath} it brings is invalid: {problem}\n" : "";
        if (failed.Count == 0 && rules.Length == 0)
        {
            Tell(change, Words.TestsPassed(shown, ground, queue.Judgements[change.Id]) + brought, all.Count > 0 ? Said.Success : Said.Nothing, Shortcomings.Covered(queue.Judgements[change.Id]));
            return;
        }

        // What the trunk fails too is not the change's own, and neither is a runner that was lost.
        var red = failed.FindAll(item => tip == now.Tip && !IsLost(item.Key) && tests.IsRed(item.Test)).ConvertAll(item => item.Test.Name);
        var words = failed.Count == 0 ? "" : Words.TestsFailed([.. failed.Select(item => (item.Test.Name, Why(item.Key), LastLines(item.Key)))], ground) + (red.Count > 0 ? $"\n{Words.Red(red)}" : "") + BelowToo(on, tip, failed.ConvertAll(item => item.Test));
        var innocent = rules.Length == 0 && failed.TrueForAll(item => IsLost(item.Key) || red.Contains(item.Test.Name));
        var covers = Shortcomings.CoveredGates(queue.Judgements[change.Id]) + (red.Count > 0 ? $"\n{Topics.RedIn(red)}" : "");
        Tell(change, rules + words + brought, innocent ? Said.Nothing : Said.Failure, covers);
    }

    /// <summary>What fails without it too is said, so that nobody looks for the fault in the wrong change.</summary>
    private string BelowToo(Change? on, CommitSha tip, List<TestDefinition> failed)
    {
        if (on is null || now.Candidates.Values.OfType<CandidateFacts.Built>().FirstOrDefault(other => other.Commit == tip) is not { } lower)
            return "";
        var too = failed.FindAll(test => tests.Failures(test, RunOrder.ProposalKey(test, lower.Keys[test.Name]), null) > 0).ConvertAll(test => test.Name);
        return too.Count > 0 ? $"\n{Words.FailsToo(on, too)}" : "";
    }

    private bool IsLost(string key) => tests.Record(key) is { FailedAt.Count: 0 };

    private string LastLines(string key) => tests.Record(key)?.LastLines ?? "";

    private string Why(string key) =>
        tests.Record(key) is { } record ? record.FailedAt.Count > 0 ? record.Why : "infrastructure lost: it was started three times and none came to an end" : "";

    private void Tell(Change change, string words, Said said, string covers)
    {
        var (topic, record) = (Topic(change), now.Queue.GetValueOrDefault(change.Id));
        Effects.Add(topic == Topics.Proposal && record?.Revision == change.Current.Commit && record.Told.Contains(Topics.Before)
            ? new Effect.Pass(change.Current, topic)
            : new Effect.Tell(change.Current, topic, words, said) { Covers = covers });
    }
}
