using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <content>Whose failure it is, and which runs are still missing to say so.</content>
internal sealed partial class Chain
{
    /// <summary>Says which runs are missing and, when a test failed on landed ground, whose failure it is.</summary>
    private Link Undecided(Entry entry, CandidateFacts.Built built, Link link)
    {
        var needed = now.Rules.Tests.Where(test => test.IsKeyed && link.Judgement!.Missing.Any(verdict => verdict.Name == $"test {test.Name}")).ToList();
        if (needed.Count == 0)
            return link with { Stage = Stage.Aside, Trouble = Trouble.Awaited, Note = string.Join("; ", link.Judgement!.Missing.Select(verdict => verdict.Reason)) };

        // A pass that has gone out of date is renewed only when nothing stands before the change any more, or it would age again while it waits.
        if (!clean)
            needed.RemoveAll(test => tests.IsOutOfDate(test, built.Keys[test.Name]));
        if (needed.Count == 0)
            return link with { Stage = Stage.Undecided, Note = "a pass has gone out of date; it runs again when what is ahead is decided" };

        var failing = needed.Where(test => tests.Failures(test, built.Keys[test.Name], entry.Retried) > 0).ToList();
        if (failing.Count == 0)
            return Want(entry, built, needed, needed.TrueForAll(test => test.Check is not null)
                ? link with { Stage = Stage.Undecided, Note = string.Join("; ", link.Judgement!.Missing.Select(verdict => verdict.Reason)) }
                : link with { Stage = Stage.Undecided, Note = "tests are running", AwaitsRuns = true });
        if (at != now.Tip)
            return link with { Stage = Stage.Failing, Note = $"{failing[0].Name} failed together with what is ahead; nobody's fault until that has landed or left" };

        var onlyRules = built.Paths.All(path => path == now.RulesPath);
        var verdicts = failing.ConvertAll(test => Blame(entry, built, test, now.Tip, now.TipKeys));
        if (verdicts.Find(verdict => verdict.Stage is Stage.Leaves) is { } guilty)
        {
            Effects.Add(new Effect.Eject(entry.Revision, "tests failed", guilty.Note, Head: inFlight == 0) { LastLines = guilty.LastLines });
            return link with { Stage = Stage.Leaves, Note = guilty.Note };
        }

        if (!verdicts.TrueForAll(verdict => verdict.Stage is Stage.Red))
            return link with { Stage = Stage.Failing, Note = verdicts.Find(verdict => verdict.Stage is not Stage.Red)!.Note };
        if (!onlyRules)
            return link with { Stage = Stage.Red, Trouble = Trouble.Red, Note = verdicts[0].Note };

        // A change of the rules alone is not bound by a test that the trunk fails too, so that a typing error can be mended; by all else it is.
        var others = needed.Except(failing).ToList();
        if (others.Count > 0)
            return Want(entry, built, others, link with { Stage = Stage.Undecided });
        var unmet = link.Judgement!.Missing.Where(verdict => !failing.Exists(test => verdict.Name == $"test {test.Name}")).ToList();
        return unmet.Count == 0 ? link with { Stage = Stage.Passed } : link with { Stage = Stage.Aside, Trouble = Trouble.Awaited, Note = string.Join("; ", unmet.Select(verdict => verdict.Reason)) };
    }

    /// <summary>
    /// What failed on a tip is followed up on that tip, though the trunk has moved on since: else a change whose tests take longer than the
    /// trunk stands still would never be found out. Answers how it leaves, or null.
    /// </summary>
    private Link? FollowUp(Entry entry)
    {
        // On the tip itself the walk does the same.
        var ground = entry.Record?.FailedOn;
        if (ground == now.Tip && at == now.Tip)
            return null;
        if (ground is { } held && now.Candidates.GetValueOrDefault(new(held, entry.Revision)) is CandidateFacts.Built there && tests.Checks.OnCandidate.Count > 0)
            Awaited.Add(there.Commit);
        if (ground is { } on && now.Grounds.TryGetValue(on, out var keys) && Failing(entry, on, keys) is var (built, failing) && failing.Count > 0)
        {
            if (built.Paths.All(path => path == now.RulesPath))
                return null;
            var verdicts = failing.ConvertAll(test => Blame(entry, built, test, on, keys));
            if (!verdicts.TrueForAll(verdict => verdict.Stage is Stage.Red))
                return verdicts.Find(verdict => verdict.Stage is Stage.Leaves);
        }

        // Where nothing of its own fails any more, after a flake or a retry or on a trunk that was red, another tip takes that one's place.
        if (ground != now.Tip && Failing(entry, now.Tip, now.TipKeys) is { Tests.Count: > 0 })
            Effects.Add(new Effect.Doubt(entry.Revision, now.Tip));
        return null;
    }

