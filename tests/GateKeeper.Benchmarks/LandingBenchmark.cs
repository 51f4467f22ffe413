using GateKeeper.Reconcile;
using Microsoft.Extensions.Logging.Abstractions;

namespace GateKeeper.Benchmarks;

/// <summary>Two hundred approved changes, landed by the gate and landed the classic way, on equal repositories in one run.</summary>
internal static class LandingBenchmark
{
    private const double Bar = 3;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var changes = arguments is ["--changes", var count, ..] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 200;
        using var ours = await BenchWorld.MakeAsync(5000, changes, approved: true);
        var theirs = Path.Combine(ours.Directory, "classic.git");
        Report.Run(ours.Directory, "cp", "-a", ours.Url, theirs);

        var gate = await Report.SecondsAsync(() => GateAsync(ours));
        Console.WriteLine($"the gate: {changes} changes in {gate:0.00} s, {changes / gate:0.0} a second, each judged, sandboxed and landed by a push that was read back");
        var classic = await Report.SecondsAsync(() => ClassicAsync(ours, theirs));
        Console.WriteLine($"checkout, merge --no-ff, true, push: {classic:0.00} s, {changes / classic:0.0} a second");
        var same = ours.TrunkTree() == Tree(theirs);
        var ratio = classic / gate;
        Console.WriteLine($"ratio {ratio:0.00}, the trunks' trees are {(same ? "the same" : "DIFFERENT")}");
        return Report.End("landing", same && ratio >= Bar, new { changes, gateSeconds = Math.Round(gate, 2), classicSeconds = Math.Round(classic, 2), ratio = Math.Round(ratio, 2), sameTree = same }, new { ratio = Bar, sameTree = true });
    }

    private static async Task GateAsync(BenchWorld world)
    {
        await using var house = await Gatehouse.OpenAsync(world.Settings(), TimeProvider.System, NullLoggerFactory.Instance, observing: false, default);
        await house.SettleAsync(default);
        foreach (var status in house.Pictures.SelectMany(picture => picture.Plan.Open).Take(3))
            Console.WriteLine($"NOT LANDED: {status.Change.Title}: {status.Outcome}: {status.Note} {status.Judgement.Whole.Reason}");
    }

    private static Task ClassicAsync(BenchWorld world, string url)
    {
        var clone = Path.Combine(world.Directory, "clone");
        Report.Run(world.Directory, "git", "clone", "--quiet", url, clone);
        foreach (var branch in world.Branches)
        {
            Report.Run(clone, "git", "checkout", "--quiet", "main");
            Report.Run(clone, "git", "merge", "--quiet", "--no-ff", "-m", $"Merge {branch}", $"origin/{branch}");
            Report.Run(clone, "true");
            Report.Run(clone, "git", "push", "--quiet", "origin", "main");
        }

        return Task.CompletedTask;
    }

    private static string Tree(string url)
    {
        using var repository = new LibGit2Sharp.Repository(url);
        return repository.Branches["main"].Tip.Tree.Sha;
    }
}
