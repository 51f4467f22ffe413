using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Forges;
using GateKeeper.Git;
using GateKeeper.Reconcile;

namespace GateKeeper.Tests;

/// <summary>Plain git, and beside it machines that test what is published in it: what they report is for the test to say.</summary>
internal sealed class CheckingForge(IForge inner) : IForge
{
    private readonly Dictionary<CommitSha, List<Check>> reports = [];
    private IReadOnlyCollection<CommitSha> followed = [];
    private bool moved;
    private int order;

    public ForgeTraits Traits => inner.Traits with { Publishes = true, Vouched = [] };

    public bool LandsSingly(LandingMethod method) => inner.LandsSingly(method);

    public string? Complaint => inner.Complaint;

    /// <summary>Puts such a forge in front of the repository of a world that is open.</summary>
    public static async Task<CheckingForge> InFrontOfAsync(World world)
    {
        var (settings, house) = (world.Settings.Repositories[0], world.House);
        await house.Loops[0].DisposeAsync();
        var connection = await Connection.OpenAsync(settings, world.Settings.Page, world.Settings.Work, world.Time, default);
        var forge = new CheckingForge(connection.Forge);
        house.Loops[0] = RepositoryLoop.On(connection with { Forge = forge }, settings, house.Tools, "test", house.WakeOf(settings.Name));
        return forge;
    }

    public void Report(CommitSha on, string state, DateTimeOffset at, string run = "1")
    {
        if (!reports.TryGetValue(on, out var list))
            reports[on] = list = [];
        list.Add(new() { Name = "build", On = on, State = state, At = at, Run = run, Order = ++order, Source = [new("app", "ci")] });
        moved = true;
    }

    public void Follow(IReadOnlyCollection<CommitSha> commits)
    {
        moved |= !commits.ToHashSet().SetEquals(followed);
        followed = commits;
    }

    public async Task<bool> RefreshAsync(IReadOnlySet<string> moving, CancellationToken cancellation) => await inner.RefreshAsync(moving, cancellation) | Read();

    /// <summary>What happens between the plan and the last look before a landing, once.</summary>
    public Action? AtTheLastMoment { get; set; }

    public async Task<bool> MovedAsync(IReadOnlyList<Revision> landing, IReadOnlySet<string> moving, CancellationToken cancellation)
    {
        AtTheLastMoment?.Invoke();
        AtTheLastMoment = null;
        return await inner.MovedAsync(landing, moving, cancellation) | moved;
    }

    public Task<PushAnswer> LandAsync(string trunk, Effect.Land land, LandingMethod method, TimeSpan limit) => inner.LandAsync(trunk, land, method, limit);

    public Task ReadTeamsAsync(IEnumerable<string> names, CancellationToken cancellation) => inner.ReadTeamsAsync(names, cancellation);

    public ForgeView Observe(ForgeQuestion question) => inner.Observe(question) with
    {
        Reports = followed.ToDictionary(commit => commit, commit => (ValueList<Check>)[.. reports.GetValueOrDefault(commit) ?? []]),
    };

    public Task TellAsync(IReadOnlyList<Message> messages, CancellationToken cancellation) => inner.TellAsync(messages, cancellation);

    private bool Read()
    {
        var did = moved;
        moved = false;
        return did;
    }
}
