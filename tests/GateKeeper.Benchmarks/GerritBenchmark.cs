using System.Diagnostics;
using GateKeeper.Demo;
using GateKeeper.Reconcile;

namespace GateKeeper.Benchmarks;

/// <summary>
/// A real Gerrit server with five hundred open changes: what a poll costs when nothing moved and when ten did, and how long it takes from
/// the last missing vote to the moved trunk, beside the same done by hand.
/// </summary>
internal static class GerritBenchmark
{
    private const int Changes = 500;
    private const int Moved = 10;

    // Once a minute a poll also reads the trunks and the groups; one in a few seconds may be it.
    private const int MostExtras = 1;
    private const double OwnBar = 100;
    private const double RatioBar = 1.5;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var war = arguments is ["--war", var path, ..] ? path : GerritServer.Named;
        if (GerritServer.Missing(war) is { } missing)
        {
            Console.Error.WriteLine($"{missing}\ngatekeeper bench gerrit needs java and a server's jar: {GerritServer.Variable}=gerrit.war gatekeeper bench gerrit, or gatekeeper bench gerrit --war gerrit.war");
            return 2;
        }

        Console.WriteLine("starting the server and making the material takes a minute ...");
        using var world = await GerritBenchWorld.StartAsync(war!);
        await world.FillAsync("ours", Changes);
        await world.FillAsync("theirs", Changes);

        var (idle, own, moved) = await PollsAsync(world);
        Console.WriteLine($"an idle poll of {Changes} open changes: {idle.Median(poll => poll.Requests):0} request, {idle.Median(poll => poll.Total):0} ms, of which {own.Median(item => item):0.0} ms are our own (from {own.Min():0.0} to {own.Max():0.0})");
        Console.WriteLine($"a poll when {Moved} of them moved: {moved.Max(poll => poll.Requests)} requests and {moved.Max(poll => poll.Fetches)} fetch, {moved.Median(poll => poll.Total):0} ms");

        var rounds = 30;
        var (gate, hand) = await LandingsAsync(world, rounds);
        var ratio = gate.Median(item => item) / hand.Median(item => item);
        Console.WriteLine($"from the last missing vote (when woken by it) to the moved trunk, {rounds} changes: {Spread(gate)}");
        Console.WriteLine($"the same by hand with curl and git: {Spread(hand)}; the gate takes {ratio:0.00} times as long");

