using System.Text.RegularExpressions;
using LibGit2Sharp;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>What a push means: changes and patch sets for review, or the branch itself, which closes what it brings in.</summary>
internal sealed partial class FakePush(FakeServer server, FakeAccount caller, FakeProject project, ICollection<string> said)
{
    private const string For = "refs/for/";
    private const string Nobody = "0000000000000000000000000000000000000000";

    /// <summary>Moves a ref; null where that was done, else why not.</summary>
    public string? Move(string old, string @new, string reference) =>
        reference.StartsWith(For, StringComparison.Ordinal) ? Propose(@new, reference[For.Length..]) : MoveDirectly(old, @new, reference);

    public static string? HashtagWords(string what, ICollection<string> tags) => tags.Count == 0 ? null : $"Hashtag{(tags.Count == 1 ? "" : "s")} {what}: {string.Join(", ", tags)}";

    public static string Kind(FakeProject project, Commit old, Commit @new)
    {
        var (sameWords, sameParents) = (old.Message == @new.Message, old.Parents.SequenceEqual(@new.Parents));
        if (sameParents && old.Tree == @new.Tree)
            return sameWords ? "NO_CHANGE" : "NO_CODE_CHANGE";
        if (sameParents || !sameWords || old.Parents.Count() != 1 || @new.Parents.Count() != 1)
            return "REWORK";
        var rebased = project.Git.ObjectDatabase.CherryPickCommit(old, @new.Parents.Single(), 0, new());
        return rebased.Status == MergeTreeStatus.Succeeded && rebased.Tree.Sha == @new.Tree.Sha ? "TRIVIAL_REBASE" : "REWORK";
    }

    public static void Close(FakeServer server, FakeAccount caller, FakeChange change, string submission)
    {
        (change.Status, change.Submitter, change.Submitted, change.SubmissionId) = ("MERGED", caller.Id, server.Now, submission);
        (change.WorkInProgress, change.Private) = (false, false);
        change.Current.Set(new(caller.Id, "SUBM", 1, server.Now, null, FakeChange.NewMark(), false, false));
    }

    private string? MoveDirectly(string old, string @new, string reference)
    {
        var there = project.Git.Refs[reference]?.ResolveToDirectReference().TargetIdentifier ?? Nobody;
        if (there != old)
            return "failed to lock";
        if (@new == Nobody)
            return server.May(caller, project, reference, "delete") ? Delete(reference) : Prohibited(reference, "You need 'Delete Reference' rights or 'Push' rights with the \n'Force Push' flag set to delete references.", "delete");
        var (commit, tip) = (project.Git.Lookup<Commit>(@new), there == Nobody ? null : project.Git.Lookup<Commit>(there));
        if (tip is null && !server.May(caller, project, reference, "create"))
            return Prohibited(reference, "You need 'Create' rights to create new references.", "create");
        if (tip is not null && !project.IsMerged(tip, commit))
        {
            if (!server.May(caller, project, reference, "push", force: true))
                return Prohibited(reference, "You need 'Push' rights with 'Force' flag set to do a non-fastforward push.", "force update");
        }
        else if (tip is not null && !server.May(caller, project, reference, "push"))
        {
            return Prohibited(reference, $"Push to refs/for/{FakeServer.Brief(reference)} to create a review, or get 'Push' rights to update the branch.", "update");
        }

        var arriving = Arriving(commit, tip);
        if (UnknownTo(commit).Where(each => !project.Changes.Exists(change => change.PatchSets.Exists(patchSet => patchSet.Commit == each))).Select(each => Invalid(each, reference)).FirstOrDefault(why => why is not null) is { } invalid)
            return invalid;
        project.Set(reference, @new);
        if (tip is not null)
            CloseAll(arriving, reference);
        return null;
    }

    private string? Delete(string reference)
    {
        project.Git.Refs.Remove(reference);
        return null;
    }

    private string Prohibited(string reference, string words, string what)
    {
        said.Add($"error: branch {reference}:\n{words}\nUser: {caller.Username}\nContact an administrator to fix the permissions\n");
        return $"prohibited by Gerrit: not permitted: {what}";
    }

    /// <summary>What the tip does not have yet, the oldest first.</summary>
    private List<Commit> Arriving(Commit commit, Commit? tip) => Without(tip is null ? [] : [tip], commit);

