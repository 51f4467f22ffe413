using System.Text.Json.Nodes;
using GateKeeper.Commands;
using GateKeeper.Forges;
using GateKeeper.Settings;

namespace GateKeeper.Tests.GitHub;

/// <summary>What the doctor says of a repository on an imitated server, from the settings to the last line.</summary>
public sealed class GitHubDoctorScenarios
{
    private static readonly Dictionary<string, string> Files = new()
    {
        ["a.txt"] = "a\n",
        ["rules.yaml"] = """
            version: 1
            groups: { core: { teams: [acme/core] } }
            tests:
              build: { check: build, from: { app: github-actions, workflow: .github/workflows/gatekeeper.yml, event: push } }
            gates:
              - { name: review, require: { approvals: 1, from: core, lifted-by: core } }
              - { name: tests, require: { tests: all } }
            """,
        [".github/workflows/gatekeeper.yml"] = "on: { push: { branches: ['gatekeeper/**'] } }\njobs: {}\n",
    };

    [Test]
    public async Task A_repository_that_is_set_up_as_the_guide_says_is_all_right()
    {
        await using var place = await SealedAsync();

        var findings = await ExamineAsync(place);

        Assert.That(findings.Where(finding => finding.State != FindingState.Right), Is.Empty);
        Assert.That(findings.Select(finding => finding.What), Is.SupersetOf((string[])["clock", "server", "login", "installation", "permission contents", "project", "trunk main", "nobody else: push to main", "deletion of main",
            "forced push to main", "bypass of main", "push to main by the gate", "merge queue on main", "candidates", "workflows on main", "webhook", "budget", "those who administer"]));
        Assert.That(findings.Of("server"), Is.EqualTo("Right: Enterprise Server 3.17.0"));
        Assert.That(findings.Of("login"), Is.EqualTo("Right: the App gatekeeper, number 4242"));
        Assert.That(findings.Of("trunk main"), Is.EqualTo("Right: it is there, and the default branch"));
        Assert.That(findings.Of("bypass of main"), Is.EqualTo("Right: the ruleset \"trunk\": only gatekeeper; the ruleset \"history\": nobody"));
        Assert.That(findings.Of("those who administer"), Is.EqualTo("Right: no gate can keep them from it: erin"));
        Assert.That(place.Transcript.Lines.Where(line => !line.StartsWith("GET ", StringComparison.Ordinal) && !line.Contains("/access_tokens", StringComparison.Ordinal) && !line.Contains("/graphql", StringComparison.Ordinal)), Is.Empty, "it changes nothing");
    }

    [Test]
    public async Task Without_an_administrators_login_only_what_is_shown_to_administrators_is_unknown()
    {
        await using var place = await SealedAsync();

        var findings = await ExamineAsync(place, admin: null);

        Assert.That(findings.Where(finding => finding.State != FindingState.Right).Select(finding => $"{finding.State} {finding.What}"), Is.EquivalentTo(new[] { "Unknown bypass of main", "Unknown candidates", "Unknown those who administer" }));
    }

    [Test]
    public async Task A_repository_that_nobody_set_up_is_wrong_in_every_way_that_it_is()
    {
        await using var place = await StartAsync();
        await place.GrantAsync("workflows", null);
        place.Repository.MergeQueues.Add("main");
        place.Repository.Protections["main"] = new() { ["required_pull_request_reviews"] = new JsonObject { ["required_approving_review_count"] = 1 }, ["restrictions"] = null };

        var findings = await ExamineAsync(place);

        Assert.That(findings.Of("permission workflows"), Does.StartWith("Wrong: not granted"));
        Assert.That(findings.Of("nobody else: push to main"), Is.EqualTo("Wrong: the branch's protection does not say who may push"));
        Assert.That(findings.Of("push to main by the gate"), Is.EqualTo("Wrong: the branch's protection demands a pull request with 1 approvals"));
        Assert.That(findings.Of("merge queue on main"), Is.EqualTo("Wrong: GitHub's own queue is on, by the branch's protection"));
        Assert.That(findings.Of("candidates"), Does.StartWith("Wrong: whoever may write to the repository may make gatekeeper/any,"));
    }

