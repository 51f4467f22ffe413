using System.Net;
using GateKeeper.Core.Changes;
using Octokit;
using Octokit.Internal;
using OctokitClient = Octokit.GitHubClient;

namespace GateKeeper.Forges.GitHub;

/// <summary>Writes on GitHub: the report at a head, the one comment, the sign that a request was read. What is there already is not written again.</summary>
/// <param name="place">The repository.</param>
/// <param name="line">The way there.</param>
/// <param name="self">The gate's own login, as which its App's reports are known.</param>
internal sealed class Voice(GitHubPlace place, Line line, string self)
{
    private const string Name = "gatekeeper";
    private readonly Host host = new(place, line);
    private readonly Dictionary<long, (CommitSha At, long Run, string Id, string Core, bool Done, long SaidAt, ValueList<Remark>? Remarks)> reported = [];

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(5);

    /// <summary>Brings the report of one pull request up to date. What only moved its place in the queue waits, so that few are written.</summary>
    public async Task ReportAsync(long number, CommitSha head, Report report, string? link, CancellationToken cancellation)
    {
        var before = reported.TryGetValue(number, out var known) && known.At == head ? known : default;
        var id = $"{number}-{report.Id}";
        if (before.Id == id)
            return;
        var canWait = before.Id is not null && before.Core == report.Core;
        if (!line.Budget.MayMake(canWait) || (canWait && line.Time.GetElapsedTime(before.SaidAt) < Soon))
        {
            // That it landed is told by whoever tells that, who tries again.
            if (report.State is ReportState.Landed)
                throw new ForgeException("no more may be written on GitHub at present; it is written later", 429);
            return;
        }

        cancellation.ThrowIfCancellationRequested();
        var run = line.Login.IsApp ? await host.DoAsync(client => CheckAsync(client, number, head, report, link, before)) : await host.DoAsync(client => StatusAsync(client, head, report, link));
        reported[number] = (head, run, id, report.Core, report.State is not ReportState.Open, line.Time.GetTimestamp(), report.Remarks);
    }

    /// <summary>Forgets what is not open any more.</summary>
    public void Forget(Func<long, bool> isOpen)
    {
        foreach (var over in reported.Keys.Where(number => !isOpen(number)).ToList())
            reported.Remove(over);
    }

    /// <summary>Edits a comment, or makes it. Answers its id.</summary>
    public async Task<long> CommentAsync(long number, long? existing, string body)
    {
        try
        {
            if (existing is { } id)
                return await host.DoAsync(async client => (await client.Issue.Comment.Update(place.Owner, place.Name, id, body)).Id);
        }
        catch (ForgeException error) when (error.Status is 404)
        {
            // Somebody deleted it: another takes its place.
        }

        return await host.DoAsync(async client => (await client.Issue.Comment.Create(place.Owner, place.Name, number, body)).Id);
    }

    /// <summary>Whether a sign may be written that could as well be written later.</summary>
    public bool MaySign => line.Budget.MayMake(canWait: true);

    /// <summary>The sign that a request was read.</summary>
    public Task AcknowledgeAsync(long comment) => host.DoAsync(client => client.Reaction.IssueComment.Create(place.Owner, place.Name, comment, new(ReactionType.Eyes)));

    /// <summary>Closes a pull request whose commits landed as others.</summary>
    public Task CloseAsync(long number) => host.DoAsync(client => client.PullRequest.Update(place.Owner, place.Name, (int)number, new() { State = ItemState.Closed }));

    private async Task<long> CheckAsync(OctokitClient client, long number, CommitSha head, Report report, string? link, (CommitSha At, long Run, string Id, string Core, bool Done, long SaidAt, ValueList<Remark>? Remarks) before)
    {
        var id = $"{number}-{report.Id}";
        var (status, conclusion) = report.State switch
        {
            ReportState.Open => (CheckStatus.InProgress, (CheckConclusion?)null),
            ReportState.Failed => (CheckStatus.Completed, CheckConclusion.Failure),
            _ => (CheckStatus.Completed, CheckConclusion.Success),
        };
        if (before.Run == 0 && await OwnAsync(client, number, head) is { } own)
        {
            if (own.ExternalId == id)
                return own.Id;
            before = (head, own.Id, own.ExternalId, "", own.Status.Value is CheckStatus.Completed, 0, null);
        }

        // What is marked in files is added to what was marked before, so each is marked once.
        var output = new NewCheckRunOutput(report.Title, report.Summary);
        if (!report.Remarks.Equals(before.Remarks))
            output.Annotations = [.. report.Remarks.Select(remark => new NewCheckRunAnnotation(remark.Path, remark.Line, remark.Line, CheckAnnotationLevel.Failure, Markdown.Short(remark.Words, 1000)))];

        // What has ended is not opened again: another run takes its place.
        if (before.Run != 0 && !(before.Done && report.State is ReportState.Open))
        {
            var update = new CheckRunUpdate { ExternalId = id, Status = status, Output = output, DetailsUrl = link };
            if (conclusion is { } ended)
                (update.Conclusion, update.CompletedAt) = (ended, line.Time.GetUtcNow());
            await client.Check.Run.Update(place.Owner, place.Name, before.Run, update);
            return before.Run;
        }

        var made = new NewCheckRun(Name, head.Hex) { ExternalId = id, Status = status, Output = output, DetailsUrl = link, StartedAt = line.Time.GetUtcNow() };
        if (conclusion is { } over)
            (made.Conclusion, made.CompletedAt) = (over, line.Time.GetUtcNow());
        return (await client.Check.Run.Create(place.Owner, place.Name, made)).Id;
    }

    /// <summary>The run that the gate made there before it was started anew.</summary>
    private async Task<CheckRun?> OwnAsync(OctokitClient client, long number, CommitSha head) =>
        (await client.Check.Run.GetAllForReference(place.Owner, place.Name, head.Hex, new() { CheckName = Name, Filter = CheckRunCompletedAtFilter.Latest }))
            .CheckRuns.Where(run => $"{run.App?.Slug}[bot]" == self && run.ExternalId?.StartsWith($"{number}-", StringComparison.Ordinal) == true).MaxBy(run => run.Id);

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
