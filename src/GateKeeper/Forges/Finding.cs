namespace GateKeeper.Forges;

internal enum FindingState
{
    Right,
    Wrong,

    /// <summary>It could not be seen whether it is right, and what is not seen is never taken for fine.</summary>
    Unknown,
}

/// <summary>One thing that was looked at in how a repository is guarded: how it stands, what is the matter, and what exactly mends it.</summary>
internal sealed record Finding(FindingState State, string What, string Why, string? Cure = null)
{
    public static Finding Right(string what, string why) => new(FindingState.Right, what, why);

    public static Finding Wrong(string what, string why, string cure) => new(FindingState.Wrong, what, why, cure);

    public static Finding Unknown(string what, string why, string cure) => new(FindingState.Unknown, what, why, cure);
}
