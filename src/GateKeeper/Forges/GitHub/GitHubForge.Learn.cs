using GateKeeper.Core.Changes;
using GateKeeper.Git;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Forges.GitHub;

/// <content>Learning what the look at the pull requests does not tell: who pushed, who is named beside the author, what was reported, what the host demands.</content>
internal sealed partial class GitHubForge
{
    private static readonly TimeSpan ComesAfterwards = TimeSpan.FromSeconds(60);
    private readonly Dictionary<long, FirstLook> since = [];
    private readonly HashSet<string> asked = [];

    /// <summary>Of which pull requests the host did not answer who pushed them.</summary>
    private readonly Retries<long> unasked;

    /// <summary>Of which commits the host did not answer whose the addresses in them are.</summary>
    private readonly Retries<string> unnamed;
    private readonly Dictionary<CommitSha, ValueList<Check>> reports = [];
    private readonly Dictionary<string, (HostRules Rules, long ReadAt)> rules = [];
    private HashSet<CommitSha> followed = [];

    /// <summary>Since when it is looked who pushed a head.</summary>
    private sealed record FirstLook(string Head, long At);

    /// <summary>Says on which commits reports are awaited; those are looked at each time.</summary>
    public void Follow(IReadOnlyCollection<CommitSha> commits)
    {
        followed = [.. commits];
        foreach (var over in reports.Keys.Where(commit => !followed.Contains(commit)).ToList())
            reports.Remove(over);
        sweep.Forget(commit => !followed.Contains(commit));
        client.Forget(path => path.Contains("/commits/", StringComparison.Ordinal) && !followed.Any(commit => path.Contains(commit.Hex, StringComparison.Ordinal)));
    }

    private Task ReadReportsAsync(CancellationToken cancellation) => Parallel.ForEachAsync(followed, AtOnce(cancellation), async (commit, token) =>
    {
        var read = await TryReportsAsync(commit, token);
        lock (reports)
        {
            if (read is { News: false })
                return;
            if (read is null ? reports.Remove(commit) : !reports.TryGetValue(commit, out var known) || !known.Equals(read.Checks))
                moved = true;
            if (read is not null)
                reports[commit] = read.Checks;
        }
    });

    /// <summary>What of a commit could not be read is not that nothing was reported there: it stays unread, and nothing rests on what was there before.</summary>
    private async Task<ReportsLook?> TryReportsAsync(CommitSha commit, CancellationToken cancellation)
    {
        try
        {
            return await sweep.ReportsAsync(commit, client.Line.Login.IsApp, cancellation);
        }
        catch (ForgeException error) when (error.Status is not (401 or 429))
        {
            return null;
        }
    }

    /// <summary>Who pushed is asked only where somebody's word may depend on it.</summary>
    private static bool MattersWhoPushed(PullDto pull) =>
        pull.Reviews.Nodes.Any(review => review?.State == "APPROVED") || pull.Comments.Nodes.Any(comment => comment is { ViewerDidAuthor: false } && comment.Body.StartsWith('/'));

    /// <summary>The host's record of a push may come a moment after the push: then it is looked for again for a while.</summary>
    private void Take(PullDto pull, Uploads? read)
    {
        var before = uploads.GetValueOrDefault(pull.Number);
        uploads[pull.Number] = read ?? Uploads.Unknown;
        if (before is null || !before.Pushes.SequenceEqual(uploads[pull.Number].Pushes))
            moved = true;
        if (since.GetValueOrDefault(pull.Number) is not { } first || first.Head != pull.HeadRefOid)
            since[pull.Number] = first = new(pull.HeadRefOid, time.GetTimestamp());
        if (read is null || read.Knows(pull.HeadRefOid) || time.GetElapsedTime(first.At) > ComesAfterwards)
            unlearned.Remove(pull.Number);
        else
            owed.Add(pull.Number);
    }

    /// <summary>What the host does not answer of one branch is the trouble of that pull request, which waits until it does.</summary>
    private async Task<(Uploads? Read, string? Why)> TryUploadsAsync(string repository, string branch, CancellationToken cancellation)
    {
        try
        {
            return (await sweep.UploadsAsync(repository, branch, cancellation), null);
        }
        catch (ForgeException error) when (error.MayBeOfOne)
        {
            return (null, error.Message);
        }
    }

    private static ParallelOptions AtOnce(CancellationToken cancellation) => new() { MaxDegreeOfParallelism = 8, CancellationToken = cancellation };

