using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.GitHub;

/// <summary>A pull request as it was read, or why it could not be read whole.</summary>
/// <param name="Pull">Null when it is gone or may not be seen.</param>
/// <param name="Problem">What of it is missing; null when nothing is.</param>
/// <param name="Settled">Whether the host's whole second in which it last moved was over when it was read.</param>
internal sealed record Look(PullDto? Pull, string? Problem, bool Settled);

/// <summary>What was reported on a commit, or that nothing moved there.</summary>
internal sealed record ReportsLook(bool News, ValueList<Check> Checks);

/// <summary>What the host's own rules for a trunk say that concerns a landing by the gate.</summary>
/// <param name="Resolved">Every conversation must be resolved.</param>
/// <param name="OwnQueue">Its own merge queue is on.</param>
internal readonly record struct HostRules(bool Resolved, bool OwnQueue);

/// <summary>The questions that the gate asks about one repository: free where nothing moved, and always to the end.</summary>
internal sealed class Sweep(GitHubClient client, GitHubPlace place)
{
    private const int Most = 25;
    private const int MostPages = 50;
    private readonly ConcurrentDictionary<CommitSha, int> unread = [];
    private int atOnce = Most;
    private bool listIsUnread;

    /// <summary>Every open pull request, as far as is needed to see which moved. An unchanged list costs nothing.</summary>
    /// <param name="trunk">The only branch of interest; null where there are several.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<Seen<IReadOnlyList<ListedDto>>> OpenAsync(string? trunk, CancellationToken cancellation)
    {
        // Of pages that were read before another failed, nobody says again that they moved.
        var before = listIsUnread;
        listIsUnread = true;
        var path = $"{place.Path}/pulls?state=open&sort=updated&direction=desc&per_page=100{(trunk is null ? "" : $"&base={Uri.EscapeDataString(trunk)}")}";
        var (list, moved) = await client.AllAsync(path, GitHubJson.Default.IReadOnlyListListedDto, cancellation) ?? throw new ForgeException($"there is no repository {place}, or the gate may not see it", 404);
        listIsUnread = false;
        return new(list, moved || before);
    }

    /// <summary>These pull requests as they are now, several at a time; fewer at a time while the host finds it too much. What it does not tell is left out.</summary>
    public async Task<IReadOnlyDictionary<string, Look>> PullsAsync(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        var found = new Dictionary<string, Look>();
        var open = new Queue<string>(ids);
        while (open.Count > 0)
        {
            var some = open.Take(atOnce).ToList();
            try
            {
                foreach (var (id, look) in await ReadAsync(some, cancellation))
                    found[id] = look;
            }
            catch (ForgeException error) when (error.MayBeOfOne)
            {
                // One that is too much by itself, or that is not answered of, is left out, and holds up no other.
                if (some.Count == 1)
                    open.Dequeue();
                atOnce = Math.Max(1, some.Count / 2);
                continue;
            }

            for (var taken = 0; taken < some.Count; taken++)
                open.Dequeue();
            atOnce = Math.Min(Most, atOnce + 1);
        }

        return found;
    }

    /// <summary>Everybody whom these commits name, by the addresses in them.</summary>
    public Task<(List<CommitDto> Found, Dictionary<string, string> Unread)> AuthorsAsync(IReadOnlyCollection<string> ids, CancellationToken cancellation) =>
        OneByOne.AskAsync<string, CommitDto>(ids, 50, async some =>
        {
            var (data, _, _) = await client.QueryAsync("authors", new() { ["ids"] = List(some) }, GraphJson.Default.GraphAnswerAuthorsDataDto, data => data.RateLimit, cancellation);
            return [.. data.Nodes?.OfType<CommitDto>().Where(commit => commit.Authors is not null) ?? []];
        });

