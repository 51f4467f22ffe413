namespace GateKeeper.Core.Changes;

/// <summary>How the parts of a Markdown text begin and end (github.github.com/gfm, "Leaf blocks").</summary>
internal static class MarkdownStarts
{
    private const int Comment = 2;
    private const int Block = 6;
    private const int Tag = 7;
    private static readonly string[] Verbatim = ["script", "pre", "style"];
    private static readonly string[] Enders = ["", "", "-->", "?>", ">", "]]>"];
    private static readonly HashSet<string> BlockTags = new(StringComparer.OrdinalIgnoreCase)
    {
        "address", "article", "aside", "base", "basefont", "blockquote", "body", "caption", "center", "col", "colgroup", "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend", "li", "link", "main", "menu",
        "menuitem", "nav", "noframes", "ol", "optgroup", "option", "p", "param", "section", "source", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "track", "ul",
    };

    /// <summary>The fence of code that begins here; null where none does.</summary>
    public static (char Mark, int Length)? Fence(MarkdownCursor at)
    {
        var rest = at.Rest;
        if (rest is not ['`' or '~', ..])
            return null;
        var mark = rest[0];
        var length = Run(rest, mark);
        return length >= 3 && (mark == '~' || !rest[length..].Contains('`')) ? (mark, length) : null;
    }

    public static bool Closes(MarkdownCursor at, char mark, int length) =>
        at.Indent < 4 && Run(at.Rest, mark) is var run && run >= length && at.Rest[run..].IsWhiteSpace();

    public static bool IsHeading(MarkdownCursor at) => Run(at.Rest, '#') is >= 1 and <= 6 and var run && (run == at.Rest.Length || at.Rest[run] is ' ' or '\t');

    /// <summary>A rule across the page, or a line under a heading: nothing but such marks.</summary>
    public static bool IsRule(MarkdownCursor at)
    {
        var rest = at.Rest;
        if (rest is not ['-' or '_' or '*' or '=', ..])
            return false;
        var (mark, count) = (rest[0], 0);
        foreach (var letter in rest)
        {
            if (letter == mark)
                count++;
            else if (letter is not (' ' or '\t'))
                return false;
        }

        return count >= 3 || mark == '=';
    }

    /// <summary>Which of the seven kinds of HTML begins here; 0 where none does.</summary>
    public static int Html(MarkdownCursor at, bool inParagraph)
    {
        var rest = at.Rest;
        if (rest is not ['<', ..])
            return 0;
        if (rest.StartsWith("<!--"))
            return Comment;
        if (rest.StartsWith("<?"))
            return 3;
        if (rest.StartsWith("<![CDATA["))
            return 5;
        if (rest is ['<', '!', >= 'A' and <= 'Z', ..])
            return 4;
        var closing = rest is ['<', '/', ..];
        var name = rest[(closing ? 2 : 1)..];
        var length = 0;
        while (length < name.Length && (char.IsAsciiLetterOrDigit(name[length]) || name[length] == '-'))
            length++;
        if (length is 0 or > 64)
            return 0;
        var tag = name[..length].ToString();
        var behind = name[length..];
        var ends = behind.IsEmpty || behind[0] is ' ' or '\t' or '>';
        if (!closing && ends && Verbatim.Contains(tag, StringComparer.OrdinalIgnoreCase))
            return 1;
        if (BlockTags.Contains(tag) && (ends || behind.StartsWith("/>")))
            return Block;
        return !inParagraph && char.IsAsciiLetter(tag[0]) && behind.TrimEnd() is [.. var within, '>'] && !within.ContainsAny('<', '>') ? Tag : 0;
    }

    /// <summary>Whether HTML of a kind ends with this line.</summary>
    public static bool EndsHtml(ReadOnlySpan<char> line, int kind)
    {
        if (kind >= Block)
            return line.IsEmpty;
        if (kind > 1)
            return line.Contains(Enders[kind], StringComparison.Ordinal);
        foreach (var tag in Verbatim)
        {
            if (line.Contains($"</{tag}>", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static int Run(ReadOnlySpan<char> text, char mark) => text.IndexOfAnyExcept(mark) is >= 0 and var end ? end : text.Length;
}
