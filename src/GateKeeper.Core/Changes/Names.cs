namespace GateKeeper.Core.Changes;

/// <summary>The id of a commit: 40 lower-case hexadecimal digits.</summary>
public readonly record struct CommitSha(string Hex) : IComparable<CommitSha>
{
    /// <summary>Enough of the id for people to tell commits apart.</summary>
    public string Abbreviated => Hex.Length > 10 ? Hex[..10] : Hex;

    public int CompareTo(CommitSha other) => string.CompareOrdinal(Hex, other.Hex);

    public override string ToString() => Abbreviated;

    /// <summary>Accepts exactly 40 hexadecimal digits; anything else, abbreviations and names included, is no id.</summary>
    public static bool TryParse(string? text, out CommitSha sha)
    {
        var valid = text is { Length: 40 } && text.All(char.IsAsciiHexDigit);
        sha = valid ? new(text!.ToLowerInvariant()) : default;
        return valid;
    }

    public static bool operator <(CommitSha left, CommitSha right) => left.CompareTo(right) < 0;

    public static bool operator >(CommitSha left, CommitSha right) => left.CompareTo(right) > 0;

    public static bool operator <=(CommitSha left, CommitSha right) => left.CompareTo(right) <= 0;

    public static bool operator >=(CommitSha left, CommitSha right) => left.CompareTo(right) >= 0;
}

/// <summary>The forge's stable name of a change: a number, or the id of the commit that a review began with.</summary>
public readonly record struct ChangeId(string Value)
{
    /// <summary>As people say it: a long hexadecimal id is cut, as git cuts it.</summary>
    public override string ToString() => Value.Length == 40 ? Value[..10] : Value;
}

/// <summary>One immutable commit of a change under review. The number counts the revisions that the gate has seen; it is for people only.</summary>
public readonly record struct Revision(ChangeId Change, CommitSha Commit)
{
    public override string ToString() => $"{Change}@{Commit}";
}

/// <summary>A person or a program as the forge knows it. The forge's adapter folds the spellings that the forge holds equal.</summary>
public readonly record struct Account(string Name)
{
    public override string ToString() => Name;
}
