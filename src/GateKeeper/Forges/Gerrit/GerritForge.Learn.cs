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
    private readonly Dictionary<long, (string Revision, string Tip, IReadOnlyList<Brings> Commits)> walked = [];
    private bool seesAllAddresses;

    /// <summary>One commit that a change brings: who wrote it, and what it says that it depends on.</summary>
    private sealed record Brings(string Sha, IReadOnlyList<string> Addresses, IReadOnlyList<string> DependsOn);

    private async Task LearnAsync(CancellationToken cancellation)
    {
        var read = open.Values.Select(change => (change, log: logs.Read(change.Number, change.MetaRevId))).ToList();
        owners.Take(read.Where(item => item.log is not null).Select(item => (item.change, item.log!)));
        var ids = read.SelectMany(item => item.log?.Entries.Select(entry => entry.By) ?? []).Where(id => id > 0 && !accounts.Knows(id)).ToHashSet();
        var commits = new HashSet<string>();
        var authors = new List<(long Change, string Commit, string Address)>();
        doubts.Clear();
        foreach (var gone in walked.Keys.Where(number => !open.ContainsKey(number)).ToList())
            walked.Remove(gone);
        foreach (var (change, _) in read)
        {
            var brought = Brought(change);
            if (brought.Count > MostBrought)
                Doubt(change, $"it brings more than {MostBrought} commits, more than can be looked at");
            commits.UnionWith(brought.Select(commit => commit.Sha).Where(commit => commit != change.CurrentRevision && owners.MustAsk(change.Branch, commit)));
            authors.AddRange(brought.SelectMany(commit => commit.Addresses.Select(address => (change.Number, commit.Sha, address))));
            foreach (var name in brought.SelectMany(commit => commit.DependsOn).Distinct().Take(MostNames).Where(owners.MustAskName).ToList())
                owners.LearnName(name, await sweep.NamedAsync(CommitOwners.Askable(name)!, cancellation));
        }

        await LearnPeopleAsync(ids, authors, cancellation);
        if (commits.Count > 0)
            owners.Learn(commits, await sweep.WithCommitsAsync([.. commits.Select(commit => new CommitSha(commit))], cancellation));
    }

    /// <summary>
    /// An address that nobody has may be somebody's further one, which only some accounts may see: then it is not known who wrote the
    /// commit, and an approval could be its author's own.
    /// </summary>
    private async Task LearnPeopleAsync(HashSet<long> ids, List<(long Change, string Commit, string Address)> authors, CancellationToken cancellation)
    {
        var fresh = authors.Select(author => author.Address).Where(address => !accounts.KnowsAddress(address)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (ids.Count + fresh.Count > 0)
        {
            if (fresh.Count > 0)
                seesAllAddresses = await sweep.SeesAllAddressesAsync(cancellation);
            foreach (var person in await sweep.PeopleAsync(ids, fresh, seesAllAddresses, cancellation))
                accounts.Learn(person);
            foreach (var address in fresh.Where(_ => seesAllAddresses))
                accounts.LearnNobody(address);
        }

        foreach (var (change, commit, address) in authors.Where(author => !accounts.KnowsAddress(author.Address)))
            Doubt(open[change], $"nobody whom {place.User} may see has the address {address}, which wrote {commit[..10]}, so it is not known whether a reviewer wrote it: grant {place.User} the global capability View Secondary Emails, or commit under a registered address");
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
    /// Walked once where it is only itself; else again when the trunk, which may have taken some of them, has moved.
    /// </summary>
    private IReadOnlyList<Brings> Brought(ChangeDto change)
    {
        if (Find(change.CurrentRevision) is not { } head || !trunks.TryGetValue($"refs/heads/{change.Branch}", out var tip) || Find(tip) is null)
            return [];
        if (walked.TryGetValue(change.Number, out var known) && known.Revision == head.Sha && (known.Tip == tip || known.Commits.Count == 1))
            return known.Commits;
        var walk = mirror.Repository.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = head, ExcludeReachableFrom = tip, SortBy = CommitSortStrategies.None }).Take(MostBrought + 1);
        IReadOnlyList<Brings> commits = [.. walk.Select(commit => new Brings(commit.Sha, Addresses(commit), [.. MessageText.DependsOn(commit.Message)]))];
        walked[change.Number] = (head.Sha, tip, commits);
        return commits;
    }

    /// <summary>Of a commit's author and of those whom it names beside; what cannot be read is an obstacle elsewhere, and what is no address is nobody's.</summary>
    private static IReadOnlyList<string> Addresses(Commit commit)
    {
        try
        {
            return [.. MessageText.Trailers(commit.Message).Where(trailer => trailer.Key.Equals("Co-authored-by", StringComparison.OrdinalIgnoreCase)).Take(MostNames)
                .Select(trailer => ChangeReader.Address(trailer.Value)).Where(address => address.Contains('@', StringComparison.Ordinal)).Prepend(commit.Author.Email)
                .Where(address => address.Length is > 0 and <= LongestAddress && !address.Any(char.IsControl))];
        }
        catch (Exception error) when (Signatures.IsContent(error))
        {
            return [];
        }
    }
}