    /// <summary>What no branch has yet: the server looks at such commits alone, and makes changes of such alone.</summary>
    private List<Commit> UnknownTo(Commit commit) => Without([.. project.Git.Refs.FromGlob("refs/heads/*")], commit);

    private List<Commit> Without(object[] known, Commit commit)
    {
        var filter = new CommitFilter { IncludeReachableFrom = commit, SortBy = CommitSortStrategies.Time | CommitSortStrategies.Reverse };
        if (known.Length > 0)
            filter.ExcludeReachableFrom = known;
        return [.. project.Git.Commits.QueryBy(filter)];
    }

    private string? Invalid(Commit commit, string reference)
    {
        var what = FakeServer.Full(reference);
        if (commit.Committer.Email != caller.Email && !server.May(caller, project, what, "forgeCommitter"))
        {
            said.Add($"ERROR: commit {commit.Sha[..7]}: email address {commit.Committer.Email} is not registered in your account, and you lack 'forge committer' permission.\n");
            return $"commit {commit.Sha[..7]}: invalid committer";
        }

        return commit.Parents.Count() > 1 && !server.May(caller, project, For + what, "pushMerge") ? "you are not allowed to upload merges" : null;
    }

    /// <summary>The changes that the branch now contains are merged; a commit with a change's id that is none of its patch sets becomes one.</summary>
    private void CloseAll(List<Commit> arriving, string branch)
    {
        string? submission = null;
        foreach (var commit in arriving)
        {
            if (project.Changes.Find(change => change.Branch == branch && change.PatchSets.Exists(patchSet => patchSet.Commit == commit)) is { Status: not "MERGED" } known)
            {
                known.Current = known.PatchSets.Find(patchSet => patchSet.Commit == commit)!;
                Merged(known, [("Current", "true")]);
            }
            else if (ChangeId(commit) is { } id && project.Changes.Find(change => change.Branch == branch && change.ChangeId == id && change.IsOpen) is { } again)
            {
                var group = again.Current.Group;
                again.Upload(commit, caller.Id, server.Now, Kind(project, again.Current.Commit, commit), group);
                Merged(again, [("Current", "true"), ("Subject", again.Subject), ("Commit", commit.Sha), ("Groups", group)]);
            }
        }

        void Merged(FakeChange change, (string, string)[] footers)
        {
            submission ??= $"{change.Number}";
            Close(server, caller, change, submission);
            change.Write(server, caller.Id, change.Current.Number, "Change has been successfully pushed.",
                [.. footers, ("Status", "merged"), ("Tag", "autogenerated:gerrit:merged"), ("Label", $"SUBM=+1, {change.Current.Vote(caller.Id, "SUBM")!.Mark}"), ("Submission-id", submission)]);
        }
    }

    private string? Propose(string @new, string target)
    {
        var (branch, options) = target.Split('%', 2) is [var name, var rest] ? (FakeServer.Full(name), Options(rest)) : (FakeServer.Full(target), []);
        if (project.Tip(branch) is null)
            return $"branch {FakeServer.Brief(branch)} not found";
        if (!server.May(caller, project, For + branch, "push"))
            return Prohibited(For + FakeServer.Brief(branch), "You need 'Push' rights to upload code review requests.", "create change");
        var told = new List<string>();
        foreach (var commit in UnknownTo(project.Git.Lookup<Commit>(@new)))
        {
            if (project.Changes.Exists(change => change.PatchSets.Exists(patchSet => patchSet.Commit == commit)))
                continue;
            if (Invalid(commit, branch) is { } invalid)
                return invalid;
            if (ChangeId(commit) is not { } id)
                return $"commit {commit.Sha[..7]}: missing Change-Id in message footer";
            var change = project.Changes.Find(each => each.ChangeId == id && each.Branch == branch);
            if (change is { IsOpen: false })
                return $"change {server.Address}c/{project.Name}/+/{change.Number} closed";
            var pushed = change is null ? Create(commit, id, branch, options) : Replace(change, commit, options);
            if (pushed.Current.Kind == "NO_CODE_CHANGE")
                said.Add($"warning: {commit.Sha[..7]}: no files changed, message updated\n");
            told.Add($"  {server.Address}c/{project.Name}/+/{pushed.Number} {commit.MessageShort}{(pushed.WorkInProgress ? " [WIP]" : "")}{(change is null ? " [NEW]" : "")}\n");
        }

        if (told.Count == 0)
            return "no new changes";
        said.Add($"\nSUCCESS\n\n{string.Concat(told)}\n");
        return null;
    }

