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
/// same: it is the same tests on another machine, browser or version.
/// </summary>
internal sealed class CaseLedger
{
    private const int MostTracked = 10_000;
    private const int MostNamed = 6;
    private readonly Dictionary<Key, (ReportedCase Case, Unit Unit, int Place)> failing = [];
    private readonly Dictionary<Key, ReportedCase> flaky = [];
    private int untracked;
    private int untrackedFlaky;
    private int places;

    /// <summary>What makes two reported cases the same one.</summary>
    internal readonly record struct Key(string Class, string Name, string File, string Host, bool IsSuite);

    /// <summary>A suite, as far as its own cases go.</summary>
    internal sealed class Unit(string host)
    {
        public string Host => host;

        /// <summary>Whether all that it tried had failed before.</summary>
        public bool IsSecondTry { get; set; } = true;

        /// <summary>Those that failed before and passed in it.</summary>
        public HashSet<Key> PassedAgain => field ??= [];
    }

    public void Add(Unit unit, ReportedCase one, CaseEnd end)
    {
        var key = new Key(one.Class, one.Name, one.File, unit.Host, one.IsSuite);
        var before = failing.TryGetValue(key, out var known) ? known.Unit : null;
        if (end is not CaseEnd.Skipped && (before is null || before == unit))
            unit.IsSecondTry &= before == unit;
        switch (end)
        {
            case CaseEnd.Failed when before is null && failing.Count >= MostTracked:
                untracked++;
                break;
            case CaseEnd.Failed when before is null:
                failing[key] = (one, unit, places++);
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
        Failing = [.. failing.Values.OrderBy(item => item.Place).Select(item => item.Case).Take(MostNamed)],
        FailingInAll = failing.Count + untracked,
        Flaky = [.. flaky.Values.Take(MostNamed)],
        FlakyInAll = flaky.Count + untrackedFlaky,
    };

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
