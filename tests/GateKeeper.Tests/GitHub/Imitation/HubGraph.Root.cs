using System.Text;
using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>Where queries begin; repositories, people and commits.</summary>
internal sealed partial class HubGraph
{
    private HubNode Root() => new("Query")
    {
        ["rateLimit"] = _ => RateLimit(),
        ["viewer"] = _ => Person(caller.Account!, "User", caller.Account!.Login),
        ["repository"] = arguments => server.Find(arguments.Text("owner")!, arguments.Text("name")!) is { } repository && caller.Sees(repository)
            ? Repository(repository)
            : new HubMissing($"Could not resolve to a Repository with the name '{arguments.Text("owner")}/{arguments.Text("name")}'."),
        ["organization"] = arguments => string.Equals(arguments.Text("login"), server.Organization.Login, StringComparison.OrdinalIgnoreCase) ? Person(server.Organization) : new HubMissing($"Could not resolve to an Organization with the login of '{arguments.Text("login")}'."),
        ["user"] = arguments => server.Accounts.Find(each => each is { Kind: "User", Deleted: false } && string.Equals(each.Login, arguments.Text("login"), StringComparison.OrdinalIgnoreCase)) is { } user ? Person(user) : new HubMissing($"Could not resolve to a User with the login of '{arguments.Text("login")}'."),
        ["node"] = arguments => ById(arguments.Text("id")!),
        ["nodes"] = arguments => arguments.Texts("ids")!.Select(ById).ToList(),
    };

    private HubNode RateLimit()
    {
        var budget = server.Limits.Of(caller, "graphql");
        var used = budget.Used + Cost;
        return new("RateLimit")
        {
            ["cost"] = _ => Cost,
            ["limit"] = _ => server.Limits.Limit,
            ["remaining"] = _ => Math.Max(0, server.Limits.Limit - used),
            ["used"] = _ => used,
            ["resetAt"] = _ => HubJson.At(budget.Reset),
            ["nodeCount"] = _ => nodes,
        };
    }

    private object? ById(string id)
    {
        var all = server.Repositories.Where(caller.Sees).ToList();
        var pulls = all.SelectMany(repository => repository.Pulls).ToList();
        var parts = id.Split("_kw");
        var text = parts.Length == 2 ? Encoding.UTF8.GetString(Convert.FromBase64String(parts[1].Replace('-', '+').Replace('_', '/').PadRight((parts[1].Length + 3) / 4 * 4, '='))) : "";
        object? found = (parts[0], long.TryParse(text, out var number)) switch
        {
            ("R", true) => all.Find(repository => repository.Id == number) is { } repository ? Repository(repository) : null,
            ("PR", true) => pulls.Find(pull => pull.Id == number) is { } pull ? Pull(pull) : null,
            ("PRR", true) => pulls.Find(pull => pull.Reviews.Exists(review => review.Id == number)) is { } pull ? Review(pull, pull.Reviews.Find(review => review.Id == number)!) : null,
            ("IC", true) => pulls.SelectMany(pull => pull.Comments).FirstOrDefault(comment => comment.Id == number) is { } comment ? Comment(comment) : null,
            ("CR", true) => all.Find(repository => repository.CheckRuns.Exists(run => run.Id == number)) is { } repository ? CheckRun(repository, repository.CheckRuns.Find(run => run.Id == number)!) : null,
            ("U" or "BOT" or "O", true) => server.Accounts.Find(account => account.Id == number) is { } account ? Person(account) : null,
            ("T", true) => server.Teams.Find(team => team.Id == number) is { } team ? Team(team) : null,
            ("C", false) when text.Split(' ') is [var owner, var sha] => all.Find(repository => $"{repository.Id}" == owner) is { } repository && repository.Commit(sha) is { } commit ? Commit(repository, commit) : null,
            _ => null,
        };
        return found ?? new HubMissing($"Could not resolve to a node with the global id of '{id}'");
    }

    private HubNode? Who(HubAccount? account) => account is null or { Deleted: true } ? null : Person(account);

    private HubNode Person(HubAccount account, string? type = null, string? login = null)
    {
        var node = new HubNode(type ?? account.Kind)
        {
            ["id"] = _ => HubJson.NodeId(account),
            ["login"] = _ => login ?? account.Short,
            ["databaseId"] = _ => account.Id,
            ["url"] = _ => $"{server.Address}{account.Short}",
            ["avatarUrl"] = _ => $"{server.Address}avatars/{account.Id}",
            ["resourcePath"] = _ => $"/{account.Short}",
        };
        if (node.Type is "User" or "Organization")
        {
            node["name"] = _ => account.Short;
            node["email"] = _ => account.Email;
        }

        if (node.Type == "User")
            node["isViewer"] = _ => account == caller.Account;
        if (node.Type == "Organization")
            node["team"] = arguments => !caller.Has("members", "read") ? throw new HubForbidden() : server.Teams.Find(team => team.Slug == arguments.Text("slug")) is { } team ? Team(team) : null;
        return node;
    }