    [Test]
    public async Task What_the_app_may_not_read_and_an_older_server_does_not_know_is_unknown()
    {
        await using var place = await SealedAsync();
        await place.GrantAsync("administration", null);
        place.Orders.AnswerGraph("mergeQueue", new() { ["errors"] = new JsonArray(new JsonObject { ["message"] = "Field 'mergeQueue' doesn't exist on type 'Repository'" }) });

        var findings = await ExamineAsync(place, admin: null);

        Assert.That(findings.Of("permission administration"), Does.StartWith("Wrong: not granted; read is needed for the doctor"));
        Assert.That(findings.Of("nobody else: push to main"), Does.StartWith("Right: "));
        Assert.That(findings.Of("push to main by the gate"), Does.StartWith("Unknown: the rulesets let it; the branch's protection cannot be read: ").And.Contain("403"));
        Assert.That(findings.Of("merge queue on main"), Does.StartWith("Unknown: no ruleset switches it on").And.Contain("doesn't exist on type"));
    }

    [Test]
    public async Task A_ruleset_whose_stars_stop_at_a_slash_leaves_deeper_candidates_open_and_is_named()
    {
        await using var place = await SealedAsync("refs/heads/gatekeeper/**");

        var findings = await ExamineAsync(place);

        Assert.That(findings.Of("candidates"), Does.StartWith("Wrong: whoever may write to the repository may make gatekeeper/any/1,").And.EndWith("the ruleset \"candidates\" means refs/heads/gatekeeper/**, and GitHub's stars stop at a slash"));
    }

    [Test]
    public async Task A_team_that_may_pass_is_named_by_its_name()
    {
        await using var place = await SealedAsync();
        place.Repository.Rulesets[0].Bypass.Add(("Team", 31, "pull_request"));

        Assert.That((await ExamineAsync(place)).Of("bypass of main"), Is.EqualTo("Wrong: the ruleset \"trunk\" may be passed by the team acme/core (by merging a pull request)"));
    }

    [Test]
    public async Task A_key_of_another_a_missing_installation_and_a_suspended_one_are_told_apart()
    {
        await using var place = await SealedAsync();

        var stranger = await ExamineAsync(place, with: repository => repository with { App = "777" });
        place.App.IsInstalled = false;
        var absent = await ExamineAsync(place);
        place.App.IsInstalled = true;
        place.App.Suspended = true;
        var suspended = await ExamineAsync(place);

        Assert.That(stranger.Of("login"), Does.StartWith("Wrong: "));
        Assert.That(stranger.Cure("login"), Does.Contain("private key"));
        Assert.That(absent.Of("login"), Does.StartWith("Right: "));
        Assert.That(absent.Of("installation"), Does.StartWith("Wrong: the App gatekeeper is not installed on acme/widgets"));
        Assert.That(suspended.Of("installation"), Does.StartWith("Wrong: suspended since "));
    }

    [Test]
    public async Task What_is_no_key_is_said_without_showing_it()
    {
        await using var place = await SealedAsync();
        using var terminal = new Terminal();
        var file = terminal.Write("key", "hunter2");

        var findings = await ExamineAsync(place, with: repository => repository with { Credential = $"file:{file}" });

        Assert.That(findings.Of("login"), Does.StartWith("Wrong: ").And.Contain("no private key").And.Not.Contain("hunter2"));
    }

    [Test]
    public async Task A_permission_that_the_app_asks_for_and_nobody_accepted_is_wrong()
    {
        await using var place = await SealedAsync();
        place.App.Asked = new(place.App.Permissions);
        await place.GrantAsync("members", null);

        Assert.That((await ExamineAsync(place)).Of("permission members"), Does.StartWith("Wrong: the App asks for read, and nobody has accepted that yet"));
    }

    [Test]
    public async Task A_repository_that_is_archived_renamed_or_lacks_a_trunk_is_found_and_a_trunk_beside_the_default_branch_is_said()
    {
        await using var place = await SealedAsync();
        await place.LockAsync("stable");

        var beside = await ExamineAsync(place, with: repository => repository with { Trunks = ["stable", "next"] });
        place.Repository.IsArchived = true;
        var archived = await ExamineAsync(place);

        Assert.That(beside.Of("trunk stable"), Does.StartWith("Right: it is there, and not the default branch (main)"));
        Assert.That(beside.Of("trunk next"), Is.EqualTo("Wrong: there is no such branch"));
        Assert.That(archived.Of("project"), Is.EqualTo("Wrong: acme/widgets is archived, so nothing lands there"));
        Assert.That((await ExamineAsync(place, with: repository => repository with { Project = "acme/gadgets" })).Of("installation"), Does.StartWith("Wrong: "));
    }

