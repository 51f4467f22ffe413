using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>
/// Tells people why a change does not go on, once for each reason and revision: when everybody has done what was asked before and something
/// else stands in the way, when somebody's word does not count, and when a change is kept in its place in the queue. While something that
/// was told before is still to be done nothing more is said, and nothing of what was there before the gate.
/// </summary>
internal sealed class Shortcomings(Snapshot now, TestView tests, Queue queue, Chain chain, Proposals proposals)
{
    /// <summary>What may pass by itself is told when it has not passed after so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>What stands in the way of one change: how it is remembered, and whether it may pass by itself.</summary>
    private sealed record Shortcoming(string Key, bool MayPass);

    public IEnumerable<Effect> Tell()
    {
        var links = chain.Links.ToDictionary(link => link.Entry.Change.Id);
        return now.Changes.SelectMany(change => Of(change, links.GetValueOrDefault(change.Id)));
    }

    /// <summary>How what a judgement lacks is remembered once people were told of it.</summary>
    public static string Covered(Judgement judgement) => Topics.Short(judgement.Missing.Select(Key).Distinct());

    /// <summary>The same of the gates alone, where the words were about something else and nobody need be told more before that is mended.</summary>
    public static string CoveredGates(Judgement judgement) =>
        Topics.Short(judgement.Gates.SelectMany(gate => gate.Unmet()).Select(Key).Distinct());

    private List<Effect> Of(Change change, Link? link)
    {
        var record = now.Queue.GetValueOrDefault(change.Id) is { } known && known.Revision == change.Current.Commit ? known : null;
        return link is { Stage: not Stage.Leaves } ? InQueue(change, record, link) : Outside(change, record);
    }

