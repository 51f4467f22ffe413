namespace GateKeeper.Benchmarks;

/// <summary>
/// An imitated GitHub: what fifty repositories cost in an hour of what one installation may ask, and how long it takes from the last
/// condition met to the moved trunk over a wire with GitHub's delays.
/// </summary>
internal static class GitHubBenchmark
{
    private const double Share = 0.3, OwnBar = 250;
    private const int Content = 500, Minute = 900;

    private static readonly (double Half, double Most, double Nearly) WokenBars = (2_000, 5_000, 10_000), PolledBars = (7_000, 12_000, 15_000);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var part = arguments.FirstOrDefault() ?? "both";
        if (part is not ("both" or "hour" or "latency"))
        {
            Console.Error.WriteLine("gatekeeper bench github [hour | latency]: what an hour costs, or how long a landing takes; both without either");
            return 2;
        }

        var (met, figures, bars) = (true, new Dictionary<string, object>(), new Dictionary<string, object>());
        if (part is not "latency")
            met &= await HourAsync(figures, bars);
        if (part is not "hour")
            met &= await LatencyAsync(figures, bars);
        return Report.End("github", met, figures, bars);
    }

    private static async Task<bool> HourAsync(Dictionary<string, object> figures, Dictionary<string, object> bars)
    {
        Console.WriteLine($"{GitHubHour.Repositories} repositories with {GitHubHour.Pulls} open pull requests each, looked at every 10 s by one worker in the name of one installation, on a clock that is moved; this takes some minutes ...");
        var hour = await GitHubHour.RunAsync();
        var (opening, idle, busy, limit) = (hour.Opening, hour.Idle, hour.Busy, GitHubHour.LimitOf(GitHubHour.Repositories));
        Console.WriteLine($"(all 50 were simulated, over two hours and five minutes, in {hour.Seconds:0} s)");
        Console.WriteLine($"the first five minutes: {opening.Requests} requests counted, {opening.Points} points, {opening.Made} calls that make content");
        var each = (double)idle.Requests / GitHubHour.Repositories;
        Console.WriteLine($"an hour in which nothing happens: {each:0.##} requests counted for each repository, {idle.Points} points; {idle.Free} answers without news cost nothing");
        Console.WriteLine($"  they are: {idle.Most} (a renewed token makes each kept answer new once; the renewal itself, {idle.Signed} calls in the App's own name, is counted apart)");
        Console.WriteLine($"an hour with {hour.Landed} landings, {2 * GitHubHour.Landings} other pull requests talked about, {GitHubHour.Landings * 3 / 2} pushes:");
        var met = hour.Landed == GitHubHour.Landings;
        met &= Against("requests counted", busy.Requests, limit, "requestsAnHour", figures, bars);
        Console.WriteLine($"  they are: {busy.Most}; {busy.Free} answers without news cost nothing");
        met &= Against("GraphQL points", busy.Points, limit, "pointsAnHour", figures, bars);
        met &= Against("calls that make content", busy.Made, Content, "contentAnHour", figures, bars);
        figures["pointsAMinute"] = Math.Max(idle.PeakPlain, busy.PeakPlain);
        Console.WriteLine($"  {figures["pointsAMinute"]} points of the {Minute} that may be spent in a minute, in the worst one, if answers without news count there, which GitHub does not say; no bar is set for it");
        Console.WriteLine($"  if they do not: {Math.Max(idle.PeakNews, busy.PeakNews)}; the worst minute has {busy.PeakMade} calls that make content, of 80 that GitHub lets be made");
        figures["landed"] = hour.Landed;
        figures["idleRequestsAnHour"] = Math.Round(each, 2);
        bars["landed"] = GitHubHour.Landings;
        bars["idleRequestsAnHour"] = 1;
        return met && each <= 1;
    }

    private static bool Against(string what, int spent, int limit, string name, Dictionary<string, object> figures, Dictionary<string, object> bars)
    {
        Console.WriteLine($"  {spent} {what}, of {limit}: {100.0 * spent / limit:0.0} % (at most {100 * Share:0} %)");
        (figures[name], bars[name]) = (spent, (int)(limit * Share));
        return spent <= limit * Share;
    }

    private static async Task<bool> LatencyAsync(Dictionary<string, object> figures, Dictionary<string, object> bars)
    {
        Console.WriteLine($"a repository with {GitHubLatency.Files} files and at least {GitHubLatency.Open} open pull requests, real pushes over HTTP, each request 120 ms in the median on its way (lognormal, sigma 0.5); this takes some minutes ...");
        await using var latency = await GitHubLatency.StartAsync();
        var woken = await latency.WokenAsync();
        var met = Within("woken by webhooks", "woken", woken, WokenBars, figures, bars);
        var own = At([.. woken.Select(wait => wait.Own)], 0.99);
        Console.WriteLine($"  of it the gate's own, while no answer was awaited: median {At([.. woken.Select(wait => wait.Own)], 0.5):0} ms, 99 of 100 within {own:0} ms (at most {OwnBar:0} ms); {At([.. woken.Select(wait => (double)wait.Requests)], 0.5):0} requests each, several at once");
        (figures["ownP99Ms"], bars["ownP99Ms"]) = (Math.Round(own), OwnBar);
        met &= own <= OwnBar;
        return Within("by the poll of every 10 s alone", "polled", await latency.PolledAsync(), PolledBars, figures, bars) && met;
    }

    private static bool Within(string what, string name, List<Wait> waits, (double Half, double Most, double Nearly) bar, Dictionary<string, object> figures, Dictionary<string, object> bars)
    {
        List<double> times = [.. waits.Select(wait => wait.Total)];
        var (half, most, nearly) = (At(times, 0.5), At(times, 0.95), At(times, 0.99));
        Console.WriteLine($"from the approval to the moved trunk, {what}, {times.Count} times: median {half:0} ms (at most {bar.Half:0}), 95 of 100 within {most:0} ms ({bar.Most:0}), 99 of 100 within {nearly:0} ms ({bar.Nearly:0})");
        (figures[$"{name}P50Ms"], figures[$"{name}P95Ms"], figures[$"{name}P99Ms"]) = (Math.Round(half), Math.Round(most), Math.Round(nearly));
        (bars[$"{name}P50Ms"], bars[$"{name}P95Ms"], bars[$"{name}P99Ms"]) = (bar.Half, bar.Most, bar.Nearly);
        return half <= bar.Half && most <= bar.Most && nearly <= bar.Nearly;
    }

    private static double At(List<double> values, double share) => values.Order().ElementAt((int)Math.Ceiling(values.Count * share) - 1);
}
