using System.Text.Json.Nodes;
using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.GitHub;

/// <summary>A pull request as it was read, or why it could not be read whole.</summary>
/// <param name="Pull">Null when it is gone or may not be seen.</param>
/// <param name="Problem">What of it is missing; null when nothing is.</param>
/// <param name="Settled">Whether the host's whole second in which it last moved was over when it was read.</param>
internal sealed record Look(PullDto? Pull, string? Problem, bool Settled);

/// <summary>The questions that the gate asks about one repository: free where nothing moved, and always to the end.</summary>
internal sealed class Sweep(GitHubClient client, GitHubPlace place)
{
    private const int Most = 25;
    private const int MostPages = 50;
    private int atOnce = Most;

    /// <summary>Every open pull request, as far as is needed to see which moved. An unchanged list costs nothing.</summary>
    /// <param name="trunk">The only branch of interest; null where there are several.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<Seen<IReadOnlyList<ListedDto>>> OpenAsync(string? trunk, CancellationToken cancellation) =>
        await client.AllAsync($"{place.Path}/pulls?state=open&sort=updated&direction=desc&per_page=100{(trunk is null ? "" : $"&base={Uri.EscapeDataString(trunk)}")}", GitHubJson.Default.IReadOnlyListListedDto, cancellation)
        ?? throw new ForgeException($"there is no repository {place}, or the gate may not see it", 404);

    /// <summary>These pull requests as they are now, several at a time; fewer at a time while the host finds it too much.</summary>
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
            catch (ForgeException error) when (error.Status is 502 or 504 && some.Count > 1)
            {
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
    public async Task<IReadOnlyList<CommitDto>> AuthorsAsync(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        var found = new List<CommitDto>();
        foreach (var some in ids.Chunk(50))
        {
            var (data, _, _) = await client.QueryAsync("authors", new() { ["ids"] = List(some) }, GraphJson.Default.GraphAnswerAuthorsDataDto, data => data.RateLimit, cancellation);
            found.AddRange(data.Nodes?.OfType<CommitDto>().Where(commit => commit.Authors is not null) ?? []);
        }

        return found;
    }

    /// <summary>What was reported on a commit; null where nothing moved since it was last asked.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="checks">Whether check runs can be seen; a token sees statuses only.</param>
    /// <param name="again">Whether the answer is wanted whatever moved.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<ValueList<Check>?> ReportsAsync(CommitSha commit, bool checks, bool again, CancellationToken cancellation)
    {
        var path = $"{place.Path}/commits/{commit.Hex}";
        var moved = again;
        if (checks)
            moved |= (await client.AskAsync($"{path}/check-runs?per_page=100", GitHubJson.Default.ReportsDto, cancellation))?.Moved != false;
        moved |= (await client.AskAsync($"{path}/status?per_page=100", GitHubJson.Default.ReportsDto, cancellation))?.Moved != false;
        if (!moved)
            return null;
        var contexts = new List<ContextDto>();
        for (var (after, pages) = ((string?)null, 0); ; pages++)
        {
            var (data, _, _) = await client.QueryAsync(
                "reports", new() { ["owner"] = place.Owner, ["name"] = place.Name, ["oid"] = commit.Hex, ["after"] = after }, GraphJson.Default.GraphAnswerReportsDataDto, data => data.RateLimit, cancellation);
            if (data.Repository?.Object is not { } there)
                throw new ForgeException($"GitHub does not know {commit}", 404);
            if (there.StatusCheckRollup?.Contexts is not { } page)
                break;

            // What may not be seen is no report of anybody's.
            contexts.AddRange(page.Nodes.OfType<ContextDto>());
            if (!page.PageInfo.HasNextPage)
                break;
            if (pages == MostPages)
                throw new ForgeException($"there are more than {MostPages * 100} reports on {commit}", null);
            after = page.PageInfo.EndCursor;
        }

        return [.. Reports.Of(commit, contexts)];
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

    /// <summary>Whether the host's own rules for a branch demand that every conversation be resolved.</summary>
    public async Task<bool> DemandsResolutionAsync(string trunk, CancellationToken cancellation) =>
        (await client.AllAsync($"{place.Path}/rules/branches/{Escape(trunk)}?per_page=100", GitHubJson.Default.IReadOnlyListRuleDto, cancellation))?.Value
            .Any(rule => rule is { Type: "pull_request", Parameters: { } parameters } && parameters.TryGetProperty("required_review_thread_resolution", out var demanded) && demanded.ValueKind is System.Text.Json.JsonValueKind.True) == true;

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
            var pull = nodes[at] is { Kind: "PullRequest" } read ? read.WithoutHoles() : null;
            var mine = errors.Where(error => error.Path is [var first, var index, ..] && first.ToString() == "nodes" && index.ToString() == at.ToString(System.Globalization.CultureInfo.InvariantCulture)).ToList();
            var problem = mine.Exists(error => error.Type != "NOT_FOUND") ? $"GitHub did not tell all of it: {string.Join("; ", mine.Select(error => error.Message).Distinct())}" : null;
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
        return errors.Count > 0 || data.Node is not { Kind: "PullRequest" } next ? (pull, "GitHub did not tell all of it")
            : next.HeadRefOid != pull.HeadRefOid || next.UpdatedAt != pull.UpdatedAt ? (pull, "it moved while it was read; it is read again")
            : (pull.With(next), null);
    }

    private static JsonArray List(IEnumerable<string> items) => [.. items.Select(item => (JsonNode)item)];
}
