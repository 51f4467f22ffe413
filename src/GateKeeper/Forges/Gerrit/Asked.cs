using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.Gerrit;

/// <summary>Reads requests of the gate from messages and from the label that means "land".</summary>
internal static partial class AskedOnGerrit
{
    public static IEnumerable<Request> Requests(
        long change, ChangeLog log, GerritLabels labels, IReadOnlyDictionary<string, LabelDto> defined, Func<long, Account> account, Account gate, Func<string, DateTimeOffset> firstSeen)
    {
        // What was asked for another target is not asked for this one; a hold holds the change all the same.
        var retargeted = log.Retargeted;
        foreach (var entry in log.Entries)
        {
            if (!log.PatchSets.TryGetValue(entry.PatchSet, out var on) || account(entry.By) == gate || Read(entry, log, labels, defined) is not var (kind, argument, reason))
                continue;
            if (entry.Place < retargeted && kind is not (RequestKind.Hold or RequestKind.Unhold or RequestKind.Freeze or RequestKind.Unfreeze))
                continue;
            yield return new()
            {
                Kind = kind,
                By = account(entry.By),
                On = on,
                Argument = argument,
                Reason = reason,
                At = firstSeen($"{change} {entry.Place} {kind}"),
                Order = entry.Place,
            };
        }
    }

    private static (RequestKind, string, string)? Read(LogEntry entry, ChangeLog log, GerritLabels labels, IReadOnlyDictionary<string, LabelDto> defined) => entry switch
    {
        LogEntry.Said { ByProgram: false } said => RequestText.Parse(WithoutHeading(said.Words)),
        LogEntry.Scored scored when scored.Label == labels.Land && scored.By == scored.For && scored.Score > 0 && scored.Score == (defined.GetValueOrDefault(scored.Label)?.Scores.DefaultIfEmpty(0).Max() ?? 0) && Stands(log, scored)
            => (RequestKind.Land, "", ""),
        _ => null,
    };

    private static bool Stands(ChangeLog log, LogEntry.Scored scored) => !log.Entries.Any(later => later.Place > scored.Place && later switch
    {
        LogEntry.Scored other => other.Label == scored.Label && other.For == scored.For,
        LogEntry.Deleted deleted => deleted.Label == scored.Label && deleted.Voter == scored.For,
        _ => false,
    });

    /// <summary>The server puts "Patch Set 2: Code-Review+1" above what was said, and says how many comments there are.</summary>
    private static string WithoutHeading(string words)
    {
        var match = Heading().Match(words);
        return match.Success ? words[match.Length..] : words;
    }

    [GeneratedRegex(@"\APatch Set [0-9]+:[^\n]*\n+(?:\([0-9]+ comments?\)\n+)?", RegexOptions.NonBacktracking)]
    private static partial Regex Heading();
}
