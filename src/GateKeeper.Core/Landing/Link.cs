using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>How far a change in the queue has come in this plan.</summary>
internal enum Stage
{
    /// <summary>All its keys have passed.</summary>
    Passed,

    /// <summary>Tests are missing.</summary>
    Undecided,

    /// <summary>A test failed, and whose fault it is cannot be said yet.</summary>
    Failing,

    /// <summary>It fails what the trunk fails too.</summary>
    Red,

    /// <summary>It conflicts with a change ahead.</summary>
    Held,

    /// <summary>Frozen or parked: it keeps its place and takes none in the window.</summary>
    Aside,

    /// <summary>Its merge is not made yet.</summary>
    Unbuilt,

    /// <summary>The window is full, or a change of the rules is ahead.</summary>
    Behind,

    /// <summary>It leaves the queue in this plan.</summary>
    Leaves,
}

/// <summary>One change of the queue in one plan.</summary>
internal sealed record Link(Entry Entry, Stage Stage, string Note)
{
    public CommitSha Base { get; init; }

    public CandidateFacts.Built? Built { get; init; }

    public Judgement? Judgement { get; init; }

    /// <summary>The last lines that a test printed which it leaves for.</summary>
    public string LastLines { get; init; } = "";

    /// <summary>What it lacks as merged, whatever its tests say; null where it lacks nothing of that kind.</summary>
    public Judgement? Lacks { get; init; }

    /// <summary>Whether runs of the gate are missing: the note then tells which of them run and which wait for a slot.</summary>
    public bool AwaitsRuns { get; init; }

    /// <summary>Why it does not go on, where that is worth telling: all but what is usual in a queue.</summary>
    public Trouble Trouble { get; init; }
}

/// <summary>What keeps a change in its place that people should know of.</summary>
internal enum Trouble
{
    /// <summary>Nothing: its turn comes, or somebody is told in another way.</summary>
    None,

    /// <summary>A freeze of the rules or of somebody's.</summary>
    Frozen,

    /// <summary>Lost runs, refusals, silent checks: tried again with back-off.</summary>
    Parked,

    /// <summary>The trunk fails what it fails.</summary>
    Red,

    /// <summary>Its tests are not run without a reviewer's word.</summary>
    Unrun,

    /// <summary>What it depends on is kept in its place.</summary>
    Dependency,

    /// <summary>It could not be shown to those who test it.</summary>
    Unpublished,

    /// <summary>Nobody has reported what is awaited, which may come by itself.</summary>
    Awaited,
}

internal static class StageWords
{
    public static string Said(this Stage stage) => stage switch
    {
        Stage.Aside => "is frozen or parked",
        Stage.Failing or Stage.Red => "is failing",
        Stage.Leaves => "leaves the queue",
        _ => "is not built yet",
    };
}
