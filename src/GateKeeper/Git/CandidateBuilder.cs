using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Git;

/// <summary>A merge that was made, as git objects: not yet judged and keyed.</summary>
internal abstract record Merged
{
    private Merged()
    {
    }

    public sealed record Clean(CommitSha Commit, string Tree) : Merged;

    public sealed record Conflict(IReadOnlyList<string> Files) : Merged;

    public sealed record Refused(string Why) : Merged
    {
        /// <summary>Whether nothing is wrong with it but where it begins.</summary>
        public bool NeedsRebase { get; init; }
    }
}

/// <summary>Makes candidates by content: no hooks, no filters, no work tree.</summary>
internal sealed class CandidateBuilder(Mirror mirror, GateIdentity gate, TimeProvider time)
{
    private readonly Repository repository = mirror.Repository;

    private const string NothingLeft = "nothing is left of it: all that it does is on the trunk already";

    /// <param name="candidate">What is merged onto what.</param>
    /// <param name="change">The change, whose commits are replayed where that is the method.</param>
    /// <param name="words">How it lands, and what it says there.</param>
    /// <param name="merge">Merges.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<Merged> BuildAsync(Candidate candidate, Change change, Wording words, MergeProcess merge, CancellationToken cancellation)
    {
        var (ours, theirs) = (repository.Commit(candidate.Base), repository.Commit(candidate.Revision.Commit));
        if (Signatures.Problem(theirs) is { } unreadable)
            return new Merged.Refused(unreadable);
        if (repository.ObjectDatabase.FindMergeBase(ours, theirs) is not { } fork)
            return new Merged.Refused("it shares no history with the trunk");
        if (Bounds.Problem(repository, fork.Tree.Sha, theirs.Tree.Sha) is { } problem)
            return new Merged.Refused(problem);

        return words.Method switch
        {
            LandingMethod.FastForward => fork.Sha == ours.Sha
                ? new Merged.Clean(candidate.Revision.Commit, theirs.Tree.Sha)
                : new Merged.Refused("rebase needed: this trunk only fast-forwards, and the revision does not contain its tip") { NeedsRebase = true },
            LandingMethod.Rebase => await ReplayAsync(ours, change, words, merge, cancellation),
            LandingMethod.Squash when change.DependsOn.Any(dependency => !dependency.Landed || dependency.On is not null) => await ReplayAsync(ours, change, words, merge, cancellation),
            _ => await MergeAsync(ours, theirs, fork, change, words, merge, cancellation),
        };
    }

    private async Task<Merged> MergeAsync(Commit ours, Commit theirs, Commit fork, Change change, Wording words, MergeProcess merge, CancellationToken cancellation)
    {
        var answer = await merge.MergeAsync(ours.Sha, theirs.Sha, cancellation);
        if (answer.Refused is { } refused)
            return new Merged.Refused(refused);
        if (answer.Tree is null)
            return new Merged.Conflict(answer.Conflicts);
        var squash = words.Method is LandingMethod.Squash;
        if (squash && answer.Tree == ours.Tree.Sha && theirs.Tree.Sha != fork.Tree.Sha)
            return new Merged.Refused(NothingLeft);

        return Commit(answer.Tree, squash ? [ours] : [ours, theirs], Author(change, words, theirs), words.Message);
    }

    /// <summary>
    /// Replays the change's own commits one by one; one that has become empty goes. git 2.39 has no merge with a named base, so each step is
    /// a merge of two commits with a common root that has the parent's tree: the same three trees, and the same result.
    /// </summary>
    private async Task<Merged> ReplayAsync(Commit onto, Change change, Wording words, MergeProcess merge, CancellationToken cancellation)
    {
        var (tree, kept) = (onto.Tree, new List<(Commit Commit, Tree Tree)>());
        foreach (var facts in change.Commits)
        {
            var commit = repository.Commit(facts.Sha);
            if (commit.Parents.Count() != 1)
                return new Merged.Refused($"{facts.Sha} is a merge, which cannot be replayed; the landing method is rebase");

            if ((Signatures.Problem(commit) ?? Bounds.Problem(repository, commit)) is { } problem)
                return new Merged.Refused(problem);
            var below = repository.Below(commit)!.Tree;
            var root = Scratch(below, []);
            var answer = await merge.MergeAsync(Scratch(tree, [root]).Sha, Scratch(commit.Tree, [root]).Sha, cancellation);
            if (answer.Refused is { } refused)
                return new Merged.Refused(refused);
            if (answer.Tree is null)
                return new Merged.Conflict(answer.Conflicts);
            if (answer.Tree == tree.Sha && commit.Tree.Sha != below.Sha)
                continue;
            tree = repository.Tree(answer.Tree);
            kept.Add((commit, tree));
        }

        var wasEmpty = change.Commits.Count == kept.Count;
        if (kept.Count == 0 || (words.Method is LandingMethod.Squash && tree.Sha == onto.Tree.Sha && !wasEmpty))
            return new Merged.Refused(NothingLeft);
        return words.Method is LandingMethod.Squash
            ? Commit(tree.Sha, [onto], Author(change, words, repository.Commit(change.Current.Commit)), words.Message)
            : Replayed(onto, kept, change, words);
    }

    /// <summary>
    /// The last one is the landing; the others end in words of the gate's own too, so that nothing their authors wrote is taken for such.
    /// </summary>
    private Merged.Clean Replayed(Commit onto, List<(Commit Commit, Tree Tree)> kept, Change change, Wording words)
    {
        var (at, now) = (onto, Maker.Of(gate.Sign(time.GetUtcNow())));
        var all = CommitWords.Of(mirror.Git, kept.ConvertAll(item => item.Commit));
        foreach (var (commit, tree) in kept)
        {
            var said = all[commit.Sha];
            ValueList<Trailer> trailers = commit.Sha == kept[^1].Commit.Sha ? words.Trailers : [new("Part-Of", change.Id.Value)];
            at = repository.Commit(CommitWriter.Write(repository, new(said.AuthorName, said.AuthorEmail, commit.Author.When), now, Prose.Replay(said.Message, trailers, words.Anew), tree.Sha, [at]));
        }

        return new(new(at.Sha), at.Tree.Sha);
    }

    /// <summary>Whom the words name, at the time of his last commit.</summary>
    private Maker Author(Change change, Wording words, Commit head)
    {
        if (words.Author is not { } author)
            return Maker.Of(head.Author);
        var own = change.Commits.LastOrDefault(commit => commit.AuthorHand == author) is { } last ? repository.Commit(last.Sha) : head;
        return new(author.Name, author.Email, own.Author.When);
    }

    private Commit Scratch(Tree tree, IEnumerable<Commit> parents)
    {
        var nobody = new Signature("nobody", "nobody", DateTimeOffset.UnixEpoch);
        return repository.ObjectDatabase.CreateCommit(nobody, nobody, "", tree, parents, prettifyMessage: false);
    }

    private Merged.Clean Commit(string tree, IEnumerable<Commit> parents, Maker author, string message) =>
        new(CommitWriter.Write(repository, author, Maker.Of(gate.Sign(time.GetUtcNow())), message, tree, parents), tree);
}
