using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Git;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// Pull requests on GitHub. A list whose unchanged answer costs nothing shows which moved; only those are read, whole. The host's own record
/// may lag behind its git, so what lands is looked up there once more.
/// </summary>
internal sealed partial class GitHubForge : IForge, IDisposable
{
    private const int FewAtATime = 25;
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromSeconds(5);
    private static readonly HashSet<long> Nothing = [];
    private static readonly TimeSpan TrunksAreOld = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TeamsAreOld = TimeSpan.FromSeconds(60);
    private readonly GitHubPlace place;
    private readonly GitHubClient client;
    private readonly Mirror mirror;
    private readonly TimeProvider time;
    private readonly Sweep sweep;
    private readonly Voice voice;
    private readonly GitHubAccounts accounts = new();
    private readonly Dictionary<long, Look> open = [];
    private readonly Dictionary<long, (DateTimeOffset Updated, string Head, string Base)> listed = [];
    private readonly Dictionary<long, Uploads> uploads = [];
    private readonly Dictionary<string, (GroupMembers Members, long ReadAt)> teams = [];
    private readonly HashSet<string> wantedTeams = [];
    private readonly HashSet<long> lagging = [];

    /// <summary>What is read again at the next look, whatever the list says.</summary>
    private readonly HashSet<long> owed = [];

    /// <summary>What was not told of when it was asked about, which is asked again after a while.</summary>
    private readonly Retries<long> unread;

    /// <summary>Of what moved it is still to be found out who pushed it.</summary>
    private readonly HashSet<long> unlearned = [];
    private long? conversationsReadAt;
    private readonly List<Glob>? patterns;
    private readonly Account gate;
    private Dictionary<string, string> trunks = [];
    private long? trunksReadAt;

    /// <summary>Whether something was taken that the view does not show yet. Several set it at once, so it is only ever set, and taken back by the view alone.</summary>
    private volatile bool moved = true;
    private volatile IReadOnlyDictionary<long, int> places = new Dictionary<long, int>();

    /// <param name="place">The repository.</param>
    /// <param name="client">How GitHub is asked.</param>
    /// <param name="mirror">The gate's own copy.</param>
    /// <param name="self">The gate's own login.</param>
    /// <param name="time">The clock.</param>
    public GitHubForge(GitHubPlace place, GitHubClient client, Mirror mirror, string self, TimeProvider time)
    {
        (this.place, this.client, this.mirror, this.time) = (place, client, mirror, time);
        (gate, first, unshown, unasked, unnamed, unread) = (new(self.ToLowerInvariant()), new(mirror.Repository), new(time), new(time), new(time), new(time));
        sweep = new(client, place);
        voice = new(place, client.Line, self);
        if (place.Trunks.Any(trunk => trunk.Contains('*', StringComparison.Ordinal)))
            patterns = [.. place.Trunks.Select(trunk => Glob.TryParse(trunk, out _, PatternOf.Branch)).OfType<Glob>()];
    }

    /// <summary>What it has, whoever the gate is there.</summary>
    public static ForgeTraits Has { get; } = new("GitHub")
    {
        Vouched = ["app", "user"],
        HasLabels = true,
        HasDrafts = true,
        HasTeams = true,
        HasBranches = true,
        OwnersByAt = true,
        TellsSignatures = true,
        Implied = [new("event", "workflow", "push", "pull_request")],
        Shared = [new("app", Reports.Actions, "workflow")],
    };

    public ForgeTraits Traits => Has with { Gate = gate, Bots = [.. accounts.Bots], Publishes = place.Publish is not null, Repository = $"{place.Owner}/{place.Name}" };

    public string? Complaint { get; private set; }

    /// <summary>What GitHub still lets the gate ask.</summary>
    public Budget Budget => client.Line.Budget;

    public string? Figures => Budget.Figures;

    public void Dispose()
    {
        client.Dispose();
        writing.Dispose();
    }

    /// <summary>Where nothing moved, questions that cost nothing; where something did, one that brings all of it, and one fetch.</summary>
    public async Task<bool> RefreshAsync(IReadOnlySet<string> moving, CancellationToken cancellation)
    {
        Task<IReadOnlyDictionary<string, string>>? tips = null;
        var (list, read) = (TakeListAsync(left => tips = left || TrunksMayHaveMoved ? TipsAsync(cancellation) : null, Nothing, cancellation), ReadReportsAsync(cancellation));
        await Task.WhenAll(list, read);
        if (tips is not null)
            TakeTrunks(await tips);
        await BringAsync(moving, cancellation);
        return moved;
    }

