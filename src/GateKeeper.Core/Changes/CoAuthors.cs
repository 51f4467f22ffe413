namespace GateKeeper.Core.Changes;

/// <summary>
/// Whom a message names as co-authors, for the question whose vote does not count: every form that git, a forge or a reader would take for
/// such a line, also where the paragraph is none of trailers.
/// </summary>
public static class CoAuthors
{
    /// <summary>More than these in one commit are not looked up.</summary>
    public const int Most = 100;
    private const string Key = "Co-authored-by";

    /// <summary>The addresses, or the names where a line has no address, of all such lines.</summary>
    public static IReadOnlyList<string> Anywhere(string message) => [.. Lines(message, 0, message.Length).Distinct()];

    /// <summary>Those in the last paragraph, with what git leaves out at the end and without: whoever they are must be known.</summary>
    public static IReadOnlyList<string> AtTheEnd(string message) =>
        [.. new[] { message.Length, GitTrailers.PatchStart(message) }.Select(length => GitTrailers.End(message, length)).SelectMany(end => Lines(message, LastParagraph(message, end), end)).Distinct()];

    private static int LastParagraph(string message, int end)
    {
        var text = message[..end].TrimEnd();
        for (var at = text.Length; at > 0;)
        {
            var begin = text.LastIndexOf('\n', at - 1) + 1;
            if (string.IsNullOrWhiteSpace(text[begin..at]))
                return at;
            at = begin - 1;
        }

        return 0;
    }

    private static IEnumerable<string> Lines(string message, int from, int to)
    {
        var lines = message[from..to].Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimStart(' ', '\t', '>', '*', '-', '#', '<', '!');
            if (!line.StartsWith(Key, StringComparison.OrdinalIgnoreCase) || line[Key.Length..].TrimStart(' ', '\t') is not [':', .. var value])
                continue;

            // Folded lines belong to it.
            while (i + 1 < lines.Length && lines[i + 1].Trim().Length > 0 && lines[i + 1][0] is ' ' or '\t')
                value += " " + lines[++i].Trim();
            foreach (var person in People(value))
                yield return person;
        }
    }

    private static List<string> People(string value)
    {
        // In a comment of Markdown, whose end is no part of a name.
        value = value.Replace("-->", "", StringComparison.Ordinal);
        var people = value.Split('<').Skip(1).Select(part => part.Split('>')[0].Trim())
            .Concat(value.Split([' ', '\t', ',', ';', '<', '>', '(', ')', '\r'], StringSplitOptions.RemoveEmptyEntries).Where(word => word.Contains('@', StringComparison.Ordinal)))
            .Where(person => person.Length > 0).ToList();
        return people.Count > 0 ? people : value.Trim() is { Length: > 0 } name ? [name] : [];
    }
}
