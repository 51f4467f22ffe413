using System.Globalization;
using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.GitHub;

/// <summary>Reads requests of the gate from the comments of a pull request: not those that somebody edited since, and no program's.</summary>
internal static class AskedOnGitHub
{
    public static IEnumerable<(CommentDto Comment, Request Request)> Requests(
        PullDto pull, Uploads uploads, DateTimeOffset? targetSetAt, DateTimeOffset headSeen, Func<WhoDto?, Account> account, Func<string, DateTimeOffset> firstSeen)
    {
        foreach (var comment in pull.Comments.Nodes.OfType<CommentDto>())
        {
            if (comment.ViewerDidAuthor || comment.LastEditedAt is not null || comment.Author is not { Kind: "User" } || RequestText.Parse(comment.Body) is not var (kind, argument, reason))
                continue;

            // What was asked for another target is not asked for this one; a hold holds the change all the same.
            var forAll = kind is RequestKind.Hold or RequestKind.Unhold or RequestKind.Freeze or RequestKind.Unfreeze;
            if (comment.CreatedAt < targetSetAt && !forAll)
                continue;
            yield return (comment, new()
            {
                Kind = kind,
                By = account(comment.Author),
                On = On(comment, pull, uploads, headSeen) ?? new(new string('0', 40)),
                Argument = argument,
                Reason = reason,
                At = firstSeen($"{pull.Number} comment {comment.FullDatabaseId}"),
                Order = long.Parse(comment.FullDatabaseId, CultureInfo.InvariantCulture),
            });
        }
    }

    /// <summary>
    /// The revision that whoever wrote it was shown: by the host's record of pushes, else the present one where the gate had seen that
    /// before the comment was made.
    /// </summary>
    private static CommitSha? On(CommentDto comment, PullDto pull, Uploads uploads, DateTimeOffset headSeen) =>
        uploads.Knows(pull.HeadRefOid) ? uploads.CurrentAt(comment.CreatedAt)
        : comment.CreatedAt > headSeen && !(comment.CreatedAt <= Opinions.ForcedAt(pull)) && CommitSha.TryParse(pull.HeadRefOid, out var head) ? head
        : null;
}
