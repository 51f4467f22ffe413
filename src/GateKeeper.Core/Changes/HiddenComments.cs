namespace GateKeeper.Core.Changes;

/// <summary>
/// Finds the HTML comments that a reader of GitHub's Markdown does not see. In code, and where they are not closed within their paragraph,
/// comments are shown, so they are not among them; one that begins a line and is never closed hides all that follows. Linear in the length
/// of the text.
/// </summary>
internal sealed class HiddenComments
{
    private const string Open = "<!--";
    private const string Close = "-->";
    private readonly string text;
    private readonly MarkdownBlocks blocks = new();
    private readonly List<(int Start, int End)> hidden = [];
    private readonly List<(int Start, int End)> paragraph = [];

    /// <summary>Where a comment in HTML began that is still open; -1 where none is.</summary>
    private int since = -1;

    private HiddenComments(string text) => this.text = text;

    /// <summary>From where to where each of them stands, in order and apart from each other.</summary>
    public static IReadOnlyList<(int Start, int End)> In(string text)
    {
        if (!text.Contains(Open, StringComparison.Ordinal))
            return [];
        var read = new HiddenComments(text);
        read.Read();
        return read.hidden;
    }

    private void Read()
    {
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at) is >= 0 and var found ? found : text.Length;
            var line = text.AsSpan(at, end - at);
            var (part, from) = blocks.Next(line);
            if (part is not MarkdownPart.Continues)
                EndParagraph();
            if (part is MarkdownPart.Html)
                Html(at + from, end);
            else if (part is MarkdownPart.Text or MarkdownPart.Continues)
                paragraph.Add((at + from, end));
            at = end + 1;
        }

        EndParagraph();
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

    private void EndParagraph()
    {
        if (paragraph.Count > 0 && since < 0 && text.IndexOf(Open, paragraph[0].Start, paragraph[^1].End - paragraph[0].Start, StringComparison.Ordinal) >= 0)
            Inline(string.Join('\n', paragraph.Select(line => text[line.Start..line.End])));
        paragraph.Clear();
    }

    /// <summary>Within a paragraph whatever begins first counts: an escape, code, or a comment (GitHub's own grammar: no two dashes in it).</summary>
    private void Inline(string words)
    {
        var (code, place) = (new CodeSpans(words), new Places(paragraph));
        for (var at = 0; at < words.Length;)
        {
            if (words[at] == '\\')
            {
                at += 2;
            }
            else if (words[at] == '`')
            {
                at = code.EndOf(at);
            }
            else if (words[at] == '<' && EndOfComment(words, at) is { } end)
            {
                hidden.Add((place.Of(at), place.Of(end - 1) + 1));
                at = end;
            }
            else
            {
                at++;
            }
        }
    }

    private static int? EndOfComment(string words, int at)
    {
        var rest = words.AsSpan(at);
        if (!rest.StartsWith(Open) || rest[Open.Length..].StartsWith(">") || rest[Open.Length..].StartsWith("->"))
            return null;
        var dashes = words.IndexOf("--", at + Open.Length, StringComparison.Ordinal);
        return dashes >= 0 && dashes + 2 < words.Length && words[dashes + 2] == '>' ? dashes + Close.Length : null;
    }

    /// <summary>Where in the text the letters of a paragraph stand, asked for in order.</summary>
    private sealed class Places(List<(int Start, int End)> lines)
    {
        private int line;
        private int before;

        public int Of(int at)
        {
            for (; at - before > lines[line].End - lines[line].Start; line++)
                before += lines[line].End - lines[line].Start + 1;
            return lines[line].Start + at - before;
        }
    }
}

/// <summary>Pairs runs of backticks of one length: what stands between two is code.</summary>
internal sealed class CodeSpans(string words)
{
    private Dictionary<int, Queue<int>>? runs;

    /// <summary>Where the code ends that begins here; the end of the run where none of this length follows, so that it is no code.</summary>
    public int EndOf(int at)
    {
        var end = at;
        while (end < words.Length && words[end] == '`')
            end++;
        runs ??= All();
        if (!runs.TryGetValue(end - at, out var same))
            return end;
        while (same.TryPeek(out var next) && next < end)
            same.Dequeue();
        return same.TryPeek(out var close) ? close + end - at : end;
    }

    private Dictionary<int, Queue<int>> All()
    {
        var all = new Dictionary<int, Queue<int>>();
        for (var at = words.IndexOf('`', StringComparison.Ordinal); at >= 0;)
        {
            var end = at;
            while (end < words.Length && words[end] == '`')
                end++;
            if (!all.TryGetValue(end - at, out var same))
                all[end - at] = same = new();
            same.Enqueue(at);
            at = words.IndexOf('`', end);
        }

        return all;
    }
}
