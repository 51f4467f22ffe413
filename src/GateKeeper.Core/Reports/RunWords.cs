using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Reports;

/// <summary>What came of looking for a run's reports, beside what they say.</summary>
public sealed record ReportSearch
{
    /// <summary>The first of the files that match and were not written by the command: they lay there as they are, or they are no plain files.</summary>
    public ValueList<string> LeftOut { get; init; } = [];

    public int LeftOutInAll { get; init; }

    /// <summary>What kept the search from its end, or a file from being read; empty where nothing did.</summary>
    public string Problem { get; init; } = "";
}

/// <summary>How a run ended, for its author: why in few lines, and the last lines that it printed.</summary>
public sealed record RunEnd(string Why, string LastLines)
{
    /// <summary>Both, one after the other.</summary>
    public string Whole => LastLines.Length == 0 ? Why : $"{Why}\n{LastLines}";
}

/// <summary>The words on how a run ended. Every line of them is bounded, and so is their number.</summary>
public static class RunWords
{
    /// <summary>How many of the last lines of a log people are shown, and how long each may be.</summary>
    public const int MostLines = 12;

    private const int MostLine = 240;
    private const int MostWhat = 1000;
    private const int MostPath = 160;
    private const int MostShown = 6;

    /// <param name="what">How it ended, and with which limit where it hit one.</param>
    /// <param name="patterns">The patterns of its reports; null where it has none.</param>
    /// <param name="cases">What the reports say.</param>
    /// <param name="search">What came of looking for them.</param>
    /// <param name="log">The end of what it printed.</param>
    public static RunEnd Failed(string what, string? patterns, ReportedCases cases, ReportSearch search, string log)
    {
        string[] named = cases.FailingInAll == 0 ? [] : [$"failing cases: {Some([.. cases.Failing.Select(one => $"{one}")], cases.FailingInAll)}"];
        return new(string.Join('\n', [Shortened.Lines(what, MostWhat), .. named, .. Beside(patterns, cases, search)]), string.Join('\n', TerminalLine.Last(log, MostLines, MostLine)));
    }

    /// <summary>That it passed is its exit code's word: the reports say at most what passed at a second try.</summary>
    public static string Passed(string what, string? patterns, ReportedCases cases, ReportSearch search) =>
        string.Join('\n', Beside(patterns, cases, search).Prepend(what));

    private static IEnumerable<string> Beside(string? patterns, ReportedCases cases, ReportSearch search)
    {
        if (cases.FlakyInAll > 0)
            yield return $"flaky cases, which failed and then passed: {Some([.. cases.Flaky.Select(one => $"{one}")], cases.FlakyInAll)}";
        if (patterns is null)
            yield break;
        if (cases.Files == 0 && search.Problem.Length == 0)
            yield return $"no report: it wrote no file that matches junit ({Shortened.Line(patterns.Replace("\n", ", ", StringComparison.Ordinal), MostPath)}){(search.LeftOutInAll > 0 ? $"; {Paths(search.LeftOut, search.LeftOutInAll)} {(search.LeftOutInAll == 1 ? "lay there before it began, or is no plain file" : "lay there before it began, or are no plain files")}" : "")}";
        if (cases.CaselessInAll > 0)
            yield return $"no case is named in {Paths([.. cases.Caseless.Select(file => file.Path)], cases.CaselessInAll)}: {(cases.CaselessInAll == 1 ? "it" : "the first")} {Format(cases.Caseless[0].Root)}";
        if (cases.CutInAll > 0)
            yield return $"only the beginning was read of {Paths(cases.Cut, cases.CutInAll)}";
        if (search.Problem.Length > 0)
            yield return Shortened.Line(Harmless.Line(search.Problem), MostPath);
    }

    private static string Format(string root) => root switch
    {
        "TestRun" => "is TRX, and JUnit is read (dotnet test: --logger junit, from the package JunitXml.TestLogger)",
        "test-run" or "test-results" => "is NUnit's own format, and JUnit is read (--result=FILE;transform=... or a JUnit logger)",
        "assemblies" or "assembly" => "is xUnit.net's own format, and JUnit is read (a JUnit logger writes it)",
        "testng-results" => "is TestNG's own format, and JUnit is read (TestNG writes it into junitreports beside that file)",
        "robot" => "is Robot Framework's own format, and JUnit is read (--xunit FILE)",
        "Site" => "is CTest's own format, and JUnit is read (ctest --output-junit FILE)",
        "" => "holds no tag, and JUnit (XML with <testcase>) is read",
        _ => $"holds no <testcase>, and begins with <{Shortened.Name(TerminalLine.Plain(root), 60)}>",
    };

    private static string Paths(ValueList<string> paths, int inAll) => Some([.. paths.Select(path => Shortened.Name(Harmless.Line(path), MostPath))], inAll);

    /// <summary>The first few, and how many more there truly are.</summary>
    private static string Some(IReadOnlyList<string> names, int inAll) =>
        inAll <= names.Count ? string.Join(", ", names)
        : names.Count < MostShown ? $"{string.Join(", ", names)} and {inAll - names.Count} more"
        : $"{string.Join(", ", names.Take(MostShown - 1))} and {inAll - MostShown + 1} more";
}
