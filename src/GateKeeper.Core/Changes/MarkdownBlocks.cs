namespace GateKeeper.Core.Changes;

/// <summary>What a line of Markdown is to its reader.</summary>
internal enum MarkdownPart
{
    /// <summary>Shown as it is, or nothing: code, a rule, a blank line.</summary>
    Plain,

    /// <summary>Words that begin something: a paragraph, a heading.</summary>
    Text,

    /// <summary>Words that go on with the paragraph of the line before.</summary>
    Continues,

    /// <summary>HTML, which the browser reads.</summary>
    Html,
}

/// <summary>
/// Tells what each line of a Markdown text is, as the block structure of GitHub's dialect has it (github.github.com/gfm, "Container blocks"
/// and "Leaf blocks"). Lines come in order; each costs its own length and at most <see cref="MostNested"/> steps more.
/// </summary>
internal sealed class MarkdownBlocks
{
    /// <summary>Quotes and lists within each other; what is nested deeper is read as words.</summary>
    private const int MostNested = 100;
    private const int Quote = 0;

    /// <summary>What the line stands in: a quote, or an item of a list with the width of its indent.</summary>
    private readonly List<int> containers = [];
    private Leaf leaf;
    private (char Mark, int Length) fence;
    private int html;

    private enum Leaf
    {
        None,
        Paragraph,
        Fence,
        Html,
    }

    /// <summary>What the next line is, and where in it the words or the HTML begin.</summary>
    public (MarkdownPart Part, int From) Next(ReadOnlySpan<char> line)
    {
        var at = new MarkdownCursor(line);
        var within = Within(ref at);
        if (within < containers.Count)
        {
            if (leaf is Leaf.Paragraph && !at.IsBlank && !Begins(at))
                return (MarkdownPart.Continues, at.Place);
            containers.RemoveRange(within, containers.Count - within);
            leaf = Leaf.None;
        }

        if (leaf is Leaf.Fence)
        {
            if (MarkdownStarts.Closes(at, fence.Mark, fence.Length))
                leaf = Leaf.None;
            return (MarkdownPart.Plain, 0);
        }

        if (leaf is Leaf.Html)
        {
            if (MarkdownStarts.EndsHtml(at.Rest, html))
                leaf = Leaf.None;
            return (MarkdownPart.Html, at.Place);
        }

        Enter(ref at);
        return Read(at);
    }

    /// <summary>How many of the containers go on.</summary>
    private int Within(ref MarkdownCursor at)
    {
        for (var count = 0; count < containers.Count; count++)
        {
            if (containers[count] == Quote ? !at.TakeQuote() : !at.IsBlank && !at.TakeIndent(containers[count]))
                return count;
            if (containers[count] != Quote && at.IsBlank)
                return count + containers.Skip(count).TakeWhile(container => container != Quote).Count();
        }

        return containers.Count;
    }

    private void Enter(ref MarkdownCursor at)
    {
        while (containers.Count < MostNested && at.Indent < 4)
        {
            if (at.TakeQuote())
                containers.Add(Quote);
            else if (!MarkdownStarts.IsRule(at) && at.TakeItem(leaf is Leaf.Paragraph) is { } width)
                containers.Add(width);
            else
                return;
            leaf = Leaf.None;
        }
    }

    /// <summary>Whether a line outside of what its paragraph stands in is no lazy part of that.</summary>
    private static bool Begins(MarkdownCursor at) =>
        at.Indent < 4 && (MarkdownStarts.Fence(at) is not null || MarkdownStarts.Html(at, inParagraph: false) > 0 || MarkdownStarts.IsHeading(at) || MarkdownStarts.IsRule(at) || at.TakeQuote() || at.TakeItem(inParagraph: false) is not null);

    private (MarkdownPart, int) Read(MarkdownCursor at)
    {
        var before = leaf;
        leaf = Leaf.None;
        if (at.IsBlank || (at.Indent >= 4 && before is not Leaf.Paragraph))
            return (MarkdownPart.Plain, 0);
        if (at.Indent < 4 && MarkdownStarts.Fence(at) is { } begun)
        {
            (leaf, fence) = (Leaf.Fence, begun);
            return (MarkdownPart.Plain, 0);
        }

        if (at.Indent < 4 && MarkdownStarts.Html(at, before is Leaf.Paragraph) is > 0 and var kind)
        {
            html = kind;
            leaf = MarkdownStarts.EndsHtml(at.Rest, kind) ? Leaf.None : Leaf.Html;
            return (MarkdownPart.Html, at.Place);
        }

        if (at.Indent < 4 && MarkdownStarts.IsRule(at))
            return (MarkdownPart.Plain, 0);
        if (at.Indent < 4 && MarkdownStarts.IsHeading(at))
            return (MarkdownPart.Text, at.Place);
        leaf = Leaf.Paragraph;
        return (before is Leaf.Paragraph ? MarkdownPart.Continues : MarkdownPart.Text, at.Place);
    }
}
