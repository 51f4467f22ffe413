using GateKeeper.Core.Changes;
using GateKeeper.Git;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Forges.Gerrit;

/// <content>Asking who is meant by the numbers and addresses in what was brought, and whose the commits are.</content>
internal sealed partial class GerritForge
{
    private const int MostBrought = 1000;
    private const int MostNames = 20;
    private const int LongestAddress = 254;
    private readonly CommitOwners owners;
    private readonly Dictionary<long, List<string>> doubts = [];
    private readonly Dictionary<long, Bringing> brings = [];
    private readonly Dictionary<string, string> tips = [];
    private bool seesAllAddresses;

    /// <summary>What a revision brings onto a trunk at that tip: its commits, the addresses in each, and what their Depends-On lines name.</summary>
    private sealed record Bringing(string Revision, string Branch, string Tip, IReadOnlyList<(string Sha, IReadOnlyList<Named> Addresses)> Commits, IReadOnlyList<string> Names);

    private async Task LearnAsync(CancellationToken cancellation)
    {
        var read = open.Values.Select(change => (change, log: logs.Read(change.Number, change.MetaRevId))).ToList();
        owners.Take(read.Where(item => item.log is not null).Select(item => (item.change, item.log!)));
        var ids = read.SelectMany(item => item.log?.Entries.Select(entry => entry.By) ?? []).Where(id => id > 0 && !accounts.Knows(id)).ToHashSet();
        var commits = new HashSet<string>();
        var authors = new List<(long Change, string Commit, Named Named)>();
        doubts.Clear();
        ForgetBrought();
        foreach (var (change, _) in read)
        {
            if (Brought(change) is not { } brought)
                continue;
            if (brought.Commits.Count > MostBrought)
                Doubt(change, $"it brings more than {MostBrought} commits, more than can be looked at");
            if (brought.Commits.Any(commit => commit.Addresses.Count(named => named.MustBeKnown) > CoAuthors.Most))
                Doubt(change, $"a commit of it names more than {CoAuthors.Most} co-authors, more than can be looked up");
            commits.UnionWith(brought.Commits.Select(commit => commit.Sha).Where(commit => commit != change.CurrentRevision && owners.MustAsk(change.Branch, commit)));
            authors.AddRange(brought.Commits.SelectMany(commit => commit.Addresses.Select(named => (change.Number, commit.Sha, named))));
            foreach (var name in brought.Names.Where(owners.MustAskName).ToList())
                await LearnNameAsync(change, name, cancellation);
        }

        await LearnPeopleAsync(ids, authors, cancellation);
        if (commits.Count == 0)
            return;
        var (found, unread) = await sweep.WithCommitsAsync(commits, cancellation);
        owners.Learn(commits.Where(commit => !unread.ContainsKey(commit)), found);
        foreach (var (change, _) in read.Where(_ => unread.Count > 0))
        {
            if (Brought(change)?.Commits.FirstOrDefault(commit => unread.ContainsKey(commit.Sha)).Sha is { } commit)
                DoubtForNow(change, $"whose the commit {commit[..10]} is that it brings could not be asked, which is tried again: {unread[commit]}");
        }
    }

    /// <summary>What one change names and the server does not answer of is that change's trouble.</summary>
    private async Task LearnNameAsync(ChangeDto change, string name, CancellationToken cancellation)
    {
        var asked = owners.Askable(name)!;
        var (found, unread) = await OneByOne.AskAsync<string, ChangeDto>([asked], some => sweep.NamedAsync(some[0], cancellation));
        if (unread.TryGetValue(asked, out var why))
            DoubtForNow(change, $"which change its Depends-On: {asked} means could not be asked, which is tried again: {why}");
        else
            owners.LearnName(name, found);
    }

