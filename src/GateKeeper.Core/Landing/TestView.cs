using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>Reads where tests stand on a candidate. One place, so that plan, page and verdict cannot differ.</summary>
internal sealed class TestView(Snapshot now)
{
    private readonly HashSet<string> running = [.. now.Runs.Select(run => run.Order.Key)];

    public KeyRecord? Record(string? key) => key is not null ? now.Results.GetValueOrDefault(key) : null;

    public bool IsRunning(string key) => running.Contains(key);

    /// <summary>A pass stands while it is fresh. Where a run's outcome rests on the world, a later failure outweighs it.</summary>
    public bool Passed(TestDefinition test, string? key) =>
        Record(key) is { PassedAt: { } at } record && (test.FreshFor is not { } fresh || now.Now - at < fresh)
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
        if (Record(key) is not { } record || Passed(test, key))
            return 0;

        var tip = ground.GetValueOrDefault(test.Name);
        var red = tip != key && Record(tip) is { FailedAt: { Count: > 0 } failed, PassedAt: { } healed } ? healed > failed[^1] ? healed : failed[^1] : (DateTimeOffset?)null;
        return record.FailuresSince(Latest(Latest(retried, red), record.PassedAt));
    }

    /// <summary>True when the trunk's own tip fails the test for good.</summary>
    public bool IsRed(TestDefinition test) => IsRed(test, now.TipKeys);

    public bool IsRed(TestDefinition test, IReadOnlyDictionary<string, string> ground) =>
        ground.TryGetValue(test.Name, out var key) && !Passed(test, key) && Record(key) is { } record && record.FailuresSince(record.PassedAt) > test.Retries;

    /// <summary>
    /// Whether the trunk is known to pass what a change fails. Where the outcome rests on the world, only a run of the trunk that ended
    /// after the failure tells: an hour without network is nobody's fault.
    /// </summary>
    public bool TrunkPasses(TestDefinition test, string tip, string failing) =>
        Passed(test, tip) && !(test.DependsOnTheWorld && Record(failing) is { FailedAt: { Count: > 0 } failed } && Record(tip)!.PassedAt < failed[^1]);

    /// <summary>Where the checks that others report stand: known whatever the change is merged onto.</summary>
    public IReadOnlyDictionary<string, TestStanding> Checks(Change change) =>
        now.Rules.Tests.Where(test => test.Check is not null).ToDictionary(test => test.Name, test => Reported(test, test.Check!, change));

    private static DateTimeOffset? Latest(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;

    public IReadOnlyDictionary<string, TestStanding> Standings(Change change, CandidateFacts.Built? candidate, DateTimeOffset? retried) =>
        now.Rules.Tests.ToDictionary(test => test.Name, test => Standing(test, change, candidate, retried));

    private TestStanding Standing(TestDefinition test, Change change, CandidateFacts.Built? candidate, DateTimeOffset? retried)
    {
        if (test.Check is not null)
            return Reported(test, test.Check, change);
        if (candidate is null || !candidate.Keys.TryGetValue(test.Name, out var key))
            return new TestStanding.Unknown("not merged onto the trunk yet");

        var record = Record(key);
        if (Passed(test, key))
            return new TestStanding.Passed(record!.FailedAt.Count > 0 ? " (after a failure: a flake)" : "");
        if (Failures(test, key, retried) is > 0 and var failures)
        {
            return failures <= test.Retries && IsRunning(key)
                ? new TestStanding.Running(", again after a failure")
                : new TestStanding.Failed(record!.Why);
        }

        return IsRunning(key) ? new TestStanding.Running("")
            : record?.Lost > 0 ? new TestStanding.Unknown($"infrastructure lost {record.Lost} times")
            : record?.PassedAt is not null ? new TestStanding.Unknown("its pass is out of date")
            : new TestStanding.Unknown("not run yet");
    }

    /// <summary>Only the pinned source's last report counts, and only the accepted words pass.</summary>
    private TestStanding Reported(TestDefinition test, CheckDefinition check, Change change)
    {
        if (now.Forge.Vouched.Count > 0 && !check.From.Any(pair => now.Forge.Vouched.Contains(pair.Key)))
            return new TestStanding.Unknown($"configuration error: on {now.Forge.Name} anybody may report under any name, so \"from\" of {test.Name} must name {string.Join(" or ", now.Forge.Vouched)}");
        if (!check.OnRevision)
            return new TestStanding.Unknown("configuration error: candidates are not published on this forge, so nobody can report on them");

        var reports = change.Checks.Where(report => report.Name == check.Name && report.On == change.Current.Commit && check.From.All(report.Source.Contains)).ToList();
        var ordered = reports.TrueForAll(report => report.Order is not null);
        var last = ordered ? reports.MaxBy(report => report.Order) : reports.MaxBy(report => report.At);
        if (last is not null && check.Accept.Contains(last.State) && reports.Exists(report => report.State != last.State && (!ordered || report.Order == last.Order)))
            return new TestStanding.Unknown($"{check.Name} reported {string.Join(" and ", reports.Select(report => $"\"{report.State}\"").Distinct())}, and which of them came last is not known");
        return last switch
        {
            null => new TestStanding.Unknown($"no report of {check.Name} by {string.Join(", ", check.From.Select(pair => pair.Value))} on {change.Current.Commit}"),
            { State: "pending" or "running" or "", At: var since } when now.Now - since > test.Timeout => new TestStanding.Unknown($"infrastructure lost: {check.Name} has been in progress since {since:yyyy-MM-dd HH:mm} UTC, longer than {Time.Say(test.Timeout)}"),
            { State: "pending" or "running" or "" } => new TestStanding.Running($" ({check.Name})"),
            { State: var state } when check.Accept.Contains(state) => new TestStanding.Passed($" ({check.Name}, tested alone, not merged)"),
            { State: "failure" or "failed" or "error" or "timed_out" or "startup_failure" } => new TestStanding.Failed($"{check.Name} reported {last.State}") { ForGood = true },
            _ => new TestStanding.Unknown($"{check.Name} reported \"{last.State}\", which is no pass ({string.Join(", ", check.Accept)} would be)"),
        };
    }
}
