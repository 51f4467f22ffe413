using System.Diagnostics;

namespace GateKeeper.Benchmarks;

/// <summary>The worker as it is started by its operator, with nothing to do: its memory, and its processor time between polls.</summary>
internal static class RestBenchmark
{
    private const double MemoryBar = 120;

    public static async Task<int> RunAsync()
    {
        using var world = await BenchWorld.MakeAsync(200, 20, approved: false);
        var file = Path.Combine(world.Directory, "settings.json");
        await File.WriteAllTextAsync(file, $$"""
            { "repositories": [{ "name": "rest", "forge": "git", "url": "{{world.Url}}", "identity": "trusted", "poll": "30s" }],
              "store": "sqlite:{{world.Directory}}/rest.db", "work": "{{world.Directory}}/rest", "page": { "listen": "http://127.0.0.1:18399" } }
            """);
        using var worker = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "gatekeeper"), ["run", "--config", file]) { RedirectStandardOutput = true })!;
        var quiet = worker.StandardOutput.ReadToEndAsync();
        using var client = new HttpClient { BaseAddress = new("http://127.0.0.1:18399") };
        while (!await ReadyAsync(client))
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);

        // The proposals are tested first; rest begins when two looks three seconds apart see no processor time spent.
        TimeSpan before;
        do
        {
            worker.Refresh();
            before = worker.TotalProcessorTime;
            await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
            worker.Refresh();
        }
        while (worker.TotalProcessorTime - before > TimeSpan.FromMilliseconds(30));

        before = worker.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System);
        worker.Refresh();
        var spent = (worker.TotalProcessorTime - before).TotalMilliseconds;
        var memory = worker.WorkingSet64 / 1048576.0;
        Report.Run("/", "kill", "-TERM", $"{worker.Id}");
        await worker.WaitForExitAsync();
        await quiet;
        Console.WriteLine($"at rest: {memory:0} MB, {spent:0} ms of processor time in 10 s");
        return Report.End("rest", memory < MemoryBar && spent <= 50, new { memoryMb = Math.Round(memory), processorMsIn10s = Math.Round(spent) }, new { memoryMb = MemoryBar, processorMsIn10s = 50 });
    }

    private static async Task<bool> ReadyAsync(HttpClient client)
    {
        try
        {
            return (await client.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
