namespace GateKeeper.Core.Changes;

/// <summary>The thing under review, as it stood at one moment. What the forge does not tell is null, never guessed.</summary>
public sealed record Change
{
    public required ChangeId Id { get; init; }

    /// <summary>What people call it on the forge: a number, or a short id.</summary>
    public string Number { get; init; } = "";

    /// <summary>Where people look at it; null where there is no such page, or nobody said where it is.</summary>
    public string? Url { get; init; }

    /// <summary>The branch that it comes from, as people call it: a short name, <c>owner:branch</c> where it lies in a fork; null where that is not known.</summary>
    public string? Branch { get; init; }

    public required string Title { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Whom the description names as co-authors: it may land as part of the commit's message.</summary>
    public ValueList<Account> CoAuthors { get; init; } = [];

    public required Revision Current { get; init; }

    /// <summary>The trunk that it is proposed for, as a short branch name.</summary>
    public required string Target { get; init; }

    /// <summary>When the target was last set; null where the forge does not tell.</summary>
    public DateTimeOffset? TargetSetAt { get; init; }

    public required Account Author { get; init; }

    /// <summary>How the forge names its author in the commits that it makes itself; null where it makes none.</summary>
    public Hand? AuthorHand { get; init; }

    /// <summary>Who pushed the current revision; null where the forge does not tell.</summary>
    public Account? Uploader { get; init; }

    public DateTimeOffset ProposedAt { get; init; }

    public bool Draft { get; init; }

    /// <summary>The commits that the change itself brings, oldest first: those of its predecessor's revision..revision in a stack.</summary>
    public ValueList<CommitFacts> Commits { get; init; } = [];

    /// <summary>The raw git paths that the change's own commits touch; null while they could not be computed.</summary>
    public ValueList<string>? Paths { get; init; }

    /// <summary>The files that the change's own commits edit, with their lines; null where nothing asked for them, or they are not counted yet.</summary>
    public ValueList<EditedFile>? Edits { get; init; }

    public ValueList<Label> Labels { get; init; } = [];

    public ValueList<Vote> Votes { get; init; } = [];

    public ValueList<Request> Requests { get; init; } = [];

    public ValueList<Check> Checks { get; init; } = [];

    public ValueList<Dependency> DependsOn { get; init; } = [];

    /// <summary>Lines of its words that read like a dependency and are none.</summary>
    public ValueList<string> NearMisses { get; init; } = [];

    /// <summary>Earlier revisions that brought the same, commit by commit, as their reviewers saw them: messages and lists of (path, modes, blobs).</summary>
    public ValueList<CommitSha> SameDiffAs { get; init; } = [];

    /// <summary>What the forge itself demands before it would let the change land, and is not met; each makes it wait, in these words.</summary>
    public ValueList<string> Unmet { get; init; } = [];

    /// <summary>Trailers that the forge needs on a commit that stands for the revision (squash, rebase), to know whose it is.</summary>
    public ValueList<Trailer> LandingTrailers { get; init; } = [];

    /// <summary>What makes the change impossible to judge or to land, found while it was observed; each blocks, in these words.</summary>
    public ValueList<string> Obstacles { get; init; } = [];

    /// <summary>What could not be read about the change; each makes it wait, in these words.</summary>
    public ValueList<string> Unknowns { get; init; } = [];
}

/// <summary>What the rules may ask about one commit of a change. Accounts are null where the forge knows nobody by that address.</summary>
public sealed record CommitFacts
{
    public required CommitSha Sha { get; init; }

    public Account? Author { get; init; }

    /// <summary>Who committed it; null also where that was a machine of the forge's.</summary>
    public Account? Committer { get; init; }

    /// <summary>Who may have been the first to push it, beside who pushed the revision.</summary>
    public ValueList<Account> PushedBy { get; init; } = [];

    /// <summary>Whether those are all: false where the forge does not tell of every push that may have brought it.</summary>
    public bool PusherIsKnown { get; init; } = true;

    public string Message { get; init; } = "";

    /// <summary>Everybody whom it names beside its author, in whatever form.</summary>
    public ValueList<Account> CoAuthors { get; init; } = [];

    public ValueList<Trailer> Trailers { get; init; } = [];

    /// <summary>Who had a hand in it: its author first, then whom it names as co-authors.</summary>
    public ValueList<Hand> Hands { get; init; } = [];

    public Hand? AuthorHand => Hands.Count > 0 ? Hands[0] : null;

    public CommitSignature Signature { get; init; } = CommitSignature.NotTold;

    /// <summary>The gate made it itself, where it landed on another trunk: its words are the gate's own, and nobody else answers for them.</summary>
    public bool ByGate { get; init; }

    public int Parents { get; init; } = 1;

    public string Subject => Message.Split('\n', 2)[0];
}

/// <summary>Somebody as a commit names him, and whose the address is; null where the forge knows nobody by it.</summary>
public sealed record Hand(string Name, string Email, Account? Account);

/// <summary>A line "Key: value" of the last paragraph of a commit message, as git reads it.</summary>
public sealed record Trailer(string Key, string Value);

/// <summary>A label (hashtag) and who set it; null where the forge does not tell.</summary>
public sealed record Label(string Name, Account? SetBy);

/// <summary>
/// Another change that must land first or together, by its exact commit. <see cref="Change"/> is null when no change of the
/// configured repositories is meant; <see cref="Named"/> is what people wrote or what the forge shows.
/// </summary>
public sealed record Dependency(ChangeId? Change, CommitSha? On, string Named, bool Landed);

/// <summary>A named status on a commit, as a source reported it through the forge.</summary>
public sealed record Check
{
    public required string Name { get; init; }

    public required CommitSha On { get; init; }

    /// <summary>Who reported, in the terms of the forge: {"agent": "ci", "account": "ci-bot"}.</summary>
    public ValueList<KeyValuePair<string, string>> Source { get; init; } = [];

    /// <summary>The forge's word: success, failure, pending, skipped, or one never seen before.</summary>
    public required string State { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>When what it reports came to its end; null while it has not, and where the forge does not tell.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The place of this report in the order that the forge vouches for; null where it vouches for none, as for a time that the reporter wrote.</summary>
    public long? Order { get; init; }

    /// <summary>The run of the source that it belongs to: within one, a later report takes the place of an earlier. Null where the source has none.</summary>
    public string? Run { get; init; }
}
