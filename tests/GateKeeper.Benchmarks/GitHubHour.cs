using GateKeeper.Reconcile;
using GateKeeper.Tests;
using GateKeeper.Tests.GitHub.Imitation;

namespace GateKeeper.Benchmarks;

/// <summary>Fifty repositories by one installation, on a clock that is moved: the first look, an hour in which nothing happens, and one in which people work.</summary>
internal sealed class GitHubHour(GitHubBenchWorld world, ManualTime time, Gatehouse house, List<HubRepository> repositories)
{
    public const int Repositories = 50, Pulls = 20, Landings = 10;
    private const int Looks = 360, FirstLooks = 30;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(10);
    private readonly Random random = new(1);

    public Spent Opening { get; } = new();

    public Spent Idle { get; } = new();

    public Spent Busy { get; } = new();

    public int Landed { get; private set; }

    public double Seconds { get; private set; }

    public static async Task<GitHubHour> RunAsync()
    {
        var time = new ManualTime();
        await using var world = await GitHubBenchWorld.StartAsync(time);
        world.Server.Limits.Limit = LimitOf(Repositories);
        var repositories = new List<HubRepository>();
        for (var i = 0; i < Repositories; i++)
        {
            repositories.Add(world.Add($"repository-{i:d2}", 20));
            for (var pull = 0; pull < Pulls; pull++)
                world.Propose(repositories[i], $"page-{pull}");
        }

        time.Pass(TimeSpan.FromHours(1));
        await using var house = await world.OpenAsync(repositories, "hour", Poll, hooks: false);
        var hour = new GitHubHour(world, time, house, repositories);
        hour.Seconds = await Report.SecondsAsync(hour.LiveAsync);
        return hour;
    }

    /// <summary>What GitHub lets an installation ask in an hour: 5,000, and 50 more for each repository above twenty, up to 12,500.</summary>
    public static int LimitOf(int repositories) => Math.Min(12_500, 5_000 + (50 * Math.Max(0, repositories - 20)));

    private async Task LiveAsync()
    {
        await PassAsync(Opening, FirstLooks, _ => []);
        await PassAsync(Idle, Looks, _ => []);
        var events = Events();
        await PassAsync(Busy, Looks, look => events.GetValueOrDefault(look) ?? []);
        Landed = house.Notebook.Landings(null, 1000).Count;
    }

    private async Task PassAsync(Spent spent, int looks, Func<int, List<Action>> events)
    {
        for (var look = 0; look < looks; look++)
        {
            var sooner = TimeSpan.FromSeconds(random.Next(1, 9));
            time.Pass(sooner);
            foreach (var happen in events(look))
            {
                await world.Server.DoAsync(() =>
                {
                    happen();
                    return true;
                });
            }

            time.Pass(Poll - sooner);
            await house.SettleAsync(default);
            foreach (var exchange in world.Server.Transcript.All)
                spent.Add(exchange);
            world.Server.Transcript.Forget();
            spent.Points += world.Server.Limits.Of("graphql");
            world.Server.Limits.Counted.Clear();
        }
    }

    /// <summary>
    /// Ten pull requests come, are talked about, half of them pushed to once more, approved, and land; twenty others are talked about, and
    /// half of those pushed to, and a quarter objected to.
    /// </summary>
    private Dictionary<int, List<Action>> Events()
    {
        var events = new Dictionary<int, List<Action>>();
        for (var i = 0; i < Landings; i++)
        {
            var (number, begin, repository) = (i, random.Next(5, Looks - 150), repositories[random.Next(repositories.Count)]);
            HubPull? pull = null;
            At(begin, () => pull = world.Propose(repository, $"story-{number}"));
            At(begin + random.Next(6, 60), () => world.Comment(pull!, "carol", "Why so?"));
            At(begin + random.Next(60, 90), () => world.Comment(pull!, "ana", "Because."));
            if (i % 2 == 0)
                At(begin + random.Next(60, 90), () => world.Push(pull!, "better\n"));
            At(begin + random.Next(90, 140), () => world.Review(pull!, "APPROVE"));
        }

        for (var i = 0; i < 2 * Landings; i++)
        {
            var (begin, repository, at, number) = (random.Next(5, Looks - 100), repositories[random.Next(repositories.Count)], random.Next(Pulls), i);
            At(begin, () => world.Comment(repository.Pulls[at], "bob", "Have you thought of the others?"));
            if (i % 2 == 0)
                At(begin + random.Next(6, 90), () => world.Push(repository.Pulls[at], $"thought of {number}\n"));
            if (i % 4 == 0)
                At(begin + random.Next(6, 90), () => world.Review(repository.Pulls[at], "REQUEST_CHANGES"));
        }

        return events;

        void At(int look, Action happen)
        {
            if (!events.TryGetValue(look, out var all))
                events[look] = all = [];
            all.Add(happen);
        }
    }
}