    /// <summary>What was reported on a commit. Where nothing moved since it was last read, that is all that is said.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="checks">Whether check runs can be seen; a token sees statuses only.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<ReportsLook> ReportsAsync(CommitSha commit, bool checks, CancellationToken cancellation)
    {
        // That something moved is said once: until it was read, and once more for a place of the host that is behind, it is not forgotten.
        var path = $"{place.Path}/commits/{commit.Hex}";
        var left = unread.GetValueOrDefault(commit, 2);
        unread[commit] = 2;
        var moved = checks && await client.AnyMovedAsync($"{path}/check-runs?per_page=100", GitHubJson.Default.ReportsDto, cancellation);
        moved |= await client.AnyMovedAsync($"{path}/status?per_page=100", GitHubJson.Default.ReportsDto, cancellation);
        if (!moved && left == 0)
        {
            unread[commit] = 0;
            return new(false, []);
        }

        var contexts = new List<ContextDto>();
        for (var (after, pages) = ((string?)null, 0); ; pages++)
        {
            var (data, errors, _) = await client.QueryAsync(
                "reports", new() { ["owner"] = place.Owner, ["name"] = place.Name, ["oid"] = commit.Hex, ["after"] = after }, GraphJson.Default.GraphAnswerReportsDataDto, data => data.RateLimit, cancellation);
            if (errors.Count > 0 || data.Repository?.Object is not { } there)
                throw new ForgeException($"GitHub did not tell all that was reported on {commit}: {string.Join("; ", errors.Select(error => error.Message).Distinct())}", 404);
            if (there.StatusCheckRollup?.Contexts is not { } page)
                break;
            if (page.Nodes is null || page.Nodes.Any(context => context is null))
                throw new ForgeException($"GitHub did not tell all that was reported on {commit}", 404);
            contexts.AddRange(page.Nodes.OfType<ContextDto>().Where(context => checks || context.Kind != "CheckRun"));
            if (!page.PageInfo.HasNextPage)
                break;
            if (pages == MostPages)
                throw new ForgeException($"there are more than {MostPages * 100} reports on {commit}", 404);
            after = page.PageInfo.EndCursor;
        }

        unread[commit] = moved ? 1 : left - 1;
        return new(true, [.. Reports.Of(commit, contexts)]);
    }

    /// <summary>Forgets what was read of commits that are not awaited any more.</summary>
    public void Forget(Func<CommitSha, bool> isOver)
    {
        foreach (var commit in unread.Keys.Where(isOver).ToList())
            unread.TryRemove(commit, out _);
    }

    /// <summary>Who belongs to a team, those of the teams within it among them, by the host's own list.</summary>
    public async Task<(IReadOnlyList<UserDto> People, string? Unreadable)> MembersAsync(string team, CancellationToken cancellation)
    {
        if (team.Split('/') is not [{ Length: > 0 } organization, { Length: > 0 } slug])
            return ([], $"the team {team} is no team of an organization: write organization/team");
        try
        {
            return await client.AllAsync($"orgs/{Uri.EscapeDataString(organization)}/teams/{Uri.EscapeDataString(slug)}/members?per_page=100", GitHubJson.Default.IReadOnlyListUserDto, cancellation) is { } people
                ? (people.Value, null)
                : ([], $"the team {team} does not exist or may not be seen: grant the App the organization's permission Members (read), and look at the team's name");
        }
        catch (ForgeException error) when (error.Status is 403)
        {
            return ([], $"the team {team} may not be seen: grant the App the organization's permission Members (read) ({error.Message})");
        }
        catch (ForgeException error) when (error.Status is not (401 or 429))
        {
            return ([], $"the team {team} could not be read, which is tried again: {error.Message}");
        }
    }

    /// <summary>The host's record of the pushes to a branch; null where it keeps that to itself.</summary>
    public async Task<Uploads?> UploadsAsync(string repository, string branch, CancellationToken cancellation)
    {
        try
        {
            return await client.AskAsync($"repos/{repository}/activity?ref={Uri.EscapeDataString($"refs/heads/{branch}")}&per_page=100", GitHubJson.Default.IReadOnlyListPushDto, cancellation) is { } pushes ? new(pushes.Value) : null;
        }
        catch (ForgeException error) when (error.Status is 403 or 422)
        {
            return null;
        }
    }

    /// <summary>What the host's own rules for a branch ask of the gate.</summary>
    public async Task<HostRules> RulesAsync(string trunk, CancellationToken cancellation)
    {
        var path = $"{place.Path}/rules/branches/{Escape(trunk)}";
        var rules = (await client.AllAsync($"{path}?per_page=100", GitHubJson.Default.IReadOnlyListRuleDto, cancellation))?.Value
            ?? throw new ForgeException($"GET {path}: 404, so what the host demands of {trunk} is not known", 404);
        return new(
            rules.Any(rule => rule is { Type: "pull_request", Parameters: { } parameters } && parameters.TryGetProperty("required_review_thread_resolution", out var demanded) && demanded.ValueKind is System.Text.Json.JsonValueKind.True),
            rules.Any(rule => rule.Type == "merge_queue"));
    }