    [Test]
    public async Task An_older_server_is_not_called_tried_and_a_clock_that_is_off_is_wrong()
    {
        var clock = new ManualTime();
        await using var place = await StartAsync(clock);
        place.Server.Version = "3.9.2";

        var findings = await ExamineAsync(place, admin: null, with: repository => repository with { App = null, Credential = $"file:{TokenFile(place, "bob")}" });

        Assert.That(findings.Of("server"), Does.StartWith("Unknown: Enterprise Server 3.9.2 has not been tried"));
        Assert.That(findings.Of("clock"), Does.StartWith("Wrong: the host's is ").And.Contain("this machine's, and an App's login is good for a minute"));
    }

    [Test]
    public async Task Of_a_token_it_is_said_whose_it_is_how_long_it_has_and_what_it_cannot_see()
    {
        await using var place = await SealedAsync();
        place.Server.TokensEnd = TimeProvider.System.GetUtcNow().AddDays(3);
        var soon = await ByTokenAsync("bob");
        place.Server.TokensEnd = TimeProvider.System.GetUtcNow().AddDays(90);
        var later = await ByTokenAsync("bob");
        place.Server.TokensEnd = null;

        Assert.That(soon.Of("login"), Does.StartWith("Wrong: the account bob; its token ends on ").And.EndWith("in 3 days"));
        Assert.That(later.Of("login"), Does.StartWith("Right: the account bob; its token ends on "));
        Assert.That((await ByTokenAsync("bob")).Of("login"), Is.EqualTo("Right: the account bob; its token has no end"));
        Assert.That(later.Of("permissions"), Does.StartWith("Unknown: the account may write"));
        Assert.That(later.Of("checks"), Does.StartWith("Wrong: the rules wait for build, a check run"));
        Assert.That(later.Of("push to main by the gate"), Does.StartWith("Wrong: the ruleset \"trunk\" restricts who may update the branch"));
        Assert.That((await ByTokenAsync("dave")).Of("permissions"), Is.EqualTo("Wrong: the token's account may not write to the repository"));
        Assert.That((await ByTokenAsync("erin")).Of("permissions"), Does.StartWith("Wrong: the token's account administers the repository"));
        Assert.That((await ByTokenAsync("nobody")).Of("login"), Does.StartWith("Wrong: GitHub does not take the token: 401"));

        async Task<IReadOnlyList<Finding>> ByTokenAsync(string who) => await ExamineAsync(place, admin: null, with: repository => repository with { App = null, Credential = $"file:{TokenFile(place, who)}" });
    }

    [Test]
    public async Task A_lent_login_that_administers_nothing_is_no_help_and_is_said()
    {
        await using var place = await SealedAsync();

        Assert.That((await ExamineAsync(place, admin: "bob")).Of("the administrator's login"), Is.EqualTo("Wrong: it is taken, and administers nothing here"));
        Assert.That((await ExamineAsync(place, admin: "nobody")).Of("the administrator's login"), Does.StartWith("Wrong: ").And.Contain("does not take the credential"));
    }

    [Test]
    public async Task A_webhook_is_followed_to_where_its_events_go()
    {
        await using var place = await SealedAsync();
        await using var worker = await Servers.LocalServer.StartAsync(context => { context.Response.StatusCode = 202; return Task.CompletedTask; });
        place.App.Events.AddRange(["check_suite", "membership", "repository", "team"]);
        var page = worker.Addresses[0].ToString();
        var elsewhere = await ExamineAsync(place, page: page);
        place.Hooks.Address = new(worker.Addresses[0], "hooks/github");
        await place.PushAsync("ana", "one", "one.txt");
        var here = await ExamineAsync(place, page: page);
        place.Hooks.Lost = true;
        await place.PushAsync("ana", "one", "two.txt");

        Assert.That(elsewhere.Of("webhook"), Does.StartWith("Wrong: the App has no webhook"));
        Assert.That(here.Of("webhook"), Does.StartWith("Right: the last event"));
        Assert.That(here.Of("events"), Does.StartWith("Right: "));
        Assert.That((await ExamineAsync(place, page: page)).Of("webhook"), Does.StartWith("Wrong: the last event did not get to "));
    }

    [Test]
    public async Task A_server_that_is_gone_did_not_answer()
    {
        await using var place = await SealedAsync();
        place.Orders.Down(true);

        var examined = await DoctorCommand.ExamineAsync(Settings(place), Settings(place).Repositories[0], null, default);

        Assert.That(examined.Findings, Is.Null);
        Assert.That(DoctorCommand.Text([examined]), Does.Contain("did not answer: "));
    }

