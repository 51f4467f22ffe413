using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Git;

namespace GateKeeper.Forges;

/// <summary>The code-review system, as the rest of the program sees it: it tells what is open, and is told what came of it.</summary>
internal interface IForge
{
    ForgeTraits Traits { get; }

    /// <summary>Looks at the forge, and brings what moved into the mirror. Answers whether anything did. Cheap when nothing did.</summary>
    /// <param name="moving">Refs that the gate itself is moving at this moment: they stay as they are until it knows what came of that.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task<bool> RefreshAsync(IReadOnlySet<string> moving, CancellationToken cancellation);

    /// <summary>Whether anything moved since what is to land was judged. Asked in the moment before it lands.</summary>
    Task<bool> MovedAsync(IReadOnlyList<Revision> landing, IReadOnlySet<string> moving, CancellationToken cancellation);

    /// <summary>Moves the trunk, from where it is expected and within the limit, in the way that the operator named.</summary>
    Task<PushAnswer> LandAsync(string trunk, Effect.Land land, LandingMethod method, TimeSpan limit);

    /// <summary>Whether one change lands at a time by this method, because the forge itself makes the commit.</summary>
    bool LandsSingly(LandingMethod method);

    /// <summary>Reads who belongs to the forge's own groups that rules name; those that were read a moment ago are not read again.</summary>
    Task ReadTeamsAsync(IEnumerable<string> names, CancellationToken cancellation);

    /// <summary>What the operator should mend in how the gate gets on with the forge; null when nothing is the matter.</summary>
    string? Complaint { get; }

    /// <summary>
    /// On which commits reports of others are awaited now, of all trunks together: candidates that were published, tips, and revisions. The
    /// next look reads them, and the last look before a landing reads them again: a run that was made again in between counts as moved.
    /// </summary>
    void Follow(IReadOnlyCollection<CommitSha> commits)
    {
    }

    /// <summary>Everything that is under review, from what has been fetched. Cheap when nothing moved.</summary>
    ForgeView Observe(ForgeQuestion question);

    /// <summary>Whether it shows how each change stands, beside what people are told.</summary>
    bool Shows => false;

    /// <summary>
    /// Shows how the open changes of a trunk stand. Cheap where nothing is other than it was shown last. Answers of which that could not be shown,
    /// and why, which is tried again by later calls; null when all are shown.
    /// </summary>
    Task<string?> ShowAsync(string trunk, IReadOnlyList<Progress> progress, CancellationToken cancellation) => Task.FromResult<string?>(null);

    /// <summary>What the forge still lets the gate ask of it, for the page; null where it counts nothing.</summary>
    string? Figures => null;

    /// <summary>Tells people what the gate found, each message once. What could not be told is thrown, and told again by the next tick.</summary>
    Task TellAsync(IReadOnlyList<Message> messages, CancellationToken cancellation);
}

/// <summary>What a forge needs to be asked with: the trunks and what they hold.</summary>
internal sealed record ForgeQuestion(IReadOnlyDictionary<string, TrunkView> Trunks, Func<string, DateTimeOffset> FirstSeen);

/// <summary>A trunk as git has it.</summary>
internal sealed record TrunkView(string Name, CommitSha Tip, Func<CommitSha, bool> HasLanded, Func<CommitSha, CommitSha, bool> IsAncestor)
{
    /// <summary>As which commit this very change landed in this revision; null where it did not.</summary>
    public Func<ChangeId, CommitSha, CommitSha?> LandedAs { get; init; } = (_, _) => null;

    /// <summary>The forge's groups that its rules name.</summary>
    public IReadOnlyList<string> Teams { get; init; } = [];
}

/// <summary>What is under review, and the people that the forge knows.</summary>
internal sealed record ForgeView(IReadOnlyList<Proposal> Proposals, IReadOnlyDictionary<string, GroupMembers> Teams, string? Problem)
{
    /// <summary>The account of a commit's author; null when the forge knows nobody, or two, by that address.</summary>
    public Func<string, Account?> AccountOf { get; init; } = _ => null;

    /// <summary>The name in the rules as the forge's account.</summary>
    public Func<string, Account> Canonical { get; init; } = name => new(name);

    /// <summary>
    /// Whether a commit that a change brings belongs to another change, in whatever revision and open or not: then the change must depend
    /// on that one, or do without it.
    /// </summary>
    public Func<Change, CommitSha, bool> BelongsElsewhere { get; init; } = (_, _) => false;

    /// <summary>Who pushed the commits of a change first, where the forge records it; a commit of which it records nothing is not here.</summary>
    public Func<Change, IReadOnlyCollection<CommitSha>, IReadOnlyDictionary<CommitSha, Pushers>> FirstPushed { get; init; } = (_, _) => new Dictionary<CommitSha, Pushers>();

    /// <summary>Whose signatures the commits of a change carry, by the forge's word; null where it does not tell.</summary>
    public Func<Change, IReadOnlyDictionary<CommitSha, CommitSignature>>? Signatures { get; init; }

