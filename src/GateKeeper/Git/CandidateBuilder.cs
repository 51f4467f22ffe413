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

    /// <param name="candidate">What is merged onto what.</param>
    /// <param name="change">The change, whose words go into the message.</param>
    /// <param name="lifted">The gates that two people have lifted for it, each with who and why.</param>
    /// <param name="rules">How it lands.</param>
    /// <param name="merge">Merges.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<Merged> BuildAsync(Candidate candidate, Change change, ValueList<string> lifted, LandingRules rules, MergeProcess merge, CancellationToken cancellation)
    {
        var (ours, theirs) = (repository.Commit(candidate.Base), repository.Commit(candidate.Revision.Commit));
        if (Signatures.Problem(theirs) is { } unreadable)
            return new Merged.Refused(unreadable);
        if (repository.ObjectDatabase.FindMergeBase(ours, theirs) is not { } fork)
            return new Merged.Refused("it shares no history with the trunk");
        if (Bounds.Problem(repository, fork.Tree.Sha, theirs.Tree.Sha) is { } problem)
            return new Merged.Refused(problem);

        return rules.Method switch
        {
            LandingMethod.FastForward => fork.Sha == ours.Sha
                ? new Merged.Clean(candidate.Revision.Commit, theirs.Tree.Sha)
                : new Merged.Refused("rebase needed: this trunk only fast-forwards, and the revision does not contain its tip") { NeedsRebase = true },
            LandingMethod.Rebase => await RebaseAsync(ours, change, lifted, merge, cancellation),
            _ when change.DependsOn.Any(dependency => !dependency.Landed || dependency.On is not null) && rules.Method is LandingMethod.Squash => await RebaseAsync(ours, change, lifted, merge, cancellation, squash: rules),
            _ => await MergeAsync(ours, theirs, change, lifted, rules, merge, cancellation),
        };
    }

    private async Task<Merged> MergeAsync(Commit ours, Commit theirs, Change change, ValueList<string> lifted, LandingRules rules, MergeProcess merge, CancellationToken cancellation)
    {
        var answer = await merge.MergeAsync(ours.Sha, theirs.Sha, cancellation);
        if (answer.Refused is { } refused)
            return new Merged.Refused(refused);
        if (answer.Tree is null)
            return new Merged.Conflict(answer.Conflicts);

        var squash = rules.Method is LandingMethod.Squash;
        var parents = squash ? new[] { ours } : [ours, theirs];
        return Commit(answer.Tree, parents, theirs.Author, Message(change, lifted, rules, squash));
    }

    /// <summary>
    /// Replays the change's own commits one by one. git 2.39 has no merge with a named base, so each step is a merge of two commits with
    /// a common root that has the parent's tree: the same three trees, and the same result.
    /// </summary>
    private async Task<Merged> RebaseAsync(Commit onto, Change change, ValueList<string> lifted, MergeProcess merge, CancellationToken cancellation, LandingRules? squash = null)
    {
        var at = onto;
        foreach (var facts in change.Commits)
        {
            var commit = repository.Commit(facts.Sha);
            if (commit.Parents.Count() != 1)
                return new Merged.Refused($"{facts.Sha} is a merge, which cannot be replayed; the landing method is rebase");

            if ((Signatures.Problem(commit) ?? Bounds.Problem(repository, commit)) is { } problem)
                return new Merged.Refused(problem);
            var root = Scratch(repository.Below(commit)!.Tree, []);
            var answer = await merge.MergeAsync(Scratch(at.Tree, [root]).Sha, Scratch(commit.Tree, [root]).Sha, cancellation);
            if (answer.Refused is { } refused)
                return new Merged.Refused(refused);
            if (answer.Tree is null)
                return new Merged.Conflict(answer.Conflicts);

            // Only the last one is the landing; the others end in words of the gate's own too, so that nothing their authors wrote is taken for such.
            var last = commit.Sha == change.Current.Commit.Hex;
            var trailers = last ? Trailers(change, lifted, rewritten: true) : [new("Part-Of", change.Id.Value)];
            var message = MessageText.Compose(commit.MessageShort, Body(commit), trailers);
            at = repository.ObjectDatabase.CreateCommit(
                commit.Author, gate.Sign(time.GetUtcNow()), message, repository.Tree(answer.Tree), [at], prettifyMessage: false);
        }

        return squash is null
            ? new Merged.Clean(new(at.Sha), at.Tree.Sha)
            : Commit(at.Tree.Sha, [onto], repository.Commit(change.Current.Commit).Author, Message(change, lifted, squash, squashed: true));
    }

    private static string Body(Commit commit) => commit.Message[Math.Min(commit.Message.Length, commit.Message.Split('\n', 2)[0].Length)..].Trim();

    private Commit Scratch(Tree tree, IEnumerable<Commit> parents)
    {
        var nobody = new Signature("nobody", "nobody", DateTimeOffset.UnixEpoch);
        return repository.ObjectDatabase.CreateCommit(nobody, nobody, "", tree, parents, prettifyMessage: false);
    }

    private Merged.Clean Commit(string tree, IEnumerable<Commit> parents, Signature author, string message) =>
        new(new(repository.ObjectDatabase.CreateCommit(author, gate.Sign(time.GetUtcNow()), message, repository.Tree(tree), parents, prettifyMessage: false).Sha), tree);

    private static string Message(Change change, ValueList<string> lifted, LandingRules rules, bool squashed)
    {
        var coAuthors = squashed
            ? change.Commits.SelectMany(commit => commit.Trailers.Where(trailer => trailer.Key.Equals("Co-authored-by", StringComparison.OrdinalIgnoreCase))).Distinct()
            : [];
        return MessageText.Compose(Fill(rules.Subject, change), Fill(rules.Body, change), [.. coAuthors, .. Trailers(change, lifted, rewritten: squashed)]);
    }

    private static List<Trailer> Trailers(Change change, ValueList<string> lifted, bool rewritten) =>
        [.. rewritten ? change.LandingTrailers : [], .. lifted.Select(gate => new Trailer("Overridden", gate)), new("Change", change.Id.Value), new("Revision", change.Current.Commit.Hex)];

    private static string Fill(string template, Change change) => template
        .Replace("{title}", change.Title, StringComparison.Ordinal)
        .Replace("{number}", change.Number, StringComparison.Ordinal)
        .Replace("{author}", change.Author.Name, StringComparison.Ordinal)
        .Replace("{revision}", change.Current.Commit.Hex, StringComparison.Ordinal)
        .Replace("{description}", change.Description, StringComparison.Ordinal);
}
