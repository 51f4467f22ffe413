using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>Pull requests, their reviews, comments and labels.</summary>
internal sealed partial class HubCall
{
    private HubAnswer Pulls(HubRepository repository, string[] rest)
    {
        if (method == "GET")
            caller.Need("pull_requests=read");
        switch (method, rest)
        {
            case ("GET", ["pulls"]):
                return Paged(Listed(repository), pull => json.Pull(pull, full: false));
            case ("POST", ["pulls"]):
                caller.Need("pull_requests=write");
                var head = Needed("PullRequest", "head").Split(':');
                var from = head.Length == 1 ? repository : server.Repositories.Find(each => each.Owner.Login == head[0] && (each == repository || each.Parent == repository)) ?? throw HubRefusal.Invalid("PullRequest", "head", "invalid");
                return new(201, json.Pull(server.Open(caller.Account!, repository, from, head[^1], Needed("PullRequest", "title"), Needed("PullRequest", "base"), Text("body") ?? "", (bool?)body?["draft"] ?? false), full: true));
            case ("GET", ["pulls", var number]):
                return Told(json.Pull(Pull(repository, number), full: true));
            case ("PATCH", ["pulls", var number]):
                caller.Need("pull_requests=write");
                return Told(Patch(Pull(repository, number)));
            case ("GET", ["pulls", var number, "commits"]):
                return Paged(Pull(repository, number).Commits().Take(250), commit => json.Commit(repository, commit));
            case ("GET", ["pulls", var number, "files"]):
                return Paged(Pull(repository, number).Changes(), change => File(repository, Pull(repository, number), change));
            case ("GET", ["pulls", var number, "reviews"]):
                return Paged(Pull(repository, number).Reviews, review => json.Review(Pull(repository, number), review));
            case ("POST", ["pulls", var number, "reviews"]):
                caller.Need("pull_requests=write");
                return Told(json.Review(Pull(repository, number), server.Review(caller, Pull(repository, number), Needed("PullRequestReview", "event"), Text("body") ?? "")));
            case ("PUT", ["pulls", var number, "reviews", var id, "dismissals"]):
                caller.Need("pull_requests=write");
                var pull = Pull(repository, number);
                var review = pull.Reviews.Find(each => each.Id == Number(id)) ?? throw HubRefusal.NotFound;
                if (!caller.AtLeast(repository, "write"))
                    throw HubRefusal.NotFound;
                server.Dismiss(caller.Account!, pull, review, Needed("PullRequestReview", "message"));
                return Told(json.Review(pull, review));
            case ("GET", ["pulls", var number, "merge"]):
                return Pull(repository, number).State == "MERGED" ? new(204, null) : throw HubRefusal.NotFound;
            case ("PUT", ["pulls", var number, "merge"]):
                caller.Need("contents=write");
                var sha = Text("sha");
                if (sha is not null && (sha.Length != 40 || !sha.All(char.IsAsciiHexDigitLower)))
                    throw HubRefusal.Invalid("PullRequest", "sha", "invalid");
                var how = Text("merge_method") ?? "merge";
                if (how is not ("merge" or "squash" or "rebase"))
                    throw HubRefusal.Invalid("PullRequest", "merge_method", "invalid");
                return Told(new JsonObject { ["sha"] = HubMerge.Press(server, caller, Pull(repository, number), how, sha, Text("commit_title"), Text("commit_message")), ["merged"] = true, ["message"] = "Pull Request successfully merged" });
            default:
                throw HubRefusal.NotFound;
        }
    }

    private IEnumerable<HubPull> Listed(HubRepository repository)
    {
        var (state, @base, head, sort, direction) = (query["state"].ToString(), query["base"].ToString(), query["head"].ToString(), query["sort"].ToString(), query["direction"].ToString());
        var found = repository.Pulls.Where(pull => state switch { "all" => true, "closed" => pull.State != "OPEN", _ => pull.State == "OPEN" })
            .Where(pull => @base.Length == 0 || pull.BaseRef == @base).Where(pull => head.Length == 0 || head == $"{pull.HeadRepository.Owner.Login}:{pull.HeadRef}");
        var sorted = sort == "updated" ? found.OrderBy(pull => pull.Updated).ThenBy(pull => pull.Number) : found.OrderBy(pull => pull.Number);
        return direction == "desc" || direction.Length == 0 && sort is "" or "created" ? sorted.Reverse() : sorted;
    }

    private JsonObject Patch(HubPull pull)
    {
        if (!caller.AtLeast(pull.Repository, "write") && caller.Account != pull.Author && !caller.Has("pull_requests", "write"))
            throw HubRefusal.NotFound;
        if (Text("title") is not null || Text("body") is not null)
            server.Rename(caller.Account!, pull, Text("title"), Text("body"));
        if (Text("base") is { } @base)
            server.Retarget(caller.Account!, pull, @base);
        switch (Text("state"))
        {
            case "closed":
                server.Close(pull, caller.Account!);
                break;
            case "open":
                server.Reopen(caller.Account!, pull);
                break;
            case not null:
                throw HubRefusal.Invalid("PullRequest", "state", "invalid");
        }

        return json.Pull(pull, full: true);
    }