    [Test]
    public async Task The_command_tells_all_of_it_and_ends_with_one_when_anything_is_wrong()
    {
        await using var place = await SealedAsync();
        using var terminal = new Terminal();
        var settings = terminal.Write("settings.json", $$"""
            { "repositories": [{ "name": "widgets", "forge": "github", "url": "{{place.Url}}", "project": "acme/widgets", "app": "4242", "credential": "file:{{place.KeyFile}}", "publish": "refs/heads/gatekeeper/" }] }
            """);
        string[] look = ["doctor", "widgets", "--admin", $"erin:file:{terminal.Write("admin", GitHubPlace.Token("erin"))}", "--config", settings];

        var fine = await terminal.RunAsync(look);
        await place.RemoveRulesetsAsync();
        var wrong = await terminal.RunAsync(look);

        Assert.That((fine.Code, fine.Errors), Is.EqualTo((0, "")), fine.Output);
        Assert.That(fine.Output, Does.StartWith($"widgets (acme/widgets at {place.Url})\n").And.Contain("\n  right   nobody else: push to main: the ruleset \"trunk\"\n").And.EndWith(" right, 0 wrong, 0 unknown\n"));
        Assert.That(wrong.Code, Is.EqualTo(1));
        Assert.That(wrong.Output, Does.Contain("\n  wrong   deletion of main: no active rule forbids it\n          to mend it: deploy/github/ruleset-history.json"));
    }

    private static async Task<GitHubPlace> StartAsync(TimeProvider? time = null)
    {
        var place = await GitHubPlace.StartAsync(Files, time ?? TimeProvider.System);
        await place.GrantAsync("workflows", "write");
        return place;
    }

    /// <summary>The guide's three rulesets, as the files have them.</summary>
    private static async Task<GitHubPlace> SealedAsync(string candidates = "refs/heads/gatekeeper/**/*")
    {
        var place = await StartAsync();
        foreach (var (number, file) in ((string[])["trunk", "history", "candidates"]).Index())
        {
            var set = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(HouseRules.Root, "deploy/github", $"ruleset-{file}.json")))!;
            place.Repository.Rulesets.Add(new(70 + number, file)
            {
                Include = file == "candidates" ? [candidates] : [.. set["conditions"]!["ref_name"]!["include"]!.AsArray().Select(each => (string)each!)],
                Rules = [.. set["rules"]!.AsArray().Select(rule => ((string)rule!["type"]!, (JsonObject?)null))],
                Bypass = [.. set["bypass_actors"]!.AsArray().Select(actor => ((string)actor!["actor_type"]!, (long)actor["actor_id"]!, (string)actor["bypass_mode"]!))],
            });
        }

        return place;
    }

    private static string TokenFile(GitHubPlace place, string who)
    {
        var path = Path.Combine(Path.GetDirectoryName(place.KeyFile)!, who);
        File.WriteAllText(path, GitHubPlace.Token(who));
        return path;
    }

    private static GateSettings Settings(GitHubPlace place, string? page = null)
    {
        var path = Path.Combine(Path.GetDirectoryName(place.KeyFile)!, "settings.json");
        File.WriteAllText(path, $$"""
            {
              "repositories": [{
                "name": "widgets", "forge": "github", "url": "{{place.Url}}", "project": "acme/widgets", "app": "4242", "credential": "file:{{place.KeyFile}}",
                "publish": "refs/heads/gatekeeper/"{{(page is null ? "" : """, "webhook": { "secret": "env:NONE" }""")}} }],
              "page": { "listen": "http://127.0.0.1:8380"{{(page is null ? "" : $", \"address\": \"{page}\"")}} }
            }
            """);
        return Common.Settings(path);
    }

    private static async Task<IReadOnlyList<Finding>> ExamineAsync(GitHubPlace place, string? admin = "erin", string? page = null, Func<RepositorySettings, RepositorySettings>? with = null)
    {
        var settings = Settings(place, page);
        var login = admin is null ? null : new Login(admin, $"file:{TokenFile(place, admin)}");
        var examined = await DoctorCommand.ExamineAsync(settings, with?.Invoke(settings.Repositories[0]) ?? settings.Repositories[0], login, default);
        return examined.Findings ?? throw new IOException(examined.Silence);
    }
}
