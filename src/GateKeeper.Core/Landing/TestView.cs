using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>Reads where tests stand on a candidate. One place, so that plan, page and verdict cannot differ.</summary>
internal sealed class TestView(Snapshot now)
{
    private readonly HashSet<string> running = [.. now.Runs.Select(run => run.Order.Key)];

    /// <summary>Those that others report.</summary>
    public Checks Checks { get; } = new(now);

    public KeyRecord? Record(string? key) => key is not null ? now.Results.GetValueOrDefault(key) : null;

    public bool IsRunning(string key) => running.Contains(key);

    /// <summary>
    /// A pass stands while it is fresh. Where a run's outcome rests on the world, a later failure outweighs it. For what others report this
    /// is asked of the trunk only; where a candidate stands with them is for its standing to say.
    /// </summary>
    public bool Passed(TestDefinition test, string? key) =>
        test.Check is not null ? Checks.OfTip(test, key) is Reading.Passed
        : Record(key) is { PassedAt: { } at } record && (test.FreshFor is not { } fresh || now.Now - at < fresh)
            && !(test.DependsOnTheWorld && record.FailedAt.Count > 0 && record.FailedAt[^1] > at);

    /// <summary>Whether it has passed, too long ago to count: it is run again when nothing undecided stands before it.</summary>
    public bool IsOutOfDate(TestDefinition test, string? key) => Record(key)?.PassedAt is { } at && now.Now - at >= test.FreshFor;

    /// <summary>Failures that count: none from before a pass or a retry, and none from while the trunk itself was red in the test.</summary>
    public int Failures(TestDefinition test, string? key, DateTimeOffset? retried) => Failures(test, key, retried, now.TipKeys);

    /// <param name="test">The test.</param>
    /// <param name="key">What it saw.</param>
    /// <param name="retried">When somebody asked for a new count.</param>
    /// <param name="ground">The keys of the tip that the key's candidate lies on.</param>
    public int Failures(TestDefinition test, string? key, DateTimeOffset? retried, IReadOnlyDictionary<string, string> ground)
    {
        if (test.Check is not null)
            return Checks.Of(test, key, Since(test, key, retried, ground)) is Reading.Failed ? 1 : 0;
        return Record(key) is { } record && !Passed(test, key) ? record.FailuresSince(Latest(Since(test, key, retried, ground), record.PassedAt)) : 0;
    }

    /// <summary>The moment from which failures count: when somebody asked for a new count, or when the trunk was no longer red in the test.</summary>
    public DateTimeOffset? Since(TestDefinition test, string? key, DateTimeOffset? retried, IReadOnlyDictionary<string, string> ground)
    {
        var tip = ground.GetValueOrDefault(test.Name);
        return tip != key && Record(tip) is { FailedAt: { Count: > 0 } failed } && PassedAt(test, tip) is { } healed ? Latest(retried, healed > failed[^1] ? healed : failed[^1]) : retried;
    }

    /// <summary>True when the trunk's own tip fails the test for good.</summary>
    public bool IsRed(TestDefinition test) => IsRed(test, now.TipKeys);

    /// <summary>While a check that failed is done again, or is not shown, the trunk is red still: what is remembered of it ends with a pass.</summary>
    public bool IsRed(TestDefinition test, IReadOnlyDictionary<string, string> ground) =>
        ground.TryGetValue(test.Name, out var key) && !Passed(test, key)
        && (FailsNow(test, key) || (Record(key) is { } record && record.FailuresSince(test.Check is null ? record.PassedAt : Checks.LastPass(test, key)) > test.Retries));

    private bool FailsNow(TestDefinition test, string key) => test.Check is not null && Checks.OfTip(test, key) is Reading.Failed;

    /// <summary>
    /// Whether the trunk is known to pass what a change fails. Where the outcome rests on the world, only a run of the trunk that ended
    /// after the failure tells: an hour without network is nobody's fault.
    /// </summary>
    public bool TrunkPasses(TestDefinition test, string tip, string failing) =>
        Passed(test, tip) && !(test.DependsOnTheWorld && Record(failing) is { FailedAt: { Count: > 0 } failed } && Record(tip)!.PassedAt < failed[^1]);

    /// <summary>How it failed, for its author.</summary>
    public string Why(TestDefinition test, string key) =>
        test.Check is null ? Record(key)!.Why : Checks.Of(test, key, null) is Reading.Failed failed ? Checks.Said(test, failed) : "";

    /// <summary>The last lines that it printed when it failed.</summary>
    public string LastLines(TestDefinition test, string key) => test.Check is null ? Record(key)!.LastLines : "";

    /// <summary>Where the checks that others report on revisions stand: known whatever the change is merged onto.</summary>
    public IReadOnlyDictionary<string, TestStanding> OfRevision(Change change) =>
        now.Rules.Tests.Where(test => test.Check is { OnRevision: true }).ToDictionary(test => test.Name, test => Checks.OnRevision(test, change));

    private DateTimeOffset? PassedAt(TestDefinition test, string? key) =>
        test.Check is null ? Record(key)?.PassedAt : (Checks.OfTip(test, key) as Reading.Passed)?.At;

    private static DateTimeOffset? Latest(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;

    public IReadOnlyDictionary<string, TestStanding> Standings(Change change, CandidateFacts.Built? candidate, DateTimeOffset? retried) =>
        now.Rules.Tests.ToDictionary(test => test.Name, test => Standing(test, change, candidate, retried));

    private TestStanding Standing(TestDefinition test, Change change, CandidateFacts.Built? candidate, DateTimeOffset? retried)
    {
        if (test.Check is { OnRevision: true })
            return Checks.OnRevision(test, change);
        if (test.Check is not null)
            return Checks.Standing(test, change, candidate, Since(test, candidate?.Keys.GetValueOrDefault(test.Name), retried, now.TipKeys));
        if (candidate is null || !candidate.Keys.TryGetValue(test.Name, out var key))
            return new TestStanding.Unknown("not merged onto the trunk yet");

        var record = Record(key);
        if (Passed(test, key))
            return new TestStanding.Passed(record!.FailedAt.Count > 0 ? " (after a failure: a flake)" : "");
        if (Failures(test, key, retried) is > 0 and var failures)
        {
            return failures <= test.Retries && IsRunning(key) ? new TestStanding.Running(", again after a failure")
                : IsRed(test) ? new TestStanding.Unknown($"it failed, and the trunk itself fails it too (red): {record!.Why}")
                : new TestStanding.Failed(record!.Why) { LastLines = record.LastLines };
        }

        return IsRunning(key) ? new TestStanding.Running("")
            : record?.Lost > 0 ? new TestStanding.Unknown($"infrastructure lost {record.Lost} times")
            : record?.PassedAt is not null ? new TestStanding.Unknown("its pass is out of date")
            : new TestStanding.Unknown("not run yet");
    }
}
