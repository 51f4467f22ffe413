using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>A commit that the gate has published for others to test: under which name, and since when.</summary>
public sealed record Publication(CommitSha Commit, string As, DateTimeOffset Since);

/// <summary>What all reports of a check on one content come to at this moment.</summary>
internal abstract record Reading
{
    private Reading()
    {
    }

    /// <summary>Nobody whose word counts has said anything.</summary>
    public sealed record Silent : Reading;

    public sealed record Running(CommitSha On, DateTimeOffset Since) : Reading;

    public sealed record Passed(CommitSha On, DateTimeOffset At) : Reading;

    public sealed record Failed(CommitSha On, DateTimeOffset At, string State) : Reading;

    /// <summary>It came to an end that is neither: skipped, cancelled, contradicted, or in a word never seen before.</summary>
    public sealed record NoPass(CommitSha On, DateTimeOffset At, string Why) : Reading;

    /// <summary>
    /// A later report takes the place of an earlier one only within one run of one source. Of what is left each must pass, so that nobody
    /// mends a failure by having the same commit tested again elsewhere.
    /// </summary>
    /// <param name="check">The check.</param>
    /// <param name="from">What a report's source must name.</param>
    /// <param name="reports">What there is.</param>
    /// <param name="since">What ended without a pass before this moment is forgotten.</param>
    public static Reading Of(CheckDefinition check, IReadOnlyCollection<KeyValuePair<string, string>> from, IEnumerable<Check> reports, DateTimeOffset? since)
    {
        var last = Runs(check, from, reports).Where(reading => !(reading is Failed { At: var failed } && failed < since) && !(reading is NoPass { At: var ended } && ended < since)).ToList();
        return last.OfType<Failed>().MaxBy(failed => failed.At)
            ?? last.OfType<Running>().MinBy(running => running.Since)
            ?? last.OfType<NoPass>().MaxBy(ended => ended.At)
            ?? (Reading?)last.OfType<Passed>().MaxBy(passed => passed.At)
            ?? new Silent();
    }

    /// <summary>
    /// What they come to on the trunk itself, where no pass of it lands anything and a failure that was forgotten may have landed with the
    /// commit: the last run says whether the trunk is well.
    /// </summary>
    public static Reading Last(CheckDefinition check, IReadOnlyCollection<KeyValuePair<string, string>> from, IEnumerable<Check> reports) =>
        Runs(check, from, reports).MaxBy(reading => reading.Seen) ?? new Silent();

    public static DateTimeOffset? LastPass(CheckDefinition check, IReadOnlyCollection<KeyValuePair<string, string>> from, IEnumerable<Check> reports) =>
        Runs(check, from, reports).OfType<Passed>().MaxBy(passed => passed.At)?.At;

    private static IEnumerable<Reading> Runs(CheckDefinition check, IReadOnlyCollection<KeyValuePair<string, string>> from, IEnumerable<Check> reports) =>
        reports.Where(report => report.Name == check.Name && from.All(report.Source.Contains)).Distinct()
            .GroupBy(report => (report.On, report.Run, report.Source)).SelectMany(run => Beside([.. run])).Select(reports => One(check, reports));

    /// <summary>
    /// Within one run, what was still going on when another began is not superseded by it: two machines of one name each have their word. A
    /// report of which it is not told when it ended is one that a later takes the place of.
    /// </summary>
    private static IEnumerable<List<Check>> Beside(List<Check> run)
    {
        var apart = run.FindAll(report => report.EndedAt is { } ended && run.Exists(later => later != report && later.Order > report.Order && later.At < ended));
        foreach (var report in apart)
            yield return [report];
        if (apart.Count < run.Count)
            yield return run.FindAll(report => !apart.Contains(report));
    }

    private DateTimeOffset Seen => this switch
    {
        Running running => running.Since,
        Passed passed => passed.At,
        Failed failed => failed.At,
        NoPass ended => ended.At,
        _ => default,
    };

    private static Reading One(CheckDefinition check, List<Check> run)
    {
        var ordered = run.TrueForAll(report => report.Order is not null);
        var last = ordered ? run.MaxBy(report => report.Order)! : run.MaxBy(report => report.At)!;
        if (check.Accept.Contains(last.State))
        {
            return run.Exists(report => report.State != last.State && (!ordered || report.Order == last.Order))
                ? new NoPass(last.On, last.At, $"{check.Name} reported {string.Join(" and ", run.Select(report => $"\"{report.State}\"").Distinct())}, and which of them came last is not known")
                : new Passed(last.On, last.At);
        }

        return last.State switch
        {
            "pending" or "running" or "queued" or "in_progress" or "waiting" or "requested" or "expected" or "" => new Running(last.On, last.At),
            "failure" or "failed" or "error" or "timed_out" or "startup_failure" => new Failed(last.On, last.At, last.State),
            _ => new NoPass(last.On, last.At, $"{check.Name} reported \"{last.State}\", which is no pass ({string.Join(", ", check.Accept)} would be)"),
        };
    }
}