    private HubNode Team(HubTeam team) => new("Team")
    {
        ["id"] = _ => HubJson.NodeId("T", team.Id),
        ["databaseId"] = _ => team.Id,
        ["slug"] = _ => team.Slug,
        ["name"] = _ => team.Slug,
        ["combinedSlug"] = _ => $"{server.Organization.Login}/{team.Slug}",
        ["organization"] = _ => Person(server.Organization),
        ["members"] = arguments => HubNode.Connection(arguments, "TeamMember", team.Members.Where(member => member.State == "active"), member => Person(member.Account)),
    };

    private HubNode Repository(HubRepository repository) => new("Repository")
    {
        ["id"] = _ => HubJson.NodeId("R", repository.Id),
        ["databaseId"] = _ => repository.Id,
        ["name"] = _ => repository.Name,
        ["nameWithOwner"] = _ => repository.FullName,
        ["url"] = _ => $"{server.Address}{repository.FullName}",
        ["owner"] = _ => Person(repository.Owner),
        ["isArchived"] = _ => repository.IsArchived,
        ["isDisabled"] = _ => false,
        ["isFork"] = _ => repository.Parent is not null,
        ["isPrivate"] = _ => repository.IsPrivate,
        ["visibility"] = _ => repository.IsPrivate ? "PRIVATE" : "PUBLIC",
        ["mergeCommitAllowed"] = _ => repository.MergeMethods.Contains("merge"),
        ["squashMergeAllowed"] = _ => repository.MergeMethods.Contains("squash"),
        ["rebaseMergeAllowed"] = _ => repository.MergeMethods.Contains("rebase"),
        ["viewerPermission"] = _ => caller.Role(repository).ToUpperInvariant(),
        ["defaultBranchRef"] = _ => Reference(repository, $"refs/heads/{repository.DefaultBranch}"),
        ["ref"] = arguments => Reference(repository, arguments.Text("qualifiedName")!),
        ["refs"] = arguments => HubNode.Connection(arguments, "Ref", repository.Git.Refs.Where(each => each.CanonicalName.StartsWith(arguments.Text("refPrefix")!, StringComparison.Ordinal)), each => Reference(repository, each.CanonicalName)),
        ["object"] = arguments => Object(repository, arguments.Text("oid"), arguments.Text("expression")),
        ["mergeQueue"] = arguments => repository.MergeQueues.Contains(arguments.Text("branch") ?? repository.DefaultBranch) ? new HubNode("MergeQueue") { ["id"] = _ => HubJson.NodeId("MQ", repository.Id), ["url"] = _ => $"{server.Address}{repository.FullName}/queue" } : null,
        ["pullRequest"] = arguments => repository.Pull((int)arguments.Number("number")!) is { } pull ? Readable(pull) : new HubMissing($"Could not resolve to a PullRequest with the number of {arguments.Number("number")}."),
        ["pullRequests"] = arguments => !caller.Has("pull_requests", "read") ? throw new HubForbidden() : HubNode.Connection(arguments, "PullRequest", Listed(repository, arguments), Pull, pull => pull.Id),
    };

    private static IEnumerable<HubPull> Listed(HubRepository repository, HubArguments arguments)
    {
        var found = repository.Pulls.Where(pull => (arguments.Texts("states")?.Contains(pull.State) ?? true)
            && (arguments.Text("baseRefName") ?? pull.BaseRef) == pull.BaseRef && (arguments.Text("headRefName") ?? pull.HeadRef) == pull.HeadRef
            && (arguments.Texts("labels")?.Any(name => pull.Labels.Exists(label => label.Name == name)) ?? true));
        var order = arguments.Object("orderBy");
        var sorted = (string?)order?["field"] == "UPDATED_AT" ? found.OrderBy(pull => pull.Updated).ThenBy(pull => pull.Id) : found.OrderBy(pull => pull.Id);
        return (string?)order?["direction"] == "DESC" ? sorted.Reverse() : sorted;
    }

    private HubNode Readable(HubPull pull) => caller.Has("pull_requests", "read") ? Pull(pull) : throw new HubForbidden();

    private HubNode? Reference(HubRepository repository, string name)
    {
        name = name.StartsWith("refs/", StringComparison.Ordinal) ? name : $"refs/heads/{name}";
        return repository.Git.Refs[name]?.ResolveToDirectReference()?.TargetIdentifier is not { } sha ? null : new("Ref")
        {
            ["id"] = _ => HubJson.NodeId("REF", name),
            ["name"] = _ => name.Split('/', 3)[^1],
            ["prefix"] = _ => string.Join('/', name.Split('/', 3)[..2]) + "/",
            ["target"] = _ => Object(repository, sha, null),
            ["repository"] = _ => Repository(repository),
        };
    }

