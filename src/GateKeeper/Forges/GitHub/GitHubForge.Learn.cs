using GateKeeper.Core.Changes;
using GateKeeper.Git;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Forges.GitHub;

/// <content>Learning what the look at the pull requests does not tell: who pushed, who is named beside the author, what was reported, what the host demands.</content>
internal sealed partial class GitHubForge
{
    private const int MostNames = 20;
    private const int MostTries = 5;
    private readonly Dictionary<long, (string Head, int Times)> tries = [];
    private readonly HashSet<string> asked = [];
    private readonly Dictionary<CommitSha, ValueList<Check>> reports = [];
    private readonly Dictionary<string, (bool Demands, long ReadAt)> resolutions = [];
    private HashSet<CommitSha> followed = [];

    /// <summary>Says on which commits reports are awaited; those are looked at each time.</summary>
    public void Follow(IReadOnlyCollection<CommitSha> commits)
    {
        followed = [.. commits];
        foreach (var over in reports.Keys.Where(commit => !followed.Contains(commit)).ToList())
            reports.Remove(over);
        client.Forget(path => path.Contains("/commits/", StringComparison.Ordinal) && !followed.Any(commit => path.Contains(commit.Hex, StringComparison.Ordinal)));
    }

    private async Task<bool> ReadReportsAsync(CancellationToken cancellation)
    {
        var changed = false;
        foreach (var commit in followed.ToList())
        {
            if (await sweep.ReportsAsync(commit, client.Line.Login.IsApp, !reports.ContainsKey(commit), cancellation) is not { } read || (reports.TryGetValue(commit, out var known) && known.Equals(read)))
                continue;
            reports[commit] = read;
            changed = true;
        }

        moved |= changed;
        return changed;
    }

    /// <summary>Whether it is still to be found out who pushed something.</summary>
    private bool Owes => tries.Values.Any(item => item.Times < MostTries);

    private async Task LearnAsync(CancellationToken cancellation)
    {
        foreach (var (number, look) in open.ToList())
        {
            var pull = look.Pull!;
            if (uploads.GetValueOrDefault(number)?.Knows(pull.HeadRefOid) == true || (tries.GetValueOrDefault(number) is var (head, times) && head == pull.HeadRefOid && times >= MostTries))
                continue;
            uploads[number] = pull.HeadRepository is { } repository ? await sweep.UploadsAsync(repository.NameWithOwner, pull.HeadRefName, cancellation) ?? Uploads.Unknown : Uploads.Unknown;

            // The host's record of a push may come a moment after the push: then it is looked for again at the next look.
            var known = uploads[number];
            tries[number] = (pull.HeadRefOid, known.Knows(pull.HeadRefOid) || known.Pushes.Count == 0 ? MostTries : tries.GetValueOrDefault(number).Head == pull.HeadRefOid ? tries[number].Times + 1 : 1);
            if (tries[number].Times < MostTries)
                open[number] = look with { Settled = false };
        }

        await LearnAuthorsAsync(cancellation);
        foreach (var trunk in open.Values.Where(look => look.Pull!.ReviewThreads.Nodes.Any(thread => thread?.IsResolved == false)).Select(look => look.Pull!.BaseRefName).Distinct().ToList())
        {
            if (!resolutions.TryGetValue(trunk, out var known) || time.GetElapsedTime(known.ReadAt) > TrunksAreOld)
                resolutions[trunk] = (await sweep.DemandsResolutionAsync(trunk, cancellation), time.GetTimestamp());
        }
    }

    /// <summary>Whom commits name as co-authors: the host knows whose the addresses are, and is asked once.</summary>
    private async Task LearnAuthorsAsync(CancellationToken cancellation)
    {
        var wanted = new List<string>();
        foreach (var commit in open.Values.SelectMany(look => look.Pull!.Commits.Nodes.OfType<PullCommitDto>()).Select(item => item.Commit))
        {
            if (commit.Id is { } id && !asked.Contains(id) && CoAuthors(Find(commit.Oid)).Any(address => !accounts.KnowsAddress(address)))
                wanted.Add(id);
        }

        if (wanted.Count == 0)
            return;
        foreach (var author in (await sweep.AuthorsAsync(wanted, cancellation)).Where(commit => !commit.Authors!.PageInfo.HasNextPage).SelectMany(commit => commit.Authors!.Nodes.OfType<GitActorDto>()).Where(author => author.Email is not null))
            accounts.LearnAddress(author.Email!, author.User);
        asked.UnionWith(wanted);
    }

    /// <summary>The addresses in a pull request's commits of which it is not known whose they are: an approval could be their owner's own.</summary>
    private IEnumerable<string> Doubts(PullDto pull) => pull.Commits.Nodes.OfType<PullCommitDto>()
        .SelectMany(item => CoAuthors(Find(item.Commit.Oid)).Where(address => !accounts.KnowsAddress(address)).Select(address => (item.Commit.Oid, address)))
        .Select(item => $"GitHub does not say whose the address {item.address} is, which {item.Oid[..10]} names as a co-author, so it is not known whether a reviewer wrote it");

    private static IEnumerable<string> CoAuthors(Commit? commit) => commit is null || Signatures.Problem(commit) is not null
        ? []
        : MessageText.Trailers(commit.Message).Where(trailer => trailer.Key.Equals("Co-authored-by", StringComparison.OrdinalIgnoreCase)).Take(MostNames).Select(trailer => ChangeReader.Address(trailer.Value)).Where(address => address.Contains('@', StringComparison.Ordinal));

    private Commit? Find(string? id) => CommitSha.TryParse(id, out var sha) ? mirror.Repository.Lookup<Commit>(sha.Hex) : null;
}
