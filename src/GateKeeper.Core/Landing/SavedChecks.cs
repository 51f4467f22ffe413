using System.Collections.Immutable;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>Where others' tests stand for a change that was written down: by the same reading of reports as for one on a forge.</summary>
public static class SavedChecks
{
    private static readonly CommitSha Somewhere = new(new string('0', 40));

    /// <param name="rules">The rules.</param>
    /// <param name="now">The change, with the reports on its revision and on its candidate.</param>
    /// <param name="candidate">The merge that would land; null where none is written down, and then no report on one counts.</param>
    public static IReadOnlyDictionary<string, TestStanding> Of(Ruleset rules, Circumstances now, CommitSha? candidate)
    {
        var others = rules.Tests.Where(test => test.Check is not null).ToList();
        var built = candidate is not { } commit ? null : new CandidateFacts.Built
        {
            Commit = commit,
            Paths = now.CandidatePaths ?? [],
            Keys = others.ToDictionary(test => test.Name, test => $"{commit.Hex} {test.Name}"),
        };
        var checks = new Checks(new()
        {
            Trunk = now.Change.Target,
            Tip = Somewhere,
            Now = now.Now,
            Rules = rules,
            Changes = [now.Change],
            People = now.People,
            Forge = now.Forge,
            Owners = now.Owners,
            Candidates = built is null ? ImmutableDictionary<Candidate, CandidateFacts>.Empty : ImmutableDictionary<Candidate, CandidateFacts>.Empty.Add(new(Somewhere, now.Change.Current), built),
            Results = ImmutableDictionary<string, KeyRecord>.Empty,
            Slots = 1,
            Queue = ImmutableDictionary<ChangeId, QueueRecord>.Empty,
            Reports = built is null ? ImmutableDictionary<CommitSha, ValueList<Check>>.Empty : ImmutableDictionary<CommitSha, ValueList<Check>>.Empty.Add(built.Commit, now.Change.Checks),
        });
        return others.ToDictionary(test => test.Name, test => test.OnCandidate ? checks.Standing(test, now.Change, built, since: null) : checks.OnRevision(test, now.Change));
    }
}
