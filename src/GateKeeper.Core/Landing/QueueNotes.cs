using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>
/// What a change in the queue is doing once what the plan starts has started: its tests run, they wait for a slot, or it waits for a change
/// before it.
/// </summary>
internal sealed class QueueNotes
{
    private readonly Snapshot now;
    private readonly TestView tests;
    private readonly HashSet<string> started;
    private readonly HashSet<ChangeId> landing;
    private readonly Dictionary<ChangeId, Link> before = [];

    public QueueNotes(Snapshot now, TestView tests, Chain chain, IReadOnlyCollection<Effect> runs)
    {
        (this.now, this.tests) = (now, tests);
        started = [.. runs.OfType<Effect.StartRun>().Select(start => start.Order.Key)];
        landing = [.. chain.Effects.OfType<Effect.Land>().SelectMany(land => land.Changes).Select(landed => landed.Candidate.Revision.Change)];
        Link? last = null;
        foreach (var link in chain.Links)
        {
            if (last is not null)
                before[link.Entry.Change.Id] = last;
            if (link.Stage is Stage.Passed or Stage.Undecided or Stage.Unbuilt or Stage.Behind or Stage.Failing)
                last = link;
        }
    }

    public string Of(Link link) => link.Stage switch
    {
        Stage.Undecided when link.AwaitsRuns => Runs(link),
        Stage.Passed when now.Closed is null && !landing.Contains(link.Entry.Change.Id) && Before(link) is { } ahead => $"its tests have passed; it waits for {ahead}, the one before it",
        Stage.Behind when Before(link) is { } ahead => $"it waits for {ahead}, the one before it: {link.Note}",
        _ => link.Note,
    };

    private ChangeId? Before(Link link) => before.GetValueOrDefault(link.Entry.Change.Id)?.Entry.Change.Id;

    private string Runs(Link link)
    {
        if (link is not { Built: { } built, Judgement: { } judgement })
            return link.Note;
        var missing = now.Rules.Required.Where(test => test.Run is not null && judgement.Missing.Any(verdict => verdict.Name == $"test {test.Name}")).ToList();
        var waiting = missing.FindAll(test => !IsUnderWay(built.Keys[test.Name]));
        return waiting.Count == 0 ? link.Note
            : waiting.Count == missing.Count ? $"its tests wait {For}"
            : $"{Names(missing.Except(waiting))} running; {Names(waiting, "waits", "wait")} {For}";
    }

    private bool IsUnderWay(string key) => tests.IsRunning(key) || started.Contains(key);

    /// <summary>What was lost is run again after a while, also where slots are free.</summary>
    private string For => now.Runs.Count + now.SlotsOfOthers + started.Count >= now.Slots ? $"for a slot ({(now.Slots == 1 ? "the only one is" : $"all {now.Slots} are")} taken)" : "to be run again";

    private static string Names(IEnumerable<TestDefinition> tests, string one = "is", string many = "are") =>
        tests.Select(test => test.Name).ToList() is [var name] ? $"{name} {one}" : $"{string.Join(", ", tests.Select(test => test.Name))} {many}";
}
