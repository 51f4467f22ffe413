using System.Text;
using System.Text.RegularExpressions;

namespace GateKeeper.Core.Changes;

/// <summary>
/// What people wrote, on its way into a commit of the gate's: as they wrote it, but for what forges a trailer, switches off a CI or is a
/// control character other than tab and newline.
/// </summary>
public static partial class Prose
{
    /// <summary>Several lines: without blank ones around them, and with the indent of the first.</summary>
    public static string Tame(string text) => Trimmed(Silent(Clean(text)));

    /// <summary>One line.</summary>
    public static string Line(string text) => Silent(Clean(text).Replace('\n', ' ')).Trim();

    /// <summary>Subject, body, and then a paragraph of trailers that is the gate's alone.</summary>
    public static string Compose(string subject, string body, IEnumerable<Trailer> trailers)
    {
        var (first, rest) = (Line(subject), Undivided(Tame(body)));
        return $"{first}\n\n{(rest.Length > 0 ? $"{rest}\n\n" : "")}{Lines(trailers)}";
    }

    /// <summary>
    /// A commit's own words with trailers of the gate's among those that it has. What it says in the gate's keys is said before them, where
    /// no reader takes it for a trailer; what it says in keys that the gate writes anew goes.
    /// </summary>
    /// <param name="message">The words.</param>
    /// <param name="trailers">The gate's own.</param>
    /// <param name="anew">The keys that are written anew.</param>
    public static string Replay(string message, IReadOnlyList<Trailer> trailers, IEnumerable<string> anew)
    {
        var words = Trimmed(Clean(message));
        var block = TrailerBlock.Of(words);
        var (gone, reserved) = (anew.ToHashSet(StringComparer.OrdinalIgnoreCase), trailers.Select(trailer => trailer.Key).Concat(OwnKeys).ToHashSet(StringComparer.OrdinalIgnoreCase));
        var aside = block.Entries.Where(entry => entry.Key is { } key ? reserved.Contains(key) && !gone.Contains(key) : Divider().IsMatch(entry.Text)).Select(entry => entry.Text).ToList();
        var kept = block.Entries.Where(entry => entry.Key is { } key ? !(reserved.Contains(key) || gone.Contains(key)) : !Divider().IsMatch(entry.Text)).Select(entry => entry.Text).ToList();
        var before = Undivided(Silent(string.Join("\n\n", ((string[])[block.Before, string.Join('\n', aside)]).Where(part => part.Length > 0))));
        return $"{before}\n\n{string.Concat(kept.Select(entry => Silent(entry) + "\n"))}{Lines(trailers)}";
    }

    /// <summary>The keys in which the gate speaks, and one that switches off a CI.</summary>
    internal static IEnumerable<string> OwnKeys => ["Change", "Revision", "Part-Of", "Overridden", "Rules-Installed-By", "skip-checks"];

    private static string Lines(IEnumerable<Trailer> trailers) => string.Concat(trailers.Select(trailer => $"{trailer.Key}: {Line(trailer.Value)}\n"));

    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\n' or '\t' || !Rune.IsControl(rune))
                clean.Append(rune);
        }

        return clean.ToString();
    }

    private static string Trimmed(string text) => BlankAtFirst().Replace(text, "", 1).TrimEnd();

    private static string Silent(string text) => NoCi().Replace(SkipChecks().Replace(SwitchOff().Replace(text, "($1)"), "($1)"), "($1)");

    /// <summary>
    /// Some readers take three dashes, or git's own scissors, for the end of the words, and what stands above them for the trailers: where that
    /// looks like some, the line is moved in by one blank.
    /// </summary>
    private static string Undivided(string text)
    {
        if (!text.Contains("---", StringComparison.Ordinal))
            return text;
        var lines = text.Split('\n');
        var looks = false;
        for (var at = 0; at < lines.Length; at++)
        {
            if (looks && Divider().IsMatch(lines[at]))
                lines[at] = $" {lines[at]}";
            else if (lines[at].Trim().Length > 0)
                looks = TrailerBlock.LooksLikeOne(lines[at]) || (looks && at > 0 && lines[at - 1].Trim().Length > 0);
        }

        return string.Join('\n', lines);
    }

    [GeneratedRegex(@"\A(?:[ \t]*\n)+", RegexOptions.NonBacktracking)]
    private static partial Regex BlankAtFirst();

    [GeneratedRegex(@"\A(?:---(?:\s|\z)|# -{24} >8 -{24})", RegexOptions.NonBacktracking)]
    private static partial Regex Divider();

    [GeneratedRegex(@"\[((?i:skip ci|ci skip|no ci|skip-ci|ci-skip|skip actions|actions skip|skip azurepipelines|azurepipelines skip|skip azpipelines|azpipelines skip|skip azp|azp skip|skip travis|travis skip|skip appveyor|appveyor skip))\]", RegexOptions.NonBacktracking)]
    private static partial Regex SwitchOff();

    [GeneratedRegex(@"(?m:^)((?i:skip-checks[ \t]*:[ \t]*true))", RegexOptions.NonBacktracking)]
    private static partial Regex SkipChecks();

    [GeneratedRegex(@"\*\*\*(NO_CI)\*\*\*", RegexOptions.NonBacktracking)]
    private static partial Regex NoCi();
}
