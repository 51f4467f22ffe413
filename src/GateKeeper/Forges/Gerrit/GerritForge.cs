using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Git;

namespace GateKeeper.Forges.Gerrit;

/// <summary>What the operator says of one project on a Gerrit server.</summary>
internal sealed record GerritPlace(Uri Address, string Project, string User, string Secret, IReadOnlyList<string> Trunks, GerritLabels Labels, string? Page)
{
    /// <summary>Where git reaches the project, under the account's own name.</summary>
    public string GitAddress => $"{Address}a/{Project}";

    // Never in a text: the secret is among its values.
    public override string ToString() => $"{Project} at {Address}";
}

/// <summary>
/// Reviews on Gerrit. A thin look at all open changes shows which moved; only those are read, and who voted what on which patch set is
/// taken from each change's own log. Log and look must agree, or the change waits.
/// </summary>
internal sealed partial class GerritForge : IForge, IDisposable
{
    private static readonly TimeSpan TrunksAreOld = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TeamsAreOld = TimeSpan.FromSeconds(60);
    private readonly GerritPlace place;
    private readonly Mirror mirror;
    private readonly TimeProvider time;
    private readonly GerritClient client;
    private readonly Sweep sweep;
    private readonly LogReader logs;
    private readonly GerritAccounts accounts = new();
    private readonly Dictionary<long, ChangeDto> open = [];
    private readonly Dictionary<string, (GroupMembers Members, long ReadAt)> teams = [];
    private readonly Dictionary<string, (long Change, string Branch)> elsewhere = [];
    private readonly Dictionary<string, IReadOnlyList<ChangeDto>> named = [];
    private readonly HashSet<string> wantedTeams = [];
    private readonly List<Glob>? patterns;
    private Dictionary<string, string> trunks = [];
    private long? trunksReadAt;
    private bool moved = true;
    private (IReadOnlyDictionary<string, string>? Refs, string Tips) seen;
    private ForgeView view = new([], new Dictionary<string, GroupMembers>(), null);

    public GerritForge(GerritPlace place, GerritClient client, Mirror mirror, TimeProvider time)
    {
        (this.place, this.client, this.mirror, this.time) = (place, client, mirror, time);
        sweep = new(client, place.Project);
        logs = new(mirror);
        if (place.Trunks.Any(trunk => trunk.Contains('*', StringComparison.Ordinal)))
            patterns = [.. place.Trunks.Select(trunk => Glob.TryParse(trunk, out _)).OfType<Glob>()];
        Traits = new("Gerrit") { Gate = new(place.User), Vouched = ["user"], HasLabels = true, HasDrafts = true, HasScores = true, HasTeams = true };
    }

    public ForgeTraits Traits { get; }

    /// <summary>What people should know of how the gate gets on with the server; null when all is well.</summary>
    public string? Complaint { get; private set; }

    public GerritClient Client => client;

    public void Dispose() => client.Dispose();

    /// <summary>One question where nothing moved; where something did, its detail, and one fetch.</summary>
    public async Task<bool> RefreshAsync(IReadOnlySet<string> moving, CancellationToken cancellation)
    {
        var listed = (await sweep.OpenAsync(patterns is null ? place.Trunks : null, cancellation)).Where(change => IsTrunk(change.Branch)).ToDictionary(change => change.Number);
        var fresh = listed.Values.Where(change => open.GetValueOrDefault(change.Number)?.MetaRevId != change.MetaRevId || open[change.Number].Branch != change.Branch).Select(change => change.Number).ToList();
        var gone = open.Keys.Where(number => !listed.ContainsKey(number)).ToList();
        foreach (var number in gone)
            open.Remove(number);
        if (fresh.Count > 0)
            await ReadAsync(fresh, cancellation);
        if (fresh.Count + gone.Count > 0 || trunksReadAt is not { } at || time.GetElapsedTime(at) > TrunksAreOld)
            await ReadTrunksAsync(cancellation);
        return await BringAsync(moving, fresh.Count + gone.Count > 0, cancellation);
    }

    /// <summary>
    /// Whether something moved since what is to land was judged: each of its changes is read by itself, from the server's own record, and
    /// so are the trunk and the groups.
    /// </summary>
    public async Task<bool> MovedAsync(IReadOnlyList<Revision> landing, IReadOnlySet<string> moving, CancellationToken cancellation)
    {
        var looks = landing.Select(revision => long.Parse(revision.Change.Value, CultureInfo.InvariantCulture)).Select(number => LookAgainAsync(number, cancellation)).ToList();
        var groups = wantedTeams.Select(team => ReadTeamAsync(team, cancellation)).ToList();
        var rest = RefreshAsync(moving, cancellation);
        await ReadTrunksAsync(cancellation);
        var answers = await Task.WhenAll(looks);
        var changed = await Task.WhenAll(groups);
        return await rest | await BringAsync(moving, answers.Contains(true), cancellation) | changed.Contains(true);
    }

