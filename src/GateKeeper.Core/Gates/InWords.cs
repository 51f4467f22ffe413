using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Names and texts from outside in a verdict's sentence: on one line, and no longer than somebody reads.</summary>
internal static class InWords
{
    private const int MostNamed = 3;
    private const int LongestName = 200;
    private const int LongestQuote = 60;
    private const int LongestClause = 500;

    public static string Some(IEnumerable<string> names, int most = MostNamed)
    {
        var list = names.ToList();
        var said = string.Join(", ", list.Take(most).Select(name => Harmless.Line(Cut(name, LongestName))));
        return list.Count <= most ? said : $"{said} and {list.Count - most} more";
    }

    /// <summary>A part of a text in quotes and brackets; nothing where there is nothing to quote.</summary>
    public static string Quoted(string text) => text.Length == 0 ? "" : $" (\"{Harmless.Line(Cut(text, LongestQuote))}\")";

    /// <summary>A part of a sentence, which can be made of as many as a rules file holds.</summary>
    public static string Clause(string words) => Cut(words, LongestClause);

    /// <summary>No character is cut into halves.</summary>
    private static string Cut(string text, int most) => text.Length <= most ? text : $"{text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)]}...";
}
