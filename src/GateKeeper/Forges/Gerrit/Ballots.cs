using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.Gerrit;

/// <summary>The names of the labels that mean something to the gate on one server.</summary>
/// <param name="Review">Whose highest score approves and whose lowest vetoes.</param>
/// <param name="Gate">What the gate itself votes with.</param>
/// <param name="Land">A label whose highest score asks to land; null for none.</param>
internal sealed record GerritLabels(string Review, string Gate, string? Land);

/// <summary>
/// Turns the log of a change into votes and requests, each bound to the patch set that it was made on. A score that the server carried to
/// a newer patch set is no vote of its own: it is the old one, and the rules say whether that counts.
/// </summary>
internal static class Ballots
{
    public static IEnumerable<Vote> Votes(ChangeLog log, GerritLabels labels, IReadOnlyDictionary<string, LabelDto> defined, Func<long, Account> account, long? uploadedFor)
    {
        var retargeted = log.Retargeted;
        foreach (var scored in log.Entries.OfType<LogEntry.Scored>().Where(scored => scored.Label != labels.Gate && log.PatchSets.ContainsKey(scored.PatchSet) && !TakesNothingBack(log, scored)))
        {
            var taken = log.Entries.FirstOrDefault(entry => entry.Place > scored.Place && entry.PatchSet >= scored.PatchSet && Takes(entry, scored));
            var value = scored.Label == labels.Review ? Value(scored.Score, defined.GetValueOrDefault(scored.Label)) : VoteValue.Neither;
            yield return new()
            {
                By = account(scored.By),
                Value = value,
                On = log.PatchSets[scored.PatchSet],
                Label = scored.Label,
                Score = scored.Score,
                At = scored.At,
                Order = scored.Place,
                RemovedBy = taken is null || Replaced(log, scored, taken) ? null : account(taken.By),
                Void = scored.Place < retargeted && value is not VoteValue.Withdrawal ? "was given for another target"
                    : IsOvertaken(log, scored) ? $"was given on patch set {scored.PatchSet} after one on a newer patch set, which stands there"
                    : scored.By == uploadedFor && value is not VoteValue.Withdrawal ? "is by who uploaded this revision in another's name"
                    : scored.By != scored.For ? $"was given in the name of {account(scored.For)}, and counts as {account(scored.By)}'s own"
                    : null,
            };
        }
    }

    /// <summary>Why log and poll do not agree on the scores of the current patch set; null when they do.</summary>
    public static string? Disagreement(ChangeLog log, ChangeDto change, Func<long, Account> account)
    {
        var logged = log.Standing(change.CurrentRevisionNumber);
        var shown = (change.Labels ?? new Dictionary<string, LabelDto>())
            .SelectMany(label => (label.Value.All ?? []).Where(vote => vote.Value != 0).Select(vote => (Key: (label.Key, vote.Id), vote.Value))).ToDictionary(item => item.Key, item => item.Value);

        // A label that was taken out of the configuration, or given fewer scores, is shown as it is now; the log keeps what was.
        var differs = logged.Keys.Union(shown.Keys).Where(key => change.Labels?.TryGetValue(key.Item1, out var label) == true && label.Clamp(logged.GetValueOrDefault(key)) != shown.GetValueOrDefault(key)).ToList();
        return differs.Count == 0
            ? null
            : $"the server shows {differs[0].Item1} of {account(differs[0].Item2)} otherwise than the change's own log has it, so the votes are read again";
    }

    /// <summary>The lowest score closes and the highest opens; any other takes back what its giver said before.</summary>
    private static VoteValue Value(int score, LabelDto? label)
    {
        var scores = label?.Scores.ToList() ?? [];
        return scores.Count == 0 || score == 0 ? VoteValue.Withdrawal
            : score >= scores.Max() ? VoteValue.Approval
            : score <= scores.Min() ? VoteValue.Veto
            : VoteValue.Withdrawal;
    }

    /// <summary>Whether an entry takes a score away from its giver: it is deleted, or somebody gives another in his name.</summary>
    private static bool Takes(LogEntry entry, LogEntry.Scored scored) => entry switch
    {
        LogEntry.Deleted deleted => deleted.Label == scored.Label && deleted.Voter == scored.For,
        LogEntry.Scored other => other.Label == scored.Label && other.For == scored.For && other.By != other.For,
        _ => false,
    };

    /// <summary>
    /// A zero takes back what its giver had standing on that patch set. The server also writes one with whatever somebody says where he has
    /// nothing standing, as after his score was taken from him: he took nothing back.
    /// </summary>
    private static bool TakesNothingBack(ChangeLog log, LogEntry.Scored scored) => scored.Score == 0 && log.Entries.LastOrDefault(entry => entry.Place < scored.Place && entry.PatchSet == scored.PatchSet && entry switch
    {
        LogEntry.Scored other => other.Label == scored.Label && other.For == scored.For,
        LogEntry.Copied copied => copied.Label == scored.Label && copied.By == scored.For,
        LogEntry.Deleted deleted => deleted.Label == scored.Label && deleted.Voter == scored.For,
        _ => false,
    }) is not (LogEntry.Scored { Score: not 0 } or LogEntry.Copied { Score: not 0 });

    /// <summary>Whether its giver had already said something else there when it was taken away: then that is what was taken.</summary>
    private static bool Replaced(ChangeLog log, LogEntry.Scored scored, LogEntry taken) =>
        log.Entries.OfType<LogEntry.Scored>().Any(other => other.Label == scored.Label && other.For == scored.For && other.By == other.For && other.PatchSet >= scored.PatchSet && other.Place > scored.Place && other.Place < taken.Place);

    /// <summary>
    /// Given on an old patch set while another score of the same giver stood on a newer one: it changes nothing there. A veto stands all
    /// the same, on whatever patch set it was given.
    /// </summary>
    private static bool IsOvertaken(ChangeLog log, LogEntry.Scored scored) =>
        log.Entries.OfType<LogEntry.Scored>().Any(other => other.Label == scored.Label && other.For == scored.For && other.Place < scored.Place && other.PatchSet > scored.PatchSet && other.Score != 0);
}
