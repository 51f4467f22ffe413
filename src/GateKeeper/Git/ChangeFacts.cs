using GateKeeper.Core.Changes;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Git;

/// <summary>What git says of a change's own commits: predecessor's revision..revision.</summary>
internal sealed record OwnCommits(ValueList<CommitFacts> Commits, ValueList<string>? Paths, (string From, string To)? Trees, ValueList<string> Obstacles)
{
    /// <summary>Those in the gate's own name: forged, unless the gate landed them on another trunk.</summary>
    public ValueList<CommitSha> InGatesName { get; init; } = [];
}

/// <summary>Reads changes from git: their commits, and what they touch. Answers are kept until the trunk takes part of them.</summary>
internal sealed class ChangeReader(Repository repository, GitProgram git, GateIdentity gate)
{
    private const int MostCommits = 1000;
    private readonly Dictionary<(string Revision, string? Predecessor), OwnCommits> known = [];
    private Func<string, Account?>? people;

    /// <summary>Forgets what the trunk's growth makes wrong; null stands for a trunk that moved in another way.</summary>
    public void Forget(IReadOnlySet<string>? landed)
    {
        foreach (var key in known.Where(item => landed is null || item.Value.Commits.Any(commit => landed.Contains(commit.Sha.Hex))).Select(item => item.Key).ToList())
            known.Remove(key);
    }

    public OwnCommits Read(CommitSha tip, CommitSha revision, CommitSha? predecessor, Func<string, Account?> accountOf)
    {
        // Whose an address is may have changed; then everybody is looked up anew.
        if (!accountOf.Equals(people))
            known.Clear();
        people = accountOf;
        var key = (revision.Hex, predecessor?.Hex);
        if (!known.TryGetValue(key, out var facts))
            known[key] = facts = ReadNow(tip, revision, predecessor, accountOf);
        return facts;
    }

    private OwnCommits ReadNow(CommitSha tip, CommitSha revision, CommitSha? predecessor, Func<string, Account?> accountOf)
    {
        var (head, below) = (repository.Commit(revision), repository.Commit(predecessor ?? tip));
        if (repository.ObjectDatabase.FindMergeBase(below, head) is not { } fork)
            return new([], null, null, ["it shares no history with the trunk"]);
        if (predecessor is { } needed && fork.Sha != needed.Hex)
            return new([], null, null, [$"it does not contain {needed}, the current revision of the change that it is stacked on: rebase onto that"]);

        string[] without = predecessor is null ? [tip.Hex] : [tip.Hex, predecessor.Value.Hex];
        var commits = repository.Commits.QueryBy(new CommitFilter
        {
            IncludeReachableFrom = head,
            ExcludeReachableFrom = without,
            SortBy = CommitSortStrategies.Topological | CommitSortStrategies.Reverse,
        }).Take(MostCommits + 1).ToList();
        if (commits.Count > MostCommits)
            return new([], null, null, [$"it brings more than {MostCommits} commits"]);
        if (Bounds.Messages(repository, commits) is { } large)
            return new([], null, null, [large]);
        if (commits.Append(head).Select(Signatures.Problem).FirstOrDefault(why => why is not null) is { } unreadable)
            return new([], null, null, [unreadable]);
        if (Bounds.Problem(repository, fork.Tree.Sha, head.Tree.Sha) is { } problem)
            return new([], null, null, [problem]);
        if (Bounds.Problem(repository, commits) is { } within)
            return new([], null, null, [within]);

        var words = CommitWords.Of(git, commits);
        var touched = TreeDiff.Between(repository, fork.Tree.Sha, head.Tree.Sha).ToList();
        return new(
            [.. commits.Select(commit => Facts(commit, words[commit.Sha], accountOf))],
            [.. touched.Select(change => change.Path).Order(StringComparer.Ordinal)],
            (fork.Tree.Sha, head.Tree.Sha),
            []) { InGatesName = [.. commits.Where(gate.Made).Select(commit => new CommitSha(commit.Sha))] };
    }

    private CommitFacts Facts(Commit commit, CommitWords words, Func<string, Account?> accountOf)
    {
        var trailers = MessageText.Trailers(words.Message);
        return new()
        {
            Sha = new(commit.Sha),
            Author = accountOf(commit.Author.Email),
            Committer = gate.Made(commit) ? null : accountOf(commit.Committer.Email),
            Message = words.Message,
            Trailers = trailers,

            CoAuthors = CoAuthorsIn(words.Message, accountOf),
            Hands = [new(words.AuthorName, words.AuthorEmail, accountOf(words.AuthorEmail)), .. trailers.Where(trailer => trailer.Key.Equals("Co-authored-by", StringComparison.OrdinalIgnoreCase)).Select(trailer => Named(trailer.Value, accountOf)).OfType<Hand>()],
            Parents = commit.Parents.Count(),
        };
    }

    /// <summary>The accounts that a message names as co-authors. Where it gives no address, the name may be an account's.</summary>
    public static ValueList<Account> CoAuthorsIn(string message, Func<string, Account?> accountOf) =>
        [.. CoAuthors.Anywhere(message).Select(person => person.Contains('@', StringComparison.Ordinal) ? accountOf(person) : new Account(person.ToLowerInvariant())).OfType<Account>()];

    /// <summary>Somebody in "Name &lt;address&gt;"; null where it names nobody who could be written there again.</summary>
    private static Hand? Named(string person, Func<string, Account?> accountOf) =>
        Prose.Line(person).Split('<', '>') is [var name, var address, ..] && name.Trim().Length > 0 && address.Trim().Length > 0 ? new(name.Trim(), address.Trim(), accountOf(Address(person))) : null;

    /// <summary>The address in "Name &lt;address&gt;".</summary>
    public static string Address(string person)
    {
        var (open, close) = (person.LastIndexOf('<'), person.LastIndexOf('>'));
        return open >= 0 && close > open ? person[(open + 1)..close] : person;
    }
}
