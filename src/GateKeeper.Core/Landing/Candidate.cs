using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>
/// A revision merged onto a base. The pair is the identity of a merge; what a test saw of it has a key of its own, so a stale result is
/// not wrong, merely unreferenced.
/// </summary>
public readonly record struct Candidate(CommitSha Base, Revision Revision)
{
    public override string ToString() => $"{Revision} on {Base}";
}

/// <summary>What came of building a candidate.</summary>
public abstract record CandidateFacts
{
    private CandidateFacts()
    {
    }

    /// <summary>The merge exists.</summary>
    public sealed record Built : CandidateFacts
    {
        public required CommitSha Commit { get; init; }

        /// <summary>The paths that differ between base and candidate.</summary>
        public required ValueList<string> Paths { get; init; }

        /// <summary>For each test that the gate runs, the key of what the test would see.</summary>
        public required IReadOnlyDictionary<string, string> Keys { get; init; }

        /// <summary>Why the rules file that the candidate would bring is invalid; null when it is valid.</summary>
        public string? RulesProblem { get; init; }

        /// <summary>The <see cref="Wording"/> that it was made with, as its digest: with others it is another candidate.</summary>
        public string Words { get; init; } = "";

        /// <summary>
        /// Tests as the rules file that the candidate would bring defines them, where that differs from the trunk's, with the key of each.
        /// They are run and shown to whoever decides on the change, and decide nothing: their keys are no key of the trunk's own tests.
        /// </summary>
        public ValueList<(TestDefinition Test, string Key)> Brought { get; init; } = [];

        /// <summary>The keys of everything that a plan may run on it or ask after, by the trunk's definitions.</summary>
        public IEnumerable<string> AllKeys(IEnumerable<TestDefinition> tests) =>
            Keys.Values.Concat(tests.Where(test => test.Network && Keys.ContainsKey(test.Name)).Select(test => RunOrder.ProposalKey(test, Keys[test.Name]))).Concat(Brought.Select(item => item.Key));
    }

    /// <summary>The merge exists, and the rules file that it would bring is still being read.</summary>
    public sealed record Reading(CommitSha Commit) : CandidateFacts;

    /// <summary>Text against text: these files must be merged by a person.</summary>
    public sealed record Conflict(ValueList<string> Files) : CandidateFacts;

    /// <summary>Not all that it is made of is there, so nobody can tell what would come of it. It is tried again.</summary>
    public sealed record Unknown(string Why) : CandidateFacts;

    /// <summary>Git could not or may not build it, for a reason that lies in the change.</summary>
    public sealed record Refused(string Why) : CandidateFacts
    {
        /// <summary>Whether nothing is wrong with it but where it begins: its author rebases it.</summary>
        public bool NeedsRebase { get; init; }
    }
}

/// <summary>What is known of one key: facts with their times, which a plan reads and never writes.</summary>
public sealed record KeyRecord
{
    public DateTimeOffset? PassedAt { get; init; }

    /// <summary>When runs of it ended in failure, oldest first.</summary>
    public ValueList<DateTimeOffset> FailedAt { get; init; } = [];

    /// <summary>How the last failure came about, in few lines.</summary>
    public string Why { get; init; } = "";

    /// <summary>The last lines that it printed, for its author.</summary>
    public string LastLines { get; init; } = "";

    /// <summary>How often in a row the runner was lost; a result ends the row.</summary>
    public int Lost { get; init; }

    public DateTimeOffset? LostAt { get; init; }

    /// <summary>The last run, whose log people can read.</summary>
    public long? Run { get; init; }

    public int FailuresSince(DateTimeOffset? since) => since is null ? FailedAt.Count : FailedAt.Count(at => at > since);
}

/// <summary>Why a run is made: the lowest goes first when slots are few.</summary>
public enum RunPurpose
{
    Gate,
    Base,
    Proposal,
}

/// <summary>
/// One test to be run on one tree, and on whose behalf. The order carries the definition that its key was made from, so that nobody looks
/// up another one of the same name: a change may bring a definition of its own.
/// </summary>
public sealed record RunOrder(TestDefinition Definition, string Key, Candidate Candidate, CommitSha Commit, RunPurpose Purpose, Account For)
{
    /// <summary>What people call it.</summary>
    public string Test => Definition.Name;

    /// <summary>Whether a change defines the test itself: then what comes of it says nothing of the trunk's test of that name.</summary>
    public bool IsBrought { get; init; }

    /// <summary>
    /// The key of a proposal run. A test with network is keyed by the commit alone, and what it found when the change was proposed says
    /// nothing of the world at the landing: so its proposal results have keys of their own.
    /// </summary>
    public static string ProposalKey(TestDefinition test, string key) => test.Network ? $"{key} when proposed" : key;
}

/// <summary>A run in flight.</summary>
public sealed record ActiveRun(long Id, RunOrder Order, DateTimeOffset StartedAt);
