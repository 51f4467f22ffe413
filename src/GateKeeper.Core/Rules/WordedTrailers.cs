using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Rules;

/// <summary>
/// A last paragraph of the body in the rules that has nothing but trailers, and nothing of what the change's author wrote, becomes trailers of
/// what lands. Keys that the gate itself writes, and by which makers are named, are nobody else's: with one of those it is a paragraph as any.
/// </summary>
internal static partial class WordedTrailers
{
    private static readonly string[] NotForRules = [.. Prose.OwnKeys, "Co-authored-by"];

    public static (string Body, ValueList<Trailer> Trailers) Of(string body)
    {
        var text = body.TrimEnd();
        var at = text.LastIndexOf("\n\n", StringComparison.Ordinal) is >= 0 and var blank ? blank + 2 : 0;
        var lines = text[at..].Split('\n').Select(line => Line().Match(line)).ToList();
        var isOne = lines.TrueForAll(line => line.Success && !NotForRules.Contains(line.Groups["key"].Value, StringComparer.OrdinalIgnoreCase))
            && !text[at..].Contains("{title}", StringComparison.Ordinal) && !text[at..].Contains("{description}", StringComparison.Ordinal);
        return isOne ? (text[..at].TrimEnd(), [.. lines.Select(line => new Trailer(line.Groups["key"].Value, line.Groups["value"].Value.Trim()))]) : (body, []);
    }

    [GeneratedRegex(@"\A(?<key>[A-Za-z0-9][A-Za-z0-9-]*):[ \t]+(?<value>[^ \t].*)\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Line();
}