    private List<Effect> InQueue(Change change, QueueRecord? record, Link link)
    {
        var (key, words, said) = link.Trouble switch
        {
            Trouble.None when link.Stage is Stage.Passed && now.Closed is { } closed => ("closed", Words.Kept($"nothing lands on {now.Trunk} at present: {closed}"), Said.Nothing),
            Trouble.None => ("", "", Said.Nothing),
            Trouble.Red => (Topics.RedIn(RedOf(link.Built)), Words.Red(RedOf(link.Built)), Said.TakenBack),
            Trouble.Frozen => ($"frozen {link.Note}", Words.Kept($"{link.Note}. It is tested meanwhile."), Said.Nothing),
            Trouble.Parked => ($"parked {Kind(link.Note)}", $"{link.Note}\nIt keeps its place in the queue and is tried again by itself; the operator knows of it.", Said.Nothing),
            Trouble.Unpublished => ("unpublished", $"{link.Note}\nIt keeps its place in the queue and is tried again by itself; the operator knows of it.", Said.Nothing),
            Trouble.Unrun => ("unrun", $"{link.Note}: an approval, or /gatekeeper test by a member of a group of the rules.", Said.Nothing),
            Trouble.Dependency => ("dependency", Words.Kept(link.Note), Said.Nothing),
            Trouble.Awaited => ("awaited", $"it waits for what others report: {link.Note}", Said.Nothing),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        key = Topics.Line(key);
        List<Shortcoming> all = key.Length == 0 ? [] : [new(key, link.Trouble is Trouble.None or Trouble.Awaited or Trouble.Unpublished)];
        var (fresh, effects) = Fresh(change, record, all);
        return fresh.Count == 0 ? effects
            : now.FirstSight ? [new Effect.Pass(change.Current, Topics.Short([key]))]
            : [.. effects, new Effect.Tell(change.Current, Topics.Short([key]), words, said)];
    }

    private List<Effect> Outside(Change change, QueueRecord? record)
    {
        var judgement = queue.Judgements[change.Id];
        var missing = judgement.Missing.ToList();
        var told = Topics.ShortOfWhat(record);
        var quiet = proposals.IsLeftAlone(change, record) || record?.IsLeftAlone == true;
        if (quiet && (record is null || told.Count == 0))
            return record is null || missing.Count == 0 ? [] : [new Effect.Pass(change.Current, Covered(judgement))];

        // What is told in a message of its own, or by whom asked for it, needs no other. While something of the change could not be read,
        // much is missing that may be there.
        var own = missing.FindAll(verdict => verdict.Name is "conflict" or "hold" || (record?.Ejected is { } ejected && verdict.Name == ejected.Outcome));
        var (fresh, effects) = Fresh(change, record, [.. missing.Except(own).Select(verdict => new Shortcoming(Key(verdict), verdict.IsUnknown || change.Unknowns.Count > 0))]);
        if (proposals.Awaits(change, record))
            return effects;
        if (record is not null && RedSince(change, record, told) is { Count: > 0 } red)
            effects.Add(new Effect.Tell(change.Current, Topics.Short([Topics.RedIn(red)]), Words.Red(red), Said.TakenBack));
        if (fresh.Count == 0 || (change.Draft && missing.Exists(verdict => verdict.Name != "draft")))
            return effects;
        var discounted = missing.Exists(verdict => verdict.Uncounted.Count > 0 && fresh.Contains(Key(verdict)));
        if (discounted || (!quiet && own.Count == 0 && !missing.Exists(verdict => told.Contains(Key(verdict)))))
            effects.Add(new Effect.Tell(change.Current, Covered(judgement), Words.NotYet(judgement), Said.Nothing) { ToReviewers = true });
        return effects;
    }

    /// <summary>Of what stands in the way, what people were not told of and were long enough spared.</summary>
    private (HashSet<string> Fresh, List<Effect> Effects) Fresh(Change change, QueueRecord? record, List<Shortcoming> shortcomings)
    {
        var (told, effects) = (Topics.ShortOfWhat(record), new List<Effect>());
        var begun = Topics.Beginnings(record).ToList();
        foreach (var over in begun.Where(item => !shortcomings.Exists(one => one.Key == item.Key)))
            effects.Add(new Effect.Overlook(change.Current, over.Topic));
        var fresh = new HashSet<string>();
        foreach (var one in shortcomings.Where(one => !told.Contains(one.Key)))
        {
            if (!one.MayPass || begun.Exists(item => item.Key == one.Key && now.Now - item.At >= Patience))
                fresh.Add(one.Key);
            else if (!begun.Exists(item => item.Key == one.Key))
                effects.Add(new Effect.Pass(change.Current, Topics.Began(one.Key, now.Now)));
        }

        return (fresh, effects);
    }

    /// <summary>
    /// The tests that a change was told to have failed and that the trunk turns out to fail too, where nothing was said of that. Where
    /// something else of it failed as well, the failure stays its own.
    /// </summary>
    private List<string> RedSince(Change change, QueueRecord record, HashSet<string> told)
    {
        if (!record.Told.Contains(Topics.Proposal) || record.ProposedOn != now.Tip || now.Candidates.GetValueOrDefault(new(now.Tip, change.Current)) is not CandidateFacts.Built built)
            return [];
        var failed = now.Rules.Tests.Where(test => test is { Run: not null, AtProposal: true, Voting: true } && tests.Failures(test, built.Keys[test.Name], null) > 0).ToList();
        return failed.TrueForAll(tests.IsRed) && !told.Contains(Topics.RedIn(failed.Select(test => test.Name))) ? failed.ConvertAll(test => test.Name) : [];
    }

    private List<string> RedOf(CandidateFacts.Built? built)
    {
        var red = now.Rules.Required.Where(tests.IsRed).ToList();
        var failed = red.FindAll(test => built is not null && tests.Failures(test, built.Keys.GetValueOrDefault(test.Name), null) > 0);
        return (failed.Count > 0 ? failed : red).ConvertAll(test => test.Name);
    }

    /// <summary>
    /// What tells one reason from another. How often a thing is lacking is not another reason, and which change it depends on is told once.
    /// </summary>
    private static string Key(Verdict verdict) => Topics.Line(verdict.Name switch
    {
        "obstacle" or "forge" or "unknown" => $"{verdict.Name} {string.Concat(verdict.Reason.Where(sign => !char.IsAsciiDigit(sign)))}",
        _ => string.Join("; ", verdict.Uncounted.Prepend(verdict.Name)),
    });

    /// <summary>A parking's kind, without what differs from one try to the next.</summary>
    private static string Kind(string note) =>
        Array.Find(["forge refused", "infrastructure lost"], kind => note.Contains(kind, StringComparison.Ordinal)) ?? "report";
}
