namespace GateKeeper.Core.Reports;

/// <summary>How a case ended.</summary>
internal enum CaseEnd
{
    Passed,
    Failed,

    /// <summary>It failed and passed when the runner tried it again.</summary>
    Flaky,

    /// <summary>Left out, or expected to fail.</summary>
    Skipped,
}

/// <summary>
/// What all reports of a run come to, suite after suite. A later pass of a case takes its failure back: within one suite, and in a suite
/// all of whose cases had failed before, which is a second try of those. A suite that holds others too is not, though names may be the
/// same: it is the same tests on another machine, browser or version. A case without a class is the same only in suites of one name, and
/// Node's runner, which has no suites for files, writes several cases of one name into a report that are never the same.
/// </summary>
internal sealed class CaseLedger
{
    private const int MostTracked = 10_000;
    private const int MostNamed = 6;
    private readonly Dictionary<Key, Failure> failing = [];
    private readonly Dictionary<Key, ReportedCase> flaky = [];
    private string? suite;
    private bool hasSuites;
    private int untracked;
    private int untrackedFlaky;
    private int places;

    /// <summary>What makes two reported cases the same one.</summary>
    internal readonly record struct Key(string Class, string Name, string File, string Suite, string Host, bool IsSuite);

    /// <summary>A case that failed: where it stands among all, and how many cases of one report it stands for.</summary>
    private sealed record Failure(ReportedCase Case, Unit Unit, int Place)
    {
        public int Times { get; set; } = 1;
    }

    /// <summary>A suite, as far as its own cases go.</summary>
    /// <param name="host">The machine that it says it ran on.</param>
    /// <param name="report">The report that it is a part of.</param>
    internal sealed class Unit(string host, object report)
    {
        public string Host => host;

        public object Report => report;

        /// <summary>Whether all that it tried had failed before.</summary>
        public bool IsSecondTry { get; set; } = true;

        /// <summary>Those that failed before and passed in it.</summary>
        public HashSet<Key> PassedAgain => field ??= [];
    }

    public void Add(Unit unit, ReportedCase one, CaseEnd end)
    {
        hasSuites |= !one.IsSuite && one.Suite != (suite ??= one.Suite);
        var key = new Key(one.Class, one.Name, one.File, one.HasClass || one.IsSuite ? "" : one.Suite, unit.Host, one.IsSuite);
        var known = failing.GetValueOrDefault(key);
        var before = known?.Unit;
        if (end is not CaseEnd.Skipped && (before is null || before == unit))
            unit.IsSecondTry &= before == unit;
        switch (end)
        {
            case CaseEnd.Failed or CaseEnd.Flaky or CaseEnd.Passed when one.IsOfNode && before?.Report == unit.Report:
                known!.Times += end is CaseEnd.Failed ? 1 : 0;
                break;
            case CaseEnd.Failed when before is null && failing.Count >= MostTracked:
                untracked++;
                break;
            case CaseEnd.Failed when before is null:
                failing[key] = new(one, unit, places++);
                flaky.Remove(key);
                break;
            case CaseEnd.Failed:
                unit.PassedAgain.Remove(key);
                break;
            case CaseEnd.Flaky or CaseEnd.Passed when before == unit:
                Heal(key, one);
                break;
            case CaseEnd.Flaky or CaseEnd.Passed when before is not null:
                unit.PassedAgain.Add(key);
                break;
            case CaseEnd.Flaky:
                NoteFlaky(key, one);
                break;
        }
    }

    /// <summary>The suite has no more cases.</summary>
    public void End(Unit unit)
    {
        foreach (var key in unit.PassedAgain.Where(key => unit.IsSecondTry && failing.ContainsKey(key)))
            Heal(key, failing[key].Case);
    }

    public ReportedCases Close() => new()
    {
        Failing = [.. failing.Values.OrderBy(failure => failure.Place).Select(failure => Told(failure.Case)).Take(MostNamed)],
        FailingInAll = failing.Values.Sum(failure => failure.Times) + untracked,
        Flaky = [.. flaky.Values.Take(MostNamed).Select(Told)],
        FlakyInAll = flaky.Count + untrackedFlaky,
    };

    /// <summary>Its suite is worth a word where it has no class and there are other suites.</summary>
    private ReportedCase Told(ReportedCase one) => hasSuites && !one.HasClass && !one.IsSuite ? one : one with { Suite = "" };

    private void Heal(Key key, ReportedCase one)
    {
        failing.Remove(key);
        NoteFlaky(key, one);
    }

    private void NoteFlaky(Key key, ReportedCase one)
    {
        if (flaky.Count < MostTracked)
            flaky.TryAdd(key, one);
        else if (!flaky.ContainsKey(key))
            untrackedFlaky++;
    }
}
