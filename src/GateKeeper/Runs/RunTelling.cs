using GateKeeper.Core.Changes;
using GateKeeper.Core.Reports;
using GateKeeper.Store;

namespace GateKeeper.Runs;

/// <summary>How a run ended, and what people are told of it.</summary>
internal sealed record RunEnding(RunOutcome Outcome, string Why, string LastLines = "")
{
    /// <summary>Whether its reports name cases that failed and then passed.</summary>
    public bool HasFlakes { get; init; }

    public string Whole => LastLines.Length == 0 ? Why : $"{Why}\n{LastLines}";
}

/// <summary>What is told of a run that ended: its limit or exit code, its reports, its last lines. Only the first decides anything.</summary>
/// <param name="test">What ran, as people call it.</param>
/// <param name="reports">The patterns of its reports; null where it has none.</param>
/// <param name="order">What was run.</param>
/// <param name="limits">What it was allowed.</param>
/// <param name="log">Where its log lies.</param>
internal sealed class RunTelling(string test, PatternList? reports, SandboxOrder order, RunLimits limits, string log)
{
    private const int EndOfLog = 256 << 10;

    public RunEnding Passed(string took)
    {
        var (cases, search) = Reports();
        return new(RunOutcome.Passed, RunWords.Passed($"passed in {took}", Patterns, cases, search)) { HasFlakes = cases.FlakyInAll > 0 };
    }

    public RunEnding TimedOut(string timeout) => Failed($"it did not end within {timeout} and was ended; {(test == "prepare" ? "\"timeout\" of its prepare step" : "\"timeout\" of the test")} sets that");

    public RunEnding Overflowed() => Failed($"it printed more than {Say(limits.Output)} and was ended; runs.output sets that");

    /// <param name="exit">The exit code of its command.</param>
    /// <param name="limit">Which limit it hit; null where none is known.</param>
    /// <param name="isGrouped">Whether a group bounded the run as a whole.</param>
    public RunEnding Exited(int exit, string? limit, bool isGrouped) =>
        Failed(limit ?? $"{test} ended with exit code {exit}{Hint(LimitSigns.Of(RunLog.End(log, EndOfLog), exit, isGrouped))}");

    private string Hint(Scarce scarce) => scarce switch
    {
        Scarce.Disk => $"; what a run writes is held to {Say(limits.Disk)} (runs.disk)",
        Scarce.Memory => $"; each process of a run is held to {Say(limits.Memory)} of memory (runs.memory), since the worker has no cgroup",
        Scarce.Processes => $"; a run is held to {limits.Processes} processes (runs.processes)",
        Scarce.OpenFiles => FormattableString.Invariant($"; a process of a run may have {ProcessLimits.Files:N0} files open, and more where it raises its limit (ulimit -n)"),
        _ => "",
    };

    private static string Say(long bytes) => bytes >= 1 << 20 ? $"{bytes >> 20} MiB" : $"{bytes >> 10} KiB";

    private string? Patterns => reports is null ? null : string.Join('\n', reports);

    private RunEnding Failed(string what)
    {
        var (cases, search) = Reports();
        var told = RunWords.Failed(what, Patterns, cases, search, RunLog.End(log, EndOfLog));
        return new(RunOutcome.Failed, told.Why, told.LastLines) { HasFlakes = cases.FlakyInAll > 0 };
    }

    /// <summary>What cannot be read is said so, and changes nothing of how the run ended.</summary>
    private (ReportedCases Cases, ReportSearch Search) Reports()
    {
        if (reports is null)
            return (ReportedCases.None, new());
        try
        {
            if (order.Written?.Open() is not { } tree)
                return (ReportedCases.None, new() { Problem = "its reports could not be looked at" });
            var files = new ReportFiles(reports, tree, order.Layers);
            var cases = JunitReports.Read(files.Read());
            return (cases, files.Search);
        }
        catch (Exception error)
        {
            // Whatever it is, reports decide nothing: not even what goes wrong in reading them.
            return (ReportedCases.None, new() { Problem = $"its reports could not be read: {error.Message}" });
        }
    }
}
