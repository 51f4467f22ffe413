using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>
/// When each change of the queue will have landed if every test takes as long as it did before and none fails. A guess for people: null
/// where there is nothing to guess from, and nothing is decided by it.
/// </summary>
internal static class Forecast
{
    public static Dictionary<ChangeId, DateTimeOffset> Of(Snapshot now, IReadOnlyList<Link> links)
    {
        var expected = new Dictionary<ChangeId, DateTimeOffset>();
        if (now.Closed is not null)
            return expected;
        var slots = Slots(now);
        var ends = now.Runs.Where(run => now.Durations.ContainsKey(run.Order.Test)).ToLookup(run => run.Order.Key, run => Latest(now.Now, run.StartedAt + now.Durations[run.Order.Test]))
            .ToDictionary(group => group.Key, group => group.First());
        var (last, known) = (now.Now, true);
        foreach (var link in links.Where(link => link.Stage is Stage.Passed or Stage.Undecided or Stage.Unbuilt or Stage.Behind))
        {
            // Nobody lands before those on whom he is built.
            foreach (var test in Missing(now, link))
            {
                if (End(now, test, link.Built?.Keys.GetValueOrDefault(test.Name), slots, ends) is { } end)
                    last = Latest(last, end);
                else
                    known = false;
            }

            if (!known)
                break;
            expected[link.Entry.Change.Id] = last;
        }

        return expected;
    }

    private static IEnumerable<TestDefinition> Missing(Snapshot now, Link link) => link.Judgement is { } judgement
        ? now.Rules.Required.Where(test => judgement.Missing.Any(verdict => verdict.Name == $"test {test.Name}"))
        : now.Rules.Required;

    private static DateTimeOffset? End(Snapshot now, TestDefinition test, string? key, PriorityQueue<int, DateTimeOffset> slots, Dictionary<string, DateTimeOffset> ends)
    {
        if (key is not null && ends.TryGetValue(key, out var end))
            return end;
        if (test.Run is null || !now.Durations.TryGetValue(test.Name, out var takes) || slots.Count == 0)
            return null;
        slots.TryDequeue(out var slot, out var free);
        end = Latest(now.Now, free) + takes;
        slots.Enqueue(slot, end);
        if (key is not null)
            ends[key] = end;
        return end;
    }

    /// <summary>When each slot is free, as far as that is known; those of others are taken for busy.</summary>
    private static PriorityQueue<int, DateTimeOffset> Slots(Snapshot now)
    {
        var slots = new PriorityQueue<int, DateTimeOffset>();
        var busy = now.Runs.Where(run => run.Order.Purpose is not RunPurpose.Proposal)
            .Select(run => now.Durations.TryGetValue(run.Order.Test, out var takes) ? Latest(now.Now, run.StartedAt + takes) : now.Now).Take(now.Slots).ToList();
        for (var slot = 0; slot < Math.Max(1, now.Slots - now.SlotsOfOthers); slot++)
            slots.Enqueue(slot, slot < busy.Count ? busy[slot] : now.Now);
        return slots;
    }

    private static DateTimeOffset Latest(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
