using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>Tells which tests of a change run, and which wait for a slot, once what the plan starts has started.</summary>
internal sealed class SlotWords(Snapshot now, TestView tests, IEnumerable<Effect> effects)
{
    private readonly HashSet<string> started = [.. effects.OfType<Effect.StartRun>().Select(start => start.Order.Key)];

    public string Of(Link link)
    {
        if (!link.AwaitsRuns || link.Stage is not Stage.Undecided || link is not { Built: { } built, Judgement: { } judgement })
            return link.Note;
        var missing = now.Rules.Required.Where(test => test.Run is not null && judgement.Missing.Any(verdict => verdict.Name == $"test {test.Name}")).ToList();
        var waiting = missing.FindAll(test => !IsUnderWay(built.Keys[test.Name]));
        return waiting.Count == 0 ? link.Note
            : waiting.Count == missing.Count ? $"its tests wait {For}"
            : $"{Names(missing.Except(waiting))} running; {Names(waiting, "waits", "wait")} {For}";
    }

    private bool IsUnderWay(string key) => tests.IsRunning(key) || started.Contains(key);

    /// <summary>What was lost is run again after a while, also where slots are free.</summary>
    private string For => now.Runs.Count + now.SlotsOfOthers + started.Count >= now.Slots ? $"for a slot ({(now.Slots == 1 ? "the only one is" : $"all {now.Slots} are")} taken)" : "to be run";

    private static string Names(IEnumerable<TestDefinition> tests, string one = "is", string many = "are") =>
        tests.Select(test => test.Name).ToList() is [var name] ? $"{name} {one}" : $"{string.Join(", ", tests.Select(test => test.Name))} {many}";
}
