using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Landing;

/// <summary>What others are shown and what is awaited of them, from what the queue's walk found.</summary>
internal static class Publications
{
    public static IEnumerable<Effect> Of(Snapshot now, Chain chain)
    {
        foreach (var useless in now.Published.Where(published => !chain.Held.ContainsKey(published.Commit)))
            yield return new Effect.Withdraw(useless.Commit);
        var published = now.Published.Select(one => one.Commit).ToHashSet();
        foreach (var (commit, of) in chain.Held.Where(held => !published.Contains(held.Key)))
            yield return new Effect.Publish(commit, of);
    }

    /// <summary>Failures are remembered once each.</summary>
    public static IEnumerable<Effect> Failures(TestView tests) =>
        from seen in tests.Checks.Failing
        where !(tests.Record(seen.Key) is { FailedAt: { Count: > 0 } known } && known[^1].ToUnixTimeMilliseconds() >= seen.At.ToUnixTimeMilliseconds())
        select new Effect.NoteFailed(seen.Test, seen.Key, seen.At);

    /// <summary>
    /// Candidates, the tips that they lie on, and the revisions of changes that wait for nothing but tests: reports on anything else decide
    /// nothing now, and a forge need not be asked for them.
    /// </summary>
    public static IEnumerable<CommitSha> Awaited(Snapshot now, Chain chain, Queue queue, TestView tests)
    {
        var awaited = chain.Awaited.ToHashSet();
        if (tests.Checks.OnCandidate.Count > 0)
            awaited.UnionWith(now.Grounds.Keys.Append(now.Tip));
        if (now.Rules.Required.Any(test => test.Check is { OnRevision: true }))
            awaited.UnionWith(now.Changes.Where(change => queue.Judgements[change.Id].Missing.All(verdict => verdict.Name.StartsWith("test ", StringComparison.Ordinal))).Select(change => change.Current.Commit));
        return awaited.Order();
    }
}
