using GateKeeper.Core.Changes;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Git;

/// <summary>A push as a server recorded it: where a branch came to lie, and by whom.</summary>
/// <param name="To">Where it came to lie.</param>
/// <param name="By">By whom; null for nobody who could vote.</param>
/// <param name="IsTold">False where the server does not tell by whom.</param>
/// <param name="IsOfOld">Whether the branch was deleted since and begun anew: what is gone of it has nothing to do with the new one.</param>
internal sealed record Push(CommitSha To, Account? By, bool IsTold = true, bool IsOfOld = false);

/// <summary>Who may have pushed a commit first, and whether these are all who may have.</summary>
internal sealed record Pushers(ValueList<Account> Who, bool AreKnown);

/// <summary>
/// Finds who pushed each of a change's commits first. A push of what is gone meanwhile may have brought any of them, so who pushed it may
/// have been the first too. What was found is kept until something moves.
/// </summary>
internal sealed class FirstPushes(Repository repository)
{
    private const int MostCommits = 1000;
    private readonly Dictionary<ChangeId, (List<CommitSha> Wanted, List<Push> Pushes, IReadOnlyDictionary<CommitSha, Pushers> Found)> known = [];

    /// <param name="change">Whose commits they are.</param>
    /// <param name="wanted">The commits.</param>
    /// <param name="pushes">Every push that may have brought them, the oldest first.</param>
    public IReadOnlyDictionary<CommitSha, Pushers> Of(ChangeId change, IReadOnlyCollection<CommitSha> wanted, IEnumerable<Push> pushes)
    {
        var list = pushes.ToList();
        if (!known.TryGetValue(change, out var before) || !before.Wanted.SequenceEqual(wanted) || !before.Pushes.SequenceEqual(list))
            known[change] = before = ([.. wanted], list, Find(wanted, list));
        return before.Found;
    }

    private Dictionary<CommitSha, Pushers> Find(IReadOnlyCollection<CommitSha> wanted, List<Push> pushes)
    {
        var left = wanted.ToHashSet();
        var found = new Dictionary<CommitSha, Pushers>();
        var (maybe, certain) = (new List<Account>(), true);
        var walked = wanted.Select(commit => repository.FindCommit(commit.Hex)).OfType<Commit>().SelectMany(commit => commit.Parents)
            .Where(parent => !left.Contains(new(parent.Sha))).Select(parent => parent.Sha).ToHashSet();
        foreach (var push in pushes.TakeWhile(_ => left.Count > 0))
        {
            Account[] by = push.By is { } account ? [account] : [];
            if (repository.FindCommit(push.To) is not { } head)
            {
                if (push.IsOfOld)
                    continue;
                maybe.AddRange(by);
                certain &= push.IsTold;
                continue;
            }

            var brought = repository.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = head, ExcludeReachableFrom = walked.ToList(), SortBy = CommitSortStrategies.Topological });
            foreach (var commit in brought.Take(MostCommits).Select(commit => new CommitSha(commit.Sha)).Where(left.Remove))
                found[commit] = new([.. maybe.Concat(by).Distinct()], certain && push.IsTold);
            walked.Add(head.Sha);
        }

        foreach (var commit in left)
            found[commit] = new([.. maybe.Distinct()], AreKnown: false);
        return found;
    }
}
