using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>Reads where the checks of others stand: by what the forge shows at this moment. Nothing that was seen before outlives that.</summary>
internal sealed class Checks
{
    private readonly Snapshot now;
    private readonly Dictionary<string, (TestDefinition Test, HashSet<CommitSha> Commits)> looked = [];
    private readonly Dictionary<CommitSha, Publication> published;

    public Checks(Snapshot now)
    {
        this.now = now;
        published = now.Published.DistinctBy(one => one.Commit).ToDictionary(one => one.Commit);
        OnCandidate = [.. now.Rules.Required.Where(test => test.OnCandidate)];
        if (now.Reports.Count == 0 || !now.Rules.Tests.Any(test => test.OnCandidate))
            return;
        Look(now.Tip, now.TipKeys);
        foreach (var (ground, keys) in now.Grounds)
            Look(ground, keys);
        foreach (var built in now.Candidates.Values.OfType<CandidateFacts.Built>())
            Look(built.Commit, built.Keys);
    }

    /// <summary>The required ones that others do on candidates.</summary>
    public IReadOnlyList<TestDefinition> OnCandidate { get; }

    public bool HasLooked(CommitSha commit) => now.Reports.ContainsKey(commit);

    public Publication? Published(CommitSha commit) => published.GetValueOrDefault(commit);

    /// <summary>What is reported on all commits that hold the same.</summary>
    /// <param name="test">The check.</param>
    /// <param name="key">What the commits hold.</param>
    /// <param name="since">What ended without a pass before this moment is forgotten.</param>
    public Reading Of(TestDefinition test, string? key, DateTimeOffset? since) => Reading.Of(test.Check!, From(test.Check!), On(key), since);

    /// <summary>What the last run says of a tip of the trunk.</summary>
    public Reading OfTip(TestDefinition test, string? key) => Reading.Last(test.Check!, From(test.Check!), On(key));

    /// <summary>When a tip last passed, though it is being tested again.</summary>
    public DateTimeOffset? LastPass(TestDefinition test, string? key) => Reading.LastPass(test.Check!, From(test.Check!), On(key));

    /// <summary>What fails at this moment.</summary>
    public IEnumerable<(string Test, string Key, DateTimeOffset At)> Failing =>
        from item in looked
        let failed = Of(item.Value.Test, item.Key, null) as Reading.Failed
        where failed is not null
        select (item.Value.Test.Name, item.Key, failed.At);

    private IEnumerable<Check> On(string? key) =>
        key is not null && looked.TryGetValue(key, out var seen) ? seen.Commits.SelectMany(commit => now.Reports[commit].Where(report => report.On == commit)) : [];

    /// <summary>Where a check on the candidate stands.</summary>
    public TestStanding Standing(TestDefinition test, Change change, CandidateFacts.Built? built, DateTimeOffset? since)
    {
        if (built is null || !built.Keys.TryGetValue(test.Name, out var key))
            return new TestStanding.Unknown(Misconfigured(test) ?? "not merged onto the trunk yet");
        if (Uncounted(test, change, built) is { } uncounted)
            return new TestStanding.Unknown(uncounted);
        return Of(test, key, since) switch
        {
            Reading.Passed passed => new TestStanding.Passed($" ({test.Check!.Name} by {Whose(test.Check)} on {Where(passed.On)})"),
            Reading.Failed failed => new TestStanding.Failed(Said(test, failed)),
            _ when Trouble(test, key, built.Commit, since) is { } trouble => new TestStanding.Unknown(trouble),
            Reading.Running running => new TestStanding.Running($" ({test.Check!.Name} on {Where(running.On)})"),
            _ when Published(built.Commit) is not null => new TestStanding.Unknown($"awaited: no report of {test.Check!.Name} by {Whose(test.Check)} yet on {Where(built.Commit)}"),
            _ => new TestStanding.Unknown($"{test.Check!.Name} begins when the candidate is published"),
        };
    }

