using System.Diagnostics;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
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
            if (record?.Told.Contains(Topics.Proposal) == true || queued.Contains(change.Id) || record?.Ejected is not null)
            {
                if (atRest && merges < MergesAtOnce && !now.Candidates.ContainsKey(new(now.Tip, change.Current)) && MayBeTold(change, record))
                {
                    Effects.Add(new Effect.Build(new(now.Tip, change.Current)));
                    merges++;
                }
            }
            else if (MayRun(change, record))
            {
                Propose(change, record, busy);
            }
        }
    }

    private bool MayBeTold(Change change, QueueRecord? record) => record is not null || change.ProposedAt >= (now.ProposalsSince ?? DateTimeOffset.MinValue);

    private bool MayRun(Change change, QueueRecord? record)
    {
        var around = now.Around(change);
        if (Asked.ToTest(now.Rules, around))
            return true;
        if (change.Draft || !MayBeTold(change, record) || change.Obstacles.Count > 0)
            return false;

        return now.RunFor switch
        {
            RunFor.Anyone => true,
            RunFor.Members => now.Landed.Contains(change.Author) || now.Rules.Groups.Any(group => now.People.Has(group.Name, change.Author)) || Approved(around),
            _ => Approved(around),
        };
    }

    private bool Approved(Circumstances around) =>
        now.Rules.Gates.SelectMany(gate => gate.Require.Flatten()).Any(part => part.Seats(around) is { Who.Count: > 0 });

    private void Propose(Change change, QueueRecord? record, HashSet<Account> busy)
    {
        if (record?.ProposedOn is not { } tip)
        {
            Effects.Add(new Effect.Propose(change.Current, now.Tip));
            return;
        }

        var candidate = new Candidate(tip, change.Current);
        switch (now.Candidates.GetValueOrDefault(candidate))
        {
            case null:
                Effects.Add(new Effect.Build(candidate));
                break;
            case CandidateFacts.Conflict conflict:
                Tell(change, Topics.Proposal, Words.ConflictsWithTrunk(now.Trunk, conflict.Files), Said.Failure);
                break;
            case CandidateFacts.Refused refused:
                Tell(change, Topics.Proposal, refused.Why, Said.Failure);
                break;
            case CandidateFacts.Built built:
                Run(change, tip, built, busy);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void Run(Change change, CommitSha tip, CandidateFacts.Built built, HashSet<Account> busy)
    {
        var all = now.Rules.Tests.Where(test => test.Run is not null && test.AtProposal).ToList();
        var open = all.Select(test => (Test: test, Key: built.Keys[test.Name])).Concat(built.Brought)
            .Where(item => !tests.Passed(item.Test, item.Key) && tests.Record(item.Key) is not ({ FailedAt.Count: > 0 } or { Lost: >= 3 })).ToList();
        foreach (var (test, key) in open)
        {
            if (tests.IsRunning(key) || busy.Add(change.Author))
                Wanted.Add(new(test.Name, key, new(tip, change.Current), built.Commit, RunPurpose.Proposal, change.Author));
        }

        if (open.Count > 0)
            return;
        var failed = all.Where(test => test.Voting && !tests.Passed(test, built.Keys[test.Name])).ToList();
        var shown = all.Select(test => test.Voting ? test.Name : $"{test.Name} (not voting: {(tests.Passed(test, built.Keys[test.Name]) ? "passed" : "failed")})");
        var brought = Words.AsBrought(now.RulesPath, built.Brought.Select(item => (item.Test.Name, tests.Passed(item.Test, item.Key), Why(item.Key))));
        var rules = built.RulesProblem is { } problem ? $"configuration error: the {now.RulesPath} it brings is invalid: {problem}\n" : "";
        if (failed.Count > 0 || rules.Length > 0)
            Tell(change, Topics.Proposal, rules + (failed.Count == 0 ? "" : Words.TestsFailed(failed.Select(test => (test.Name, Why(built.Keys[test.Name]))), tip)) + brought, Said.Failure);
        else if (all.Count > 0 || brought.Length > 0)
            Tell(change, Topics.Proposal, Words.TestsPassed(shown, tip, queue.Judgements[change.Id]) + brought, Said.Success);
    }

    private string Why(string key) =>
        tests.Record(key) is { } record ? record.FailedAt.Count > 0 ? record.Why : "infrastructure lost: it was started three times and none came to an end" : "";

    private void Tell(Change change, string topic, string words, Said said) => Effects.Add(new Effect.Tell(change.Current, topic, words, said));
}

/// <summary>What a message is about; each is said once for a revision.</summary>
internal static class Topics
{
    public const string Proposal = "proposal";
    public const string Depends = "depends";

    public static string Conflict(ValueList<string> files) => $"conflict {string.Join(' ', files)}";

    public static string Explained(long order) => $"explained {order}";

    public static string Ejected(DateTimeOffset at) => $"ejected {at.ToUnixTimeMilliseconds()}";
}
