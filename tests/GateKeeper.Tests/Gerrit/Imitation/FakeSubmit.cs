using System.Text.Json.Nodes;
using LibGit2Sharp;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>The server lands a change by itself: what it demands before, what it says when it will not, and how it merges.</summary>
internal static class FakeSubmit
{
    public static (bool Holds, JsonObject Json) Judge(FakeServer server, FakeChange change, FakeRequirement requirement)
    {
        var (passing, failing) = (new JsonArray(), new JsonArray());
        var holds = FakeExpression.Holds(requirement.Expression, term =>
        {
            var passes = Holds(server, change, term);
            (passes ? passing : failing).Add(term);
            return passes;
        });

        // What a label of old demands is one thing: its terms hold together or not at all, and carry their signs.
        if (requirement.IsLegacy)
        {
            (passing, failing) = ([], []);
            foreach (var term in requirement.Expression.Split(' '))
                (holds ? passing : failing).Add(term);
        }

        return (holds, new()
        {
            ["name"] = requirement.Name,
            ["status"] = holds ? "SATISFIED" : "UNSATISFIED",
            ["is_legacy"] = requirement.IsLegacy,
            ["submittability_expression_result"] = new JsonObject
            {
                ["expression"] = requirement.Expression,
                ["fulfilled"] = holds,
                ["status"] = holds ? "PASS" : "FAIL",
                ["passing_atoms"] = passing,
                ["failing_atoms"] = failing,
            },
        });
    }

    /// <summary>What the project demands, and what its labels of old make of themselves.</summary>
    public static IEnumerable<FakeRequirement> Demands(FakeProject project) =>
        project.Requirements.Values.Concat(project.Labels.Values.Where(label => label.Function == "MaxWithBlock")
        .Select(label => new FakeRequirement(label.Name, $"label:{label.Name}=MAX -label:{label.Name}=MIN") { IsLegacy = true }));

    /// <summary>What would be submitted with a change: itself and what is open below it, or nothing where it goes alone.</summary>
    public static JsonObject Together(FakeServer server, FakeAccount caller, FakeChange change)
    {
        var below = server.Changes.Where(other => other.Project == change.Project && other.Branch == change.Branch && other.IsOpen && other != change && server.Sees(caller, other)
            && change.Project.Git.ObjectDatabase.FindMergeBase(other.Current.Commit, change.Current.Commit)?.Sha == other.Current.Commit.Sha).ToList();
        return new()
        {
            ["changes"] = new JsonArray([.. below.Count == 0 ? [] : below.Prepend(change).Select(other => FakeChangeJson.Of(server, caller, other, []))]),
            ["non_visible_changes"] = 0,
        };
    }

