using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Landing;

/// <summary>Everything that the gate can do to the world. This list is the whole of its power.</summary>
public abstract record Effect
{
    private Effect()
    {
    }

    /// <summary>Whose effect it is, so that what goes wrong with it is that change's trouble; null where it is of none or of several.</summary>
    public Revision? Whose => this switch
    {
        Build { Revisions: [var only] } => only,
        Propose propose => propose.Revision,
        StartRun start => start.Order.Candidate.Revision,
        Enter enter => enter.Revision,
        Eject eject => eject.Revision,
        Doubt doubt => doubt.Revision,
        Park park => park.Revision,
        Tell tell => tell.Revision,
        Pass pass => pass.Revision,
        Land { Changes: [var only] } => only.Candidate.Revision,
        _ => null,
    };

    /// <summary>
    /// Merge revisions onto a base, each onto the one before; one that does not merge is left out of those behind it. The outcomes are
    /// among the candidates of the next snapshot.
    /// </summary>
    public sealed record Build(CommitSha Base, ValueList<Revision> Revisions) : Effect
    {
        public Build(Candidate candidate)
            : this(candidate.Base, [candidate.Revision])
        {
        }
    }

    /// <summary>Remember which tip a revision is tested on at proposal, so that a moving trunk does not begin it anew.</summary>
    public sealed record Propose(Revision Revision, CommitSha On) : Effect;

    public sealed record StartRun(RunOrder Order) : Effect;

    public sealed record CancelRun(long Id) : Effect;

    /// <summary>Let others test a commit: put it where the forge shows it to them, under a name that says whose it is.</summary>
    public sealed record Publish(CommitSha Commit, string Of) : Effect;

    /// <summary>Take back what was published and nobody needs any more.</summary>
    public sealed record Withdraw(CommitSha Commit) : Effect;

    /// <summary>
    /// Remember that a check of others failed. Where the trunk once did so, what failed beside it is not held against anybody, though the
    /// forge by that time shows nothing but a pass.
    /// </summary>
    public sealed record NoteFailed(string Test, string Key, DateTimeOffset At) : Effect;

    /// <summary>Remember since when a revision is eligible.</summary>
    public sealed record Enter(Revision Revision) : Effect;

    /// <summary>Forget the place of a change that is not eligible any more.</summary>
    public sealed record Leave(ChangeId Change) : Effect;

    /// <summary>Take a revision out of the queue for what it did itself, and tell its author why.</summary>
    public sealed record Eject(Revision Revision, string Outcome, string Why, bool Head) : Effect
    {
        /// <summary>The last lines that a test printed which it failed.</summary>
        public string LastLines { get; init; } = "";
    }

    /// <summary>Remember the tip on which a test of a revision failed, to follow it up there though the trunk goes on.</summary>
    public sealed record Doubt(Revision Revision, CommitSha On) : Effect;

    /// <summary>Leave a revision in its place and go on past it until a time.</summary>
    public sealed record Park(Revision Revision, string Why, DateTimeOffset Until, int Attempts) : Effect;

    /// <summary>Say something to the people of a change, once for each topic and revision.</summary>
    public sealed record Tell(Revision Revision, string Topic, string Words, Said Said) : Effect
    {
        /// <summary>What the words say of what the change is short of, so that it is not said again; null where they say nothing of that.</summary>
        public string? Covers { get; init; }

        /// <summary>Whether it is for those, too, who review the change: one of them may be who could act.</summary>
        public bool ToReviewers { get; init; }
    }

    /// <summary>Move the trunk from its tip to the last of these candidates, all in one push.</summary>
    public sealed record Land(CommitSha From, ValueList<Landed> Changes) : Effect
    {
        public CommitSha To => Changes[^1].Commit;
    }

    /// <summary>Remember what was asked of the trunk.</summary>
    public sealed record Remember(AskedOfTrunk Asked) : Effect;

    /// <summary>Note a topic as told without a word: what was there before the gate is not spoken to.</summary>
    public sealed record Pass(Revision Revision, string Topic) : Effect;

    /// <summary>Forget that a topic was noted: what it was about is over.</summary>
    public sealed record Overlook(Revision Revision, string Topic) : Effect;

    /// <summary>Remember which holds stand on a change, so that they outlive the comments that asked for them.</summary>
    public sealed record KeepHolds(ChangeId Change, ValueList<Request> Holds) : Effect;

    /// <summary>A named state that lasts until it is mended.</summary>
    public sealed record Alarm(string Name, string Words) : Effect;

    public sealed record Mend(string Name) : Effect;
}

/// <summary>One change of a push: its candidate and the commit that lands.</summary>
public sealed record Landed(Candidate Candidate, CommitSha Commit);

/// <summary>What a message says about the tests of a revision, for forges that show such a mark.</summary>
public enum Said
{
    Nothing,
    Success,
    Failure,

    /// <summary>What was said of them before does not hold any more.</summary>
    TakenBack,
}
