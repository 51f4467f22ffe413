using System.Net;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;
using Octokit;
using Octokit.Internal;
using OctokitClient = Octokit.GitHubClient;

namespace GateKeeper.Forges.GitHub;

/// <summary>Writes on GitHub: the report at a head, the one comment, the sign that a request was read, the merge. What is there already is not written again.</summary>
internal sealed class Voice(GitHubPlace place, Line line)
{
    private const string Name = "gatekeeper";
    private readonly Host host = new(place, line);
    private readonly Dictionary<long, (CommitSha At, long Run, string Id, string Core, bool Done, long SaidAt)> reported = [];

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(5);

    /// <summary>Brings the report of one pull request up to date. What only moved its place in the queue waits, so that few are written.</summary>
    public async Task ReportAsync(long number, CommitSha head, Report report, string? link, CancellationToken cancellation)
    {
        var before = reported.TryGetValue(number, out var known) && known.At == head ? known : default;
        if (before.Id == report.Id)
            return;
        var canWait = before.Id is not null && before.Core == report.Core;
        if (!line.Budget.MayMake(canWait) || (canWait && line.Time.GetElapsedTime(before.SaidAt) < Soon))
            return;
        cancellation.ThrowIfCancellationRequested();
        var run = line.Login.IsApp ? await host.DoAsync(client => CheckAsync(client, head, report, link, before)) : await host.DoAsync(client => StatusAsync(client, head, report, link));
        reported[number] = (head, run, report.Id, report.Core, report.State is not ReportState.Open, line.Time.GetTimestamp());
    }

    /// <summary>Forgets what is not open any more.</summary>
    public void Forget(Func<long, bool> isOpen)
    {
        foreach (var over in reported.Keys.Where(number => !isOpen(number)).ToList())
            reported.Remove(over);
    }

    public bool Reported(long number) => reported.ContainsKey(number);

    /// <summary>Edits a comment, or makes it. Answers its id.</summary>
    public Task<long> CommentAsync(long number, long? existing, string body) => host.DoAsync(async client => existing is { } id
        ? (await client.Issue.Comment.Update(place.Owner, place.Name, id, body)).Id
        : (await client.Issue.Comment.Create(place.Owner, place.Name, number, body)).Id);

    /// <summary>The sign that a request was read.</summary>
    public Task AcknowledgeAsync(long comment) => host.DoAsync(client => client.Reaction.IssueComment.Create(place.Owner, place.Name, comment, new(ReactionType.Eyes)));

    /// <summary>Closes a pull request whose commits landed as others.</summary>
    public Task CloseAsync(long number) => host.DoAsync(client => client.PullRequest.Update(place.Owner, place.Name, (int)number, new() { State = ItemState.Closed }));

    /// <summary>Has the host merge a pull request, at this very head. Answers the commit that it made.</summary>
    public Task<string> MergeAsync(long number, CommitSha head, LandingMethod method, (string Title, string Body) message) => host.DoAsync(async client =>
        (await client.PullRequest.Merge(place.Owner, place.Name, (int)number, new()
        {
            Sha = head.Hex,
            MergeMethod = method switch { LandingMethod.Squash => PullRequestMergeMethod.Squash, LandingMethod.Rebase => PullRequestMergeMethod.Rebase, _ => PullRequestMergeMethod.Merge },
            CommitTitle = message.Title,
            CommitMessage = message.Body,
        })).Sha);

    private async Task<long> CheckAsync(OctokitClient client, CommitSha head, Report report, string? link, (CommitSha At, long Run, string Id, string Core, bool Done, long SaidAt) before)
    {
        var output = new NewCheckRunOutput(report.Title, report.Summary)
        {
            Annotations = [.. report.Remarks.Select(remark => new NewCheckRunAnnotation(remark.Path, remark.Line, remark.Line, CheckAnnotationLevel.Failure, Markdown.Short(remark.Words, 1000)))],
        };
        var (status, conclusion) = report.State switch
        {
            ReportState.Open => (CheckStatus.InProgress, (CheckConclusion?)null),
            ReportState.Failed => (CheckStatus.Completed, CheckConclusion.Failure),
            _ => (CheckStatus.Completed, CheckConclusion.Success),
        };
        if (before.Run == 0 && await OwnAsync(client, head) is { } own)
        {
            if (own.ExternalId == report.Id)
                return own.Id;
            before = (head, own.Id, own.ExternalId, "", own.Status.Value is CheckStatus.Completed, 0);
        }

        // What has ended is not opened again: another run takes its place.
        if (before.Run != 0 && !(before.Done && report.State is ReportState.Open))
        {
            var update = new CheckRunUpdate { ExternalId = report.Id, Status = status, Output = output, DetailsUrl = link };
            if (conclusion is { } ended)
                (update.Conclusion, update.CompletedAt) = (ended, line.Time.GetUtcNow());
            await client.Check.Run.Update(place.Owner, place.Name, before.Run, update);
            return before.Run;
        }

        var made = new NewCheckRun(Name, head.Hex) { ExternalId = report.Id, Status = status, Output = output, DetailsUrl = link, StartedAt = line.Time.GetUtcNow() };
        if (conclusion is { } over)
            (made.Conclusion, made.CompletedAt) = (over, line.Time.GetUtcNow());
        return (await client.Check.Run.Create(place.Owner, place.Name, made)).Id;
    }

    /// <summary>The run that the gate made there before it was started anew.</summary>
    private async Task<CheckRun?> OwnAsync(OctokitClient client, CommitSha head) =>
        (await client.Check.Run.GetAllForReference(place.Owner, place.Name, head.Hex, new() { CheckName = Name, Filter = CheckRunCompletedAtFilter.Latest }))
            .CheckRuns.Where(run => run.ExternalId is { Length: 32 } && run.App is not null).MaxBy(run => run.Id);

    private async Task<long> StatusAsync(OctokitClient client, CommitSha head, Report report, string? link)
    {
        var state = report.State switch { ReportState.Open => CommitState.Pending, ReportState.Failed => CommitState.Failure, _ => CommitState.Success };
        return (await client.Repository.Status.Create(place.Owner, place.Name, head.Hex, new() { Context = Name, State = state, Description = Markdown.Short(report.Title, 140), TargetUrl = link })).Id;
    }

    /// <summary>The library over the one line, and its errors in the forge's words.</summary>
    private sealed class Host(GitHubPlace place, Line line)
    {
        private readonly OctokitClient client = new(new Connection(
            new ProductHeaderValue(Name), place.Rest, new InMemoryCredentialStore(Credentials.Anonymous), new HttpClientAdapter(() => line), new SimpleJsonSerializer()));

        public async Task<T> DoAsync<T>(Func<OctokitClient, Task<T>> what)
        {
            try
            {
                return await what(client);
            }
            catch (ApiException error)
            {
                throw new ForgeException($"{(int)error.StatusCode} {error.Message}{Why(error)}", (int)error.StatusCode);
            }
        }

        private static string Why(ApiException error) =>
            error.StatusCode is HttpStatusCode.Forbidden && error.HttpResponse?.Headers.TryGetValue("X-Accepted-GitHub-Permissions", out var needs) == true ? $" (it needs {needs})"
            : error.ApiError?.Errors is { Count: > 0 } errors ? $" ({string.Join("; ", errors.Select(detail => detail.Message ?? $"{detail.Field} {detail.Code}"))})"
            : "";
    }
}
