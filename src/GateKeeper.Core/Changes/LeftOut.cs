using System.Text;

namespace GateKeeper.Core.Changes;

/// <summary>What of a description is not for the commit's message: comments that its readers do not see, and blocks between marked lines.</summary>
public sealed record LeftOut(bool Comments, ValueList<MarkedBlock> Blocks)
{
    public static LeftOut Nothing { get; } = new(false, []);

    /// <summary>The description without them. Lines that are left with nothing are closed up.</summary>
    public string Of(string description)
    {
        foreach (var block in Blocks)
            description = Without(description, block.In(description));
        return Comments ? Without(description, HiddenComments.In(description)) : description;
    }

    private static string Without(string text, IReadOnlyList<(int Start, int End)> parts)
    {
        if (parts.Count == 0)
            return text;
        var (kept, line) = (new ClosedLines(), 0);
        foreach (var (start, end) in parts)
        {
            kept.Add(text.AsSpan(line..start));
            kept.Cut();
            line = end;
        }

        kept.Add(text.AsSpan(line..));
        return kept.ToString();
    }
}

/// <summary>
/// A block from a line that says exactly this to the next that says exactly that, both of them included; to the end where no such line is
/// named. Blanks at the end of a line do not count. A block that the description begins and does not end stays: nobody knows what of the
/// rest was meant.
/// </summary>
public sealed record MarkedBlock(string From, string? To)
{
    internal IReadOnlyList<(int Start, int End)> In(string text)
    {
        var blocks = new List<(int, int)>();
        var begun = -1;
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at) is >= 0 and var found ? found : text.Length;
            var line = text.AsSpan(at..end).TrimEnd();
            if (begun >= 0 && line.SequenceEqual(To))
                (_, begun) = (Add(end), -1);
            else if (begun < 0 && line.SequenceEqual(From))
                begun = at;
            if (begun >= 0 && To is null)
                return [.. blocks, (begun, text.Length)];
            at = end + 1;
        }

        return blocks;

        int Add(int end)
        {
            blocks.Add((begun, end));
            return end;
        }
    }
}

/// <summary>Puts text together of which parts are cut out, without the blank lines and blanks that this leaves behind.</summary>
internal sealed class ClosedLines
{
    private readonly StringBuilder text = new();
    private readonly StringBuilder line = new();
    private bool cut;
    private bool closing;
    private bool lastIsBlank = true;

    public void Cut() => cut = true;

    public void Add(ReadOnlySpan<char> part)
    {
        var fresh = cut;
        while (true)
        {
            var end = part.IndexOf('\n');
            var piece = end < 0 ? part : part[..end];
            if (fresh && (line.Length == 0 || char.IsWhiteSpace(line[^1])))
                piece = piece.TrimStart(" \t");
            line.Append(piece);
            if (end < 0)
                return;
            End("\n");
            part = WholeLines(part[(end + 1)..]);
            fresh = false;
        }
    }

    /// <summary>Takes lines that nothing was cut from as they are, and answers what is left.</summary>
    private ReadOnlySpan<char> WholeLines(ReadOnlySpan<char> part)
    {
        var end = part.LastIndexOf('\n');
        if (closing || end < 0)
            return part;
        text.Append(part[..(end + 1)]);
        lastIsBlank = part[(part[..end].LastIndexOf('\n') + 1)..end].IsWhiteSpace();
        return part[(end + 1)..];
    }

    private void End(string mark)
    {
        var said = line.ToString();
        line.Clear();
        var blank = said.AsSpan().Trim(cut ? " \t\r>" : " \t\r").IsEmpty;
        if (blank && (cut || (closing && lastIsBlank)))
        {
            closing = true;
        }
        else
        {
            text.Append(cut ? said.TrimEnd() : said).Append(mark);
            (closing, lastIsBlank) = (false, blank);
        }

        cut = false;
    }

    public override string ToString()
    {
        End("");
        return text.ToString();
    }
}
