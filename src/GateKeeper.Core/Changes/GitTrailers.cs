namespace GateKeeper.Core.Changes;

/// <summary>
/// Reads the trailers of a commit message by the rules of <c>git interpret-trailers --parse</c>: the last paragraph, where all its lines are
/// trailers, or where git itself wrote one of them and at least a quarter are. Linear in the length of the message.
/// </summary>
public static class GitTrailers
{
    private const char Remark = '#';
    private const string Scissors = "# ------------------------ >8 ------------------------\n";
    private static readonly string[] WrittenByGit = ["Signed-off-by: ", "(cherry picked from commit "];

    public static ValueList<Trailer> Of(string message)
    {
        var end = End(message, PatchStart(message));
        var trailers = new List<(string Text, bool Folds)>();
        for (var at = Start(message, end); at < end; at = Next(message, at))
        {
            var line = message[at..Math.Min(Next(message, at), end)];
            if (trailers.Count > 0 && trailers[^1].Folds && IsSpace(line[0]))
                trailers[^1] = (trailers[^1].Text + line, true);
            else
                trailers.Add((line, Separator(line, 0) >= 1));
        }

        return [.. trailers.Where(trailer => trailer.Folds && trailer.Text[0] != Remark).Select(trailer => One(trailer.Text))];
    }

    /// <summary>Where a patch begins that somebody left below the message; its length where there is none.</summary>
    internal static int PatchStart(string text)
    {
        for (var at = 0; at < text.Length; at = Next(text, at))
        {
            if (StartsAt(text, at, "---") && at + 3 < text.Length && IsSpace(text[at + 3]))
                return at;
        }

        return text.Length;
    }

    /// <summary>Where the message ends, without the blank lines, remarks and lists of conflicts at its end.</summary>
    internal static int End(string text, int length)
    {
        var cutoff = Math.Min(length, StartsAt(text, 0, Scissors) ? 0 : text.IndexOf("\n" + Scissors, StringComparison.Ordinal) is >= 0 and var cut ? cut + 1 : length);
        var (ignored, conflicts) = (0, false);
        for (var at = 0; at < cutoff; at = Next(text, at))
        {
            if (text[at] is Remark or '\n')
            {
                ignored = ignored == 0 ? at : ignored;
            }
            else if (StartsAt(text, at, "Conflicts:\n"))
            {
                (ignored, conflicts) = (ignored == 0 ? at : ignored, true);
            }
            else if (!conflicts || text[at] != '\t')
            {
                if (ignored != 0)
                    (ignored, conflicts) = (0, false);
            }
        }

        return ignored != 0 ? ignored : cutoff;
    }

    /// <summary>Where the paragraph of trailers begins; the end where the last paragraph is none.</summary>
    private static int Start(string text, int end)
    {
        // The first paragraph is the title.
        var title = 0;
        while (title < end && (text[title] == Remark || !IsBlank(text, title)))
            title = Next(text, title);

        var (onlySpaces, byGit, trailers, others, folded) = (true, false, 0, 0, 0);
        for (var at = LastLine(text, end); at >= title; at = LastLine(text, at))
        {
            if (text[at] == Remark)
            {
                (others, folded) = (others + folded, 0);
            }
            else if (IsBlank(text, at))
            {
                if (onlySpaces)
                    continue;
                others += folded;
                return (byGit && trailers * 3 >= others) || (trailers > 0 && others == 0) ? Next(text, at) : end;
            }
            else if (Array.Exists(WrittenByGit, start => StartsAt(text, at, start)))
            {
                (trailers, folded, byGit) = (trailers + 1, 0, true);
            }
            else if (!IsSpace(text[at]) && Separator(text, at) >= 1)
            {
                (trailers, folded) = (trailers + 1, 0);
            }
            else if (IsSpace(text[at]))
            {
                folded++;
            }
            else
            {
                (others, folded) = (others + folded + 1, 0);
            }

            onlySpaces = text[at] == Remark && onlySpaces;
        }

        return end;
    }

    private static Trailer One(string text)
    {
        var separator = Separator(text, 0);
        var value = new System.Text.StringBuilder();
        var lines = text[(separator + 1)..].Trim(Spaces).Split('\n');
        for (var i = 0; i < lines.Length; i++)
            value.Append(i == 0 ? "" : " ").Append(i == 0 ? lines[i] : lines[i].TrimStart(Spaces));
        return new(text[..separator].Trim(Spaces), value.ToString().Trim(Spaces));
    }

    /// <summary>Where the colon stands behind a key of letters, digits and dashes, and spaces after it; -1 where the line begins otherwise.</summary>
    private static int Separator(string text, int from)
    {
        var spaces = false;
        for (var at = from; at < text.Length; at++)
        {
            if (text[at] == ':')
                return at - from;
            if (!spaces && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '-'))
                continue;
            if (at == from || text[at] is not (' ' or '\t'))
                return -1;
            spaces = true;
        }

        return -1;
    }

    private static readonly char[] Spaces = [' ', '\t', '\n', '\r'];

    private static bool IsSpace(char letter) => letter is ' ' or '\t' or '\n' or '\r';

    private static bool IsBlank(string text, int at)
    {
        while (at < text.Length && text[at] != '\n' && IsSpace(text[at]))
            at++;
        return at == text.Length || text[at] == '\n';
    }

    private static int Next(string text, int at) => text.IndexOf('\n', at) is >= 0 and var end ? end + 1 : text.Length;

    private static int LastLine(string text, int length) =>
        length == 0 ? -1 : length == 1 ? 0 : text.LastIndexOf('\n', length - 2) + 1;

    private static bool StartsAt(string text, int at, string start) => string.CompareOrdinal(text, at, start, 0, start.Length) == 0;
}
