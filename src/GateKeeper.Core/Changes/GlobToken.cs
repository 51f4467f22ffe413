using System.Runtime.InteropServices;

namespace GateKeeper.Core.Changes;

internal enum GlobKind : byte
{
    Letter,

    /// <summary><c>?</c>: one character that is no slash (of a label: any).</summary>
    One,

    /// <summary><c>[abc]</c>.</summary>
    Class,

    /// <summary><c>*</c>: any part of a segment, also none (of a label: anything).</summary>
    Part,

    /// <summary><c>**/</c>: any directories, also none.</summary>
    Directories,

    /// <summary><c>**</c> at the end: all that is left.</summary>
    Rest,

    /// <summary>Nothing, or a slash and all that is left; only at the end of a line of an owners file.</summary>
    Below,

    /// <summary>The braces and the commas of <c>{a,b}</c>.</summary>
    Open,
    Or,
    Close,
}

/// <summary>One piece of a pattern as it was read.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GlobToken(GlobKind Kind, char Letter = '\0', GlobClass? Class = null);

/// <summary>The characters of a class. It never means a slash; one that is negated means whole characters, also of two code units.</summary>
internal sealed record GlobClass(bool Negated, ValueList<GlobRange> Ranges)
{
    /// <summary>How many code units of the name it takes at a place; 0 when it does not match there.</summary>
    public int Width(ReadOnlySpan<char> name, int at)
    {
        if (!Negated)
            return at < name.Length && name[at] != '/' && Has(name[at]) ? 1 : 0;
        return Wide(name, at, slashes: false) is var width && width == 1 && Has(name[at]) ? 0 : width;
    }

    /// <summary>How many code units the one character at a place has; 0 where there is none, or half of one.</summary>
    public static int Wide(ReadOnlySpan<char> name, int at, bool slashes) =>
        at >= name.Length || (name[at] == '/' && !slashes) ? 0
        : !char.IsSurrogate(name[at]) ? 1
        : at + 1 < name.Length && char.IsSurrogatePair(name[at], name[at + 1]) ? 2
        : 0;

    private bool Has(char letter)
    {
        for (var at = 0; at < Ranges.Count; at++)
        {
            if (Ranges[at].First <= letter && letter <= Ranges[at].Last)
                return true;
        }

        return false;
    }
}

internal readonly record struct GlobRange(char First, char Last);
