using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Reconcile;

/// <summary>What commits that a change brings, and should not, are told as: one reason once, however many they are.</summary>
internal static class Baggage
{
    public static IEnumerable<string> Forged(IEnumerable<CommitSha> commits) =>
        Told(commits, some => $"it brings {some}, a commit in the gate's own name that never landed", some => $"it brings {some}, commits in the gate's own name that never landed");

    public static IEnumerable<string> Strange(IEnumerable<CommitSha> commits) => Told(
        commits, some => $"it brings {some}, which belongs to another change in another revision, or to one that is not open: rebase without it, or onto its current revision",
        some => $"it brings {some}, which belong to other changes in other revisions, or to some that are not open: rebase without them, or onto their current revisions");

    public static IEnumerable<string> Unseen(IEnumerable<CommitSha> commits, string branch, string trunk) =>
        Told(commits, Say, Say, $" from {branch}, which its reviewers were not shown and which no open change brings: propose that branch, or rebase onto {trunk}");

    /// <summary>What landed below it and was reverted since, at least in part: its reviewers may have taken it for part of the change, or for part of the trunk.</summary>
    public static IEnumerable<string> Undone(IEnumerable<(CommitSha Commit, string? Path)> landings, string trunk) => landings.Where(item => item.Path is not null)
        .Select(item => $"it stands on what landed as {item.Commit}, and what that did to {item.Path} is not on {trunk} any more: rebase onto {trunk}, with it (git rebase --reapply-cherry-picks) or without");

    private static string Say(string some) => $"it brings {some}";

    private static IEnumerable<string> Told(IEnumerable<CommitSha> commits, Func<string, string> one, Func<string, string> several, string end = "")
    {
        var names = commits.Select(commit => commit.Abbreviated).ToList();
        if (names.Count > 0)
            yield return (names.Count == 1 ? one : several)(Words.Some(names)) + end;
    }
}
