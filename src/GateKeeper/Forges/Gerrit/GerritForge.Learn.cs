using GateKeeper.Core.Changes;
using GateKeeper.Git;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Forges.Gerrit;

/// <content>Learning who the people are whom changes name, and whose the commits are that they bring.</content>
internal sealed partial class GerritForge
{
    private const int MostBrought = 200;
    private readonly Dictionary<long, Bringing> brings = [];
    private readonly Dictionary<string, string> walkedFrom = [];

    /// <summary>What a revision brings onto its trunk: each commit, the addresses in it, and what its Depends-On lines name.</summary>
    private sealed record Bringing(string Revision, IReadOnlyList<(string Sha, IReadOnlyList<string> Addresses, IReadOnlyList<string> DependsOn)> Commits);

    /// <summary>Asks who the numbers and addresses are that nobody has told yet, and whose the commits are that a change brings beside its own.</summary>
    private async Task LearnAsync(CancellationToken cancellation)
    {
        var ids = new HashSet<long>();
        var addresses = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var commits = new HashSet<CommitSha>();
        ForgetBrought();
        var read = open.Values.Select(change => (change, log: logs.Read(change.Number, change.MetaRevId))).ToList();
        var own = read.SelectMany(item => item.log?.PatchSets.Values ?? []).Select(commit => commit.Hex).ToHashSet();
        foreach (var (change, log) in read)
        {
            ids.UnionWith(log?.Entries.Select(entry => entry.By).Where(id => id > 0 && !accounts.Knows(id)) ?? []);
            foreach (var (sha, named, dependsOn) in Brought(change))
            {
                addresses.UnionWith(named.Where(address => !accounts.KnowsAddress(address)));
                if (!own.Contains(sha) && !elsewhere.ContainsKey(sha) && !HasLanded(sha, change.Branch))
                    commits.Add(new(sha));
                foreach (var name in dependsOn.Where(name => !this.named.ContainsKey(name) && Means(new() { Id = new(""), Title = "", Current = default, Target = change.Branch, Author = default }, name) is null))
                    this.named[name] = await sweep.NamedAsync(name, cancellation);
            }
        }

        if (ids.Count + addresses.Count > 0)
        {
            foreach (var person in await sweep.PeopleAsync(ids, addresses, cancellation))
                accounts.Learn(person);
            foreach (var address in addresses)
                accounts.LearnNobody(address);
        }

        if (commits.Count > 0)
            await LearnCommitsAsync(commits, cancellation);
    }

    private async Task LearnCommitsAsync(HashSet<CommitSha> commits, CancellationToken cancellation)
    {
        foreach (var other in await sweep.WithCommitsAsync(commits, cancellation))
        {
            foreach (var commit in (other.Revisions?.Keys ?? []).Where(commit => commits.Contains(new(commit))))
                elsewhere[commit] = (other.Number, other.Project == place.Project ? other.Branch : "");
        }

        foreach (var commit in commits)
            elsewhere.TryAdd(commit.Hex, (0, ""));
    }

    /// <summary>
    /// The commits that a change's revision brings onto its trunk, the revision itself first; no more than can be looked at. Walked once:
    /// a trunk that grows only takes some of them away, so the cost of a look is that of what moved.
    /// </summary>
    private IReadOnlyList<(string Sha, IReadOnlyList<string> Addresses, IReadOnlyList<string> DependsOn)> Brought(ChangeDto change)
    {
        if (brings.TryGetValue(change.Number, out var known) && known.Revision == change.CurrentRevision)
            return known.Commits;
        if (mirror.Repository.Lookup<Commit>(change.CurrentRevision ?? "") is not { } head || Trunk(change.Branch) is not { } tip)
            return [];
        var walk = mirror.Repository.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = head, ExcludeReachableFrom = tip, SortBy = CommitSortStrategies.None }).Take(MostBrought);
        var commits = walk.Select(commit => (commit.Sha, Addresses(commit), (IReadOnlyList<string>)[.. MessageText.DependsOn(commit.Message)])).ToList();
        brings[change.Number] = new(head.Sha, commits);
        return commits;
    }

    /// <summary>Forgets what changes bring that are not open any more, or whose trunk went elsewhere than forwards.</summary>
    private void ForgetBrought()
    {
        foreach (var branch in trunks.Keys.Select(name => name["refs/heads/".Length..]))
        {
            if (Trunk(branch) is not { } tip)
                continue;
            if (walkedFrom.TryGetValue(branch, out var old) && old != tip.Sha && !HasLanded(old, branch))
                brings.Clear();
            walkedFrom[branch] = tip.Sha;
        }

        foreach (var gone in brings.Keys.Where(number => !open.ContainsKey(number)).ToList())
            brings.Remove(gone);
    }

    private Commit? Trunk(string branch) => trunks.TryGetValue($"refs/heads/{branch}", out var tip) ? mirror.Repository.Lookup<Commit>(tip) : null;

    private bool HasLanded(string sha, string branch) =>
        Trunk(branch) is { } tip && mirror.Repository.Lookup<Commit>(sha) is { } commit && mirror.Repository.ObjectDatabase.FindMergeBase(commit, tip)?.Sha == commit.Sha;

    private static IReadOnlyList<string> Addresses(Commit commit) =>
    [
        .. MessageText.Trailers(commit.Message).Where(trailer => trailer.Key.Equals("Co-authored-by", StringComparison.OrdinalIgnoreCase)).Select(trailer => ChangeReader.Address(trailer.Value))
            .Prepend(commit.Author.Email).Where(address => address.Length > 0),
    ];
}