    private FakeChange Create(Commit commit, string id, string branch, Dictionary<string, List<string>> options)
    {
        var change = new FakeChange(project, server.NextNumber(), id, caller.Id, server.Now)
        {
            Branch = branch,
            Topic = options.GetValueOrDefault("topic")?[0],
            WorkInProgress = options.ContainsKey("wip"),
            Private = options.ContainsKey("private"),
            ReviewStarted = !options.ContainsKey("wip"),
        };
        change.Hashtags.UnionWith(options.GetValueOrDefault("hashtag") ?? []);
        project.Changes.Add(change);
        change.Upload(commit, caller.Id, server.Now, "REWORK", Group(commit));
        var tags = change.Hashtags.Count > 0;
        change.Write(server, caller.Id, 1, tags ? HashtagWords("added", change.Hashtags) : "Uploaded patch set 1.",
        [
            ("Change-id", id), ("Subject", change.Subject), ("Branch", branch), ("Status", "new"), ("Topic", change.Topic ?? ""), ("Commit", commit.Sha), .. tags ? [("Hashtags", string.Join(',', change.Hashtags))] : Array.Empty<(string, string)>(),
            ("Tag", tags ? "autogenerated:gerrit:setHashtag" : UploadTag(change)), ("Groups", change.Current.Group), ("Private", change.Private ? "true" : "false"), ("Work-in-progress", change.WorkInProgress ? "true" : "false"),
        ]);
        return change;
    }

    private FakeChange Replace(FakeChange change, Commit commit, Dictionary<string, List<string>> options)
    {
        var old = change.Current;
        var kind = Kind(project, old.Commit, commit);
        var patchSet = change.Upload(commit, caller.Id, server.Now, kind, Group(commit));
        var (words, copied) = FakeCopying.Carry(server, change, old, patchSet);
        var footers = new List<(string, string)>();
        var wip = options.ContainsKey("wip") || (change.WorkInProgress && !options.ContainsKey("ready"));
        if (wip != change.WorkInProgress)
            footers.Add(("Work-in-progress", wip ? "true" : "false"));
        (change.WorkInProgress, change.ReviewStarted) = (wip, change.ReviewStarted || !wip);
        var how = kind switch
        {
            "TRIVIAL_REBASE" => $": Patch Set {old.Number} was rebased.",
            "NO_CODE_CHANGE" => ": Commit message was updated.",
            "NO_CHANGE" => $": New patch set was added with same tree, parent tree, and commit message as Patch Set {old.Number}.",
            _ => ".",
        };
        change.Write(server, caller.Id, patchSet.Number, $"Uploaded patch set {patchSet.Number}{how}{words}",
            [("Subject", change.Subject), ("Commit", commit.Sha), ("Tag", UploadTag(change)), ("Groups", patchSet.Group), .. copied, .. footers]);
        return change;
    }

    private static string UploadTag(FakeChange change) => $"autogenerated:gerrit:new{(change.WorkInProgress ? "Wip" : "")}PatchSet";

    /// <summary>Changes on top of each other are one group, named by the lowest.</summary>
    private string Group(Commit commit) => commit.Parents.Select(parent => project.Changes.SelectMany(change => change.PatchSets).FirstOrDefault(patchSet => patchSet.Commit == parent)).FirstOrDefault(patchSet => patchSet is not null && !project.IsMerged(patchSet.Commit, project.Git.Head.Tip))?.Group ?? commit.Sha;

    private static string? ChangeId(Commit commit) => Footer().Matches(commit.Message).LastOrDefault()?.Groups[1].Value;

    private static Dictionary<string, List<string>> Options(string text) => text.Split(',')
        .Select(option => option.Split('=', 2)).GroupBy(option => option[0] switch { "t" => "hashtag", var name => name }, option => Uri.UnescapeDataString(option.ElementAtOrDefault(1) ?? ""), StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.ToList());

    [GeneratedRegex(@"^Change-Id: (I[0-9a-f]{40})$", RegexOptions.Multiline)]
    private static partial Regex Footer();
}