    /// <summary>
    /// Whether something moved since what is to land was judged: each pull request is read afresh, its head is compared with what git has,
    /// and so are the trunk, the teams and the reports; and the list shows what else moved.
    /// </summary>
    public async Task<bool> MovedAsync(IReadOnlyList<Revision> landing, IReadOnlySet<string> moving, CancellationToken cancellation)
    {
        var numbers = landing.Select(revision => long.Parse(revision.Change.Value, CultureInfo.InvariantCulture)).ToList();
        var known = numbers.Where(open.ContainsKey).Select(number => open[number].Pull!).ToList();
        if (known.Count < numbers.Count)
            return moved = true;
        var heads = known.SelectMany(pull => HeadRefs(pull)).Concat(trunks.Keys).Distinct().ToList();
        var (looks, refs) = (sweep.PullsAsync([.. known.Select(pull => pull.Id)], cancellation), mirror.ReadAsync(heads, cancellation));
        var groups = wantedTeams.Select(async team => (team, read: await sweep.MembersAsync(team, cancellation))).ToList();
        var (list, reports) = (TakeListAsync(_ => { }, [.. numbers], cancellation), ReadReportsAsync(cancellation));
        await Task.WhenAll([looks, refs, list, reports, .. groups]);

        foreach (var group in groups)
            TakeTeam((await group).team, (await group).read);
        var there = await refs;
        foreach (var pull in known)
        {
            Take(pull.Number, (await looks).GetValueOrDefault(pull.Id));
            if (open.TryGetValue(pull.Number, out var now) && HeadRefs(now.Pull!).Any(name => there.GetValueOrDefault(name) != now.Pull!.HeadRefOid))
            {
                if (lagging.Add(pull.Number))
                    moved = true;
                owed.Add(pull.Number);
            }
            else
            {
                if (lagging.Remove(pull.Number))
                    moved = true;
            }
        }

        TakeTrunks(there.Where(item => trunks.ContainsKey(item.Key)).ToDictionary());
        await BringAsync(moving, cancellation);
        return moved;
    }

    /// <summary>
    /// Reads the teams that the rules name, those that are not fresh. Who belongs to them matters where somebody voted or asked; where nobody
    /// did and nothing moves, what was read before will do, for a renewed token makes each question cost something once.
    /// </summary>
    public async Task ReadTeamsAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        wantedTeams.Clear();
        wantedTeams.UnionWith(names);
        var matters = moved || open.Values.Any(look => look.Pull!.Reviews.Nodes.Count > 0 || look.Pull.Comments.Nodes.Any(comment => comment is { ViewerDidAuthor: false } && comment.Body.StartsWith('/')));
        foreach (var name in wantedTeams.Where(name => !teams.TryGetValue(name, out var known) || (matters && time.GetElapsedTime(known.ReadAt) > TeamsAreOld)).ToList())
            TakeTeam(name, await sweep.MembersAsync(name, cancellation));
    }

    private bool IsTrunk(string branch) => patterns is null ? place.Trunks.Contains(branch) : patterns.Exists(pattern => pattern.Matches(branch));

    private bool TrunksMayHaveMoved => trunksReadAt is not { } at || time.GetElapsedTime(at) > TrunksAreOld || trunks.Any(trunk => mirror.Refs.GetValueOrDefault(trunk.Key) != trunk.Value);

    /// <summary>Where the trunks are, by git: what REST tells may be older, and costs.</summary>
    private Task<IReadOnlyDictionary<string, string>> TipsAsync(CancellationToken cancellation) => mirror.FindAsync([.. place.Trunks.Select(trunk => $"refs/heads/{BeforeWildcard(trunk)}")], cancellation);

    /// <summary>A pattern as far as git's patterns say the same.</summary>
    private static string BeforeWildcard(string trunk) => trunk.IndexOfAny(['*', '?', '[', '{']) is >= 0 and var at ? $"{trunk[..at]}*" : trunk;

    private void TakeTrunks(IReadOnlyDictionary<string, string> read)
    {
        trunks = read.Where(branch => branch.Key.StartsWith("refs/heads/", StringComparison.Ordinal) && IsTrunk(branch.Key["refs/heads/".Length..])).ToDictionary();
        trunksReadAt = time.GetTimestamp();
    }

    /// <summary>Brings the mirror to what was seen, in one fetch, and learns who pushed and who wrote what it brought.</summary>
    private async Task BringAsync(IReadOnlySet<string> moving, CancellationToken cancellation)
    {
        var wanted = trunks.ToDictionary();
        foreach (var (number, look) in open)
            wanted[HeadRef(number)] = look.Pull!.HeadRefOid;
        if (await mirror.BringAsync(wanted, moving, cancellation))
            moved = true;
        if (moved || unlearned.Count > 0 || unnamed.Any)
            await LearnAsync(cancellation);
    }
}
