using GateKeeper.Core.Gates;
using GateKeeper.Core.Reports;

namespace GateKeeper.Core.Landing;

/// <summary>
/// Failed tests in messages. All of them together fit into what every forge takes, each has its share of that, and of each the last lines
/// stay: they most often say what went wrong.
/// </summary>
internal static class FailureWords
{
    private const int Most = 3200;
    private const int MostTests = 16;
    private const int LeastLine = 80;

    /// <summary>An item for each.</summary>
    public static string Items(IReadOnlyList<(string Test, string Why, string LastLines)> failed)
    {
        var share = Most / Math.Clamp(failed.Count, 1, MostTests);
        var items = failed.Take(MostTests).Select(test => One($"- {test.Test}: {test.Why}", test.LastLines, share)).ToList();
        if (failed.Count > MostTests)
            items.Add($"- and {failed.Count - MostTests} more: {Shortened.Line(Words.Some([.. failed.Skip(MostTests).Select(test => test.Test)]), Most / MostTests)}");
        return string.Join('\n', items);
    }

    /// <summary>One failure: why, and what it printed last.</summary>
    public static string One(string why, string lastLines, int most = Most)
    {
        var told = Shortened.Lines(why, most * 3 / 5);
        return lastLines.Length == 0 ? told : $"{told}\n{Last(lastLines, most - told.Length)}";
    }

    /// <summary>Verdicts with what the tests printed last that failed, each text once: a change that was sent away lacks one test twice.</summary>
    public static IEnumerable<(Verdict Verdict, string LastLines)> Once(IEnumerable<Verdict> verdicts)
    {
        var all = verdicts.ToList();
        var share = Most / Math.Max(1, all.Select(verdict => verdict.LastLines).Where(lines => lines.Length > 0).Distinct().Count());
        var shown = new HashSet<string>();
        return all.Select(verdict => (verdict, verdict.LastLines.Length > 0 && shown.Add(verdict.LastLines) ? Last(verdict.LastLines, share) : ""));
    }

    private static string Last(string lines, int most)
    {
        var all = lines.Split('\n');
        var (room, count) = (most - all[^1].Length, 1);
        while (count < all.Length && all[^(count + 1)].Length < room)
            room -= all[^++count].Length + 1;
        return count == 1 ? Shortened.Line(all[^1], Math.Max(most, LeastLine)) : string.Join('\n', all[^count..]);
    }
}