    /// <summary>Where a check on the revision itself stands, whatever that is merged onto.</summary>
    public TestStanding OnRevision(TestDefinition test, Change change)
    {
        var (check, on) = (test.Check!, change.Current.Commit);
        if (Uncounted(test, change, null) is { } uncounted)
            return new TestStanding.Unknown(uncounted);
        var reports = change.Checks.Concat(now.Reports.GetValueOrDefault(on) ?? []).Where(report => report.On == on);
        return Reading.Of(check, From(check), reports, null) switch
        {
            Reading.Silent => new TestStanding.Unknown($"no report of {check.Name} by {Whose(check)} on {on}"),
            Reading.Running { Since: var since } when now.Now - since > test.Timeout => new TestStanding.Unknown(TooLong(test, since, "")),
            Reading.Running => new TestStanding.Running($" ({check.Name})"),
            Reading.Passed => new TestStanding.Passed($" ({check.Name}, tested alone, not merged)"),
            Reading.Failed failed => new TestStanding.Failed($"{check.Name} reported {failed.State}") { ForGood = true },
            Reading.NoPass ended => new TestStanding.Unknown(ended.Why),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Why a check cannot count for this change whatever is reported; null when it can.</summary>
    public string? Uncounted(TestDefinition test, Change change, CandidateFacts.Built? built)
    {
        if (Misconfigured(test) is { } wrong)
            return wrong;
        if (test.Check!.DefinedIn is not { } place)
            return null;

        // Whoever can edit what a check does could have it say anything, so somebody who guards that must have seen the edit. A gate that
        // was lifted, or that another stands instead of, is not that word.
        var around = now.Around(change) with { CandidatePaths = built?.Paths, AssumeTests = true, CarrySameDiff = now.Rules.CarrySameDiff };
        return around.ChangedPaths is { } paths && !paths.Any(place.Matches) || now.Rules.Gates.Any(gate => gate.Guards(place) && gate.Require.Judge(around).Passes)
            ? null
            : $"it changes {place}, where {test.Check.Name} is defined, so its report counts when a gate on that has passed";
    }

    /// <summary>Why there is nothing to wait for any more although nothing failed: what is the matter lies with who reports, not with the change.</summary>
    public string? Trouble(TestDefinition test, string key, CommitSha commit, DateTimeOffset? since) => Trouble(test, Of(test, key, since), commit);

    /// <summary>The same of what was read of a commit.</summary>
    public string? Trouble(TestDefinition test, Reading reading, CommitSha commit) => reading switch
    {
        Reading.NoPass ended => $"{ended.Why}, on {Where(ended.On)}; run it again where it runs",
        Reading.Running running when now.Now - running.Since > test.Timeout => TooLong(test, running.Since, $" on {Where(running.On)}"),
        Reading.Silent when HasLooked(commit) && Published(commit) is { } from && now.Now - from.Since > test.Timeout =>
            $"infrastructure lost: nothing was reported of {test.Check!.Name} by {Whose(test.Check)} on {Where(commit)} since {from.Since:yyyy-MM-dd HH:mm} UTC, longer than {Time.Say(test.Timeout)}",
        _ => null,
    };

    public string Said(TestDefinition test, Reading.Failed failed) => $"{test.Check!.Name} reported {failed.State} on {Where(failed.On)}";

    private string? Misconfigured(TestDefinition test) =>
        now.Forge.Vouched.Count > 0 && !test.Check!.From.Any(pair => now.Forge.Vouched.Contains(pair.Key))
            ? $"configuration error: on {now.Forge.Name} anybody may report under any name, so \"from\" of {test.Name} must name {string.Join(" or ", now.Forge.Vouched)}"
        : now.Forge.Shared.FirstOrDefault(shared => test.Check!.From.Contains(KeyValuePair.Create(shared.Key, shared.Value)) && !test.Check.From.Any(pair => pair.Key == shared.Beside)) is { } anybodys
            ? $"configuration error: whoever can push a branch can have {anybodys.Value} report under any name, so \"from\" of {test.Name} must name the {anybodys.Beside} too"
        : test.OnCandidate && !now.Forge.Publishes
            ? $"configuration error: candidates are not published on {now.Forge.Name}, so nobody can report on them; where the forge has that, the operator names the place in \"publish\" of the settings"
        : null;

    private List<KeyValuePair<string, string>> From(CheckDefinition check) =>
    [
        .. check.From,
        .. now.Forge.Implied.Where(implied => check.From.Any(pair => pair.Key == implied.Beside) && !check.From.Any(pair => pair.Key == implied.Key))
            .Select(implied => KeyValuePair.Create(implied.Key, check.OnRevision ? implied.OnRevision : implied.OnCandidate)),
    ];

    private string Whose(CheckDefinition check) => string.Join(", ", From(check).Select(pair => pair.Value));

    private string Where(CommitSha commit) =>
        (commit == now.Tip ? $"the trunk's {commit}" : $"candidate {commit}") + (Published(commit) is { } from ? $", published as {from.As}" : "");

    private static string TooLong(TestDefinition test, DateTimeOffset since, string where) =>
        $"infrastructure lost: {test.Check!.Name} has been in progress{where} since {since:yyyy-MM-dd HH:mm} UTC, longer than {Time.Say(test.Timeout)}";

    private void Look(CommitSha commit, IReadOnlyDictionary<string, string> keys)
    {
        if (!HasLooked(commit))
            return;
        foreach (var test in now.Rules.Tests.Where(test => test.OnCandidate))
        {
            if (!keys.TryGetValue(test.Name, out var key))
                continue;
            if (!looked.TryGetValue(key, out var seen))
                looked[key] = seen = (test, []);
            seen.Commits.Add(commit);
        }
    }
}
