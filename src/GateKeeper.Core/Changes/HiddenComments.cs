using Markdig;
using Markdig.Parsers.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace GateKeeper.Core.Changes;

/// <summary>
/// Finds the HTML comments that a reader of Markdown does not see. In code, and where they are not closed within their paragraph, comments
/// are shown, so they are not among them. One that begins a line and is never closed hides all that follows.
/// </summary>
internal sealed class HiddenComments
{
    /// <summary>
    /// In a longer text nothing is looked for: with a paragraph of so many unclosed comments the parser's time grows with the square of
    /// their number. GitHub takes descriptions of this length at most.
    /// </summary>
    internal const int MostLetters = 1 << 16;

    private const string Open = "<!--";
    private const string Close = "-->";
    private static readonly MarkdownPipeline Markdown = Pipeline();
    private readonly string text;
    private readonly List<(int Start, int End)> hidden = [];

    /// <summary>Where a comment in HTML began that is still open; -1 where none is.</summary>
    private int since = -1;

    private HiddenComments(string text) => this.text = text;

    /// <summary>From where to where each of them stands, in order and apart from each other.</summary>
    public static IReadOnlyList<(int Start, int End)> In(string text)
    {
        if (text.Length > MostLetters || !text.Contains(Open, StringComparison.Ordinal))
            return [];
        var read = new HiddenComments(text);
        read.Read();
        return read.hidden;
    }

    private void Read()
    {
        foreach (var part in Parse(text)?.Descendants() ?? [])
        {
            if (part is HtmlBlock block)
                Html(block.Span.Start, block.Span.End + 1);
            else if (since < 0 && part is HtmlInline inline && inline.Tag.StartsWith(Open, StringComparison.Ordinal))
                hidden.Add((inline.Span.Start, inline.Span.End + 1));
        }

        if (since >= 0)
            hidden.Add((since, text.Length));
    }

    /// <summary>What a browser makes of HTML: a comment ends at its mark, wherever that stands.</summary>
    private void Html(int at, int end)
    {
        while (at < end)
        {
            var mark = text.IndexOf(since >= 0 ? Close : Open, at, end - at, StringComparison.Ordinal);
            if (mark < 0)
                return;
            if (since >= 0)
                at = Hide(since, mark + Close.Length);
            else if (Starts(mark + Open.Length, ">"))
                at = Hide(mark, mark + Open.Length + 1);
            else if (Starts(mark + Open.Length, "->"))
                at = Hide(mark, mark + Open.Length + 2);
            else
                (since, at) = (mark, mark + Open.Length);
        }
    }

    private int Hide(int start, int end)
    {
        hidden.Add((start, end));
        since = -1;
        return end;
    }

    private bool Starts(int at, string what) => string.CompareOrdinal(text, at, what, 0, what.Length) == 0;

    /// <summary>Null where the text is nested deeper than the parser goes: then nothing is hidden.</summary>
    private static MarkdownDocument? Parse(string text)
    {
        try
        {
            return Markdig.Markdown.Parse(text, Markdown);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Only what tells comments from code within a line: links and emphasis hide nothing, and cost time.</summary>
    private static MarkdownPipeline Pipeline()
    {
        var builder = new MarkdownPipelineBuilder().UsePreciseSourceLocation();
        builder.InlineParsers.RemoveAll(parser => parser is not (CodeInlineParser or EscapeInlineParser or AutolinkInlineParser));
        return builder.Build();
    }
}
