using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>All that a plan rests upon, read at one moment. Immutable; nothing else is looked at.</summary>
public sealed record Snapshot
{
    /// <summary>The trunk's short branch name.</summary>
    public required string Trunk { get; init; }

    /// <summary>What tells it from the trunks of other repositories: repository/trunk.</summary>
    public string Key { get => field ?? Trunk; init; }

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

    /// <summary>The same for earlier tips on which something failed.</summary>
    public IReadOnlyDictionary<CommitSha, IReadOnlyDictionary<string, string>> Grounds { get; init; } = new Dictionary<CommitSha, IReadOnlyDictionary<string, string>>();

    public required IReadOnlyDictionary<string, KeyRecord> Results { get; init; }

    public ValueList<ActiveRun> Runs { get; init; } = [];

    /// <summary>What the gate has published for others to test.</summary>
    public ValueList<Publication> Published { get; init; } = [];

    /// <summary>What could not be published, and why; it is tried again.</summary>
    public IReadOnlyDictionary<CommitSha, string> Unpublished { get; init; } = new Dictionary<CommitSha, string>();

    /// <summary>
    /// What the forge shows at this moment on commits that others test. One that is not here has not been looked at, which is something
    /// else than that nothing was reported.
    /// </summary>
    public IReadOnlyDictionary<CommitSha, ValueList<Check>> Reports { get; init; } = new Dictionary<CommitSha, ValueList<Check>>();

    /// <summary>How long a run of each test takes, from those that passed; a test that never did is not here.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Durations { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>How many runs there may be at once, for all trunks together, and how many of them others have.</summary>
    public required int Slots { get; init; }

    public int SlotsOfOthers { get; init; }

    /// <summary>How many of those are for proposals.</summary>
    public int ProposalsOfOthers { get; init; }

    /// <summary>At most so many of the slots go to proposals.</summary>
    public int ProposalSlots { get; init; } = int.MaxValue;

    public required IReadOnlyDictionary<ChangeId, QueueRecord> Queue { get; init; }

    /// <summary>The present width of the window, never above that of the rules.</summary>
    public int Window { get; init; } = 20;

    /// <summary>Why nothing lands on this trunk at present (paused, stopped, refused, frozen by the operator); null when it may.</summary>
    public string? Closed { get; init; }

    /// <summary>What was last asked of the trunk in a comment, as far as it is remembered.</summary>
    public AskedOfTrunk? Asked { get; init; }

    /// <summary>The holds that are remembered, of whatever revision.</summary>
    public IReadOnlyDictionary<ChangeId, ValueList<Request>> Holds { get; init; } = new Dictionary<ChangeId, ValueList<Request>>();

    /// <summary>True while the gate has never before looked at this trunk: what is open was there before it.</summary>
    public bool FirstSight { get; init; }

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

    /// <summary>
    /// Whether the change's tests may be run: everybody's, or only those of members, or with a reviewer's word for this revision (an
    /// approval that counts, or a member's request to test it).
    /// </summary>
    public bool MayRun(Change change)
    {
        if (RunFor is RunFor.Anyone)
            return true;
        var around = Around(change);
        return (RunFor is RunFor.Members && (Landed.Contains(change.Author) || IsMember(change.Author)))
            || Rules.Gates.SelectMany(gate => gate.Require.Flatten()).Any(part => part.Seats(around) is { Who.Count: > 0 })
            || change.Requests.Any(request => request.Kind is RequestKind.Test && request.On == change.Current.Commit && IsMember(request.By) && Core.Rules.Asked.May(Rules, request, around));
    }

    private bool IsMember(Account account) => Rules.Groups.Any(group => People.Has(group.Name, account));

    /// <summary>A change to the rules, an owners file or the attributes lands alone, and nothing is built on it before.</summary>
    public bool IsBarrier(IEnumerable<string> paths)
    {
        var owners = Rules.Gates.SelectMany(gate => gate.Require.Flatten()).OfType<OwnersApprove>().ToList();
        return paths.Any(path => path == RulesPath || path == ".gitattributes" || path.EndsWith("/.gitattributes", StringComparison.Ordinal) || owners.Exists(file => file.Reads(path)));
    }
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

    /// <summary>The tip on which a test of it first failed: that the trunk has moved since does not undo that.</summary>
    public CommitSha? FailedOn { get; init; }

    public Ejection? Ejected { get; init; }

    public Parking? Parked { get; init; }

    /// <summary>The topics that have been reported on this revision.</summary>
    public ValueList<string> Told { get; init; } = [];

    /// <summary>It was open before the gate first looked, and has not moved since.</summary>
    public bool IsLeftAlone => Told.Contains(Topics.Before);
}

/// <summary>A freeze that somebody asked for in a comment, or that such a one was lifted. It outlives the change on which it was asked.</summary>
public sealed record AskedOfTrunk(bool Frozen, Account By, string Reason, DateTimeOffset At, long Order)
{
    public bool IsBefore(Request request) => (At, Order).CompareTo((request.At, request.Order)) < 0;
}

/// <summary>Why a revision was taken out of the queue. It comes back by a new revision or a retry.</summary>
public sealed record Ejection(string Outcome, string Why, DateTimeOffset At)
{
    /// <summary>The last lines that a test printed which it failed.</summary>
    public string LastLines { get; init; } = "";
}

/// <summary>Why a revision cannot go on for a reason not its own, and when it is tried again.</summary>
public sealed record Parking(string Why, DateTimeOffset Until, int Attempts);
