using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Git;

namespace GateKeeper.Forges.Gerrit;

/// <summary>
/// Reviews on Gerrit. A thin look at all open changes shows which moved; only those are read, and who voted what on which patch set is
/// taken from each change's own log. Log and look must agree, or the change waits.
/// </summary>
internal sealed partial class GerritForge : IForge, IDisposable
{
    private static readonly TimeSpan TrunksAreOld = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TeamsAreOld = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RequirementsAreOld = TimeSpan.FromSeconds(60);
    private readonly GerritPlace place;
    private readonly Mirror mirror;
    private readonly TimeProvider time;
    private readonly GerritClient client;
    private readonly Sweep sweep;
    private readonly LogReader logs;
    private readonly GerritAccounts accounts = new();
    private readonly Dictionary<long, ChangeDto> open = [];
    private readonly Dictionary<string, (GroupMembers Members, long ReadAt)> teams = [];
    private readonly Dictionary<long, long> readAt = [];
    private readonly HashSet<long> again = [];
    private readonly Retries<long> unread;
    private bool isUnlearned;
    private readonly HashSet<string> wantedTeams = [];
    private readonly List<Glob>? patterns;
    private Dictionary<string, string> trunks = [];
    private long? trunksReadAt;
    private string? lastTouched;
    private bool moved = true;
    private (IReadOnlyDictionary<string, string>? Refs, string Tips) seen;
    private ForgeView view = new([], new Dictionary<string, GroupMembers>(), null);

    public GerritForge(GerritPlace place, GerritClient client, Mirror mirror, TimeProvider time)
    {
        (this.place, this.client, this.mirror, this.time, unread) = (place, client, mirror, time, new(time));
        sweep = new(client, place.Project);
        logs = new(mirror);
        owners = new(place.Address, time);
        if (place.Trunks.Any(trunk => trunk.Contains('*', StringComparison.Ordinal)))
            patterns = [.. place.Trunks.Select(trunk => Glob.TryParse(trunk, out _, PatternOf.Branch)).OfType<Glob>()];
    }

    /// <summary>What people should know of how the gate gets on with the server; null when all is well.</summary>
    public string? Complaint { get; private set; }

    public void Dispose() => client.Dispose();

    /// <summary>One question where nothing moved; where something did, its detail, and one fetch.</summary>
    public async Task<bool> RefreshAsync(IReadOnlySet<string> moving, CancellationToken cancellation) =>
        await TakeAsync(await ListAsync(cancellation), null, moving, cancellation);

    /// <summary>
    /// Whether something moved since what is to land was judged: each of its changes is read by itself, from the server's own record, and
    /// so are the trunk and the groups, and of all other changes those that were touched since all were last looked at.
    /// </summary>
    public async Task<bool> MovedAsync(IReadOnlyList<Revision> landing, IReadOnlySet<string> moving, CancellationToken cancellation)
    {
        // All is asked at once, and taken in when all is answered.
        var looks = landing.Select(Number).Select(async number => (number, now: await sweep.NowAsync(number, cancellation))).ToList();
        var groups = wantedTeams.Select(async team => (team, read: await sweep.MembersAsync(team, place.User, cancellation))).ToList();
        var (touched, branches) = (TouchedAsync(cancellation), sweep.BranchesAsync(cancellation));
        await Task.WhenAll([.. looks, .. groups, touched, branches]);

        var changed = false;
        foreach (var look in looks)
            changed |= TakeLook((await look).number, (await look).now);
        foreach (var group in groups)
            changed |= TakeTeam((await group).team, (await group).read);
        moved |= changed;
        if ((await touched).Any(change => change.Status == "NEW" && IsTrunk(change.Branch) ? HasMoved(change) : open.ContainsKey(change.Number)))
            return await TakeAsync(await ListAsync(cancellation), await branches, moving, cancellation) || changed;
        TakeTrunks(await branches);
        return await BringAsync(moving, changed, cancellation);
    }