    private (CandidateFacts.Built Built, List<TestDefinition> Tests)? Failing(Entry entry, CommitSha ground, IReadOnlyDictionary<string, string> keys) =>
        now.Candidates.GetValueOrDefault(new(ground, entry.Revision)) is CandidateFacts.Built built
            ? (built, [.. now.Rules.Required.Where(test => built.Keys.TryGetValue(test.Name, out var key) && tests.Failures(test, key, entry.Retried, keys) > 0)])
            : null;

    /// <param name="entry">The change.</param>
    /// <param name="built">It, merged onto the ground.</param>
    /// <param name="test">What failed.</param>
    /// <param name="ground">A tip of the trunk.</param>
    /// <param name="keys">The tests' keys on the ground itself.</param>
    private Link Blame(Entry entry, CandidateFacts.Built built, TestDefinition test, CommitSha ground, IReadOnlyDictionary<string, string> keys)
    {
        var key = built.Keys[test.Name];
        var link = new Link(entry, Stage.Failing, $"{test.Name} failed; it runs again to make sure");
        if (tests.Failures(test, key, entry.Retried, keys) <= test.Retries)
        {
            if (Lost(entry, test, key) is { } parked)
                return link with { Stage = Stage.Aside, Trouble = Trouble.Parked, Note = parked };
            Wanted.Add(new(test, key, new(ground, entry.Revision), built.Commit, RunPurpose.Gate, entry.Change.Author));
            return link;
        }

        if (tests.IsRed(test, keys))
            return link with { Stage = Stage.Red, Note = $"the trunk itself fails {test.Name} (red); nobody's fault but the trunk's" };
        if (!keys.TryGetValue(test.Name, out var tip) || tests.TrunkPasses(test, tip, key))
            return link with { Stage = Stage.Leaves, Note = $"{test.Name} failed: {tests.Why(test, key)}", LastLines = tests.LastLines(test, key) };
        if (test.Check is not null)
        {
            HoldTip(test, ground, tip);
            if (now.Unpublished.TryGetValue(ground, out var refused))
                return link with { Stage = Stage.Aside, Trouble = Trouble.Unpublished, Note = $"{test.Name} failed, and the trunk could not be published to see whether it fails it too: {refused}" };
            return tests.Checks.Trouble(test, tests.Checks.OfTip(test, tip), ground) is { } trouble
                ? link with { Stage = Stage.Aside, Trouble = Trouble.Parked, Note = Park(entry, trouble) }
                : link with { Note = $"{test.Name} failed; it is awaited whether the trunk fails it too" };
        }

        if (Lost(entry, test, tip) is { } lost)
            return link with { Stage = Stage.Aside, Trouble = Trouble.Parked, Note = lost };
        Wanted.Add(new(test, tip, new(ground, entry.Revision), ground, RunPurpose.Base, entry.Change.Author));
        return link with { Note = $"{test.Name} failed; the trunk is tested to see whether it fails there too" };
    }

    private Link Want(Entry entry, CandidateFacts.Built built, List<TestDefinition> needed, Link link)
    {
        foreach (var test in needed)
        {
            if (test.Check is not null)
            {
                if (Await(entry, built, test, link) is { } aside)
                    return aside;
                continue;
            }

            if (Lost(entry, test, built.Keys[test.Name]) is { } parked)
                return link with { Stage = Stage.Aside, Trouble = Trouble.Parked, Note = parked };
            Wanted.Add(Order(entry, built, test));
        }

        return link;
    }

    /// <summary>Parks a change whose run the runner lost three times; answers why, or null where it may be tried.</summary>
    private string? Lost(Entry entry, TestDefinition test, string key)
    {
        if (tests.Record(key) is not { Lost: >= 3, LostAt: { } lost } || entry.Record?.Parked?.Until >= lost)
            return null;
        return Park(entry, $"infrastructure lost: {test.Name} was started three times and none came to an end");
    }
}