    private static string Escape(string branch) => string.Join('/', branch.Split('/').Select(Uri.EscapeDataString));

    private async Task<IEnumerable<(string Id, Look Look)>> ReadAsync(List<string> ids, CancellationToken cancellation)
    {
        var (data, errors, date) = await client.QueryAsync("pulls", new() { ["ids"] = List(ids) }, GraphJson.Default.GraphAnswerPullsDataDto, data => data.RateLimit, cancellation);
        if (ids.Count > 1 && errors.Any(error => error.Type is "RESOURCE_LIMITS_EXCEEDED"))
            throw new ForgeException("GraphQL pulls: it takes more than GitHub will give to so many at a time", 502);
        var nodes = data.Nodes ?? [];
        if (nodes.Count != ids.Count)
            throw new ForgeException("GraphQL pulls: the answer holds another number of pull requests than was asked for", null);
        var looks = new List<(string, Look)>();
        foreach (var (at, id) in ids.Index())
        {
            var told = nodes[at] is { Kind: "PullRequest" } read ? read : null;
            var (pull, holes) = (told?.WithoutHoles(), told?.Holes() ?? []);
            var mine = errors.Where(error => error.Path is [var first, var index, ..] && first.ToString() == "nodes" && index.ToString() == at.ToString(System.Globalization.CultureInfo.InvariantCulture)).ToList();

            // One that is gone is not found as a whole; what is not found within one is missing in it.
            var problem = told is null && mine.Count == 0 ? "GitHub tells nothing of it, and not why"
                : mine.Exists(error => error.Type != "NOT_FOUND" || error.Path!.Count > 2) ? $"GitHub did not tell all of it: {string.Join("; ", mine.Select(error => error.Message).Distinct())}"
                : holes.Count > 0 ? $"GitHub did not tell all of it: its {string.Join(", ", holes)}"
                : null;
            for (var pages = 0; pull is { HasMore: true } && problem is null; pages++)
                (pull, problem) = pages == MostPages ? (pull, "its lists are longer than can be read") : await MoreAsync(pull, cancellation);
            if (pull is not null && problem is null && pull.Commits.TotalCount != pull.Commits.Nodes.Count)
                problem = $"it brings {pull.Commits.TotalCount} commits, and GitHub tells of {pull.Commits.Nodes.Count} only";
            looks.Add((id, new(pull, problem, pull is null || date - pull.UpdatedAt > TimeSpan.FromSeconds(1))));
        }

        return looks;
    }

    /// <summary>The next page of each list; what moved between two pages is read anew.</summary>
    private async Task<(PullDto Pull, string? Problem)> MoreAsync(PullDto pull, CancellationToken cancellation)
    {
        var (data, errors, _) = await client.QueryAsync(
            "more",
            new()
            {
                ["id"] = pull.Id,
                ["labels"] = pull.Labels.PageInfo.EndCursor,
                ["reviews"] = pull.Reviews.PageInfo.EndCursor,
                ["events"] = pull.TimelineItems.PageInfo.EndCursor,
                ["comments"] = pull.Comments.PageInfo.EndCursor,
                ["threads"] = pull.ReviewThreads.PageInfo.EndCursor,
                ["commits"] = pull.Commits.PageInfo.EndCursor,
            },
            GraphJson.Default.GraphAnswerMoreDataDto, data => data.RateLimit, cancellation);
        return errors.Count > 0 || data.Node is not { Kind: "PullRequest" } next || next.Holes().Count > 0 ? (pull, "GitHub did not tell all of it")
            : next.HeadRefOid != pull.HeadRefOid || next.UpdatedAt != pull.UpdatedAt ? (pull, "it moved while it was read; it is read again")
            : (pull.With(next), null);
    }

    private static JsonArray List(IEnumerable<string> items) => [.. items.Select(item => (JsonNode)item)];
}
