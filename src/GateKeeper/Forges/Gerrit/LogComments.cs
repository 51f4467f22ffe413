using System.Text.Json;
using GateKeeper.Git;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Forges.Gerrit;

/// <summary>
/// Reads what was said of a whole patch set in the server's web pages: it lies in the log's tree, in a file for each patch set's commit,
/// and not in the words of the log. Comments on lines are talk.
/// </summary>
internal static class LogComments
{
    private const string WholePatchSet = "/PATCHSET_LEVEL";
    private const int MostBytes = 4 << 20;

    /// <summary>The comments that one commit of the log adds.</summary>
    public static IEnumerable<LogEntry.Said> New(Repository repository, Commit commit, int place, DateTimeOffset at)
    {
        foreach (var change in TreeDiff.Between(repository, repository.Below(commit)?.Tree.Sha, commit.Tree.Sha))
        {
            var before = Comments(repository, change.OldId).Select(comment => comment.Id).ToHashSet();
            foreach (var comment in Comments(repository, change.NewId).Where(comment => !before.Contains(comment.Id)))
                yield return new(place, comment.By, at, comment.PatchSet, comment.Words, ByProgram: false);
        }
    }

    private static List<(string Id, long By, int PatchSet, string Words)> Comments(Repository repository, string blob)
    {
        return blob.Length == 0 || repository.Blob(blob) is not { Size: <= MostBytes } found ? [] : Read(found.GetContentText());
    }

    internal static List<(string Id, long By, int PatchSet, string Words)> Read(string note)
    {
        try
        {
            using var document = JsonDocument.Parse(note);
            return [.. document.RootElement.GetProperty("comments").EnumerateArray().Where(comment => comment.GetProperty("key").GetProperty("filename").GetString() == WholePatchSet).Select(One)];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // Another kind of note, or half of one: what cannot be read asks nothing.
            return [];
        }
    }

    private static (string, long, int, string) One(JsonElement comment)
    {
        var key = comment.GetProperty("key");
        var author = comment.TryGetProperty("realAuthor", out var real) ? real : comment.GetProperty("author");
        return (key.GetProperty("uuid").GetString() ?? "", author.GetProperty("id").GetInt64(), key.GetProperty("patchSetId").GetInt32(), comment.GetProperty("message").GetString() ?? "");
    }
}
