using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;

namespace GateKeeper.Forges;

/// <summary>The code-review system, as the rest of the program sees it: it tells what is open, and is told what came of it.</summary>
internal interface IForge
{
    ForgeTraits Traits { get; }

    /// <summary>Which refs of the forge must be fetched to know all that matters.</summary>
    bool OfInterest(string reference);

    /// <summary>Everything that is under review, from what has been fetched. Cheap when nothing moved.</summary>
    ForgeView Observe(ForgeQuestion question);

    /// <summary>Tells people what the gate found, each message once. What could not be told is thrown, and told again by the next tick.</summary>
    Task TellAsync(IReadOnlyList<Message> messages, CancellationToken cancellation);
}

/// <summary>What a forge needs to be asked with: the trunks and what they hold.</summary>
internal sealed record ForgeQuestion(IReadOnlyDictionary<string, TrunkView> Trunks, Func<string, DateTimeOffset> FirstSeen);

/// <summary>A trunk as git has it.</summary>
internal sealed record TrunkView(string Name, CommitSha Tip, Func<CommitSha, bool> HasLanded, Func<CommitSha, CommitSha, bool> IsAncestor);

/// <summary>What is under review, and the people that the forge knows.</summary>
internal sealed record ForgeView(IReadOnlyList<Proposal> Proposals, IReadOnlyDictionary<string, GroupMembers> Teams, string? Problem)
{
    /// <summary>The account of a commit's author; null when the forge knows nobody, or two, by that address.</summary>
    public Func<string, Account?> AccountOf { get; init; } = _ => null;

    /// <summary>The name in the rules as the forge's account.</summary>
    public Func<string, Account> Canonical { get; init; } = name => new(name);

    /// <summary>The commits that some change, open or not, began with: what brings one of another's must depend on that.</summary>
    public IReadOnlySet<string> Known { get; init; } = new HashSet<string>();

    /// <summary>Moves whenever anything in the view may have changed, so that what is made from it can be kept.</summary>
    public long Version { get; init; }
}

/// <summary>One open change: what the forge says. Git adds the commits, the paths and the size.</summary>
internal sealed record Proposal(Change Change, string Trunk)
{
    /// <summary>The change that this one is stacked on, by the forge's word; its commits are not this one's own.</summary>
    public ChangeId? StackedOn { get; init; }

    /// <summary>The branch that it is proposed for where that is no trunk: what its reviewers did not see lies there.</summary>
    public TargetBranch? OnBranch { get; init; }
}

/// <summary>A branch that a change is proposed for, and where it is; null when it is gone. Before the first commit, nothing was shown to anybody.</summary>
internal sealed record TargetBranch(string Name, CommitSha? Head, CommitSha First);

/// <summary>Something to be told to the people of a change.</summary>
internal sealed record Message(Revision Revision, string Words, Said Said, LandedAs? Landing = null);

/// <summary>The forge will not have some of what was to be told, ever; the rest was told.</summary>
internal sealed class UntoldException(string message) : Exception(message);

/// <summary>That a change has landed, as what, and where the journal says so.</summary>
internal sealed record LandedAs(CommitSha Commit, bool Rewritten, string Evidence);
