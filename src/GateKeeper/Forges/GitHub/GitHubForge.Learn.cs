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

    /// <summary>What was asked about and never answered: that something moved was said to nobody, so all of it is asked again.</summary>
    private readonly HashSet<CommitSha> asking = [];

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
        await Parallel.ForEachAsync(followed, AtOnce(cancellation), async (commit, token) =>
        {
            bool isNew;
            lock (reports)
                isNew = !asking.Add(commit) || !reports.ContainsKey(commit);
            var answer = await TryReportsAsync(commit, isNew, token);
            lock (reports)
            {
                asking.Remove(commit);
                if (answer is not { } read)
                    return;
                changed |= !reports.TryGetValue(commit, out var known) || !known.Equals(read);
                reports[commit] = read;
            }
        });

        moved |= changed;
        return changed;
    }

    /// <summary>A commit that the host does not know, or not yet, is not one on which nothing was reported: it stays unread.</summary>
    private async Task<ValueList<Check>?> TryReportsAsync(CommitSha commit, bool isNew, CancellationToken cancellation)
    {
        try
        {
            return await sweep.ReportsAsync(commit, client.Line.Login.IsApp, isNew, cancellation);
        }
        catch (ForgeException error) when (error.Status is 404 or 409 or 422)
        {
            return null;
        }
    }

    /// <summary>Whether it is still to be found out who pushed something.</summary>
    private bool Owes => tries.Values.Any(item => item.Times < MostTries);

    /// <summary>Who pushed is asked only where somebody's word may depend on it.</summary>
    private static bool MattersWhoPushed(PullDto pull) =>
        pull.Reviews.Nodes.Any(review => review?.State == "APPROVED") || pull.Comments.Nodes.Any(comment => comment is { ViewerDidAuthor: false } && comment.Body.StartsWith('/'));

    /// <summary>The host's record of a push may come a moment after the push: then it is looked for again at the next look.</summary>
    private void Take(PullDto pull, Uploads read)
    {
        uploads[pull.Number] = read;
        var before = tries.GetValueOrDefault(pull.Number);
        tries[pull.Number] = (pull.HeadRefOid, read.Knows(pull.HeadRefOid) || read.Pushes.Count == 0 ? MostTries : before.Head == pull.HeadRefOid ? before.Times + 1 : 1);
        if (tries[pull.Number].Times < MostTries)
            owed.Add(pull.Number);
    }

    private static ParallelOptions AtOnce(CancellationToken cancellation) => new() { MaxDegreeOfParallelism = 8, CancellationToken = cancellation };

    private async Task LearnAsync(CancellationToken cancellation)
    {
        var wanted = open.Values.Select(look => look.Pull!).Where(MattersWhoPushed)
            .Where(pull => uploads.GetValueOrDefault(pull.Number)?.Knows(pull.HeadRefOid) != true && !(tries.GetValueOrDefault(pull.Number) is var (head, times) && head == pull.HeadRefOid && times >= MostTries)).ToList();
        await Parallel.ForEachAsync(wanted, AtOnce(cancellation), async (pull, token) =>
        {
            var read = pull.HeadRepository is { } repository ? await sweep.UploadsAsync(repository.NameWithOwner, pull.HeadRefName, token) ?? Uploads.Unknown : Uploads.Unknown;
            lock (uploads)
                Take(pull, read);
        });
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
