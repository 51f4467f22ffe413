namespace GateKeeper.Core.Changes;

/// <summary>A place in a line of Markdown. A tab goes on to the next of every four columns.</summary>
internal ref struct MarkdownCursor(ReadOnlySpan<char> line)
{
    private const int Tab = 4;
    private readonly ReadOnlySpan<char> line = line.TrimEnd('\r');
    private int place;
    private int column;

    /// <summary>Columns of a tab that were taken only in part.</summary>
    private int left;

    public readonly int Place => place;

    /// <summary>What stands behind the indent.</summary>
    public readonly ReadOnlySpan<char> Rest => line[place..].TrimStart(" \t");

    public readonly bool IsBlank => Rest.IsEmpty;

    /// <summary>How many columns what follows is moved in.</summary>
    public readonly int Indent
    {
        get
        {
            var (at, to) = (place, column + left);
            for (; at < line.Length && line[at] is ' ' or '\t'; at++)
                to += line[at] == ' ' ? 1 : Tab - (to % Tab);
            return to - column;
        }
    }

    /// <summary>Takes so many columns of the indent, if there are as many.</summary>
    public bool TakeIndent(int columns)
    {
        if (Indent < columns)
            return false;
        Take(columns);
        return true;
    }

    /// <summary>Takes the mark of a quote, and one blank behind it.</summary>
    public bool TakeQuote()
    {
        if (Indent >= Tab || Rest is not ['>', ..])
            return false;
        Take(Indent);
        Skip(1);
        if (Indent > 0)
            Take(1);
        return true;
    }

    /// <summary>Takes the mark of an item of a list, and answers how far its lines are moved in; null where there is none.</summary>
    /// <param name="inParagraph">Whether a paragraph would be ended by it, which only the first item of a list with words does.</param>
    public int? TakeItem(bool inParagraph)
    {
        var indent = Indent;
        var rest = Rest;
        var digits = 0;
        while (digits < rest.Length && digits < 9 && char.IsAsciiDigit(rest[digits]))
            digits++;
        var length = digits > 0 ? (digits < rest.Length && rest[digits] is '.' or ')' ? digits + 1 : 0) : rest is ['-' or '+' or '*', ..] ? 1 : 0;
        if (indent >= Tab || length == 0 || (length < rest.Length && rest[length] is not (' ' or '\t')))
            return null;
        if (inParagraph && (rest[length..].IsWhiteSpace() || (digits > 0 && !rest[..digits].SequenceEqual("1"))))
            return null;
        Take(indent);
        Skip(length);
        var gap = IsBlank || Indent > Tab ? 1 : Indent;
        if (!IsBlank)
            Take(gap);
        return indent + length + gap;
    }

    private void Skip(int letters) => (place, column) = (place + letters, column + letters);

    private void Take(int columns)
    {
        var taken = Math.Min(left, columns);
        (left, columns, column) = (left - taken, columns - taken, column + taken);
        for (; columns > 0 && place < line.Length; place++)
        {
            var width = line[place] == '\t' ? Tab - (column % Tab) : 1;
            taken = Math.Min(width, columns);
            (left, columns, column) = (width - taken, columns - taken, column + taken);
        }
    }
}