    private async Task LearnAsync(CancellationToken cancellation)
    {
        unlearned.IntersectWith(open.Where(item => MattersWhoPushed(item.Value.Pull!)).Select(item => item.Key));
        unasked.Keep(unlearned.Contains);
        await Parallel.ForEachAsync(unlearned.Where(number => !unasked.Rests(number)).Select(number => open[number].Pull!).ToList(), AtOnce(cancellation), async (pull, token) =>
        {
            var (read, why) = pull.HeadRepository is { } repository ? await TryUploadsAsync(repository.NameWithOwner, pull.HeadRefName, token) : (null, null);
            lock (uploads)
            {
                if (why is not null || unasked.WhyOf(pull.Number) is not null)
                    moved = true;
                unasked.Succeeded(pull.Number);
                if (why is null)
                    Take(pull, read);
                else
                    unasked.Failed(pull.Number, why);
            }
        });
        await LearnAuthorsAsync(cancellation);
        foreach (var trunk in open.Values.Select(look => look.Pull!.BaseRefName).Distinct().ToList())
        {
            if (rules.TryGetValue(trunk, out var known) && time.GetElapsedTime(known.ReadAt) <= TrunksAreOld)
                continue;
            rules[trunk] = (await sweep.RulesAsync(trunk, cancellation), time.GetTimestamp());
            if (rules[trunk].Rules != known.Rules)
                moved = true;
        }
    }

    /// <summary>Whom commits name as co-authors: the host knows whose the addresses are, and is asked once.</summary>
    private async Task LearnAuthorsAsync(CancellationToken cancellation)
    {
        var wanted = new List<string>();
        var commits = open.Values.SelectMany(look => look.Pull!.Commits.Nodes.OfType<PullCommitDto>()).Select(item => item.Commit).ToList();
        if (unnamed.Any)
            unnamed.Keep(commits.Select(commit => commit.Id).OfType<string>().ToHashSet().Contains);
        foreach (var commit in commits)
        {
            if (commit.Id is { } id && !asked.Contains(id) && !unnamed.Rests(id) && Named(commit.Oid, CoAuthors.Anywhere).Any(address => !accounts.KnowsAddress(address)))
                wanted.Add(id);
        }

        if (wanted.Count == 0)
            return;
        var (found, untold) = await sweep.AuthorsAsync(wanted, cancellation);
        foreach (var author in found.Where(commit => !commit.Authors!.PageInfo.HasNextPage).SelectMany(commit => commit.Authors!.Nodes.OfType<GitActorDto>()).Where(author => author.Email is not null))
            accounts.LearnAddress(author.Email!, author.User);
        asked.UnionWith(wanted.Where(id => !untold.ContainsKey(id)));
        foreach (var id in wanted)
            Took(id, untold.GetValueOrDefault(id));
    }

    /// <summary>Whose the addresses in a commit are was asked: it was told, or it was not and is asked again after a while.</summary>
    private void Took(string id, string? why)
    {
        if (why is not null)
            unnamed.Failed(id, why);
        else if (unnamed.WhyOf(id) is not null)
            moved = true;
        if (why is null)
            unnamed.Succeeded(id);
    }

    /// <summary>The addresses in a pull request's commits of which it is not known whose they are: an approval could be their owner's own.</summary>
    private IEnumerable<string> Doubts(PullDto pull) => pull.Commits.Nodes.OfType<PullCommitDto>()
        .Where(item => Find(pull.HeadRefOid) is not null && Find(item.Commit.Oid) is null).Take(1)
        .Select(item => $"the commit {item.Commit.Oid}, which GitHub lists, is missing in the gate's copy, so it is not known who wrote it")
        .Concat(pull.Commits.Nodes.OfType<PullCommitDto>().SelectMany(item => Named(item.Commit.Oid, CoAuthors.AtTheEnd).Where(address => !accounts.KnowsAddress(address)).Take(CoAuthors.Most).Select(address => (item.Commit.Oid, address)))
        .Select(item => $"GitHub does not say whose the address {item.address} is, which {item.Oid[..10]} names as a co-author, so it is not known whether a reviewer wrote it: write it as GitHub reads it (Co-authored-by: Name <address>, a line of its own at the end)"))
        .Concat(CoAuthors.AtTheEnd(pull.Body).Where(address => address.Contains('@', StringComparison.Ordinal) && !accounts.KnowsAddress(address)).Take(CoAuthors.Most)
            .Select(address => $"GitHub does not say whose the address {address} is, which the description names as a co-author, so it is not known whether a reviewer is meant: name that person in a commit instead, or take the line out"));

    /// <summary>The addresses that a commit names.</summary>
    private IEnumerable<string> Named(string id, Func<string, IEnumerable<string>> read) =>
        Find(id) is { } commit && Signatures.Problem(commit) is null ? read(commit.Message).Where(address => address.Contains('@', StringComparison.Ordinal)) : [];

    private Commit? Find(string? id) => CommitSha.TryParse(id, out var sha) ? mirror.Repository.FindCommit(sha) : null;
}
