using System.Text;
using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Reports;

/// <summary>
/// A line that a program wrote for a terminal, as plain text: without colours and other orders to the terminal, and with what stood there
/// last where a progress line was written over and over.
/// </summary>
public static class TerminalLine
{
    private const char Escape = '\u001b';

    /// <param name="line">One line, without its line feed.</param>
    public static string Plain(ReadOnlySpan<char> line)
    {
        var screen = new Screen(new(line.Length), "");
        for (var at = 0; at < line.Length;)
        {
            var letter = line[at++];
            switch (letter)
            {
                case Escape:
                    at = Order(line, at, ref screen);
                    break;
                case '\u009b':
                    at = Control(line, at, ref screen);
                    break;
                case '\u0090' or '\u0098' or '\u009d' or '\u009e' or '\u009f':
                    at = Text(line, at);
                    break;
                case '\r':
                    screen.Return();
                    break;
                case '\b':
                    screen.Back();
                    break;
                default:
                    screen.Add(letter);
                    break;
            }
        }

        return Whole(screen.Shown);
    }

    /// <summary>The last lines of a text that say something, each as plain text and no longer than <paramref name="width"/>.</summary>
    public static IReadOnlyList<string> Last(string text, int most, int width)
    {
        var lines = new List<string>();
        for (var (end, begin) = (text.Length, 0); end >= 0 && lines.Count < most; end = begin - 1)
        {
            begin = end == 0 ? 0 : text.LastIndexOf('\n', end - 1) + 1;
            if (Plain(text.AsSpan(begin, end - begin)).TrimEnd() is { Length: > 0 } line)
                lines.Add(Shortened.Line(line, width));
        }

        lines.Reverse();
        return lines;
    }

    /// <summary>What follows an escape character. Answers where the text goes on.</summary>
    private static int Order(ReadOnlySpan<char> line, int at, ref Screen screen)
    {
        if (at == line.Length)
            return at;
        if (line[at] == '[')
            return Control(line, at + 1, ref screen);
        if (line[at] is ']' or 'P' or 'X' or '^' or '_')
            return Text(line, at + 1);
        while (at < line.Length && line[at] is >= ' ' and <= '/')
            at++;
        return at < line.Length && line[at] is >= '0' and <= '~' ? at + 1 : at;
    }

    /// <summary>Colours, moves of the cursor, and what erases.</summary>
    private static int Control(ReadOnlySpan<char> line, int at, ref Screen screen)
    {
        var begin = at;
        while (at < line.Length && line[at] is >= ' ' and <= '?')
            at++;
        var arguments = line[begin..at];
        if (at == line.Length || line[at] is < '@' or > '~')
            return at;
        if (line[at] == 'K')
            screen.Erase(whole: arguments is "2");
        else if (line[at] == 'G' && arguments is "" or "0" or "1")
            screen.Return();
        return at + 1;
    }

    /// <summary>A title or a link for the terminal: it ends with a bell or with an order of its own, and never later than its line.</summary>
    private static int Text(ReadOnlySpan<char> line, int at)
    {
        var end = line[at..].IndexOfAny('\a', Escape, '\u009c');
        if (end < 0)
            return line.Length;
        at += end;
        return line[at] == Escape && at + 1 < line.Length && line[at + 1] == '\\' ? at + 2 : line[at] == Escape ? at : at + 1;
    }

    /// <summary>Half a character is none.</summary>
    private static string Whole(string text)
    {
        var at = 0;
        while (at < text.Length && Rune.TryGetRuneAt(text, at, out var rune))
            at += rune.Utf16SequenceLength;
        return at == text.Length ? text : string.Concat(text.EnumerateRunes());
    }

    private struct Screen(StringBuilder text, string before)
    {
        private string before = before;

        public readonly string Shown => text.Length > 0 ? text.ToString() : before;

        public readonly void Add(char letter)
        {
            if (letter is '\u2028' or '\u2029')
                text.Append(' ');
            else if ((letter == '\t' || !char.IsControl(letter)) && !Invisible.TurnsOrder(letter))
                text.Append(letter);
        }

        /// <summary>What comes next is written over what stands there; until then that is what is seen.</summary>
        public void Return()
        {
            if (text.Length > 0)
                before = text.ToString();
            text.Clear();
        }

        public readonly void Back()
        {
            if (text.Length > 0)
                text.Length--;
        }

        public void Erase(bool whole)
        {
            if (whole)
                text.Clear();
            if (whole || text.Length == 0)
                before = "";
        }
    }
}