    public static void Submit(FakeServer server, FakeAccount caller, FakeChange change, FakePatchSet patchSet)
    {
        FakeRefusal.Unless(server.May(caller, change.Project, change.Branch, "submit"), "submit not permitted");
        if (!change.IsOpen)
            throw new FakeRefusal(409, $"change is {FakeReview.Lower(change.Status)}");
        if (patchSet != change.Current)
            throw new FakeRefusal(409, $"revision {patchSet.Commit.Sha} is not current revision");
        var tip = change.Project.Tip(change.Branch) ?? throw new FakeRefusal(409, $"destination branch \"{change.Branch}\" not found.");
        var together = Together(change, tip);
        var problems = together.Select(each => (each.Number, Why: Why(server, each))).Where(each => each.Why is not null).Select(each => $"Change {each.Number}: {each.Why}").ToList();
        if (problems.Count == 0 && Hanging(change, together, tip) is { } hanging)
            problems.Add($"Change {change.Number}: {hanging}");
        if (problems.Count == 0 && change.Project.OnlyForwards && !change.Project.IsMerged(tip, change.Current.Commit))
            problems.Add($"Change {change.Number}: Project policy requires all submissions to be a fast-forward. Please rebase the change locally and upload again for review.");
        var landed = problems.Count > 0 ? null : Merge(server, caller, change, tip);
        if (landed is null && problems.Count == 0)
            problems.Add($"Change {change.Number}: Change could not be merged due to a path conflict. Please rebase the change locally and upload the rebased commit for review.");
        if (problems.Count > 0)
            throw new FakeRefusal(409, $"Failed to submit {together.Count} change{(together.Count == 1 ? "" : "s")} due to the following problems:\n{string.Join('\n', problems)}");

        change.Project.Set(change.Branch, landed!);
        foreach (var each in together)
        {
            FakePush.Close(server, caller, each, $"{change.Number}");
            each.WasJudged = true;
            each.Reviewers[caller.Id] = "REVIEWER";
            each.Write(server, caller.Id, each.Current.Number, "Change has been successfully merged",
            [
                ("Status", "merged"), ("Tag", "autogenerated:gerrit:merged"), ("Reviewer", caller.Identity(server.Id)), ("Label", $"SUBM=+1, {each.Current.Vote(caller.Id, "SUBM")!.Mark}"), ("Submission-id", $"{change.Number}"),
                ("Submitted-with", "OK"), ("Submitted-with", "Rule-Name: gerrit~DefaultSubmitRule"),
                .. each.Project.Labels.Values.Select(label => ("Submitted-with", $"MAY: {label.Name}{(each.Current.Votes.Find(vote => vote.Label == label.Name && vote.Value == label.Max) is { } vote ? $": {server.Account(vote.Account).Identity(server.Id)}" : "")}")),
            ]);
        }
    }

    /// <summary>A patch set of the server's making, by whoever asked for it.</summary>
    public static void Rebase(FakeServer server, FakeAccount caller, FakeChange change)
    {
        FakeRefusal.Unless(
            caller.Id == change.Owner || server.May(caller, change.Project, change.Branch, "rebase") || server.May(caller, change.Project, change.Branch, "submit"),
            "rebase not permitted (change owners and users with the 'Submit' or 'Rebase' permission can rebase if they have the 'Push' permission)");
        if (!change.IsOpen)
            throw new FakeRefusal(409, $"change is {FakeReview.Lower(change.Status)}");
        var (tip, old) = (change.Project.Tip(change.Branch)!, change.Current);
        if (old.Commit.Parents.Single() == tip)
            throw new FakeRefusal(409, "Change is already up to date.");
        var rebased = change.Project.Git.ObjectDatabase.CherryPickCommit(old.Commit, tip, 0, new());
        if (rebased.Status == MergeTreeStatus.Conflicts)
            throw new FakeRefusal(409, "The change could not be rebased due to a conflict during merge.");
        var committer = new Signature(caller.Name, caller.Email, server.Now);
        var commit = change.Project.Git.ObjectDatabase.CreateCommit(old.Commit.Author, committer, old.Commit.Message, rebased.Tree, [tip], prettifyMessage: false);
        var kind = FakePush.Kind(change.Project, old.Commit, commit);
        var patchSet = change.Upload(commit, caller.Id, server.Now, kind, old.Group, "Rebase");
        var (words, footers) = FakeCopying.Carry(server, change, old, patchSet);
        change.Write(server, caller.Id, patchSet.Number, $"Patch Set {patchSet.Number}: Patch Set {old.Number} was rebased{words}",
            [("Patch-set-description", "Rebase"), ("Subject", change.Subject), ("Commit", commit.Sha), ("Tag", "autogenerated:gerrit:newPatchSet"), ("Groups", old.Group), .. footers]);
    }

