using System.Text;

namespace GateKeeper.Forges.GitHub;

/// <summary>Words as GitHub shows them unchanged: nobody is called by a name in them, and nothing in them is taken for a mark.</summary>
internal static class Markdown
{
    /// <summary>The most bytes of a check run's summary, and of a comment, with room for what is put around.</summary>
    private const int Most = 60_000;

    /// <summary>Plain words within a paragraph or an item of a list.</summary>
    public static string Plain(string words)
    {
        var text = new StringBuilder(words.Length + 16);
        foreach (var letter in words)
        {
            // A name with nothing between it and its mark would be called; what stands between is not seen.
            _ = letter switch
            {
                '<' => text.Append("&lt;"),
                '>' => text.Append("&gt;"),
                '&' => text.Append("&amp;"),
                '@' or '#' => text.Append(letter).Append('\u200b'),
                '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '~' => text.Append('\\').Append(letter),
                '\n' => text.Append(letter),
                _ when char.IsControl(letter) => text.Append('\ufffd'),
                _ => text.Append(letter),
            };
        }

        return text.ToString();
    }

    /// <summary>Lines as they are, in letters of one width.</summary>
    public static string Block(string lines)
    {
        var fence = new string('`', Math.Max(3, LongestRun(lines) + 1));
        return $"{fence}text\n{lines.TrimEnd()}\n{fence}";
    }

    /// <summary>No more than the host takes, cut between two letters.</summary>
    public static string Cut(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= Most)
            return text;
        var most = text.Length;
        while (Encoding.UTF8.GetByteCount(text.AsSpan(0, most)) > Most)
            most = most * 9 / 10;
        return $"{text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)]}\n... (the rest is on the gate's page)";
    }

    /// <summary>No more letters than this, and no line break.</summary>
    public static string Short(string text, int most)
    {
        var line = string.Join(' ', text.Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= most ? line : $"{line[..(most - 3)]}...";
    }

    private static int LongestRun(string text)
    {
        var (longest, run) = (0, 0);
        foreach (var letter in text)
        {
            run = letter == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
