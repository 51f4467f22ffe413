using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <content>What others test: which commits they are shown, and when there is nothing to wait for any more.</content>
internal sealed partial class Chain
{
    /// <summary>What is to be published, and whose it is. It stays published while it is in flight, so that a report that changes is seen.</summary>
    public Dictionary<CommitSha, string> Held { get; } = [];

    /// <summary>The commits on which reports matter.</summary>
    public HashSet<CommitSha> Awaited { get; } = [];

    /// <summary>
    /// Shows a candidate to those who test it. Only here, where every gate but tests has passed on it as merged: what nobody has approved
    /// does not reach others' machines through the gate.
    /// </summary>
    private void Hold(Entry entry, CandidateFacts.Built built, Judgement asMerged)
    {
        var needed = tests.Checks.OnCandidate.Where(test => asMerged.Names($"test {test.Name}") && tests.Checks.Uncounted(test, entry.Change, built) is null).ToList();
        if (needed.Count == 0)
            return;
        Awaited.Add(built.Commit);
        if (tests.Checks.Published(built.Commit) is { } published ? !needed.Exists(test => IsSpent(test, published)) : needed.Exists(IsSilent))
            Held[built.Commit] = entry.Change.Number;

        bool IsSilent(TestDefinition test) => tests.Checks.Of(test, built.Keys[test.Name], Since(test)) is Reading.Silent;

        // What was found out before a retry is forgotten, and the same commit is tested anew only when it is published anew.
        bool IsSpent(TestDefinition test, Publication published) =>
            published.Since < Since(test) && IsSilent(test) && tests.Checks.Of(test, built.Keys[test.Name], null) is not Reading.Silent;

        DateTimeOffset? Since(TestDefinition test) => tests.Since(test, built.Keys[test.Name], entry.Retried, now.TipKeys);
    }

    /// <summary>Shows a tip itself, where what it comes to there matters and nothing was said of it.</summary>
    private void HoldTip(TestDefinition test, CommitSha tip, string key)
    {
        Awaited.Add(tip);
        var reading = tests.Checks.OfTip(test, key);
        if (tests.Checks.Published(tip) is not null ? reading is Reading.Silent or Reading.Running : reading is Reading.Silent && tests.Checks.HasLooked(tip))
            Held.TryAdd(tip, "tip");
    }

    /// <summary>While the trunk is red nobody else need have its tip tested: a revert may have brought what failed back as another commit.</summary>
    private void HoldRed()
    {
        foreach (var test in tests.Checks.OnCandidate.Where(test => now.Forge.Publishes && tests.IsRed(test)))
            HoldTip(test, now.Tip, now.TipKeys[test.Name]);
    }

    /// <summary>What a check comes to that has not failed and not passed: null where there is still something to wait for.</summary>
    private Link? Await(Entry entry, CandidateFacts.Built built, TestDefinition test, Link link)
    {
        if (tests.Checks.Uncounted(test, entry.Change, built) is { } uncounted)
            return link with { Stage = Stage.Aside, Trouble = Trouble.Awaited, Note = uncounted };
        var (key, since) = (built.Keys[test.Name], tests.Since(test, built.Keys[test.Name], entry.Retried, now.TipKeys));
        if (tests.Checks.Trouble(test, key, built.Commit, since) is { } trouble)
            return link with { Stage = Stage.Aside, Trouble = Trouble.Parked, Note = Park(entry, trouble) };

        if (now.Unpublished.TryGetValue(built.Commit, out var refused))
            return link with { Stage = Stage.Aside, Trouble = Trouble.Unpublished, Note = $"it could not be published for {test.Check!.Name}, which is tried again: {refused}" };

        // What was parked is not what others are built on before somebody has taken up its test: else each try would hold up all behind it.
        return entry.Record?.Parked is { } parked && tests.Checks.Of(test, key, since) is Reading.Silent
            ? link with { Stage = Stage.Aside, Trouble = Trouble.Parked, Note = $"tried again after it was parked: {parked.Why}" }
            : null;
    }

    private string Park(Entry entry, string why)
    {
        var attempts = (entry.Record?.Parked?.Attempts ?? 0) + 1;
        Effects.Add(new Effect.Park(entry.Revision, why, now.Now + Backoff.After(attempts), attempts));
        return $"parked: {why}";
    }
}
