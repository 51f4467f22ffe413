using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub;

/// <summary>The imitated server, and the gate's own queries, against what GitHub officially says of itself.</summary>
public sealed class GitHubDescriptionTests
{
    [Test]
    public async Task What_the_server_answers_is_what_the_official_descriptions_allow()
    {
        GitHubDescriptions.Need();
        await using var place = await GitHubPlace.StartAsync(new Dictionary<string, string> { ["a.txt"] = "a\n", ["src/b.txt"] = "b\n" });
        var one = await LiveAsync(place);

        await ReadAsync(place, one);
        await WriteAsync(place, one);
        await QueryAsync(place, one);

        var (exit, said) = await GitHubDescriptions.CheckAsync(place);
        Assert.That(exit, Is.Zero, said);
        Assert.That(said, Does.Contain(": 0 violations"));
    }

    [Test]
    public async Task A_wrong_answer_would_be_seen()
    {
        GitHubDescriptions.Need();
        await using var place = await GitHubPlace.StartAsync(new Dictionary<string, string> { ["a.txt"] = "a\n" });
        var token = await place.AppTokenAsync();
        place.IsWrongOnPurpose = true;
        place.Orders.AnswerGraph("viewer", new() { ["data"] = new JsonObject { ["viewer"] = new JsonObject { ["login"] = 7, ["more"] = true } } });
        await place.QueryAsync(token, "query Wrong { viewer { login databaseId } }");
        await place.AskRepositoryAsync(token, "POST", $"statuses/{place.Tip()}", new { state = "success", context = "x", target_url = 7 });

        var (exit, said) = await GitHubDescriptions.CheckAsync(place);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(said, Does.Contain("Wrong: viewer.databaseId was asked for and is not there").And.Contain("Wrong: .viewer.login is another by the schema").And.Contain("request: /target_url must be string"));
    }

    /// <summary>Something of everything happens.</summary>
    private static async Task<int> LiveAsync(GitHubPlace place)
    {
        var one = await place.ProposeAsync("ana", "one.txt");
        var two = await place.ProposeAsync("mallory", "two.txt", draft: true);
        var three = await place.ProposeAsync("bob", "three.txt");
        await place.SignHeadAsync("bob", "add-three.txt", "EXPIRED_KEY");
        var review = await place.ApproveAsync("bob", one);
        await place.VetoAsync("carol", one);
        await place.DismissAsync("erin", one, "carol");
        await place.ReviewAsync("dave", one, "COMMENT", "hm");
        await place.EditReviewAsync(one, review, "well");
        await place.RequestReviewAsync(one, "/core", asCodeOwner: true);
        await place.RequestReviewAsync(one, "dave");
        await place.LabelAsync("bob", one, "hotfix");
        await place.LabelAsync("bob", one, "later");
        await place.UnlabelAsync("bob", one, "later");
        await place.EditCommentAsync("erin", await place.CommentAsync("carol", one, "gate: hold"), "gate: land");
        await place.MinimizeCommentAsync(await place.CommentAsync("mallory", one, "spam"));
        await place.DeleteCommentAsync("mallory", await place.CommentAsync("mallory", one, "worse"));
        await place.ResolveThreadAsync(one, await place.StartThreadAsync(one, "one.txt"));
        await place.RetargetAsync("ana", one, "stable");
        await place.RetargetAsync("ana", one, "main", automatic: true);
        await place.RenameAsync("ana", one, "Add one, better", "Because.");
        await place.SetDraftAsync("mallory", two, false);
        await place.SetDraftAsync("mallory", two, true);
        await place.PushAsync("ana", "add-one.txt", "Add one.txt\n\nCo-authored-by: Carol <carol@example.org>", new Dictionary<string, string?> { ["one.txt"] = "better\n", ["a.txt"] = null }, amend: true);
        await place.CloseAsync("bob", three);
        await place.ReopenAsync("bob", three);
        await place.MergeAsync("bob", three, "squash");
        await place.ReportAsync("github-actions", place.Head(one), "build", "completed", "success", ".github/workflows/build.yml");
        await place.ReportAsync("other-ci", place.Head(one), "build", "completed", "failure");
        await place.UpdateRunAsync(await place.ReportAsync("other-ci", place.Head(one), "lint", "queued"), "in_progress");
        await place.StatusAsync("bob", place.Head(one), "ci/legacy", "pending", "soon");
        await place.DeleteForkAsync("mallory");
        await place.DeleteAccountAsync("mallory");
        await place.LockAsync();
        place.Repository.MergeQueues.Add("main");
        place.Repository.Protections["stable"] = JsonNode.Parse("""
            {
              "enforce_admins": true, "allow_deletions": false, "restrictions": { "users": ["bob"], "teams": ["core"], "apps": ["gatekeeper"] },
              "required_pull_request_reviews": { "required_approving_review_count": 1, "bypass_pull_request_allowances": { "users": [], "teams": [], "apps": ["gatekeeper"] } }, "required_status_checks": { "contexts": ["build"] }
            }
            """)!.AsObject();
        return one;
    }

