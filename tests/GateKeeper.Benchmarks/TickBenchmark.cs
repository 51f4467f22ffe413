using System.Diagnostics;
using GateKeeper.Reconcile;
using Microsoft.Extensions.Logging.Abstractions;

namespace GateKeeper.Benchmarks;

/// <summary>A tick over many open changes of which none moved.</summary>
internal static class TickBenchmark
{
    private const double Bar = 100;

    public static async Task<int> RunAsync()
    {
        Console.WriteLine("making the material takes a while ...");
        var thousand = await MeasureAsync(1000);
        Console.WriteLine($"1,000 open changes: {thousand.Milliseconds:0.0} ms a tick; now 10,000, which takes some minutes to make ...");
        var ten = await MeasureAsync(10_000);
        var growth = ten.Milliseconds / thousand.Milliseconds;
        Console.WriteLine($"1,000 open changes: {thousand.Milliseconds:0.0} ms a tick, {thousand.ChildFaults} page faults of child processes; 10,000: {ten.Milliseconds:0.0} ms, {ten.ChildFaults} page faults of child processes; {growth:0.0} times");
        var met = thousand is { Milliseconds: < Bar, ChildFaults: 0 } && growth <= 12;
        return Report.End(
            "tick", met, new { thousandMs = Math.Round(thousand.Milliseconds, 1), tenThousandMs = Math.Round(ten.Milliseconds, 1), childFaults = thousand.ChildFaults, growth = Math.Round(growth, 1) },
            new { thousandMs = Bar, childFaults = 0, growth = 12 });
    }

    private static async Task<(double Milliseconds, int ChildFaults)> MeasureAsync(int changes)
    {
        using var world = await BenchWorld.MakeAsync(100, changes, approved: false);
        var settings = world.Settings();
        settings = settings with { Repositories = [settings.Repositories[0] with { ProposalsSince = TimeSpan.FromSeconds(1) }] };
        await using var house = await Gatehouse.OpenAsync(settings, TimeProvider.System, NullLoggerFactory.Instance, observing: false, default);
        await house.SettleAsync(default);
        var loop = house.Loops[0];
        var (before, times) = (ChildFaults(), new List<double>());
        for (var i = 0; i < 21; i++)
        {
            var watch = Stopwatch.StartNew();
            await loop.TickAsync(look: true, observing: false, default);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        return (times.Order().ElementAt(10), ChildFaults() - before);
    }

    /// <summary>The page faults of children that were waited for: these grow with every process that was started, and with nothing else.</summary>
    private static int ChildFaults() => int.Parse(File.ReadAllText("/proc/self/stat").Split(") ")[1].Split(' ')[8], System.Globalization.CultureInfo.InvariantCulture);
}
