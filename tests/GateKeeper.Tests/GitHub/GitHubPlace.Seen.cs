using GateKeeper.Tests.GitHub.Imitation;

namespace GateKeeper.Tests.GitHub;

/// <summary>What stands on a pull request in somebody's name.</summary>
internal sealed record GitHubComment(long Id, string Author, string Text);

/// <summary>A check as it stands on a commit.</summary>
internal sealed record GitHubCheck(long Id, string App, string Name, string Status, string? Conclusion, string? Title, string? Summary, string? ExternalId);

/// <summary>What somebody sees who looks at the server's pages.</summary>
internal sealed partial class GitHubPlace
{
    /// <summary>OPEN, CLOSED or MERGED.</summary>
    public Task<string> StateAsync(int pull) => Server.DoAsync(() => Pull(pull).State);

    /// <summary>All of it, as the server keeps it.</summary>
    public Task<HubPull> PullAsync(int pull) => Server.DoAsync(() => Pull(pull));

    public Task<IReadOnlyList<GitHubComment>> CommentsAsync(int pull) => Server.DoAsync(() =>
        (IReadOnlyList<GitHubComment>)[.. Pull(pull).Comments.Select(comment => new GitHubComment(comment.Id, comment.Author.Login, comment.Body))]);

    /// <summary>What the gate has said there, as it reads now.</summary>
    public async Task<IReadOnlyList<string>> GateCommentsAsync(int pull) => [.. (await CommentsAsync(pull)).Where(comment => comment.Author == App.Bot.Login).Select(comment => comment.Text)];

    /// <summary>All the checks of a commit, oldest first.</summary>
    public Task<IReadOnlyList<GitHubCheck>> CheckRunsAsync(string sha) => Server.DoAsync(() => (IReadOnlyList<GitHubCheck>)[.. Repository.CheckRuns.Where(run => run.Sha == sha).Select(Seen)]);

    /// <summary>The gate's own checks of a pull request's head.</summary>
    public async Task<IReadOnlyList<GitHubCheck>> GateChecksAsync(int pull) => [.. (await CheckRunsAsync(Head(pull))).Where(check => check.App == AppSlug)];

    /// <summary>The newest word in each context: "gatekeeper success: landed".</summary>
    public Task<IReadOnlyList<string>> StatusesAsync(string sha) => Server.DoAsync(() => (IReadOnlyList<string>)[.. Repository.Statuses.Where(status => status.Sha == sha)
        .GroupBy(status => status.Context).Select(group => group.Last()).Select(status => $"{status.Context} {status.State}: {status.Description}")]);

    public Task<IReadOnlyList<string>> LabelsAsync(int pull) => Server.DoAsync(() => (IReadOnlyList<string>)[.. Pull(pull).Labels.Select(label => label.Name)]);

    /// <summary>"bob eyes", in order.</summary>
    public Task<IReadOnlyList<string>> ReactionsAsync(long comment) => Server.DoAsync(() => (IReadOnlyList<string>)[.. Comment(comment).Reactions.Select(reaction => $"{reaction.Who.Login} {reaction.Content}")]);

    /// <summary>The branches that there are, with a beginning in common.</summary>
    public Task<IReadOnlyList<string>> BranchesAsync(string beginning = "") => Server.DoAsync(() => (IReadOnlyList<string>)[.. Repository.Git.Refs
        .Where(reference => reference.CanonicalName.StartsWith($"refs/heads/{beginning}", StringComparison.Ordinal)).Select(reference => reference.CanonicalName["refs/heads/".Length..])]);

    private static GitHubCheck Seen(HubCheckRun run) => new(run.Id, run.Suite.App.Slug, run.Name, run.Status, run.Conclusion, run.Title, run.Summary, run.ExternalId);
}