    /// <summary>Reads the groups that the rules name, those that are not fresh.</summary>
    public async Task ReadTeamsAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        wantedTeams.UnionWith(names);
        foreach (var name in wantedTeams.Where(name => !teams.TryGetValue(name, out var known) || time.GetElapsedTime(known.ReadAt) > TeamsAreOld).ToList())
            moved |= TakeTeam(name, await sweep.MembersAsync(name, place.User, cancellation));
    }

    private bool IsTrunk(string branch) => patterns is null ? place.Trunks.Contains(branch) : patterns.Exists(pattern => pattern.Matches(branch));

    private Task<IReadOnlyList<ChangeDto>> ListAsync(CancellationToken cancellation) => sweep.OpenAsync(patterns is null ? place.Trunks : null, cancellation);

    /// <summary>
    /// The changes that were touched since all were last looked at: by the server's own clock, with room for servers whose clocks differ, so
    /// they are the few of the last moments. Where none was ever touched there is nothing to begin from, and all are asked for.
    /// </summary>
    private Task<IReadOnlyList<ChangeDto>> TouchedAsync(CancellationToken cancellation) =>
        lastTouched is null ? ListAsync(cancellation) : sweep.TouchedAsync(Time(lastTouched) - ClocksDiffer, cancellation);

    private async Task<bool> TakeAsync(IReadOnlyList<ChangeDto> list, IReadOnlyList<BranchDto>? branches, IReadOnlySet<string> moving, CancellationToken cancellation)
    {
        var listed = list.Where(change => IsTrunk(change.Branch)).ToDictionary(change => change.Number);
        var fresh = listed.Values.Where(change => (IsNews(change) || IsOld(change.Number)) && !unread.Rests(change.Number)).Select(change => change.Number).ToList();
        var gone = open.Keys.Where(number => !listed.ContainsKey(number)).ToList();

        // A list of several pages may have moved while it was read: what is not on it is asked for by itself.
        var slipped = list.Any(change => change.MoreChanges) ? gone : [];
        foreach (var number in gone.Except(slipped))
            open.Remove(number);
        var (changed, landed) = (fresh.Count + gone.Count > 0, trunks.Any(trunk => mirror.Refs.GetValueOrDefault(trunk.Key) != trunk.Value));
        var isOld = changed || landed || trunksReadAt is not { } at || time.GetElapsedTime(at) > TrunksAreOld;
        var asked = branches is null && isOld ? sweep.BranchesAsync(cancellation) : null;
        var (details, failed) = fresh.Count + slipped.Count > 0 ? await sweep.DetailAsync([.. fresh, .. slipped], cancellation) : ([], []);
        foreach (var number in slipped.Except(details.Select(change => change.Number)).Except(failed.Keys))
            open.Remove(number);
        foreach (var (number, why) in failed)
        {
            // It waits, with what was known of it before or with what the list tells, and is read again after a while.
            unread.Failed(number, why);
            if (listed.TryGetValue(number, out var told))
                open.TryAdd(number, told);
            again.Add(number);
        }

        foreach (var change in details)
        {
            if (change.Status != "NEW" || !IsTrunk(change.Branch))
                open.Remove(change.Number);
            else if (IsNews(change) || IsOld(change.Number))
                Take(change);
        }

        if ((branches ?? (asked is null ? null : await asked)) is { } read)
            TakeTrunks(read);
        lastTouched = list.Select(change => change.Updated).Max(StringComparer.Ordinal);
        return await BringAsync(moving, changed, cancellation);
    }

    /// <summary>What moved, and that of which the server told different things: it is read again at the next look, whenever it moved.</summary>
    private bool IsNews(ChangeDto change) => again.Contains(change.Number) || HasMoved(change);

    /// <summary>An index may lag behind: what it shows is no news where the change's own log, as it is known, holds it already.</summary>
    private bool HasMoved(ChangeDto change) =>
        !open.TryGetValue(change.Number, out var known) || known.Branch != change.Branch || (known.MetaRevId != change.MetaRevId && !logs.Holds(known.MetaRevId, change.MetaRevId));

    /// <summary>What a server demands may change by its configuration, of which no change's log tells.</summary>
    private bool IsOld(long number) => open.TryGetValue(number, out var known) && readAt.TryGetValue(number, out var at) && time.GetElapsedTime(at) > RequirementsAreOld && Unmet(known).Any();

    private void Take(ChangeDto change)
    {
        open[change.Number] = change;
        readAt[change.Number] = time.GetTimestamp();
        again.Remove(change.Number);
        unread.Succeeded(change.Number);
        accounts.Learn(change.Owner);
        foreach (var revision in change.Revisions?.Values ?? [])
        {
            accounts.Learn(revision.Uploader);
            accounts.Learn(revision.RealUploader);
        }

        foreach (var vote in change.Labels?.Values.SelectMany(label => label.All ?? []) ?? [])
            accounts.Learn(new(vote.Id, vote.Name, vote.Email, vote.Username));
    }

    /// <summary>Takes a change as its own record shows it; answers whether it is another than was judged.</summary>
    private bool TakeLook(long number, ChangeDto? now)
    {
        var before = open.GetValueOrDefault(number);
        if (now is not { Status: "NEW" } || !IsTrunk(now.Branch))
        {
            open.Remove(number);
            return true;
        }

        if (before is not null && before.MetaRevId == now.MetaRevId && before.Branch == now.Branch && before.CurrentRevision == now.CurrentRevision && Unmet(before).SequenceEqual(Unmet(now)))
            return false;
        Take(now);
        return true;
    }

    private void TakeTrunks(IReadOnlyList<BranchDto> read)
    {
        trunks = read.Where(branch => branch.Ref.StartsWith("refs/heads/", StringComparison.Ordinal) && IsTrunk(branch.Ref["refs/heads/".Length..]))
            .GroupBy(branch => branch.Ref).ToDictionary(group => group.Key, group => group.First().Revision);
        trunksReadAt = time.GetTimestamp();
    }

    private bool TakeTeam(string name, (IReadOnlyList<AccountDto> People, string? Unreadable) read)
    {
        foreach (var person in read.People)
            accounts.Learn(person);
        var members = new GroupMembers([.. read.People.Select(person => accounts.Of(person.Id))], read.Unreadable);
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
        if (brought || changed || isUnlearned)
        {
            // Where what follows fails, it is made up for at the next look.
            (moved, isUnlearned) = (true, true);
            unread.Keep(open.ContainsKey);
            logs.Forget(open.Keys.ToHashSet());
            foreach (var gone in readAt.Keys.Where(number => !open.ContainsKey(number)).ToList())
                readAt.Remove(gone);
            await LearnAsync(cancellation);
            isUnlearned = false;
        }

        return brought || changed;
    }

    /// <summary>Answers whether there are any that were not wanted yet.</summary>
    private bool AddOlder(Dictionary<string, string> wanted)
    {
        var before = wanted.Count;
        foreach (var (change, log) in open.Values.Select(change => (change, log: logs.Read(change.Number, change.MetaRevId) ?? logs.Last(change.Number))))
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