        var met = idle.Count(poll => poll is { Requests: 1, Fetches: 0 }) >= idle.Count - MostExtras && own.Median(item => item) < OwnBar && moved.All(poll => poll is { Requests: <= 3, Fetches: <= 1 }) && ratio <= RatioBar;
        return Report.End(
            "gerrit", met,
            new
            {
                idleRequests = idle.Median(poll => poll.Requests),
                idleMs = Math.Round(idle.Median(poll => poll.Total)),
                idleOwnMs = Math.Round(own.Median(item => item), 1),
                movedRequests = moved.Max(poll => poll.Requests),
                movedFetches = moved.Max(poll => poll.Fetches),
                movedMs = Math.Round(moved.Median(poll => poll.Total)),
                gateMs = Math.Round(gate.Median(item => item)),
                gateP95Ms = Math.Round(gate.Late()),
                handMs = Math.Round(hand.Median(item => item)),
                handP95Ms = Math.Round(hand.Late()),
                ratio = Math.Round(ratio, 2),
            },
            new { idleRequests = 1, idleOwnMs = OwnBar, movedRequests = 3, movedFetches = 1, ratio = RatioBar });
    }

    private static async Task<(List<Poll> Idle, List<double> Own, List<Poll> Moved)> PollsAsync(GerritBenchWorld world)
    {
        await using var door = Tollgate.Before(world.Address);
        await using var house = await world.OpenAsync("ours", door.Address, "polls");
        await house.SettleAsync(default);
        await house.SettleAsync(default);
        var (idle, moved) = (new List<Poll>(), new List<Poll>());
        for (var i = 0; i < 25; i++)
            idle.Add(await PollAsync(house, door));

        var changes = house.Pictures.Single().Plan.Open.Take(Moved).Select(status => status.Change.Number).ToList();
        for (var i = 0; i < 5; i++)
        {
            foreach (var change in changes)
                await world.VoteAsync("ours", change, i % 2 == 0 ? 1 : -1);
            moved.Add(await PollAsync(house, door));
            await house.SettleAsync(default);
        }

        return (idle, [.. idle.Select(poll => poll.Total - poll.Server)], moved);
    }

    /// <summary>One poll, and what of it went to the server; git comes to fetch with one question after what there is.</summary>
    private static async Task<Poll> PollAsync(Gatehouse house, Tollgate door)
    {
        door.Take();
        var watch = Stopwatch.StartNew();
        await house.Loops[0].TickAsync(look: true, observing: false, default);
        var total = watch.Elapsed.TotalMilliseconds;
        var passed = door.Take();
        return new(
            total, passed.Sum(item => item.Milliseconds), passed.Count(item => !item.Target.Contains("git-upload-pack", StringComparison.Ordinal)),
            passed.Count(item => item.Target.Contains("info/refs?service=git-upload-pack", StringComparison.Ordinal)));
    }

    /// <summary>One by the gate and one by hand in turn, so that whatever else the machine does is the same for both.</summary>
    private static async Task<(List<double> Gate, List<double> Hand)> LandingsAsync(GerritBenchWorld world, int rounds)
    {
        await world.MakeRoomAsync("ours");
        await world.MakeRoomAsync("theirs");
        await using var house = await world.OpenAsync("ours", world.Address, "landings");
        await house.SettleAsync(default);
        var (gate, hand) = (new List<double>(), new List<double>());
        for (var i = 0; i < rounds; i++)
        {
            var (ours, theirs) = (await world.ProposeAsync("ours"), await world.ProposeAsync("theirs"));
            house.HintAll();
            await house.SettleAsync(default);
            await world.VoteAsync("ours", ours, 2);
            gate.Add(await LandAsync(house, ours));
            await house.SettleAsync(default);
            await world.BringAsync("theirs", theirs);
            await world.VoteAsync("theirs", theirs, 2);
            hand.Add(await world.ByHandAsync("theirs", theirs));
        }

        return (gate, hand);
    }

    /// <summary>As the worker does it from when a hint wakes it: until the trunk was read back, for by then it is known to have moved.</summary>
    private static async Task<double> LandAsync(Gatehouse house, string change)
    {
        var begin = TimeProvider.System.GetUtcNow();
        for (var look = true; ;)
        {
            var busy = await house.Loops[0].TickAsync(look, observing: false, default);
            if (house.Notebook.Landings(null, 1) is [var landing] && landing.Change.Value == change)
                return (landing.At - begin).TotalMilliseconds;
            look = !busy && await house.WakeOf("bench").WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, default);
            if (TimeProvider.System.GetUtcNow() - begin > TimeSpan.FromMinutes(1))
                throw new InvalidOperationException($"change {change} did not land: {house.Pictures.Single().Plan.Open.Single(status => status.Change.Number == change).Judgement.Whole.Reason}");
        }
    }

    private static string Spread(List<double> times) => $"median {times.Median(item => item):0} ms, 95 of 100 within {times.Late():0} ms (from {times.Min():0} to {times.Max():0})";

    private static double Median<T>(this IEnumerable<T> items, Func<T, double> of) => items.Select(of).Order().ToList() is var ordered ? ordered[ordered.Count / 2] : 0;

    private static double Late(this List<double> times) => times.Order().ElementAt((int)Math.Ceiling(times.Count * 0.95) - 1);

    private sealed record Poll(double Total, double Server, int Requests, int Fetches);
}
