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
    private readonly List<Glob>? patterns;
    private readonly Account gate;
    private Dictionary<string, string> trunks = [];
    private long? trunksReadAt;
    private bool moved = true;
    private bool listIsUnread;
    private volatile IReadOnlyDictionary<long, int> places = new Dictionary<long, int>();

    /// <param name="place">The repository.</param>
    /// <param name="client">How GitHub is asked.</param>
    /// <param name="mirror">The gate's own copy.</param>
    /// <param name="self">The gate's own login.</param>
    /// <param name="time">The clock.</param>
    public GitHubForge(GitHubPlace place, GitHubClient client, Mirror mirror, string self, TimeProvider time)
    {
        (this.place, this.client, this.mirror, this.time) = (place, client, mirror, time);
        gate = new(self.ToLowerInvariant());
        sweep = new(client, place);
        voice = new(place, client.Line);
        if (place.Trunks.Any(trunk => trunk.Contains('*', StringComparison.Ordinal)))
            patterns = [.. place.Trunks.Select(trunk => Glob.TryParse(trunk, out _)).OfType<Glob>()];
    }

    /// <summary>What it has, whoever the gate is there.</summary>
    public static ForgeTraits Has { get; } = new("GitHub")
    {
        Vouched = ["app", "user"],
        HasLabels = true,
        HasDrafts = true,
        HasTeams = true,
        OwnersByAt = true,
        Implied = [new("event", "workflow", "push", "pull_request")],
        Shared = [new("app", Reports.Actions, "workflow")],
    };

    public ForgeTraits Traits => Has with { Gate = gate, Bots = [.. accounts.Bots], Publishes = place.Publish is not null };

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
        var changed = await list | await read;
        if (tips is not null)
            TakeTrunks(await tips);
        return await BringAsync(moving, changed, cancellation);
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
            return true;
        var heads = known.SelectMany(pull => HeadRefs(pull)).Concat(trunks.Keys).Distinct().ToList();
        var (looks, refs) = (sweep.PullsAsync([.. known.Select(pull => pull.Id)], cancellation), mirror.ReadAsync(heads, cancellation));
        var groups = wantedTeams.Select(async team => (team, read: await sweep.MembersAsync(team, cancellation))).ToList();
        var (list, reports) = (TakeListAsync(_ => { }, [.. numbers], cancellation), ReadReportsAsync(cancellation));
        await Task.WhenAll([looks, refs, list, reports, .. groups]);

        var changed = await list | await reports;
        foreach (var group in groups)
            changed |= TakeTeam((await group).team, (await group).read);
        var there = await refs;
        foreach (var pull in known)
        {
            changed |= Take(pull.Number, (await looks).GetValueOrDefault(pull.Id) ?? new(null, null, true));
            if (open.TryGetValue(pull.Number, out var now) && HeadRefs(now.Pull!).Any(name => there.GetValueOrDefault(name) != now.Pull!.HeadRefOid))
            {
                changed |= lagging.Add(pull.Number);
                owed.Add(pull.Number);
            }
            else
            {
                changed |= lagging.Remove(pull.Number);
            }
        }

        TakeTrunks(there.Where(item => trunks.ContainsKey(item.Key)).ToDictionary());
        return await BringAsync(moving, changed, cancellation) || changed;
    }

    /// <summary>Reads the teams that the rules name, those that are not fresh.</summary>
    public async Task ReadTeamsAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        wantedTeams.Clear();
        wantedTeams.UnionWith(names);
        foreach (var name in wantedTeams.Where(name => !teams.TryGetValue(name, out var known) || time.GetElapsedTime(known.ReadAt) > TeamsAreOld).ToList())
            moved |= TakeTeam(name, await sweep.MembersAsync(name, cancellation));
    }

    private bool IsTrunk(string branch) => patterns is null ? place.Trunks.Contains(branch) : patterns.Exists(pattern => pattern.Matches(branch));

    /// <summary>Takes the list of what is open, and reads what moved in it; what is missing there is read by itself before it is believed gone.</summary>
    /// <param name="heard">Told whether something left the list, and so may be on a trunk, which can be asked meanwhile.</param>
    /// <param name="asked">What is being read anyway.</param>
    /// <param name="cancellation">Ends the call.</param>
    private async Task<bool> TakeListAsync(Action<bool> heard, HashSet<long> asked, CancellationToken cancellation)
    {
        // That the list moved is said once: until all that moved in it was read, it is not forgotten.
        var before = listIsUnread;
        listIsUnread = true;
        var (list, differs) = await sweep.OpenAsync(patterns is null && place.Trunks.Count == 1 ? place.Trunks[0] : null, cancellation);
        listIsUnread = differs || before;
        var now = list.Where(pull => IsTrunk(pull.Base.Ref)).GroupBy(pull => pull.Number).ToDictionary(group => group.Key, group => group.First());
        heard(differs && open.Keys.Any(number => !now.ContainsKey(number)));
        if (!listIsUnread && owed.IsSubsetOf(asked))
            return false;
        owed.IntersectWith(now.Keys.Concat(open.Keys));
        var ids = now.Values.Where(pull => owed.Contains(pull.Number) || listed.GetValueOrDefault(pull.Number) != Key(pull)).ToDictionary(pull => pull.NodeId, pull => pull.Number);
        foreach (var (number, look) in open.Where(item => !now.ContainsKey(item.Key)))
            ids.TryAdd(look.Pull!.Id, number);

        // Where little may still be asked, it is asked about the head of the queue; the rest is read by and by.
        var first = ids.OrderBy(item => places.GetValueOrDefault(item.Value, int.MaxValue)).Take(Budget.IsShort(Budget.Graph) ? FewAtATime : int.MaxValue).ToList();
        var changed = false;
        var looks = await sweep.PullsAsync([.. first.Select(item => item.Key)], cancellation);
        foreach (var (id, number) in first)
        {
            lagging.Remove(number);
            var look = looks[id];
            changed |= Take(number, look);
            if (!now.TryGetValue(number, out var pull))
                continue;
            listed[number] = Key(pull);

            // List and look come from different places of the host: where they do not agree yet, both are asked again.
            if (look.Pull is not { } read || (read.State == "OPEN" && (read.HeadRefOid != pull.Head.Sha || read.BaseRefName != pull.Base.Ref)))
                owed.Add(number);
        }

        listIsUnread = first.Count < ids.Count;
        return changed;
    }

    private static (DateTimeOffset, string, string) Key(ListedDto pull) => (pull.UpdatedAt, pull.Head.Sha, pull.Base.Ref);

    /// <summary>Takes a pull request as it was read; answers whether it is another than was known.</summary>
    private bool Take(long number, Look look)
    {
        var before = open.GetValueOrDefault(number);
        if (look.Pull is not { State: "OPEN" } pull || !IsTrunk(pull.BaseRefName))
        {
            listed.Remove(number);
            uploads.Remove(number);
            tries.Remove(number);
            owed.Remove(number);
            return open.Remove(number);
        }

        foreach (var commit in pull.Commits.Nodes.OfType<PullCommitDto>().Where(commit => commit.Commit.Author?.Email is not null))
            accounts.LearnAddress(commit.Commit.Author!.Email!, commit.Commit.Author.User);
        open[number] = look;
        if (look.Settled && look.Problem is null)
            owed.Remove(number);
        else
            owed.Add(number);
        return before?.Pull?.Fingerprint() != pull.Fingerprint() || before.Problem != look.Problem;
    }

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

    private bool TakeTeam(string name, (IReadOnlyList<UserDto> People, string? Unreadable) read)
    {
        var members = new GroupMembers([.. read.People.Select(person => accounts.Learn(person.Login, person.Id))], read.Unreadable);
        var differs = !teams.TryGetValue(name, out var known) || !known.Members.Equals(members);
        teams[name] = (members, time.GetTimestamp());
        return differs;
    }

    /// <summary>Brings the mirror to what was seen, in one fetch, and learns who pushed and who wrote what it brought.</summary>
    private async Task<bool> BringAsync(IReadOnlySet<string> moving, bool changed, CancellationToken cancellation)
    {
        var wanted = trunks.ToDictionary();
        foreach (var (number, look) in open)
            wanted[HeadRef(number)] = look.Pull!.HeadRefOid;
        var brought = await mirror.BringAsync(wanted, moving, cancellation);
        if (!brought && !changed && !Owes)
            return false;
        moved = true;
        await LearnAsync(cancellation);
        return true;
    }
}