    /// <summary>Reads the groups that the rules name, those that are not fresh.</summary>
    public async Task ReadTeamsAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        wantedTeams.UnionWith(names);
        foreach (var name in wantedTeams.Where(name => !teams.TryGetValue(name, out var known) || time.GetElapsedTime(known.ReadAt) > TeamsAreOld).ToList())
            moved |= await ReadTeamAsync(name, cancellation);
    }

    private bool IsTrunk(string branch) => patterns is null ? place.Trunks.Contains(branch) : patterns.Exists(pattern => pattern.Matches(branch));

    private async Task ReadAsync(List<long> numbers, CancellationToken cancellation)
    {
        foreach (var change in await sweep.DetailAsync(numbers, cancellation))
        {
            if (change.Status == "NEW" && IsTrunk(change.Branch))
                Take(change);
            else
                open.Remove(change.Number);
        }
    }

    private void Take(ChangeDto change)
    {
        open[change.Number] = change;
        accounts.Learn(change.Owner);
        foreach (var revision in change.Revisions?.Values ?? [])
        {
            accounts.Learn(revision.Uploader);
            accounts.Learn(revision.RealUploader);
        }

        foreach (var vote in change.Labels?.Values.SelectMany(label => label.All ?? []) ?? [])
            accounts.Learn(new(vote.Id, vote.Name, vote.Email, vote.Username));
    }

    private async Task<bool> LookAgainAsync(long number, CancellationToken cancellation)
    {
        var before = open.GetValueOrDefault(number);
        var now = await sweep.NowAsync(number, cancellation);
        if (now is { Status: "NEW" } && before?.MetaRevId == now.MetaRevId && before.Branch == now.Branch && before.CurrentRevision == now.CurrentRevision && Unmet(before).SequenceEqual(Unmet(now)))
            return false;
        lock (open)
        {
            if (now is { Status: "NEW" })
                Take(now);
            else
                open.Remove(number);
        }

        return true;
    }

    private async Task ReadTrunksAsync(CancellationToken cancellation)
    {
        var read = await sweep.BranchesAsync(cancellation);
        trunks = read.Where(branch => branch.Ref.StartsWith("refs/heads/", StringComparison.Ordinal) && IsTrunk(branch.Ref["refs/heads/".Length..]))
            .GroupBy(branch => branch.Ref).ToDictionary(group => group.Key, group => group.First().Revision);
        trunksReadAt = time.GetTimestamp();
    }

    private async Task<bool> ReadTeamAsync(string name, CancellationToken cancellation)
    {
        var (members, people) = await sweep.MembersAsync(name, person =>
        {
            accounts.Learn(person);
            return accounts.Of(person.Id);
        }, place.User, cancellation);
        _ = people;
        var differs = !teams.TryGetValue(name, out var known) || !known.Members.Equals(members);
        teams[name] = (members, time.GetTimestamp());
        return differs;
    }

    /// <summary>Brings the mirror to what was seen, in one fetch, and learns who is meant by the numbers and addresses in what it brought.</summary>
    private async Task<bool> BringAsync(IReadOnlySet<string> moving, bool changed, CancellationToken cancellation)
    {
        var wanted = trunks.ToDictionary();
        foreach (var change in open.Values.Where(change => change.CurrentRevision is not null))
        {
            wanted[$"{RefOf(change.Number)}/{change.CurrentRevisionNumber}"] = change.CurrentRevision!;
            wanted[$"{RefOf(change.Number)}/meta"] = change.MetaRevId;
        }

        // Older patch sets matter only where somebody voted on them, which their logs tell: those fetched before, or now with the rest.
        AddOlder(wanted);
        var brought = await mirror.BringAsync(wanted.ToDictionary(), moving, cancellation);
        if (brought && AddOlder(wanted))
            await mirror.BringAsync(wanted, moving, cancellation);
        if (brought || changed)
        {
            moved = true;
            logs.Forget(open.Keys.ToHashSet());
            await LearnAsync(cancellation);
        }

        return brought || changed;
    }

    /// <summary>Answers whether there are any that were not wanted yet.</summary>
    private bool AddOlder(Dictionary<string, string> wanted)
    {
        var before = wanted.Count;
        foreach (var (change, log) in open.Values.Select(change => (change, log: change.MetaRevId.Length > 0 ? logs.Read(change.Number, change.MetaRevId) : null)))
        {
            foreach (var scored in log?.Entries.OfType<LogEntry.Scored>().Where(scored => scored.Label == place.Labels.Review && scored.Score > 0 && scored.PatchSet < change.CurrentRevisionNumber) ?? [])
            {
                if (log!.PatchSets.TryGetValue(scored.PatchSet, out var commit))
                    wanted[$"{RefOf(change.Number)}/{scored.PatchSet}"] = commit.Hex;
            }
        }

        return wanted.Count > before;
    }

    /// <summary>The folder of a change's refs: its last two digits, then its number.</summary>
    private static string RefOf(long number) => string.Create(CultureInfo.InvariantCulture, $"refs/changes/{number % 100:00}/{number}");
}
