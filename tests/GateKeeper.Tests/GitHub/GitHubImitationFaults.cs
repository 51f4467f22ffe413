namespace GateKeeper.Tests.GitHub;

/// <summary>Limits, faults and what the server tells of by itself.</summary>
public sealed class GitHubImitationFaults
{
    private static readonly Dictionary<string, string> Files = new() { ["a.txt"] = "a\n" };

    [Test]
    public async Task What_has_not_changed_costs_nothing()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var token = await place.AppTokenAsync();
        var first = await place.AskRepositoryAsync(token, "GET", "git/ref/heads/main");
        var before = place.Limits.Of("core");

        var again = await place.AskAsync(token, "GET", $"repos/{place.FullName}/git/ref/heads/main", ifNoneMatch: first.Headers["ETag"]);
        Assert.That((again.Status, place.Limits.Of("core") - before), Is.EqualTo((304, 0)));
        await place.PushPastTheGateAsync("b.txt");
        Assert.That((await place.AskAsync(token, "GET", $"repos/{place.FullName}/git/ref/heads/main", ifNoneMatch: first.Headers["ETag"])).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Who_asks_too_much_is_told_to_wait()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var token = await place.AppTokenAsync();
        place.Limits.RefuseNext("core", retryAfter: 30);
        var secondary = await place.AskRepositoryAsync(token, "GET", "pulls");
        Assert.That((secondary.Status, secondary.Headers["Retry-After"]), Is.EqualTo((403, "30")));
        Assert.That(secondary.Message, Does.Contain("secondary rate limit"));

        place.Limits.UseUp("core", TimeSpan.FromMinutes(10));
        place.Limits.UseUp("graphql", TimeSpan.FromMinutes(10));
        var primary = await place.AskRepositoryAsync(token, "GET", "pulls");
        Assert.That((primary.Status, primary.Headers["x-ratelimit-remaining"]), Is.EqualTo((403, "0")));
        var graph = await place.QueryAsync(token, "{ viewer { login } }");
        Assert.That((graph.Status, (string)graph.Json["errors"]![0]!["type"]!), Is.EqualTo((200, "RATE_LIMITED")));
    }

    [Test]
    public async Task Requests_fail_as_ordered_and_something_can_happen_just_before_one()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var token = await place.AppTokenAsync();
        var one = await place.ProposeAsync("ana", "one.txt");
        place.Orders.FailNext("POST", "/comments", 502, afterDoing: true);
        place.Orders.CloseNext("GET", "/pulls");
        place.Orders.Before("PUT", "/merge", () => place.PushPastTheGateAsync("b.txt"));

        Assert.That((await place.AskRepositoryAsync(token, "POST", $"issues/{one}/comments", new { body = "hello" })).Status, Is.EqualTo(502));
        Assert.That(await place.GateCommentsAsync(one), Is.EqualTo(new[] { "hello" }));
        Assert.That(async () => await place.AskRepositoryAsync(token, "GET", "pulls"), Throws.TypeOf<HttpRequestException>());
        Assert.That((await place.AskRepositoryAsync(token, "PUT", $"pulls/{one}/merge", new { sha = place.Head(one), merge_method = "squash" })).Status, Is.EqualTo(200));
        Assert.That(await place.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add b.txt", "Add one.txt (#1)" }));
        Assert.That(await place.StateAsync(one), Is.EqualTo("MERGED"));
    }

    [Test]
    public async Task The_merge_button_says_no_for_its_reasons()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var token = await place.AppTokenAsync();
        var one = await place.ProposeAsync("ana", "one.txt", draft: true);
        await place.PushAsync("ana", "clash", "Clash", new Dictionary<string, string?> { ["a.txt"] = "mine\n" });
        var clash = await place.OpenAsync("ana", "clash", "Clash");
        await place.PushAsync("bob", "main", "Theirs", new Dictionary<string, string?> { ["a.txt"] = "theirs\n" });

        Assert.That(await PressAsync(one, new { sha = place.Tip() }), Is.EqualTo((409, "Head branch was modified. Review and try the merge again.")));
        Assert.That(await PressAsync(one, new { sha = place.Head(one) }), Is.EqualTo((405, "Pull Request is still a draft")));
        Assert.That(await PressAsync(clash, new { }), Is.EqualTo((405, "Pull Request is not mergeable")));
        await place.SetDraftAsync("ana", one, false);
        place.Repository.MergeMethods.Remove("rebase");
        Assert.That((await PressAsync(one, new { merge_method = "rebase" })).Status, Is.EqualTo(405));
        place.Orders.FailNext("PUT", "/merge", 405, body: """{"message":"Base branch was modified. Review and try the merge again.","documentation_url":"https://docs.github.com/rest","status":"405"}""");
        Assert.That((await PressAsync(one, new { })).Message, Does.StartWith("Base branch was modified"));
        Assert.That(await PressAsync(one, new { }), Is.EqualTo((200, "Pull Request successfully merged")));

        async Task<(int Status, string? Message)> PressAsync(int pull, object body) => await place.AskRepositoryAsync(token, "PUT", $"pulls/{pull}/merge", body) is var answer ? (answer.Status, answer.Message) : default;
    }