    private static bool Holds(FakeServer server, FakeChange change, string term)
    {
        if (term.Split(':', 2) is not ["label", var asked])
        {
            return term.Split(':', 2) switch
            {
                ["branch", var branch] => change.Branch == FakeServer.Full(branch),
                ["is", "true"] => true,
                ["hashtag", var hashtag] => change.Hashtags.Contains(hashtag),
                _ => throw new FakeRefusal(400, $"Unsupported operator {term}"),
            };
        }

        var (wanted, user) = (asked.Split(',')[0], asked.Split(",user=").ElementAtOrDefault(1));
        var at = wanted.IndexOfAny(['=', '>', '<']);
        if (!change.Project.Labels.TryGetValue(wanted[..at], out var label))
            return false;
        var value = wanted[(at + 1)..].TrimStart('=') switch { "MAX" => label.Max, "MIN" => label.Min, var number => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) };
        return change.Current.Votes.Where(vote => vote.Label == label.Name && vote.Value != 0)
            .Where(vote => user switch { null => true, "non_uploader" => vote.Account != change.Current.Uploader, _ => vote.Account == server.Account(user).Id })
            .Any(vote => wanted[at] switch { '>' => vote.Value >= value, '<' => vote.Value <= value, _ => vote.Value == value });
    }

    private static string? Why(FakeServer server, FakeChange change) =>
        change.WorkInProgress ? $"Change {change.Number} is work in progress"
            : Demands(change.Project).FirstOrDefault(requirement => !Judge(server, change, requirement).Holds) is { } unmet ? $"submit requirement '{unmet.Name}' is unsatisfied." : null;

    /// <summary>The open changes below go along, the lowest first.</summary>
    private static List<FakeChange> Together(FakeChange change, Commit tip)
    {
        var below = change.Current.Commit.Parents.Where(parent => !change.Project.IsMerged(parent, tip))
            .SelectMany(parent => change.Project.Changes.Where(other => other.IsOpen && other.Branch == change.Branch && other.PatchSets.Exists(patchSet => patchSet.Commit == parent))).SelectMany(other => Together(other, tip));
        return [.. below, change];
    }

    private static string? Hanging(FakeChange change, List<FakeChange> together, Commit tip)
    {
        foreach (var commit in together.Select(each => each.Current.Commit))
        {
            foreach (var parent in commit.Parents.Where(parent => !change.Project.IsMerged(parent, tip) && together.TrueForAll(each => each.Current.Commit != parent)))
            {
                var other = change.Project.Changes.SelectMany(each => each.PatchSets.Select(patchSet => (each, patchSet))).FirstOrDefault(each => each.patchSet.Commit == parent);
                var which = other.each is null ? $". Is the change of this commit not visible or was it deleted?"
                    : other.patchSet != other.each.Current ? $", which is outdated patch set {other.patchSet.Number} of change {other.each.Number}. The latest patch set is {other.each.Current.Number}."
                    : $" of change {other.each.Number} which cannot be merged.";
                return $"Depends on commit that cannot be merged. Commit {commit.Sha} depends on commit {parent.Sha}{which}";
            }
        }

        return null;
    }

    private static string? Merge(FakeServer server, FakeAccount caller, FakeChange change, Commit tip)
    {
        var (git, commit) = (change.Project.Git, change.Current.Commit);
        if (change.Project.IsMerged(tip, commit))
            return commit.Sha;
        var merged = git.ObjectDatabase.MergeCommits(tip, commit, new());
        if (merged.Status == MergeTreeStatus.Conflicts || (!change.Project.MergesContent && Touched(git, tip, commit).Intersect(Touched(git, commit, tip)).Any()))
            return null;
        var author = new Signature(caller.Name, caller.Email, server.Now);
        var words = $"Merge \"{commit.MessageShort}\"{(change.Branch == "refs/heads/master" ? "" : $" into {FakeServer.Brief(change.Branch)}")}";
        return git.ObjectDatabase.CreateCommit(author, new Signature("Gerrit Code Review", "root@localhost", server.Now), words, merged.Tree, [tip, commit], prettifyMessage: false).Sha;
    }

    /// <summary>The files that one side changed since the two parted.</summary>
    private static IEnumerable<string> Touched(Repository git, Commit side, Commit other) =>
        git.Diff.Compare<TreeChanges>(git.ObjectDatabase.FindMergeBase(side, other)?.Tree, side.Tree).Select(change => change.Path);
}
