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

    public bool Passed(TestDefinition test, string? key) =>
        Record(key)?.PassedAt is { } at && (test.FreshFor is not { } fresh || now.Now - at < fresh);

    /// <summary>Failures that count: none from before a retry, and none from while the trunk itself was red in the test.</summary>
    public int Failures(TestDefinition test, string? key, DateTimeOffset? retried)
    {
        if (Record(key) is not { } record || Passed(test, key))
            return 0;

        var tip = now.TipKeys.GetValueOrDefault(test.Name);
        var red = tip != key && Record(tip) is { PassedAt: not null, FailedAt: { Count: > 0 } failed } ? failed[^1] : (DateTimeOffset?)null;
        return record.FailuresSince(retried > red || red is null ? retried : red);
    }

    /// <summary>True when the trunk's own tip fails the test for good.</summary>
    public bool IsRed(TestDefinition test) =>
        now.TipKeys.TryGetValue(test.Name, out var key) && !Passed(test, key) && Record(key)?.FailedAt.Count > test.Retries;

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

        var last = change.Checks
            .Where(report => report.Name == check.Name && report.On == change.Current.Commit && check.From.All(report.Source.Contains))
            .MaxBy(report => report.At);
        return last switch
        {
            null => new TestStanding.Unknown($"no report of {check.Name} by {string.Join(", ", check.From.Select(pair => pair.Value))} on {change.Current.Commit}"),
            { State: "pending" or "running" or "", At: var since } when now.Now - since > test.Timeout => new TestStanding.Unknown($"infrastructure lost: {check.Name} has been in progress since {since:yyyy-MM-dd HH:mm} UTC, longer than {Time.Say(test.Timeout)}"),
            { State: "pending" or "running" or "" } => new TestStanding.Running($" ({check.Name})"),
            { State: var state } when check.Accept.Contains(state) => new TestStanding.Passed($" ({check.Name}, tested alone, not merged)"),
            { State: var state } => new TestStanding.Failed($"{test.Check!.Name} reported {state}"),
        };
    }
}
