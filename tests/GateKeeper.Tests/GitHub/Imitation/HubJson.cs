using System.Globalization;
using System.Text.Json.Nodes;
using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>Things as REST tells them, and as webhooks carry them.</summary>
internal sealed class HubJson(HubServer server)
{
    private static readonly string[] RepositoryUrls =
    [
        "archive_url", "assignees_url", "blobs_url", "branches_url", "collaborators_url", "comments_url", "commits_url", "compare_url", "contents_url", "contributors_url", "deployments_url", "downloads_url", "events_url",
        "forks_url", "git_commits_url", "git_refs_url", "git_tags_url", "hooks_url", "issue_comment_url", "issue_events_url", "issues_url", "keys_url", "labels_url", "languages_url", "merges_url", "milestones_url",
        "notifications_url", "pulls_url", "releases_url", "stargazers_url", "statuses_url", "subscribers_url", "subscription_url", "tags_url", "teams_url", "trees_url",
    ];

    private static readonly string[] UserUrls = ["followers_url", "following_url", "gists_url", "starred_url", "subscriptions_url", "organizations_url", "repos_url", "events_url", "received_events_url"];

    public static string At(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string? At(DateTimeOffset? at) => at is { } known ? At(known) : null;

    /// <summary>Opaque to everybody but this server.</summary>
    public static string NodeId(string kind, object id) => $"{kind}_kw{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{id}")).TrimEnd('=').Replace('+', '-').Replace('/', '_')}";

    public static string NodeId(HubAccount account) => NodeId(account.Kind switch { "Bot" => "BOT", "Organization" => "O", _ => "U" }, account.Id);

    public string Url(HubRepository repository) => $"{server.Api}/repos/{repository.FullName}";

    public string Html(HubPull pull) => $"{server.Address}{pull.Repository.FullName}/pull/{pull.Number}";

    public JsonObject User(HubAccount account)
    {
        if (account.Deleted)
            account = new HubAccount(10137, "ghost", "User");
        var url = $"{server.Api}/users/{Uri.EscapeDataString(account.Login)}";
        var told = new JsonObject
        {
            ["login"] = account.Login,
            ["id"] = account.Id,
            ["node_id"] = NodeId(account),
            ["avatar_url"] = $"{server.Address}avatars/{account.Id}",
            ["gravatar_id"] = "",
            ["url"] = url,
            ["html_url"] = $"{server.Address}{(account.Kind == "Bot" ? "apps/" : "")}{account.Short}",
            ["type"] = account.Kind,
            ["site_admin"] = false,
        };
        foreach (var name in UserUrls)
            told[name] = $"{url}/{name[..^4]}";
        return told;
    }

    public JsonObject? Repository(HubRepository repository, bool full = true)
    {
        if (repository.Deleted)
            return null;
        var url = Url(repository);
        var told = new JsonObject
        {
            ["id"] = repository.Id,
            ["node_id"] = NodeId("R", repository.Id),
            ["name"] = repository.Name,
            ["full_name"] = repository.FullName,
            ["private"] = repository.IsPrivate,
            ["owner"] = User(repository.Owner),
            ["html_url"] = $"{server.Address}{repository.FullName}",
            ["description"] = null,
            ["fork"] = repository.Parent is not null,
            ["url"] = url,
        };
        foreach (var name in RepositoryUrls)
            told[name] = $"{url}/{name[..^4]}";
        if (!full)
            return told;
        foreach (var name in (string[])["forks_count", "stargazers_count", "watchers_count", "size", "open_issues_count", "forks", "open_issues", "watchers", "network_count", "subscribers_count"])
            told[name] = 0;
        foreach (var name in (string[])["mirror_url", "homepage", "language", "license"])
            told[name] = null;
        foreach (var name in (string[])["has_projects", "has_wiki", "has_pages", "has_discussions", "has_downloads", "disabled", "is_template"])
            told[name] = false;
        told["has_issues"] = true;
        told["archived"] = repository.IsArchived;
        told["default_branch"] = repository.DefaultBranch;
        told["visibility"] = repository.IsPrivate ? "private" : "public";
        told["git_url"] = $"git:{repository.FullName}.git";
        told["ssh_url"] = $"git@127.0.0.1:{repository.FullName}.git";
        told["svn_url"] = told["html_url"]!.DeepClone();
        told["clone_url"] = $"{server.Address}{repository.FullName}.git";
        told["allow_merge_commit"] = repository.MergeMethods.Contains("merge");
        told["allow_squash_merge"] = repository.MergeMethods.Contains("squash");
        told["allow_rebase_merge"] = repository.MergeMethods.Contains("rebase");
        told["created_at"] = told["updated_at"] = told["pushed_at"] = null;
        foreach (var name in (string[])["created_at", "updated_at", "pushed_at"])
            told[name] = At(repository.Activity.LastOrDefault()?.At ?? server.Now);
        return told;
    }

    public JsonObject Label(HubRepository repository, HubLabel label) => new()
    {
        ["id"] = label.Id,
        ["node_id"] = NodeId("LA", label.Id),
        ["url"] = $"{Url(repository)}/labels/{Uri.EscapeDataString(label.Name)}",
        ["name"] = label.Name,
        ["description"] = "",
        ["color"] = "ededed",
        ["default"] = false,
    };

    public JsonObject Pull(HubPull pull, bool full)
    {
        var url = $"{Url(pull.Repository)}/pulls/{pull.Number}";
        var issue = $"{Url(pull.Repository)}/issues/{pull.Number}";
        var urls = new Dictionary<string, string>
        {
            ["self"] = url,
            ["html"] = Html(pull),
            ["issue"] = issue,
            ["comments"] = $"{issue}/comments",
            ["review_comments"] = $"{url}/comments",
            ["review_comment"] = $"{Url(pull.Repository)}/pulls/comments{{/number}}",
            ["commits"] = $"{url}/commits",
            ["statuses"] = $"{Url(pull.Repository)}/statuses/{pull.HeadSha}",
        };
        var told = new JsonObject
        {
            ["url"] = url,
            ["id"] = pull.Id,
            ["node_id"] = NodeId("PR", pull.Id),
            ["html_url"] = Html(pull),
            ["diff_url"] = $"{Html(pull)}.diff",
            ["patch_url"] = $"{Html(pull)}.patch",
            ["number"] = pull.Number,
            ["state"] = pull.State == "OPEN" ? "open" : "closed",
            ["locked"] = pull.Locked,
            ["title"] = pull.Title,
            ["user"] = User(pull.Author),
            ["body"] = pull.Body,
            ["labels"] = new JsonArray([.. pull.Labels.Select(label => Label(pull.Repository, label))]),
            ["milestone"] = null,
            ["created_at"] = At(pull.Created),
            ["updated_at"] = At(pull.Updated),
            ["closed_at"] = At(pull.Closed),
            ["merged_at"] = At(pull.Merged),
            ["merge_commit_sha"] = pull.MergeCommit,
            ["assignee"] = null,
            ["assignees"] = new JsonArray(),
            ["requested_reviewers"] = new JsonArray([.. pull.Requests.Select(each => each.Reviewer).OfType<HubAccount>().Select(User)]),
            ["requested_teams"] = new JsonArray([.. pull.Requests.Select(each => each.Reviewer).OfType<HubTeam>().Select(Team)]),
            ["head"] = Side(pull.HeadRepository, pull.HeadRef, pull.HeadSha),
            ["base"] = Side(pull.Repository, pull.BaseRef, pull.BaseSha),
            ["author_association"] = server.Association(pull.Repository, pull.Author),
            ["auto_merge"] = null,
            ["draft"] = pull.Draft,
            ["_links"] = new JsonObject(urls.Select(each => KeyValuePair.Create(each.Key, (JsonNode?)new JsonObject { ["href"] = each.Value }))),
        };
        foreach (var (name, value) in urls.Where(each => each.Key is not ("self" or "html")))
            told[$"{name}_url"] = value;
        if (!full)
            return told;
        var (mergeable, changes) = (pull.Mergeable(), pull.Changes());
        told["merged"] = pull.State == "MERGED";
        told["mergeable"] = mergeable switch { "UNKNOWN" => null, "MERGEABLE" => true, _ => false };
        told["rebaseable"] = told["mergeable"]?.DeepClone();
        told["mergeable_state"] = mergeable switch { "UNKNOWN" => "unknown", "CONFLICTING" => "dirty", _ => pull.Draft ? "draft" : "clean" };
        told["merged_by"] = pull.MergedBy is null ? null : User(pull.MergedBy);
        told["comments"] = pull.Comments.Count;
        told["review_comments"] = pull.Threads.Count;
        told["maintainer_can_modify"] = false;
        told["commits"] = pull.Commits().Count;
        told["additions"] = changes.LinesAdded;
        told["deletions"] = changes.LinesDeleted;
        told["changed_files"] = changes.Count();
        return told;
    }

    public JsonObject Team(HubTeam team) => new()
    {
        ["id"] = team.Id,
        ["node_id"] = NodeId("T", team.Id),
        ["url"] = $"{server.Api}/organizations/{server.Organization.Id}/team/{team.Id}",
        ["members_url"] = $"{server.Api}/organizations/{server.Organization.Id}/team/{team.Id}/members{{/member}}",
        ["name"] = team.Slug,
        ["description"] = null,
        ["permission"] = team.Permission,
        ["privacy"] = "closed",
        ["html_url"] = $"{server.Address}orgs/{server.Organization.Login}/teams/{team.Slug}",
        ["repositories_url"] = $"{server.Api}/organizations/{server.Organization.Id}/team/{team.Id}/repos",
        ["slug"] = team.Slug,
        ["parent"] = null,
        ["type"] = "organization",
        ["organization_id"] = server.Organization.Id,
    };

    public JsonObject Review(HubPull pull, HubReview review)
    {
        var html = $"{Html(pull)}#pullrequestreview-{review.Id}";
        var told = new JsonObject
        {
            ["id"] = review.Id,
            ["node_id"] = NodeId("PRR", review.Id),
            ["user"] = User(review.Author),
            ["body"] = review.Body,
            ["state"] = review.State,
            ["html_url"] = html,
            ["pull_request_url"] = $"{Url(pull.Repository)}/pulls/{pull.Number}",
            ["author_association"] = server.Association(pull.Repository, review.Author),
            ["_links"] = new JsonObject { ["html"] = new JsonObject { ["href"] = html }, ["pull_request"] = new JsonObject { ["href"] = $"{Url(pull.Repository)}/pulls/{pull.Number}" } },
            ["submitted_at"] = At(review.At),
            ["commit_id"] = review.Commit,
        };
        return told;
    }

    public JsonObject Comment(HubComment comment) => new()
    {
        ["url"] = $"{Url(comment.Pull.Repository)}/issues/comments/{comment.Id}",
        ["html_url"] = $"{Html(comment.Pull)}#issuecomment-{comment.Id}",
        ["issue_url"] = $"{Url(comment.Pull.Repository)}/issues/{comment.Pull.Number}",
        ["id"] = comment.Id,
        ["node_id"] = NodeId("IC", comment.Id),
        ["user"] = User(comment.Author),
        ["created_at"] = At(comment.At),
        ["updated_at"] = At(comment.Updated),
        ["author_association"] = server.Association(comment.Pull.Repository, comment.Author),
        ["body"] = comment.Body,
        ["performed_via_github_app"] = null,
    };

    public JsonObject Reaction((long Id, HubAccount Who, string Content, DateTimeOffset At) reaction) => new()
    {
        ["id"] = reaction.Id,
        ["node_id"] = NodeId("REA", reaction.Id),
        ["user"] = User(reaction.Who),
        ["content"] = reaction.Content,
        ["created_at"] = At(reaction.At),
    };

    public JsonObject Commit(HubRepository repository, Commit commit) => new()
    {
        ["sha"] = commit.Sha,
        ["node_id"] = NodeId("C", $"{repository.Id} {commit.Sha}"),
        ["commit"] = new JsonObject
        {
            ["author"] = Person(commit.Author),
            ["committer"] = Person(commit.Committer),
            ["message"] = commit.Message.TrimEnd('\n'),
            ["tree"] = new JsonObject { ["sha"] = commit.Tree.Sha, ["url"] = $"{Url(repository)}/git/trees/{commit.Tree.Sha}" },
            ["url"] = $"{Url(repository)}/git/commits/{commit.Sha}",
            ["comment_count"] = 0,
            ["verification"] = new JsonObject { ["verified"] = HubSigned.IsSigned(repository, commit), ["reason"] = HubSigned.IsSigned(repository, commit) ? "valid" : "unsigned", ["signature"] = null, ["payload"] = null, ["verified_at"] = null },
        },
        ["url"] = $"{Url(repository)}/commits/{commit.Sha}",
        ["html_url"] = $"{server.Address}{repository.FullName}/commit/{commit.Sha}",
        ["comments_url"] = $"{Url(repository)}/commits/{commit.Sha}/comments",
        ["author"] = server.Known(commit.Author.Email) is { } author ? User(author) : null,
        ["committer"] = server.Known(commit.Committer.Email) is { } committer ? User(committer) : null,
        ["parents"] = new JsonArray([.. commit.Parents.Select(parent => new JsonObject
        {
            ["sha"] = parent.Sha, ["url"] = $"{Url(repository)}/commits/{parent.Sha}", ["html_url"] = $"{server.Address}{repository.FullName}/commit/{parent.Sha}",
        })]),
    };

    public JsonObject Reference(HubRepository repository, string name, string sha) => new()
    {
        ["ref"] = name,
        ["node_id"] = NodeId("REF", name),
        ["url"] = $"{Url(repository)}/git/{name}",
        ["object"] = new JsonObject { ["sha"] = sha, ["type"] = "commit", ["url"] = $"{Url(repository)}/git/commits/{sha}" },
    };

    private static JsonObject Person(Signature person) => new() { ["name"] = person.Name, ["email"] = person.Email, ["date"] = At(person.When) };

    private JsonObject Side(HubRepository repository, string reference, string sha) => new()
    {
        ["label"] = $"{repository.Owner.Login}:{reference}",
        ["ref"] = reference,
        ["sha"] = sha,
        ["user"] = User(repository.Owner),
        ["repo"] = Repository(repository),
    };
}

internal static class HubSigned
{
    public static bool IsSigned(HubRepository repository, Commit commit) => Of(repository, commit) is not null;

    /// <summary>Null where a commit carries none. A key that nobody has named to the host is unknown there.</summary>
    public static HubSignature? Of(HubRepository repository, Commit commit)
    {
        try
        {
            var found = LibGit2Sharp.Commit.ExtractSignature(repository.Git, commit.Id, null);
            var kind = found.Signature.Contains("SSH SIGNATURE", StringComparison.Ordinal) ? "SshSignature" : found.Signature.Contains("PGP SIGNATURE", StringComparison.Ordinal) ? "GpgSignature" : "UnknownSignature";
            return new(kind, found.Signature, found.SignedData, repository.Signatures.GetValueOrDefault(commit.Sha, kind == "UnknownSignature" ? "UNKNOWN_SIG_TYPE" : "UNKNOWN_KEY"), commit.Committer.Email == "noreply@github.com");
        }
        catch (NotFoundException)
        {
            return null;
        }
    }
}

internal sealed record HubSignature(string Kind, string Signature, string Payload, string State, bool ByGitHub);