    private JsonObject File(HubRepository repository, HubPull pull, LibGit2Sharp.PatchEntryChanges change)
    {
        var told = new JsonObject
        {
            ["sha"] = change.Oid.Sha,
            ["filename"] = change.Path,
            ["status"] = HubGraph.Kind(change.Status) switch { "ADDED" => "added", "DELETED" => "removed", "RENAMED" => "renamed", _ => "modified" },
            ["additions"] = change.LinesAdded,
            ["deletions"] = change.LinesDeleted,
            ["changes"] = change.LinesAdded + change.LinesDeleted,
            ["blob_url"] = $"{server.Address}{repository.FullName}/blob/{pull.HeadSha}/{change.Path}",
            ["raw_url"] = $"{server.Address}{repository.FullName}/raw/{pull.HeadSha}/{change.Path}",
            ["contents_url"] = $"{json.Url(repository)}/contents/{change.Path}?ref={pull.HeadSha}",
            ["patch"] = change.Patch,
        };
        if (change.OldPath != change.Path)
            told["previous_filename"] = change.OldPath;
        return told;
    }

    private HubAnswer Issues(HubRepository repository, string[] rest)
    {
        caller.Need(method == "GET" ? ["issues=read", "pull_requests=read"] : ["issues=write", "pull_requests=write"]);
        if (method != "GET" && caller.Account is null)
            throw new HubRefusal(401, "Requires authentication");
        switch (method, rest)
        {
            case ("GET", ["issues", var number, "comments"]):
                return Paged(Pull(repository, number).Comments, comment => json.Comment(comment));
            case ("POST", ["issues", var number, "comments"]):
                if (Pull(repository, number).Locked && !caller.AtLeast(repository, "write"))
                    throw new HubRefusal(403, "Unable to create comment because issue is locked.");
                return new(201, json.Comment(server.Comment(caller.Account!, Pull(repository, number), Needed("IssueComment", "body"))));
            case ("GET", ["issues", "comments", var id]):
                return Told(json.Comment(Comment(repository, id)));
            case ("PATCH", ["issues", "comments", var id]):
                var comment = Comment(repository, id);
                if (comment.Author != caller.Account && !caller.AtLeast(repository, "write"))
                    throw new HubRefusal(403, "Must have admin rights to Repository.");
                server.Edit(caller.Account!, comment, Needed("IssueComment", "body"));
                return Told(json.Comment(comment));
            case ("DELETE", ["issues", "comments", var id]):
                server.Delete(caller.Account!, Comment(repository, id));
                return new(204, null);
            case ("GET", ["issues", "comments", var id, "reactions"]):
                return Paged(Comment(repository, id).Reactions, json.Reaction);
            case ("POST", ["issues", "comments", var id, "reactions"]):
                return React(Comment(repository, id), Needed("Reaction", "content"));
            case ("GET", ["issues", var number, "labels"]):
                return Paged(Pull(repository, number).Labels, label => json.Label(repository, label));
            case ("POST", ["issues", var number, "labels"]):
                foreach (var name in body?["labels"]?.AsArray().Select(each => (string)each!) ?? throw HubRefusal.Invalid("Label", "labels", "missing_field"))
                    server.Label(caller.Account!, Pull(repository, number), name);
                return Told(new JsonArray([.. Pull(repository, number).Labels.Select(label => json.Label(repository, label))]));
            case ("DELETE", ["issues", var number, "labels", var name]):
                server.Unlabel(caller.Account!, Pull(repository, number), name);
                return Told(new JsonArray([.. Pull(repository, number).Labels.Select(label => json.Label(repository, label))]));
            default:
                throw HubRefusal.NotFound;
        }
    }

    private static HubComment Comment(HubRepository repository, string id) => repository.Pulls.SelectMany(pull => pull.Comments).FirstOrDefault(comment => comment.Id == Number(id)) ?? throw HubRefusal.NotFound;

    private HubAnswer React(HubComment comment, string content)
    {
        if (content is not ("+1" or "-1" or "laugh" or "confused" or "heart" or "hooray" or "rocket" or "eyes"))
            throw HubRefusal.Invalid("Reaction", "content", "invalid");
        if (comment.Reactions.Find(each => each.Who == caller.Account && each.Content == content) is { Id: > 0 } known)
            return new(200, json.Reaction(known));
        var reaction = (server.NextId(), caller.Account!, content, server.Now);
        comment.Reactions.Add(reaction);
        return new(201, json.Reaction(reaction));
    }
}
