using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Everything that a verdict may rest upon. What is not here, no gate can ask about.</summary>
public sealed record Circumstances
{
    public required Change Change { get; init; }

    public required Membership People { get; init; }

    public required ForgeTraits Forge { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>The paths that differ between the base and the candidate that would land; null when there is no candidate yet.</summary>
    public ValueList<string>? CandidatePaths { get; init; }

    public IReadOnlyDictionary<string, TestStanding> Tests { get; init; } = new Dictionary<string, TestStanding>();

    /// <summary>True to ask what would be if every test not yet known passed: the question that admits to the queue.</summary>
    public bool AssumeTests { get; init; }

    /// <summary>Whether an approval follows a new revision with the same diff, message and target.</summary>
    public bool CarrySameDiff { get; init; }

    /// <summary>The trunk's owners files by <see cref="OwnersApprove.Key"/>; a file that the trunk does not have is absent.</summary>
    public IReadOnlyDictionary<string, OwnersFile> Owners { get; init; } = new Dictionary<string, OwnersFile>();

    /// <summary>The union of what the change's own commits and its merge touch; null when either could not be computed.</summary>
    public IEnumerable<string>? ChangedPaths =>
        Change.Paths is not { } own ? null : CandidatePaths is { } merged ? own.Union(merged) : own;

    /// <summary>Whether it is known who pushed the revision and each of its commits: the forge tells, or the author made them his own by asking to land it.</summary>
    public bool UploaderIsKnown => UnknownPush is null;

    /// <summary>Whether a vote that does not count now may count by itself: who pushed it, or who voted, is not known yet.</summary>
    public bool VotesMayCountLater => !UploaderIsKnown || Change.Votes.Any(vote => vote.VoidForNow);

    /// <summary>Whether the author answers for the revision: they pushed it, or asked to land it.</summary>
    public bool IsTheAuthors => AuthorAskedToLand || Change.Uploader == Change.Author;

    private bool AuthorAskedToLand => Change.Requests.Any(request => request.Kind is RequestKind.Land && request.By == Change.Author && request.On == Change.Current.Commit);

    /// <summary>The commit of which the forge does not tell who pushed it; null where it tells of all, or the author asked to land the revision.</summary>
    public CommitSha? UnknownPush =>
        AuthorAskedToLand ? null
        : Change.Uploader is null ? Change.Current.Commit
        : Change.Commits.FirstOrDefault(commit => !commit.PusherIsKnown)?.Sha;

    /// <summary>
    /// The author, the uploader and every commit's author, committer and first pusher: those whose word on the change is not a second pair
    /// of eyes. The gate is none of them.
    /// </summary>
    public IEnumerable<Account> Makers =>
        Change.Commits.SelectMany(commit => commit.PushedBy.Select(by => (Account?)by).Append(commit.Author).Append(commit.Committer))
            .Append(Change.Uploader).Append(Change.Author).OfType<Account>().Where(maker => maker != Forge.Gate).Distinct();
}

/// <summary>What a forge can tell. What it cannot tell makes a gate that asks for it wait, with that reason.</summary>
public sealed record ForgeTraits(string Name)
{
    /// <summary>The gate's own account there; its votes never count.</summary>
    public Account? Gate { get; init; }

    public ValueList<Account> Bots { get; init; } = [];

    /// <summary>What <c>from</c> of a check must name here, because the forge vouches for nothing else; any of them will do.</summary>
    public ValueList<string> Vouched { get; init; } = [];

    /// <summary>Whether candidates are published here for others to test: the forge has that, and the operator has named the place.</summary>
    public bool Publishes { get; init; }

    /// <summary>What <c>from</c> of a check means where it does not say it.</summary>
    public ValueList<ImpliedSource> Implied { get; init; } = [];

    /// <summary>Sources as which anybody may report, unless <c>from</c> says more.</summary>
    public ValueList<SharedSource> Shared { get; init; } = [];

    public bool HasLabels { get; init; }

    public bool HasDrafts { get; init; }

    public bool HasScores { get; init; }

    public bool HasTeams { get; init; }

    /// <summary>Whether it tells which branch a change comes from.</summary>
    public bool HasBranches { get; init; }

    /// <summary>What the forge calls the repository that changes are proposed to; null where that is not known.</summary>
    public string? Repository { get; init; }

    /// <summary>Whether it tells by itself whose key signed a commit; else the operator may name keys.</summary>
    public bool TellsSignatures { get; init; }

    /// <summary>Whether an owners file names accounts and teams with a leading @ there, and not groups of the rules.</summary>
    public bool OwnersByAt { get; init; }

    public static ForgeTraits Everything { get; } = new("any forge") { HasLabels = true, HasDrafts = true, HasScores = true, HasTeams = true, HasBranches = true, TellsSignatures = true };
}

/// <summary>A pair of <c>from</c> that is understood beside another: what a report on the candidate must say, and what one on the revision.</summary>
public sealed record ImpliedSource(string Key, string Beside, string OnCandidate, string OnRevision);

/// <summary>A pair of <c>from</c> that many share, and what must be named beside it to tell whose report it is.</summary>
public sealed record SharedSource(string Key, string Value, string Beside);

/// <summary>Where a test stands for a change: known for the key of its candidate, or not known yet and why.</summary>
public abstract record TestStanding
{
    private TestStanding()
    {
    }

    public sealed record Passed(string Evidence) : TestStanding;

    /// <summary><see cref="ForGood"/>: whatever the change is merged onto, as a report on the revision itself is.</summary>
    public sealed record Failed(string Why) : TestStanding
    {
        public bool ForGood { get; init; }

        /// <summary>The last lines that it printed.</summary>
        public string LastLines { get; init; } = "";
    }

    public sealed record Running(string Where) : TestStanding;

    /// <summary>Neither passed nor failed, for a reason that is not the change's: parked, lost, silent, or simply not started.</summary>
    public sealed record Unknown(string Why) : TestStanding;
}
