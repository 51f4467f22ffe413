using System.Diagnostics;
using System.Globalization;
using GateKeeper.Git;

namespace GateKeeper.Benchmarks;

/// <summary>
/// A repository with 50,000 branches, each with a commit of its own: the first fetch beside <c>git clone --mirror</c> over the same wire, and a
/// look without news beside <c>git ls-remote</c>, by its path and over the wire.
/// </summary>
internal static class RefsBenchmark
{
    private const int Branches = 50_000;
    private const double FetchBar = 2;
    private const int Times = 3;
    private const int Looks = 21;

    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("gatekeeper-bench-refs-").FullName;
        try
        {
            var (url, wire) = (Path.Combine(folder, "many.git"), $"file://{folder}/many.git");
            Make(folder);
            var (clone, fetch) = (new List<double>(), new List<double>());
            for (var time = 0; time < Times; time++)
            {
                clone.Add(await Report.SecondsAsync(() => Task.Run(() => Report.Run(folder, "git", "clone", "--quiet", "--mirror", wire, $"clone-{time}.git"))));
                using var mirror = await OpenAsync(folder, $"mirror-{time}.git", wire);
                fetch.Add(await Report.SecondsAsync(() => mirror.RefreshAsync(_ => true, default)));
                if (mirror.Refs.Count != Branches + 1 || mirror.Unfetchable.Count > 0)
                    throw new InvalidOperationException($"{mirror.Refs.Count} refs came, and {mirror.Unfetchable.Count} did not");
            }

            var (path, list) = await LookAsync(folder, url, url);
            var (far, farList) = await LookAsync(folder, wire, wire);
            var (fetchTimes, pathTimes, wireTimes) = (Middle(fetch) / Middle(clone), path / list, far / farList);
            Console.WriteLine($"{Branches:N0} branches: first fetch {Middle(fetch):0.00} s, git clone --mirror {Middle(clone):0.00} s ({fetchTimes:0.00} times); a look without news {path * 1000:0} ms by path, git ls-remote {list * 1000:0} ms ({pathTimes:0.00} times); over the wire {far * 1000:0} ms, git ls-remote {farList * 1000:0} ms ({wireTimes:0.00} times)");
            return Report.End(
                "refs", fetchTimes <= FetchBar && pathTimes <= 1 && wireTimes <= 1,
                new { fetchTimes = Math.Round(fetchTimes, 2), lookTimes = Math.Round(pathTimes, 2), wireLookTimes = Math.Round(wireTimes, 2), fetchSeconds = Math.Round(Middle(fetch), 2) }, new { fetchTimes = FetchBar, lookTimes = 1, wireLookTimes = 1 });
        }
        finally
        {
            Runs.Files.Delete(folder);
        }
    }

    /// <summary>The one and the other by turns, so that the machine's moods befall both.</summary>
    private static async Task<(double Look, double List)> LookAsync(string folder, string mirrorUrl, string listed)
    {
        using var mirror = await OpenAsync(folder, "mirror-0.git", mirrorUrl);
        await mirror.RefreshAsync(_ => true, default);
        var (looks, lists) = (new List<double>(), new List<double>());
        for (var time = 0; time < Looks; time++)
        {
            lists.Add(await Report.SecondsAsync(() => Task.Run(() => Report.Run(folder, "git", "ls-remote", listed))));
            looks.Add(await Report.SecondsAsync(() => mirror.RefreshAsync(_ => true, default)));
        }

        // Both are a few hundredths of a second, and whatever else the machine does only adds to them.
        return (looks.Min(), lists.Min());
    }

    private static Task<Mirror> OpenAsync(string folder, string name, string url) => Mirror.OpenAsync(Path.Combine(folder, name), url, Path.Combine(folder, "home"), null, default);

    private static double Middle(List<double> times) => times.Order().ElementAt(times.Count / 2);

    /// <summary>A trunk of 2,000 files and 500 commits, and branches that each edit one of its files.</summary>
    private static void Make(string folder)
    {
        var url = Path.Combine(folder, "many.git");
        Report.Run(folder, "git", "init", "--quiet", "--bare", "--initial-branch=main", url);
        using var import = Process.Start(new ProcessStartInfo("git", ["fast-import", "--quiet"]) { WorkingDirectory = url, RedirectStandardInput = true })!;
        using (var to = import.StandardInput)
        {
            to.NewLine = "\n";
            for (var commit = 0; commit < 500; commit++)
                Commit(to, "main", commit, Enumerable.Range(commit * 4, 4), null);
            for (var branch = 0; branch < Branches; branch++)
                Commit(to, string.Create(CultureInfo.InvariantCulture, $"users/{branch % 500}/topic-{branch}"), branch, [branch % 2000], "refs/heads/main");
        }

        import.WaitForExit();
        Report.Run(url, "git", "pack-refs", "--all");
    }

    private static void Commit(StreamWriter to, string branch, int number, IEnumerable<int> files, string? from)
    {
        to.WriteLine($"commit refs/heads/{branch}");
        to.WriteLine($"committer p <p@example.org> {1_700_000_000 + number} +0000");
        Data(to, $"Change {number}");
        if (from is not null)
            to.WriteLine($"from {from}");
        foreach (var file in files)
        {
            to.WriteLine($"M 100644 inline src/{file % 50}/file{file}.txt");
            Data(to, string.Concat(Enumerable.Range(0, 20).Select(line => $"{branch} {file} {line}\n")));
        }
    }

    private static void Data(StreamWriter to, string text)
    {
        to.WriteLine($"data {text.Length}");
        to.WriteLine(text);
    }
}
