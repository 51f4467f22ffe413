namespace GateKeeper.Core.Changes;

/// <summary>One file that a change's own commits edit. A file that git sees as renamed is one file with two names.</summary>
/// <param name="Path">Where it lies; where it lay, if it is gone.</param>
/// <param name="Lines">How many lines are added and removed; null where that is not known, int.MaxValue where it is more than can be counted.</param>
public sealed record EditedFile(string Path, int? Lines)
{
    /// <summary>Its old name, where it has a new one.</summary>
    public string? From { get; init; }

    /// <summary>All lines that it had under the old name, for those to whom only that name counts; null where nobody asked, or it is not known.</summary>
    public int? Before { get; init; }

    /// <summary>All lines that it has under the new name, in the same way.</summary>
    public int? After { get; init; }
}
