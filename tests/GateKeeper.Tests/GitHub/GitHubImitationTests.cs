using GateKeeper.Tests.GitHub.Imitation;

namespace GateKeeper.Tests.GitHub;

/// <summary>What the imitated server does, told in short, so that it can be held against what the real one is known to do.</summary>
public sealed class GitHubImitationTests
{
    private static readonly Dictionary<string, string> Files = new() { ["a.txt"] = "a\n" };

    [Test]
    public async Task A_pull_request_is_merged_when_the_trunk_comes_to_contain_its_head()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var one = await place.ProposeAsync("ana", "one.txt");
        await place.ReviewAsync("bob", one, "APPROVE");

        var merge = await place.MergeIntoAsync("bob", "stable", place.Head(one));
        await place.MoveBranchAsync("bob", "main", merge);

        var pull = await place.PullAsync(one);
        Assert.That((pull.State, pull.MergedBy!.Login, pull.MergeCommit), Is.EqualTo(("MERGED", "bob", merge)));
    }

    [Test]
    public async Task A_server_that_is_late_has_them_open_for_a_while_and_the_old_head_recorded()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var one = await place.ProposeAsync("ana", "one.txt");
        var before = place.Head(one);
        (place.Server.HeadsLag, place.Server.MergesLag) = (true, true);

        await place.PushAsync("ana", "add-one.txt", "two.txt");
        Assert.That(place.Head(one), Is.EqualTo(before));
        await place.CatchUpAsync();
        Assert.That(place.Head(one), Is.EqualTo(place.Tip("add-one.txt")));
        place.Server.MergesLag = true;
        await place.MoveBranchAsync("bob", "main", place.Head(one));
        Assert.That(await place.StateAsync(one), Is.EqualTo("OPEN"));
        await place.CatchUpAsync();
        Assert.That(await place.StateAsync(one), Is.EqualTo("MERGED"));
    }

    [Test]
    public async Task The_trunk_is_the_apps_and_who_pushes_to_it_otherwise_reads_why_not()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        await place.LockAsync();
        var made = await place.CommitAsync("bob", "Sneak in", new Dictionary<string, string?> { ["sneaky.txt"] = "x\n" });

        var refused = await place.TryPushAsync(GitHubPlace.Token("bob"), made, "refs/heads/main");
        Assert.That(refused.Ok, Is.False);
        Assert.That(refused.Error, Does.Contain("GH013: Repository rule violations found for refs/heads/main").And.Contain("Cannot update this protected ref").And.Contain("push declined due to repository rule violations"));
        Assert.That((await place.TryPushAsync(GitHubPlace.Token("dave"), made, "refs/heads/other")).Error, Does.Contain("403"));
        Assert.That((await place.TryPushAsync("nonsense", made, "refs/heads/other")).Ok, Is.False);
        Assert.That((await place.TryPushAsync(GitHubPlace.Token("bob"), made, "refs/pull/1/head")).Error, Does.Contain("deny updating a hidden ref"));

        var done = await place.TryPushAsync(await place.AppTokenAsync(), made, "refs/heads/main");
        Assert.That(done.Ok, Is.True, done.Error);
        Assert.That(done.Error, Does.Contain("Bypassed rule violations"));
        Assert.That(await place.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Sneak in" }));
        Assert.That((await place.TryPushAsync(await place.AppTokenAsync(), place.Tip("stable"), "refs/heads/main", force: true)).Error, Does.Contain("Cannot force-push to this branch"));
    }

    [Test]
    public async Task An_app_that_may_not_write_workflows_brings_none_in_that_no_branch_has()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var workflow = await place.CommitAsync("mallory", "A workflow", new Dictionary<string, string?> { [".github/workflows/x.yml"] = "on: push\n" });

        var refused = await place.TryPushAsync(await place.AppTokenAsync(), workflow, "refs/heads/main");
        Assert.That(refused.Error, Does.Contain("refusing to allow a GitHub App to create or update workflow `.github/workflows/x.yml` without `workflows` permission"));
        await place.MoveBranchAsync("ana", "has-it", workflow);
        Assert.That((await place.TryPushAsync(await place.AppTokenAsync(), workflow, "refs/heads/main")).Ok, Is.True);
    }

    [Test]
    public async Task Where_signatures_are_required_a_plain_commit_is_refused()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        await place.AddRulesetAsync("signed", "main", "required_signatures");
        var made = await place.CommitAsync("bob", "Unsigned", new Dictionary<string, string?> { ["b.txt"] = "x\n" });

        Assert.That((await place.TryPushAsync(await place.AppTokenAsync(), made, "refs/heads/main")).Error, Does.Contain("Commits must have verified signatures"));
    }

    [Test]
    public async Task The_app_proves_itself_by_its_key_and_has_no_more_than_it_was_granted()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var tokens = $"app/installations/{place.App.Installation}/access_tokens";
        using var another = System.Security.Cryptography.RSA.Create(2048);

        Assert.That((int)(await place.AskAsync(place.Jwt(), "GET", "app")).Json["id"]!, Is.EqualTo(4242));
        Assert.That((await place.AskAsync(place.Jwt(key: another), "GET", "app")).Message, Is.EqualTo("A JSON web token could not be decoded"));
        Assert.That((await place.AskAsync(place.Jwt(TimeSpan.FromMinutes(2)), "GET", "app")).Message, Does.StartWith("'Issued at' claim ('iat')"));
        Assert.That((await place.AskAsync(place.Jwt(minutes: 11), "GET", "app")).Message, Is.EqualTo("'Expiration time' claim ('exp') is too far in the future"));
        Assert.That((await place.AskAsync(place.Jwt(TimeSpan.FromMinutes(-20)), "GET", "app")).Status, Is.EqualTo(401));
        Assert.That((int)(await place.AskAsync(place.Jwt(), "GET", $"repos/{place.FullName}/installation")).Json["id"]!, Is.EqualTo(place.App.Installation));
        Assert.That((await place.AskAsync(place.Jwt(), "POST", tokens, new { permissions = new { workflows = "write" } })).Status, Is.EqualTo(422));

        var narrow = (string)(await place.AskAsync(place.Jwt(), "POST", tokens, new { repositories = new[] { "widgets" }, permissions = new { contents = "read" } })).Json["token"]!;
        var refused = await place.AskRepositoryAsync(narrow, "PATCH", "git/refs/heads%2Fmain", new { sha = place.Tip() });
        Assert.That((refused.Status, refused.Message, refused.Headers["X-Accepted-GitHub-Permissions"]), Is.EqualTo((403, "Resource not accessible by integration", "contents=write")));
        Assert.That((await place.AskRepositoryAsync(narrow, "GET", "git/ref/heads/main")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_token_dies_after_an_hour_and_what_may_not_be_seen_is_not_there()
    {
        var time = new ManualTime();
        await using var place = await GitHubPlace.StartAsync(Files, time);
        var token = await place.AppTokenAsync();
        place.Repository.IsPrivate = true;
        place.Repository.Roles.Remove(place.Server.Account("mallory"));

        Assert.That((await place.AskAsync(GitHubPlace.Token("mallory"), "GET", $"repos/{place.FullName}")).Status, Is.EqualTo(404));
        Assert.That((await place.AskAsync(token, "GET", $"repos/{place.FullName}")).Status, Is.EqualTo(200));
        Assert.That((await place.AskAsync(token, "GET", "user")).Message, Is.EqualTo("Resource not accessible by integration"));
        time.Pass(TimeSpan.FromMinutes(61));
        var late = await place.AskAsync(token, "GET", $"repos/{place.FullName}");
        Assert.That((late.Status, late.Message), Is.EqualTo((401, "Bad credentials")));
    }

    [Test]
    public async Task Nobody_reviews_his_own_and_a_dismissal_rewrites_the_review()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var one = await place.ProposeAsync("ana", "one.txt");

        Assert.That(() => place.ApproveAsync("ana", one), Throws.TypeOf<HubRefusal>());
        Assert.That((await place.AskRepositoryAsync(GitHubPlace.Token("ana"), "POST", $"pulls/{one}/reviews", new { @event = "APPROVE" })).Json["errors"]![0]!.ToString(), Is.EqualTo("Can not approve your own pull request"));
        await place.ApproveAsync("bob", one);
        await place.DismissAsync("erin", one, "bob");
        await place.ReviewAsync("bob", one, "COMMENT", "hm");

        var answer = await place.QueryAsync(await place.AppTokenAsync(), "query($n: Int!) { repository(owner: \"acme\", name: \"widgets\") { pullRequest(number: $n) { latestOpinionatedReviews(first: 9) { nodes { state } } latestReviews(first: 9) { nodes { state } } timelineItems(last: 9, itemTypes: [REVIEW_DISMISSED_EVENT]) { nodes { ... on ReviewDismissedEvent { previousReviewState actor { login } } } } } } }", new { n = one });
        var pull = answer.Json["data"]!["repository"]!["pullRequest"]!;
        Assert.That((string)pull["latestOpinionatedReviews"]!["nodes"]![0]!["state"]!, Is.EqualTo("DISMISSED"));
        Assert.That((string)pull["latestReviews"]!["nodes"]![0]!["state"]!, Is.EqualTo("COMMENTED"));
        Assert.That(pull["timelineItems"]!["nodes"]![0]!.ToJsonString(), Is.EqualTo("""{"previousReviewState":"APPROVED","actor":{"login":"erin"}}"""));
    }

    [Test]
    public async Task A_field_that_there_is_not_fails_the_query_and_a_list_needs_a_size()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var token = await place.AppTokenAsync();

        var wrong = await place.QueryAsync(token, "query Poll { viewer { login foo } }");
        Assert.That(wrong.Status, Is.EqualTo(200));
        Assert.That(wrong.Json["errors"]![0]!["extensions"]!.ToJsonString(), Is.EqualTo("""{"code":"undefinedField","typeName":"User","fieldName":"foo"}"""));
        Assert.That(wrong.Json["errors"]![0]!["path"]!.ToJsonString(), Is.EqualTo("""["query Poll","viewer","foo"]"""));
        Assert.That(Type(await place.QueryAsync(token, "{ repository(owner: \"acme\", name: \"widgets\") { pullRequests { totalCount } } }")), Is.EqualTo("MISSING_PAGINATION_BOUNDARIES"));
        Assert.That(Type(await place.QueryAsync(token, "{ repository(owner: \"acme\", name: \"widgets\") { pullRequests(first: 101) { totalCount } } }")), Is.EqualTo("EXCESSIVE_PAGINATION"));
        Assert.That(Type(await place.QueryAsync(token, "{ repository(owner: \"acme\", name: \"nope\") { id } }")), Is.EqualTo("NOT_FOUND"));
        Assert.That((await place.QueryAsync("ghs_wrong", "{ viewer { login } }")).Status, Is.EqualTo(401));

        static string Type(GitHubAnswer answer) => (string)answer.Json["errors"]![0]!["type"]!;
    }

    [Test]
    public async Task What_was_proposed_from_a_fork_stays_when_the_fork_is_gone_and_can_be_rebased()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        var one = await place.ProposeAsync("mallory", "one.txt");
        await place.PushPastTheGateAsync("b.txt");
        await place.DeleteForkAsync("mallory");

        var answer = await place.QueryAsync(await place.AppTokenAsync(), "query($n: Int!) { repository(owner: \"acme\", name: \"widgets\") { pullRequest(number: $n) { headRepository { id } isCrossRepository mergeable } } }", new { n = one });
        Assert.That(answer.Json["data"]!["repository"]!["pullRequest"]!.ToJsonString(), Is.EqualTo("""{"headRepository":null,"isCrossRepository":true,"mergeable":"UNKNOWN"}"""));
        Assert.That((string?)(await place.AskRepositoryAsync(await place.AppTokenAsync(), "GET", "git/ref/pull%2F1%2Fhead")).Json["object"]!["sha"], Is.EqualTo(place.Head(one)));
        var landed = await place.MergeAsync("bob", one, "rebase");
        Assert.That(landed, Is.Not.EqualTo(place.Head(one)));
        Assert.That(await place.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add b.txt", "Add one.txt" }));
        Assert.That(await place.StateAsync(one), Is.EqualTo("MERGED"));
    }

    [Test]
    public async Task Pages_follow_each_other_also_when_one_goes_away_between()
    {
        await using var place = await GitHubPlace.StartAsync(Files);
        foreach (var file in (string[])["a", "b", "c", "d"])
            await place.ProposeAsync("ana", file);
        var token = await place.AppTokenAsync();
        const string Query = "query($after: String) { rateLimit { cost } repository(owner: \"acme\", name: \"widgets\") { pullRequests(states: OPEN, first: 2, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) { totalCount pageInfo { hasNextPage endCursor } nodes { number } } } }";

        var first = (await place.QueryAsync(token, Query)).Json["data"]!["repository"]!["pullRequests"]!;
        await place.CloseAsync("ana", 2);
        var second = (await place.QueryAsync(token, Query, new { after = (string)first["pageInfo"]!["endCursor"]! })).Json["data"]!["repository"]!["pullRequests"]!;
        Assert.That(first["nodes"]!.ToJsonString() + second["nodes"]!.ToJsonString(), Is.EqualTo("""[{"number":1},{"number":2}][{"number":3},{"number":4}]"""));

        var rest = await place.AskRepositoryAsync(token, "GET", "pulls?state=open&sort=created&direction=asc&per_page=2");
        Assert.That(rest.Headers["Link"], Does.Contain("page=2>; rel=\"next\""));
        Assert.That(rest.Json.AsArray().Select(pull => (int)pull!["number"]!), Is.EqualTo(new[] { 1, 3 }));
    }
}