    private static async Task ReadAsync(GitHubPlace place, int one)
    {
        var (app, sha) = (place.Jwt(), place.Head(one));
        await place.AskAsync(app, "POST", $"app/installations/{place.App.Installation}/access_tokens", new { repositories = new[] { "widgets" }, permissions = new { contents = "write", members = "read" } });
        foreach (var path in (string[])["app", "app/hook/config", "app/hook/deliveries", $"app/installations/{place.App.Installation}", $"repos/{place.FullName}/installation"])
            await NeedAsync(app, path);
        var token = await place.AppTokenAsync();
        await NeedAsync(GitHubPlace.Token("ana"), "user");
        foreach (var path in (string[])["rate_limit", "meta", "orgs/acme/teams", "orgs/acme/members?role=admin", "orgs/acme/teams/core/members", "orgs/acme/teams/core/memberships/bob", $"repos/{place.FullName}"])
            await NeedAsync(token, path);
        var (comment, run) = ((await place.CommentsAsync(one))[0].Id, (await place.CheckRunsAsync(sha))[0].Id);
        foreach (var path in (string[])[
            "pulls?state=all&sort=updated&direction=desc", $"pulls/{one}", $"pulls/{one}", "pulls/2", "pulls/3", $"pulls/{one}/reviews", $"pulls/{one}/commits", $"pulls/{one}/files", $"issues/{one}/comments", $"issues/comments/{comment}",
            $"issues/{one}/labels", $"commits/{sha}/check-runs?filter=latest&app_id={GitHubPlace.ActionsId}", $"check-runs/{run}", $"commits/{sha}/status", $"commits/{sha}/statuses", $"commits/{sha}",
            "collaborators/bob/permission", "activity?ref=refs%2Fheads%2Fmain", "git/ref/heads/main", "git/ref/heads%2Fmain", "git/matching-refs/heads", "branches/main", "rules/branches/main", "rulesets", $"rulesets/{place.Repository.Rulesets[0].Id}",
            "codeowners/errors", "contents/src/b.txt?ref=main", "contents/src", $"git/trees/{place.Tip()}", "branches", "branches/stable/protection", "collaborators?permission=admin", "teams", $"actions/runs?head_sha={sha}", $"actions/runs/{place.Repository.Suites.Select(suite => suite.Run).First(known => known is not null)!.Id}"])
            await NeedAsync(token, $"repos/{place.FullName}/{path}");
        Assert.That((await place.AskRepositoryAsync(token, "GET", "branches/main/protection")).Status, Is.EqualTo(404));
        Assert.That((await place.AskRepositoryAsync(token, "GET", "pulls/3/merge")).Status, Is.EqualTo(204));
        Assert.That((await place.AskRepositoryAsync(token, "GET", $"pulls/{one}/merge")).Status, Is.EqualTo(404));

        async Task NeedAsync(string with, string path)
        {
            var answer = await place.AskAsync(with, "GET", path);
            Assert.That(answer.Status, Is.EqualTo(200), $"{path}: {answer.Text}");
        }
    }

