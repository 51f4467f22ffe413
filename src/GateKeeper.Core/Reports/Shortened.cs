namespace GateKeeper.Core.Reports;

/// <summary>Text cut to a length. The middle goes: what is said first and what is said last tell the most.</summary>
public static class Shortened
{
    private const string Gap = "...";

    /// <param name="text">One line.</param>
    /// <param name="most">How many characters may be left.</param>
    /// <param name="first">How many of them stand before the gap.</param>
    public static string Text(string text, int most, int first)
    {
        if (text.Length <= most)
            return text;
        var last = text.Length - (most - Gap.Length - first);
        if (first > 0 && char.IsHighSurrogate(text[first - 1]))
            first--;
        if (char.IsLowSurrogate(text[last]))
            last++;
        return $"{text.AsSpan(0, first)}{Gap}{text.AsSpan(last)}";
    }

    /// <summary>A line of a log: its beginning says what happened.</summary>
    public static string Line(string text, int most) => Text(text, most, most * 2 / 3);

    /// <summary>A name: its end tells it from its neighbours.</summary>
    public static string Name(string text, int most) => Text(text, most, most / 5);

    /// <summary>Several lines: whole ones go from the middle where the first and the last fit.</summary>
    public static string Lines(string text, int most)
    {
        if (text.Length <= most)
            return text;
        var lines = text.Split('\n');
        var (room, first, last) = (most - lines[^1].Length - Gap.Length - 2, 0, 0);
        while (first < lines.Length - 1 && lines[first].Length < room)
            room -= lines[first++].Length + 1;
        while (first + last < lines.Length - 1 && lines[^(last + 2)].Length < room)
            room -= lines[^(++last + 1)].Length + 1;
        return first == 0 && room < 0 ? Line(text.Replace('\n', ' '), most) : string.Join('\n', lines.Take(first).Append(Gap).Concat(lines.TakeLast(last + 1)));
    }
}
