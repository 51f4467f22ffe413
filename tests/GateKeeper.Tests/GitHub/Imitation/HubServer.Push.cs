using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>Moving refs, and all that follows from a moved branch.</summary>
internal sealed partial class HubServer
{
    private static readonly string Nothing = new('0', 40);
    private readonly List<Action> late = [];

    /// <summary>Somebody moves a ref; answers why not, or null.</summary>
    public HubRefused? Move(HubCaller caller, HubRepository repository, string reference, string old, string @new, string? kind = null)
    {
        var now = repository.Git.Refs[reference]?.ResolveToDirectReference().TargetIdentifier ?? Nothing;
        if (now != old)
            return new("failed to update ref", "", 422, "Reference update failed");
        if (@new != Nothing && repository.Git.Lookup(@new) is null)
            return new("missing necessary objects", "", 422, "Object does not exist");
        var merging = kind == "pr_merge";
        if (HubRules.Refuse(this, caller, repository, reference, old, @new, merging) is { } refused)
            return refused;
        if (old == @new)
            return null;
        if (@new == Nothing)
            repository.Git.Refs.Remove(reference);
        else
            repository.Git.Refs.Add(reference, new ObjectId(@new), allowOverwrite: true);
        if (!reference.StartsWith("refs/heads/", StringComparison.Ordinal))
            return null;
        var forced = old != Nothing && @new != Nothing && !repository.Contains(repository.Commit(@new)!, repository.Commit(old)!);
        repository.Activity.Add(new(NextId(), caller.Account!, reference, old, @new, Now, kind ?? (old == Nothing ? "branch_creation" : @new == Nothing ? "branch_deletion" : forced ? "force_push" : "push")));
        Hooks.Push(repository, caller.Account!, reference, old, @new, forced);
        Follow(repository, caller.Account!, reference["refs/heads/".Length..], old, @new, forced);
        return null;
    }

    /// <summary>All that the server was late with is done now.</summary>
    public void CatchUp()
    {
        (HeadsLag, MergesLag) = (false, false);
        var todo = late.ToList();
        late.Clear();
        todo.ForEach(each => each());
    }

    private void Follow(HubRepository repository, HubAccount actor, string branch, string old, string @new, bool forced)
    {
        foreach (var pull in Repositories.SelectMany(each => each.Pulls).Where(pull => pull.State == "OPEN").ToList())
        {
            if (pull.HeadRepository == repository && pull.HeadRef == branch)
            {
                if (@new == Nothing)
                    Close(pull, actor);
                else if (HeadsLag)
                    late.Add(() => MoveHead(pull, actor, repository.Tip(branch), forced));
                else
                    MoveHead(pull, actor, @new, forced);
            }

            if (pull.Repository != repository || pull.BaseRef != branch)
                continue;
            pull.MergeabilityKnown = false;
            if (@new == Nothing)
                Close(pull, actor);
            else if (MergesLag)
                late.Add(() => MergeIfContained(pull, actor, old));
            else
                MergeIfContained(pull, actor, old);
        }
    }

    private void MoveHead(HubPull pull, HubAccount actor, string? sha, bool forced)
    {
        if (sha is null || pull.State != "OPEN" || sha == pull.HeadSha)
            return;
        var (before, known) = (pull.HeadSha, pull.Commits().Select(commit => commit.Sha).ToHashSet());
        pull.HeadSha = sha;
        pull.MergeabilityKnown = false;
        Record(pull);
        if (forced)
            Happen(pull, "HeadRefForcePushedEvent", actor, ("beforeCommit", before), ("afterCommit", sha));
        foreach (var commit in pull.Commits().Where(commit => !known.Contains(commit.Sha)))
            Happen(pull, "PullRequestCommit", null, ("commit", commit.Sha));
        foreach (var thread in pull.Threads)
            thread.Outdated |= pull.Changes()[thread.Path] is null;
        Touch(pull);
        Hooks.Pull(pull, "synchronize", actor, ("before", before), ("after", sha));
        if (pull.Repository.Tip(pull.BaseRef) is { } tip)
            MergeIfContained(pull, actor, tip);
    }

    /// <summary>The base's tip has come to contain the recorded head: then it is merged, whoever did that and whatever the rules say.</summary>
    private void MergeIfContained(HubPull pull, HubAccount actor, string before)
    {
        if (pull.State != "OPEN" || pull.Repository.Commit(pull.Repository.Tip(pull.BaseRef)) is not { } tip)
            return;
        if (pull.Repository.Commit(pull.HeadSha) is { } head && pull.Repository.Contains(tip, head))
            Merged(pull, actor, FirstToContain(pull.Repository, tip, head), before);
        else
            pull.BaseSha = tip.Sha;
    }

    /// <summary>The oldest commit of the line of first parents that contains the head.</summary>
    private static string FirstToContain(HubRepository repository, Commit tip, Commit head)
    {
        while (tip.Parents.FirstOrDefault() is { } parent && repository.Contains(parent, head))
            tip = parent;
        return tip.Sha;
    }

    private void Merged(HubPull pull, HubAccount actor, string commit, string before)
    {
        if (before != Nothing)
            pull.BaseSha = before;
        (pull.State, pull.Merged, pull.Closed, pull.MergedBy, pull.MergeCommit) = ("MERGED", Now, Now, actor, commit);
        Happen(pull, "MergedEvent", actor, ("commit", commit));
        Happen(pull, "ClosedEvent", actor);
        pull.Repository.Git.Refs.Remove($"refs/pull/{pull.Number}/merge");
        Touch(pull);
        Hooks.Pull(pull, "closed", actor);
    }

    /// <summary>The head is kept where everybody can fetch it, and so is a merge to try.</summary>
    private static void Record(HubPull pull)
    {
        var refs = pull.Repository.Git.Refs;
        refs.Add($"refs/pull/{pull.Number}/head", new ObjectId(pull.HeadSha), allowOverwrite: true);
        var (git, head) = (pull.Repository.Git, pull.Repository.Commit(pull.HeadSha)!);
        var trial = git.ObjectDatabase.MergeCommits(pull.Repository.Commit(pull.BaseSha)!, head, new());
        if (trial.Status == MergeTreeStatus.Conflicts)
        {
            refs.Remove($"refs/pull/{pull.Number}/merge");
            return;
        }

        var signature = new Signature("GitHub", "noreply@github.com", pull.Updated);
        var commit = git.ObjectDatabase.CreateCommit(signature, signature, $"Merge {pull.HeadSha} into {pull.BaseSha}", trial.Tree, [pull.Repository.Commit(pull.BaseSha)!, head], prettifyMessage: false);
        refs.Add($"refs/pull/{pull.Number}/merge", commit.Id, allowOverwrite: true);
        if (pull.State == "OPEN")
            pull.MergeCommit = commit.Sha;
    }
}