    [Test]
    public async Task A_part_of_an_answer_that_may_not_be_seen_is_null_and_said_to_be()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var one = await place.ProposeAsync("ana", "one.txt");
        await place.RequestReviewAsync(one, "/core", asCodeOwner: true);
        await place.StatusAsync("bob", place.Head(one), "ci/legacy", "success");
        await place.GrantAsync("members", null);
        await place.GrantAsync("statuses", null);

        var answer = (await place.QueryAsync(await place.AppTokenAsync(), "{ repository(owner: \"acme\", name: \"widgets\") { pullRequest(number: 1) { reviewRequests(first: 5) { nodes { requestedReviewer { ... on Team { slug } } } } commits(last: 1) { nodes { commit { statusCheckRollup { contexts(first: 5) { nodes { ... on StatusContext { context } } } } } } } } } }")).Json;
        Assert.That(answer["errors"]!.AsArray().Select(error => (string)error!["type"]! + " " + error["path"]!.ToJsonString()), Is.EqualTo(new[]
        {
            """FORBIDDEN ["repository","pullRequest","reviewRequests","nodes",0,"requestedReviewer"]""",
            """FORBIDDEN ["repository","pullRequest","commits","nodes",0,"commit","statusCheckRollup","contexts","nodes",0]""",
        }));
    }

    [Test]
    public async Task Checks_are_their_apps_and_statuses_anybodys_who_may_push()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var token = await place.AppTokenAsync();
        var one = await place.ProposeAsync("ana", "one.txt");
        var sha = place.Head(one);
        var actions = await place.ReportAsync("github-actions", sha, "build", "completed", "success", ".github/workflows/build.yml");
        var mine = (long)(await place.AskRepositoryAsync(token, "POST", "check-runs", new { name = "gatekeeper", head_sha = sha, status = "in_progress", output = new { title = "Waiting", summary = "for bob" } })).Json["id"]!;

        Assert.That((await place.AskRepositoryAsync(token, "PATCH", $"check-runs/{actions}", new { conclusion = "failure" })).Status, Is.EqualTo(403));
        Assert.That((await place.AskRepositoryAsync(GitHubPlace.Token("ana"), "POST", "check-runs", new { name = "x", head_sha = sha })).Status, Is.EqualTo(403));
        Assert.That((await place.AskRepositoryAsync(GitHubPlace.FineToken("ana"), "GET", $"check-runs/{actions}")).Message, Is.EqualTo("Resource not accessible by personal access token"));
        Assert.That((await place.AskRepositoryAsync(token, "PATCH", $"check-runs/{mine}", new { conclusion = "success", output = new { title = "Landed" } })).Status, Is.EqualTo(422));
        Assert.That((await place.AskRepositoryAsync(token, "PATCH", $"check-runs/{mine}", new { conclusion = "success" })).Status, Is.EqualTo(200));
        Assert.That((await place.GateChecksAsync(one)).Select(check => (check.Name, check.Status, check.Conclusion, check.Title)), Is.EqualTo(new[] { ("gatekeeper", "completed", "success", "Waiting") }));
        Assert.That((await place.AskRepositoryAsync(token, "POST", $"statuses/{sha}", new { state = "success", context = "gatekeeper", description = new string('x', 141) })).Status, Is.EqualTo(422));
        Assert.That((await place.AskRepositoryAsync(GitHubPlace.Token("dave"), "POST", $"statuses/{sha}", new { state = "success" })).Status, Is.EqualTo(404));
        Assert.That((await place.AskRepositoryAsync(token, "GET", $"commits/{sha}/check-runs?app_id={GitHubPlace.ActionsId}")).Json["check_runs"]!.AsArray().Select(run => (string)run!["name"]!), Is.EqualTo(new[] { "build" }));
    }

    [Test]
    public async Task Webhooks_are_signed_and_can_be_sent_again()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var heard = new List<(string Event, string Guid, bool Genuine)>();
        await using var ear = await Servers.LocalServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            heard.Add((context.Request.Headers["X-GitHub-Event"]!, context.Request.Headers["X-GitHub-Delivery"]!, context.Request.Headers["X-Hub-Signature-256"] == Imitation.HubHooks.Signature(body, place.Hooks.Secret)));
            context.Response.StatusCode = 202;
        });
        place.Hooks.Address = ear.Addresses[0];

        var one = await place.ProposeAsync("ana", "one.txt");
        await place.CommentAsync("bob", one, "fine");
        Assert.That(heard.Select(each => each.Event), Is.EqualTo(new[] { "push", "pull_request", "issue_comment" }));
        Assert.That(heard, Has.All.Matches<(string, string, bool Genuine)>(each => each.Genuine));

        var last = (await place.AskAsync(place.Jwt(), "GET", "app/hook/deliveries")).Json[0]!;
        Assert.That((await place.AskAsync(place.Jwt(), "POST", $"app/hook/deliveries/{(long)last["id"]!}/attempts")).Status, Is.EqualTo(202));
        await place.CatchUpAsync();
        Assert.That(heard[^1], Is.EqualTo(heard[^2]));
        await place.Hooks.ForgeAsync("push", "{}", "a guess");
        Assert.That(heard[^1].Genuine, Is.False);
    }

    [Test]
    public async Task The_signature_is_the_one_that_the_guide_shows() =>
        Assert.That(await Task.FromResult(Imitation.HubHooks.Signature("Hello, World!", "It's a Secret to Everybody")), Is.EqualTo("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"));
}
