using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>All that a plan rests upon, read at one moment. Immutable; nothing else is looked at.</summary>
public sealed record Snapshot
{
    /// <summary>The trunk's short branch name.</summary>
    public required string Trunk { get; init; }

    public required CommitSha Tip { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required Ruleset Rules { get; init; }

    /// <summary>Why the rules file at the tip is invalid, so that an older one judges; null when it is valid.</summary>
    public string? RulesProblem { get; init; }

    public string RulesPath { get; init; } = "rules.yaml";

    /// <summary>The open changes of the trunk.</summary>
    public required ValueList<Change> Changes { get; init; }

    public required Membership People { get; init; }

    public required ForgeTraits Forge { get; init; }

    public IReadOnlyDictionary<string, OwnersFile> Owners { get; init; } = new Dictionary<string, OwnersFile>();

    public required IReadOnlyDictionary<Candidate, CandidateFacts> Candidates { get; init; }

    /// <summary>For each test that the gate runs, its key on the tip itself.</summary>
    public IReadOnlyDictionary<string, string> TipKeys { get; init; } = new Dictionary<string, string>();

    public required IReadOnlyDictionary<string, KeyRecord> Results { get; init; }

    public ValueList<ActiveRun> Runs { get; init; } = [];

    /// <summary>How many runs there may be at once, for all trunks together, and how many of them others have.</summary>
    public required int Slots { get; init; }

    public int SlotsOfOthers { get; init; }

    /// <summary>At most so many of the slots go to proposals.</summary>
    public int ProposalSlots { get; init; } = int.MaxValue;

    public required IReadOnlyDictionary<ChangeId, QueueRecord> Queue { get; init; }

    /// <summary>The present width of the window, never above that of the rules.</summary>
    public int Window { get; init; } = 20;

    /// <summary>Why nothing lands on this trunk at present (paused, stopped, refused, frozen by the operator); null when it may.</summary>
    public string? Closed { get; init; }

    /// <summary>The names of the alarms that last.</summary>
    public IReadOnlySet<string> Alarms { get; init; } = new HashSet<string>();

    /// <summary>Whose changes are run without a reviewer's word.</summary>
    public RunFor RunFor { get; init; } = RunFor.Anyone;

    /// <summary>Those who have had a change landed, for <see cref="Landing.RunFor.Members"/>.</summary>
    public IReadOnlySet<Account> Landed { get; init; } = new HashSet<Account>();

    /// <summary>Changes proposed before this are left alone until they move or enter the queue.</summary>
    public DateTimeOffset? ProposalsSince { get; init; }

    public Circumstances Around(Change change) => new()
    {
        Change = change,
        People = People,
        Forge = Forge,
        Now = Now,
        Owners = Owners,
    };

    /// <summary>A change to the rules, the owners file or the attributes lands alone, and nothing is built on it before.</summary>
    public bool IsBarrier(IEnumerable<string> paths) => paths.Any(path =>
        path == RulesPath || path == ".gitattributes" || path.EndsWith("/.gitattributes", StringComparison.Ordinal)
        || Rules.Gates.SelectMany(gate => gate.Require.Flatten()).OfType<OwnersApprove>().Any(owners => owners.File == path));
}

public enum RunFor
{
    Anyone,
    Members,
    Approved,
}

/// <summary>What the gate remembers of a change in its queue. Losing it costs the place, never correctness.</summary>
public sealed record QueueRecord(CommitSha Revision)
{
    public DateTimeOffset? EligibleSince { get; init; }

    /// <summary>The tip that the revision was tested on when it was proposed.</summary>
    public CommitSha? ProposedOn { get; init; }

    public Ejection? Ejected { get; init; }

    public Parking? Parked { get; init; }

    /// <summary>The topics that have been reported on this revision.</summary>
    public ValueList<string> Told { get; init; } = [];
}

/// <summary>Why a revision was taken out of the queue. It comes back by a new revision or a retry.</summary>
public sealed record Ejection(string Outcome, string Why, DateTimeOffset At);

/// <summary>Why a revision cannot go on for a reason not its own, and when it is tried again.</summary>
public sealed record Parking(string Why, DateTimeOffset Until, int Attempts);
