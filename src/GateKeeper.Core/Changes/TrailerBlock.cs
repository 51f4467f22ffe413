using System.Text.RegularExpressions;

namespace GateKeeper.Core.Changes;

/// <summary>The paragraph at the end of a message that git takes for trailers, entry by entry, and what stands before it.</summary>
/// <param name="Before">The words before it; all of them where there is none.</param>
/// <param name="Entries">A line each, with those that are folded onto it. A line among them that is no trailer has no key.</param>
public sealed partial record TrailerBlock(string Before, ValueList<(string? Key, string Text)> Entries)
{
    /// <summary>As git does: every line is a trailer, or one of git's own making is there and at least a quarter are trailers.</summary>
    public static TrailerBlock Of(string message)
    {
        var text = message.TrimEnd('\n');
        var at = text.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (at < 0)
            return new(text, []);
        var entries = new List<(string? Key, string Text)>();
        foreach (var line in text[(at + 2)..].Split('\n'))
        {
            if (line.Length > 0 && line[0] is ' ' or '\t' && entries.Count > 0)
                entries[^1] = (entries[^1].Key, $"{entries[^1].Text}\n{line}");
            else
                entries.Add((KeyOf(line), line));
        }

        var (trailers, others) = (entries.Count(entry => entry.Key is not null || IsPicked(entry.Text)), entries.Count(entry => entry.Key is null && !IsPicked(entry.Text)));
        var made = entries.Exists(entry => IsPicked(entry.Text) || entry.Text.StartsWith("Signed-off-by: ", StringComparison.Ordinal));
        return trailers > 0 && (others == 0 || (made && trailers * 3 >= others)) ? new(text[..at].TrimEnd('\n'), [.. entries]) : new(text, []);
    }

    /// <summary>Whether some reader could take a line for a trailer.</summary>
    public static bool LooksLikeOne(string line) => KeyOf(line) is not null || IsPicked(line);

    private static string? KeyOf(string line) => Key().Match(line) is { Success: true } match ? match.Groups[1].Value : null;

    private static bool IsPicked(string line) => line.StartsWith("(cherry picked from commit ", StringComparison.Ordinal);

    [GeneratedRegex(@"\A([A-Za-z0-9-]+)[ \t]*:", RegexOptions.NonBacktracking)]
    private static partial Regex Key();
}