    /// <summary>
    /// An address that nobody has may be somebody's further one, which only some accounts may see: then it is not known who wrote the
    /// commit, and an approval could be its author's own.
    /// </summary>
    private async Task LearnPeopleAsync(HashSet<long> ids, List<(long Change, string Commit, Named Named)> authors, CancellationToken cancellation)
    {
        var fresh = authors.Select(author => author.Named.Address).Where(address => !accounts.KnowsAddress(address)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (ids.Count + fresh.Count > 0)
        {
            if (fresh.Count > 0)
                seesAllAddresses = await sweep.SeesAllAddressesAsync(cancellation);
            var (people, unread) = await sweep.PeopleAsync(ids, fresh, seesAllAddresses, cancellation);
            foreach (var person in people)
                accounts.Learn(person);
            foreach (var address in fresh.Where(address => seesAllAddresses && !unread.ContainsKey(address)))
                accounts.LearnNobody(address);
            foreach (var (change, commit, named) in authors.Where(author => unread.ContainsKey(author.Named.Address)))
                DoubtForNow(open[change], $"whose the address {named.Address} is, which {commit[..10]} names, could not be asked, which is tried again: {unread[named.Address]}");
        }

        foreach (var (change, commit, named) in authors.Where(author => author.Named.MustBeKnown && !accounts.KnowsAddress(author.Named.Address)))
            Doubt(open[change], $"nobody whom {place.User} may see has the address {named.Address}, which wrote {commit[..10]}, so it is not known whether a reviewer wrote it: grant {place.User} the global capability View Secondary Emails, or commit under a registered address");
    }

    /// <summary>A doubt that another question may take away: it is asked at the next look, whether anything moved or not.</summary>
    private void DoubtForNow(ChangeDto change, string why)
    {
        again.Add(change.Number);
        Doubt(change, why);
    }

    private void Doubt(ChangeDto change, string why)
    {
        if (!doubts.TryGetValue(change.Number, out var list))
            doubts[change.Number] = list = [];
        if (!list.Contains(why))
            list.Add(why);
    }

    /// <summary>
    /// The commits that a change's revision brings onto its trunk, the revision itself first; one more than can be looked at, if there are.
    /// A trunk that grows takes nothing from a change that brings one commit, so most are walked once, and a look costs what moved.
    /// </summary>
    private Bringing? Brought(ChangeDto change)
    {
        if (Find(change.CurrentRevision) is not { } head || !trunks.TryGetValue($"refs/heads/{change.Branch}", out var tip) || Find(tip) is null)
            return null;
        if (brings.TryGetValue(change.Number, out var known) && known.Revision == head.Sha && known.Branch == change.Branch && (known.Tip == tip || known.Commits.Count == 1))
            return known;
        var walked = mirror.Repository.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = head, ExcludeReachableFrom = tip, SortBy = CommitSortStrategies.None }).Take(MostBrought + 1).ToList();
        return brings[change.Number] = new(
            head.Sha, change.Branch, tip, [.. walked.Select(commit => (commit.Sha, (IReadOnlyList<Named>)[.. Addresses(commit)]))],
            [.. walked.SelectMany(commit => DependsOnLines.Names(commit.Message)).Distinct().Take(MostNames)]);
    }

    /// <summary>Forgets what changes bring that are not open any more, and all where a trunk went elsewhere than forwards.</summary>
    private void ForgetBrought()
    {
        foreach (var (trunk, hex) in trunks)
        {
            if (tips.TryGetValue(trunk, out var old) && old != hex && !(Find(hex) is { } tip && Find(old) is { } was && mirror.Repository.ObjectDatabase.FindMergeBase(was, tip)?.Sha == old))
                brings.Clear();
            tips[trunk] = hex;
        }

        foreach (var gone in brings.Keys.Where(number => !open.ContainsKey(number)).ToList())
            brings.Remove(gone);
    }

    /// <summary>
    /// Of a commit's author and of those whom it names beside, who must be known; and of its committer and of others whom it may mean, who
    /// count where they are. What cannot be read is an obstacle elsewhere, and what is no address is nobody's.
    /// </summary>
    private static IEnumerable<Named> Addresses(Commit commit)
    {
        try
        {
            return [.. CoAuthors.AtTheEnd(commit.Message).Prepend(commit.Author.Email).Take(CoAuthors.Most + 2).Select(address => new Named(address, MustBeKnown: true))
                .Concat(CoAuthors.Anywhere(commit.Message).Take(CoAuthors.Most).Append(commit.Committer.Email).Select(address => new Named(address, MustBeKnown: false)))
                .Where(named => named.Address.Length is > 0 and <= LongestAddress && named.Address.Contains('@', StringComparison.Ordinal) && !named.Address.Any(char.IsControl)).DistinctBy(named => named.Address)];
        }
        catch (Exception error) when (Signatures.IsContent(error))
        {
            return [];
        }
    }

    /// <summary>An address in a commit, and whether the change waits while it is not known whose it is.</summary>
    private sealed record Named(string Address, bool MustBeKnown);
}
