using System.Diagnostics;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;
using GateKeeper.Reconcile;

namespace GateKeeper.Benchmarks;

/// <summary>
/// An owners file of 10,000 lines, read and asked for the paths of a change, against one regular expression for each line; and what many
/// patterns cost that are made to be slow.
/// </summary>
internal static class OwnersBenchmark
{
    private const int Lines = 10_000;
    private const int SlowLines = 400;
    private const double MostMs = 150;
    private const double MostMegabytes = 40;
    private const double LeastRatio = 100;
    private const double MostKept = 10_000;

    public static Task<int> RunAsync()
    {
        var paths = OwnersMaterial.Paths(100);

        // The first file that this process reads, with all that is compiled for it.
        var text = OwnersMaterial.File(Lines);
        var whole = Measured($"{Lines:N0} lines, {text.Length / 1000:N0} KB, read and asked for {paths.Count} paths", () => Asked(OwnersFile.Parse(text), paths));

        // What the old way costs grows with the lines; so many are enough to compare with, on the very same text.
        var few = OwnersMaterial.File(SlowLines);
        _ = Asked(OwnersFile.Parse(few), paths);
        var (fast, slow) = (Measured($"{SlowLines} lines the same way", () => Asked(OwnersFile.Parse(few), paths)), Measured($"{SlowLines} lines by regular expressions", () => SlowOwners.Asked(few, paths)));
        var ratio = slow.Ms / fast.Ms;
        Console.WriteLine($"{ratio:N0} times as fast; the answers are {(fast.Answer == slow.Answer ? "the same" : "DIFFERENT")}");

        var kept = Kept(text);
        Others();
        var met = whole is { Ms: <= MostMs, Megabytes: <= MostMegabytes } && ratio >= LeastRatio && fast.Answer == slow.Answer && kept <= MostKept;
        return Task.FromResult(Report.End(
            "owners", met,
            new { ms = Math.Round(whole.Ms), megabytes = Math.Round(whole.Megabytes, 1), ratio = Math.Round(ratio), sameAnswers = fast.Answer == slow.Answer, bytesPerLanding = kept },
            new { ms = MostMs, megabytes = MostMegabytes, ratio = LeastRatio, sameAnswers = true, bytesPerLanding = MostKept }));
    }

    /// <summary>What the next landing allocates for a file that it leaves as it is.</summary>
    private static double Kept(string text)
    {
        var (shelf, read) = (new OwnersShelf(), 0);
        string Content()
        {
            read++;
            return text;
        }

        _ = shelf.Read("1", Content);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        _ = shelf.Read("1", Content);
        var (took, bytes) = (watch.Elapsed.TotalMilliseconds, GC.GetAllocatedBytesForCurrentThread() - before);
        Console.WriteLine($"the next landing, which leaves the file as it is: {took:0.000} ms, {bytes:N0} bytes, read {read} time");
        return bytes;
    }

    private static void Others()
    {
        var many = OwnersFile.Parse(OwnersMaterial.File(5000));
        var paths = OwnersMaterial.Paths(10_000);
        Measured("5,000 lines, 10,000 changed paths", () => Asked(many, paths));
        Measured("5,000 lines, 10,000 paths of 2,000 characters", () => Asked(many, [.. paths.Select(path => $"{string.Concat(Enumerable.Repeat("a/bc/", (2000 - path.Length) / 5))}{path}")]));
        OwnersPart[] nested = [.. Enumerable.Range(0, 2000).Select(at => new OwnersPart($"services/area-{at % 50}/component-{at}/OWNERS", $"* @acme/area-{at % 50}\n*.c{at % 9} @acme/c\n/generated/\n/api/*.json @acme/api\n**/test/ @acme/team-{at}\n"))];
        Measured("2,000 files in directories, 10,000 lines in all, 100 paths", () => Asked(OwnersFile.Of(nested), paths.Take(100)));
        var extensions = OwnersFile.Parse(string.Concat(Enumerable.Range(0, 5000).Select(at => $"*.x{at} @a\n**/m{at}/**/*.y @b\n")));
        Measured("10,000 lines that match at any depth, 10,000 paths", () => Asked(extensions, paths));
        var text = string.Concat(Enumerable.Range(0, OwnersFile.MostBytes / 8).Select(at => $"{at:x5} a\n"));
        Measured($"a file of {text.Length:N0} bytes and {text.Count(letter => letter == '\n'):N0} lines", () => Asked(OwnersFile.Parse(text), paths.Take(100)));

        // Patterns that nobody writes: they part late, and each holds many stars.
        var random = new Random(3);
        var hostile = PatternList.Read([.. Enumerable.Range(0, 800).Select(_ => $"**/{string.Concat(Enumerable.Range(0, 40).Select(_ => random.Next(2) == 0 ? "*a" : "*b"))}")], PatternOf.Path, (_, _) => { });
        Measured("800 hostile patterns, 100 hostile paths of 400 characters", () => Enumerable.Range(0, 100).Count(_ => hostile.Matches(string.Concat(Enumerable.Range(0, 400).Select(_ => random.Next(2) == 0 ? 'a' : 'b')) + "c")));
        var deep = PatternList.Of(string.Concat(Enumerable.Repeat("**/a/", 200)) + "b");
        Measured("one pattern of 200 **/, a path of 100,000 characters", () => deep.Matches(string.Concat(Enumerable.Repeat("a/", 50_000)) + "c") ? 1 : 0);
        var rules = $"version: 1\ngates:\n{string.Concat(Enumerable.Range(0, 800).Select(at => $"  - {{ name: g{at}, when: {{ paths: [\"src/part{at}/**/*.c\", \"{{docs,man}}/{at}/*.md\"] }}, require: {{ commits: {{ max: 9 }} }} }}\n"))}";
        Measured("a rules file of 1,600 path patterns, checked", () => RulesLoader.Load(rules).Rules is null ? 0 : 1);
    }

    private static int Asked(OwnersFile file, IEnumerable<string> paths) =>
        paths.Aggregate(file.Problems.Count, (sum, path) => unchecked((sum * 31) + (file.For(path)?.Number ?? 0)));

    private static (double Ms, double Megabytes, int Answer) Measured(string what, Func<int> work)
    {
        var (before, used) = (GC.GetAllocatedBytesForCurrentThread(), Environment.CpuUsage.TotalTime);
        var watch = Stopwatch.StartNew();
        var answer = work();
        var (ms, megabytes) = (watch.Elapsed.TotalMilliseconds, (GC.GetAllocatedBytesForCurrentThread() - before) / 1e6);
        Console.WriteLine($"{what}: {ms:N1} ms ({(Environment.CpuUsage.TotalTime - used).TotalMilliseconds:N0} ms of processors), {megabytes:N1} MB");
        return (ms, megabytes, answer);
    }
}