    private HubNode? Object(HubRepository repository, string? oid, string? expression)
    {
        GitObject? found;
        try
        {
            found = repository.Git.Lookup(oid ?? expression!);
        }
        catch (Exception error) when (error is LibGit2SharpException)
        {
            found = null;
        }

        return found switch
        {
            Commit commit => Commit(repository, commit),
            Blob blob => new("Blob")
            {
                ["id"] = _ => HubJson.NodeId("B", blob.Sha),
                ["oid"] = _ => blob.Sha,
                ["byteSize"] = _ => blob.Size,
                ["isBinary"] = _ => blob.IsBinary,
                ["isTruncated"] = _ => false,
                ["text"] = _ => blob.IsBinary ? null : blob.GetContentText(),
            },
            Tree tree => new("Tree") { ["id"] = _ => HubJson.NodeId("TR", tree.Sha), ["oid"] = _ => tree.Sha, ["entries"] = _ => tree.Select(entry => (object?)new HubNode("TreeEntry") { ["name"] = _ => entry.Name, ["path"] = _ => entry.Path, ["oid"] = _ => entry.Target.Sha }).ToList() },
            _ => null,
        };
    }

    private HubNode Commit(HubRepository repository, Commit commit) => new("Commit")
    {
        ["id"] = _ => HubJson.NodeId("C", $"{repository.Id} {commit.Sha}"),
        ["oid"] = _ => commit.Sha,
        ["abbreviatedOid"] = _ => commit.Sha[..7],
        ["url"] = _ => $"{server.Address}{repository.FullName}/commit/{commit.Sha}",
        ["message"] = _ => commit.Message.TrimEnd('\n'),
        ["messageHeadline"] = _ => commit.MessageShort,
        ["messageBody"] = _ => string.Join('\n', commit.Message.Split('\n').Skip(2)).TrimEnd('\n'),
        ["committedDate"] = _ => HubJson.At(commit.Committer.When),
        ["authoredDate"] = _ => HubJson.At(commit.Author.When),
        ["author"] = _ => GitActor(commit.Author.Name, commit.Author.Email, commit.Author.When),
        ["committer"] = _ => GitActor(commit.Committer.Name, commit.Committer.Email, commit.Committer.When),
        ["authors"] = arguments => HubNode.Connection(arguments, "GitActor", Authors(commit), each => GitActor(each.Name, each.Email, commit.Author.When)),
        ["parents"] = arguments => HubNode.Connection(arguments, "Commit", commit.Parents, parent => Commit(repository, parent)),
        ["tree"] = _ => Object(repository, commit.Tree.Sha, null),
        ["repository"] = _ => Repository(repository),
        ["signature"] = _ => HubSigned.Of(repository, commit) is { } signed ? Signature(commit, signed) : null,
        ["associatedPullRequests"] = arguments => HubNode.Connection(arguments, "PullRequest", repository.Pulls.Where(pull => pull.HeadSha == commit.Sha || pull.MergeCommit == commit.Sha || pull.Commits().Contains(commit)), Pull, pull => pull.Id),
        ["statusCheckRollup"] = _ => Rollup(repository, commit),
        ["checkSuites"] = arguments => Suites(repository, commit, arguments),
        ["status"] = _ => Status(repository, commit),
    };

    private HubNode Signature(Commit commit, HubSignature signed) => new(signed.Kind)
    {
        ["isValid"] = _ => signed.State == "VALID",
        ["state"] = _ => signed.State,
        ["email"] = _ => commit.Committer.Email,
        ["payload"] = _ => signed.Payload,
        ["signature"] = _ => signed.Signature,
        ["signer"] = _ => signed.ByGitHub ? null : server.Known(commit.Committer.Email) is { Kind: "User" } known ? Person(known) : null,
        ["wasSignedByGitHub"] = _ => signed.ByGitHub,
        ["verifiedAt"] = _ => signed.State == "VALID" ? HubJson.At(commit.Committer.When) : null,
    };

    /// <summary>The author, and those whom the message names beside.</summary>
    private static IEnumerable<(string Name, string Email)> Authors(Commit commit) => commit.Message.Split('\n')
        .Where(line => line.StartsWith("Co-authored-by: ", StringComparison.OrdinalIgnoreCase) && line.Contains('<', StringComparison.Ordinal))
        .Select(line => line["Co-authored-by: ".Length..].TrimEnd('>', ' ').Split('<')).Select(parts => (parts[0].Trim(), parts[1])).Prepend((commit.Author.Name, commit.Author.Email)).DistinctBy(each => each.Item2);

    private HubNode GitActor(string name, string email, DateTimeOffset when) => new("GitActor")
    {
        ["name"] = _ => name,
        ["email"] = _ => email,
        ["date"] = _ => HubJson.At(when),
        ["user"] = _ => server.Known(email) is { Kind: "User" } known ? Person(known) : server.Known(email) is { } bot ? Person(bot, "User", bot.Login) : null,
    };
}