    /// <summary>
    /// What lies below a revision of a change by the forge's word: none of these commits, nor what they contain, was shown to its reviewers as
    /// the change's own. Null where it is not known what they were shown.
    /// </summary>
    public Func<Change, CommitSha, IEnumerable<CommitSha>?> Below { get; init; } = (_, _) => [];

    /// <summary>The change that somebody means by a name in a Depends-On line, and its commit, where the forge can tell.</summary>
    public Func<Change, string, (ChangeId Change, CommitSha? Commit)?> Means { get; init; } = (_, _) => null;

    /// <summary>What people call changes beside their ids, numbers and branches; also what is not open any more.</summary>
    public IReadOnlyDictionary<string, ChangeId> Names { get; init; } = new Dictionary<string, ChangeId>();

    /// <summary>
    /// What was reported on the commits that are followed. One that could not be read, or not yet, is not here: that is something else than
    /// that nothing was reported. Each bears the order and the run that the forge vouches for.
    /// </summary>
    public IReadOnlyDictionary<CommitSha, ValueList<Check>> Reports { get; init; } = new Dictionary<CommitSha, ValueList<Check>>();

    /// <summary>
    /// Whether a Depends-On line in a change's description counts as one in its commits does. Others than the author may have written it
    /// there: it can hold the change up, and let nothing through.
    /// </summary>
    public bool DescribesDependencies { get; init; }

    /// <summary>Moves whenever anything in the view may have changed, so that what is made from it can be kept.</summary>
    public long Version { get; init; }
}

/// <summary>One open change: what the forge says. Git adds the commits, the paths and the size.</summary>
internal sealed record Proposal(Change Change, string Trunk)
{
    /// <summary>A change that could not be read: it waits, and stops nobody else.</summary>
    public static Proposal Unread(ChangeId id, string title, string? revision, string trunk, Exception error) => new(
        new()
        {
            Id = id,
            Number = id.ToString(),
            Title = title,
            Current = new(id, new(revision ?? "")),
            Target = trunk,
            Author = new("nobody"),
            Unknowns = [$"what the forge says of it could not be read, which is tried again: {error.Message}"],
        }, trunk);

    /// <summary>The change that this one is stacked on, by the forge's word; its commits are not this one's own.</summary>
    public ChangeId? StackedOn { get; init; }

    /// <summary>It landed, and is asked for once more: it is shown with the reason why it does not land again.</summary>
    public bool Again { get; init; }

    /// <summary>Earlier revisions that the current one does not contain, as far as the forge tells: what stood on one of them stood on this change.</summary>
    public IReadOnlyList<CommitSha> Earlier { get; init; } = [];

    /// <summary>The branch that it is proposed for where that is no trunk: what its reviewers did not see lies there.</summary>
    public TargetBranch? OnBranch { get; init; }
}

/// <summary>A branch that a change is proposed for, and where it is; null when it is gone. Before the first commit, nothing was shown to anybody.</summary>
internal sealed record TargetBranch(string Name, CommitSha? Head, CommitSha First)
{
    /// <summary>Whether a commit lay on it once, as far as that is recorded: it was shown as the branch's then and not as the change's.</summary>
    public Func<CommitSha, bool> HadOnce { get; init; } = _ => false;
}

/// <summary>Something to be told to the people of a change.</summary>
internal sealed record Message(Revision Revision, string Words, Said Said, LandedAs? Landing = null)
{
    /// <summary>People read it in terminals too, and it quotes what others wrote.</summary>
    public string Words { get; } = Harmless.Text(Words);

    /// <summary>Whether it is for those, too, who review the change.</summary>
    public bool ToReviewers { get; init; }
}

/// <summary>The forge will not have some of what was to be told, ever; the rest was told.</summary>
internal sealed class UntoldException(string message) : Exception(message);

/// <summary>What was to be said of some changes is to be told again; the rest was told.</summary>
/// <param name="untold">Of which, and why.</param>
/// <param name="refused">What the forge will not have, ever; null where it refused nothing.</param>
internal sealed class PartlyToldException(IReadOnlyDictionary<Revision, string> untold, string? refused = null) : Exception(string.Join("; ", untold.Values.Distinct()))
{
    public IReadOnlyDictionary<Revision, string> Untold => untold;

    public string? Refused => refused;
}

/// <summary>That a change has landed, as what, and where the journal says so.</summary>
internal sealed record LandedAs(CommitSha Commit, bool Rewritten, string Evidence);

/// <summary>The forge did not answer, or with no; the text is for the operator. Null for a status that was never answered.</summary>
internal sealed class ForgeException(string message, int? status) : Exception(message)
{
    public int? Status => status;

    /// <summary>Whether it answered, and the answer could not be read.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>Whether what was asked about may be at fault, and not the forge as a whole: then others may be asked about by themselves.</summary>
    public bool MayBeOfOne => IsUnreadable || Status is >= 400 and not (401 or 403 or 407 or 408 or 429);
}
