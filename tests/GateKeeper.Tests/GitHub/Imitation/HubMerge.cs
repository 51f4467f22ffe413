using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>The merge button, pressed by somebody through the API.</summary>
internal static class HubMerge
{
    public static string Press(HubServer server, HubCaller caller, HubPull pull, string method, string? sha, string? title, string? message)
    {
        var repository = pull.Repository;
        if (!caller.AtLeast(repository, "write"))
            throw new HubRefusal(403, "Resource not accessible by integration", accepted: "contents=write");
        if (pull.State != "OPEN")
            throw new HubRefusal(405, "Pull Request is not mergeable");
        if (sha is not null && sha != pull.HeadSha)
            throw new HubRefusal(409, "Head branch was modified. Review and try the merge again.");
        if (pull.Draft)
            throw new HubRefusal(405, "Pull Request is still a draft");
        if (!repository.MergeMethods.Contains(method))
            throw new HubRefusal(405, method switch { "merge" => "Merge commits are not allowed on this repository.", "squash" => "Squash merges are not allowed on this repository.", _ => "Rebase merges are not allowed on this repository." });
        var (tip, head) = (repository.Commit(repository.Tip(pull.BaseRef))!, repository.Commit(pull.HeadSha)!);
        var made = Make(server, caller, pull, method, tip, head, title, message) ?? throw new HubRefusal(405, "Pull Request is not mergeable");
        if (server.Move(caller, repository, $"refs/heads/{pull.BaseRef}", tip.Sha, made.Sha, "pr_merge") is { } refused)
            throw new HubRefusal(refused.Status == 422 ? 405 : refused.Status, refused.Message);
        server.MergedByButton(pull, caller.Account!, made.Sha, tip.Sha);
        return made.Sha;
    }

    private static Commit? Make(HubServer server, HubCaller caller, HubPull pull, string method, Commit tip, Commit head, string? title, string? message)
    {
        var git = pull.Repository.Git;
        var who = caller.Account!;
        var author = new Signature(who.Login, who.Email, server.Now);
        var committer = new Signature("GitHub", "noreply@github.com", server.Now);
        if (method == "rebase")
        {
            // Replayed commits are committed in the name of who pressed, at the host's own address for him.
            var presser = new Signature(who.Login, who.Email.Replace("noreply.github.com", "noreply.127.0.0.1", StringComparison.Ordinal), server.Now);
            var at = tip;
            foreach (var commit in pull.Commits())
            {
                var picked = git.ObjectDatabase.CherryPickCommit(commit, at, 0, new());
                if (picked.Status == MergeTreeStatus.Conflicts)
                    return null;
                at = git.ObjectDatabase.CreateCommit(commit.Author, presser, commit.Message, picked.Tree, [at], prettifyMessage: false);
            }

            return at;
        }

        var merged = git.ObjectDatabase.MergeCommits(tip, head, new());
        if (merged.Status == MergeTreeStatus.Conflicts)
            return null;
        var commits = pull.Commits();
        var words = method == "merge"
            ? $"{title ?? $"Merge pull request #{pull.Number} from {pull.HeadRepository.Owner.Login}/{pull.HeadRef}"}\n\n{message ?? pull.Title}"
            : $"{title ?? $"{(commits.Count == 1 ? commits[0].MessageShort : pull.Title)} (#{pull.Number})"}\n\n{message ?? (commits.Count == 1 ? string.Join('\n', commits[0].Message.Split('\n').Skip(2)) : string.Join("\n\n", commits.Select(commit => $"* {commit.Message.TrimEnd()}")))}";
        return git.ObjectDatabase.CreateCommit(method == "squash" ? new Signature(pull.Author.Login, pull.Author.Email, server.Now) : author, committer, words.TrimEnd('\n'), merged.Tree, method == "merge" ? [tip, head] : [tip], prettifyMessage: false);
    }
}

internal sealed partial class HubServer
{
    /// <summary>The button says so even where the head is not on the trunk: after a squash or a rebase.</summary>
    public void MergedByButton(HubPull pull, HubAccount actor, string commit, string before)
    {
        if (pull.State == "OPEN")
            Merged(pull, actor, commit, before);
        else
            pull.MergeCommit = commit;
    }
}