    private static async Task WriteAsync(GitHubPlace place, int one)
    {
        var (token, sha) = (await place.AppTokenAsync(), place.Head(one));
        var run = (long)(await DoAsync("POST", "check-runs", 201, new
        {
            name = "gatekeeper",
            head_sha = sha,
            status = "in_progress",
            external_id = "7",
            output = new { title = "Waiting", summary = "for bob", annotations = new[] { new { path = "one.txt", start_line = 1, end_line = 1, annotation_level = "warning", message = "look" } } },
        }))["id"]!;
        await DoAsync("PATCH", $"check-runs/{run}", 200, new { conclusion = "success", output = new { title = "Fine", summary = "all is well" } });
        await DoAsync("POST", $"statuses/{sha}", 201, new { state = "success", context = "gatekeeper", description = "fine" });
        var comment = (long)(await DoAsync("POST", $"issues/{one}/comments", 201, new { body = "Hello." }))["id"]!;
        await DoAsync("PATCH", $"issues/comments/{comment}", 200, new { body = "Hello again." });
        await DoAsync("POST", $"issues/comments/{comment}/reactions", 201, new { content = "eyes" });
        await DoAsync("POST", $"issues/comments/{comment}/reactions", 200, new { content = "eyes" });
        Assert.That((await place.AskRepositoryAsync(token, "GET", $"issues/comments/{comment}/reactions")).Status, Is.EqualTo(200));
        await DoAsync("POST", $"issues/{one}/labels", 200, new { labels = new[] { "gate:queued" } });
        await DoAsync("POST", "git/refs", 201, new { @ref = "refs/heads/gatekeeper/one", sha });
        await DoAsync("PATCH", "git/refs/heads%2Fgatekeeper%2Fone", 200, new { sha, force = false });
        Assert.That((await place.AskRepositoryAsync(token, "DELETE", "git/refs/heads/gatekeeper/one")).Status, Is.EqualTo(204));
        Assert.That((await place.AskRepositoryAsync(token, "PUT", $"pulls/{one}/merge", new { sha = place.Tip(), merge_method = "merge" })).Status, Is.EqualTo(409));
        await DoAsync("PATCH", $"pulls/{one}", 200, new { state = "closed" });
        await DoAsync("PATCH", $"pulls/{one}", 200, new { state = "open" });
        await DoAsync("PUT", $"pulls/{one}/merge", 200, new { sha, merge_method = "merge", commit_title = "Land it", commit_message = "Because." });

        async Task<JsonNode> DoAsync(string method, string path, int expected, object body)
        {
            var answer = await place.AskRepositoryAsync(token, method, path, body);
            Assert.That(answer.Status, Is.EqualTo(expected), $"{path}: {answer.Text}");
            return answer.Json;
        }
    }

    /// <summary>The server's own large query, and each of the gate's.</summary>
    private static async Task QueryAsync(GitHubPlace place, int one)
    {
        var token = await place.AppTokenAsync();
        var (id, commit) = (Imitation.HubJson.NodeId("PR", place.Repository.Pull(one)!.Id), Imitation.HubJson.NodeId("C", $"{place.Repository.Id} {place.Head(one)}"));
        var variables = new Dictionary<string, object?>
        {
            ["owner"] = "acme",
            ["name"] = "widgets",
            ["id"] = id,
            ["oid"] = place.Head(one),
            ["branch"] = "main",
        };
        foreach (var file in Directory.GetFiles(GitHubDescriptions.Queries, "*.graphql").Append(Path.Combine(HouseRules.Root, "tests/GateKeeper.Tests/GitHub/validation/everything.graphql")))
        {
            variables["ids"] = new[] { Path.GetFileName(file) == "authors.graphql" ? commit : id };
            var answer = await place.QueryAsync(token, await File.ReadAllTextAsync(file), variables);
            Assert.That(answer.Json["errors"], Is.Null, $"{file}: {answer.Text}");
        }
    }
}
