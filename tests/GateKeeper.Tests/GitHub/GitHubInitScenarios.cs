using System.Text.Json.Nodes;
using GateKeeper.Commands;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;
using GateKeeper.Forges.GitHub;
using GateKeeper.Settings;

namespace GateKeeper.Tests.GitHub;

/// <summary>How a repository on GitHub begins: the files that init writes, from what is found on an imitated server and without having looked.</summary>
public sealed class GitHubInitScenarios
{
    private static readonly Dictionary<string, string> Files = new()
    {
        ["Makefile"] = "test:\n\ttrue\n",
        [".github/CODEOWNERS"] = "* @bob\n",
        [".github/workflows/build.yml"] = "on: push\n",
    };

    [Test]
    public async Task With_an_administrators_login_the_files_fit_what_is_there()
    {
        await using var place = await GitHubPlace.StartAsync(Files, TimeProvider.System);
        using var terminal = new Terminal();
        await place.AddMemberAsync("leads", "carol");
        place.Server.Teams.First(team => team.Slug == "leads").Permission = "admin";
        await place.AddRulesetAsync("reviews", "main", "pull_request", new() { ["required_approving_review_count"] = 2 });
        await place.AddRulesetAsync("checks", "main", "required_status_checks", new() { ["required_status_checks"] = new JsonArray(new JsonObject { ["context"] = "build" }, new JsonObject { ["context"] = "never seen" }) });
        await place.ReportAsync("github-actions", place.Tip(), "build", "completed", "success", ".github/workflows/build.yml", "push");
        await place.ReportAsync("other-ci", place.Tip(), "Scan all", "completed", "success");
        await place.StatusAsync("bob", place.Tip(), "ci/legacy", "success");

        var seen = await terminal.RunAsync("init", "github", "acme/widgets", "--url", place.Url, "--admin", $"erin:file:{terminal.Write("admin", GitHubPlace.Token("erin"))}", "--page", "https://gate.example.org");
        var text = await File.ReadAllTextAsync(Path.Combine(Folder(terminal), "rules.yaml"));

        Assert.That((seen.Code, seen.Errors), Is.EqualTo((0, "")), seen.Output);
        Assert.That(seen.Output, Does.Contain("Found: the default branch is main; owners are in .github/CODEOWNERS; checks build, never seen, Scan all, ci/legacy.")
            .And.Contain("Found: rulesets that say: pull_request, required_status_checks.").And.Contain("let the workflows that it names run on: push of gatekeeper/**").And.Not.Contain("Not seen"));
        var rules = RulesLoader.Load(text).Rules!;
        Assert.That(rules.Groups.Select(group => $"{group.Name}: {string.Join(",", group.Teams)} {string.Join(",", group.Groups)}"), Is.EqualTo(new[] { "maintainers: acme/leads ", "developers: acme/core maintainers" }));
        Assert.That(rules.Tests.Select(test => $"{test.Name}: {test.Run ?? test.Check!.Name}"), Is.EqualTo(new[] { "unit: make test", "build: build" }));
        Assert.That(rules.Tests[1].Check!.From, Does.Contain(KeyValuePair.Create("workflow", ".github/workflows/build.yml")).And.Contain(KeyValuePair.Create("event", "push")));
        Assert.That(rules.Gates[0].Require.Flatten().OfType<Approvals>().Single().Count, Is.EqualTo(2));
        Assert.That(rules.Gates.Select(gate => gate.Name), Is.EqualTo(new[] { "review", "owners", "rules and workflows", "go", "tests" }));
        Assert.That(text, Does.Contain("# scan-all: { check: \"Scan all\", from: { app: other-ci }, on: revision, timeout: 60m }").And.Contain("# ci-legacy: { check: ci/legacy, from: { user: bob }, on: revision").And.Contain("nobody reported it on the tip"));
        Assert.That((await terminal.RunAsync("check", "rules.yaml")).Output, Does.Contain("rules.yaml: valid: 5 gates, 2 tests, 2 groups").And.Contain("warning: gate \"review\": it asks for 2"), "how many a team has is not in the file");
    }

    [Test]
    public async Task What_the_app_may_not_see_is_said_and_the_rest_is_written()
    {
        await using var place = await GitHubPlace.StartAsync(Files, TimeProvider.System);
        using var terminal = new Terminal();
        await place.GrantAsync("administration", null);
        await place.GrantAsync("actions", null);
        await place.ReportAsync("github-actions", place.Tip(), "build", "completed", "success", ".github/workflows/build.yml", "push");

        var seen = await terminal.RunAsync("init", "github", "acme/widgets", "--url", place.Url, "--app", "4242", "--credential", $"file:{place.KeyFile}", "--trunk", "main", "--trunk", "stable");

        Assert.That((seen.Code, seen.Errors), Is.EqualTo((0, "")), seen.Output);
        Assert.That(seen.Output, Does.Contain("Not seen: the trunk's protection: ").And.Contain("Not seen: the teams that may write: ").And.Contain("Not seen: which workflows made them: "));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(Folder(terminal), "rules.yaml")), Does.Contain("which workflow makes it was not seen").And.Contain("nobody-yet"));
        Assert.That(File.Exists(Path.Combine(Folder(terminal), "app-manifest.json")), Is.False, "the App is there already");
        var (settings, errors) = SettingsReader.ReadFile(Path.Combine(Folder(terminal), "settings.json"), []);
        Assert.That(errors, Is.Empty);
        Assert.That((settings!.Repositories[0].App, settings.Repositories[0].Publish, settings.Repositories[0].Trunks), Is.EqualTo(("4242", "refs/heads/gatekeeper/", (string[])["main", "stable"])));
    }

    [Test]
    public async Task Without_a_login_the_files_are_general_and_say_so()
    {
        using var terminal = new Terminal();

        var seen = await terminal.RunAsync("init", "github", "acme/widgets", "--page", "https://gate.example.org/");

        Assert.That((seen.Code, seen.Errors), Is.EqualTo((0, "")));
        Assert.That(seen.Output, Does.Contain("Not seen: anything of acme/widgets at github.com, for want of a login").And.Contain("  2. Register the App with app-manifest.json"));
        var rules = await File.ReadAllTextAsync(Path.Combine(Folder(terminal), "rules.yaml"));
        Assert.That(RulesLoader.Load(rules).Rules, Is.Not.Null);
        Assert.That(rules, Does.Not.Contain("No CODEOWNERS was found"));
        Assert.That((await terminal.RunAsync("doctor", "--config", "settings.json")).Errors, Does.Contain("repositories[0].app: expected the App's id or client id"));

        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder(terminal), "app-manifest.json")))!.AsObject();
        var guide = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(HouseRules.Root, "deploy/github/app-manifest.json")))!.AsObject();
        Assert.That(JsonNode.DeepEquals(manifest, guide), Is.True, manifest.ToJsonString());
    }

    [Test]
    public async Task No_file_is_written_over_and_nothing_is_written_where_one_is_in_the_way()
    {
        using var terminal = new Terminal();
        terminal.Write("rules.yaml", "mine\n");

        var seen = await terminal.RunAsync("init", "github", "acme/widgets");

        Assert.That((seen.Code, seen.Output, seen.Errors), Is.EqualTo((2, "", "gatekeeper: rules.yaml is there already, and nothing is written over: move it away, or name another by --rules\n")));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(Folder(terminal), "rules.yaml")), Is.EqualTo("mine\n"));
        Assert.That(File.Exists(Path.Combine(Folder(terminal), "settings.json")), Is.False);
        Assert.That((await terminal.RunAsync("init", "github", "acme/widgets", "--rules", "first.yaml")).Code, Is.Zero);
    }

    [TestCase("acme", "expected OWNER/REPO, such as acme/widgets, not \"acme\"")]
    [TestCase("acme/widgets --url https://bob:hunter2@github.com/", "--url: holds a login")]
    [TestCase("acme/widgets --credential hunter2", "--credential: expected file:PATH")]
    [TestCase("acme/widgets --trunk -x", "trunk")]
    public async Task What_is_asked_wrongly_is_refused_before_anything_is_written(string words, string why)
    {
        using var terminal = new Terminal();

        var seen = await terminal.RunAsync(["init", "github", .. words.Split(' ')]);

        Assert.That((seen.Code, seen.Output), Is.EqualTo((2, "")));
        Assert.That(seen.Errors, Does.Contain(why).And.Not.Contain("hunter2"));
        Assert.That(File.Exists(Path.Combine(Folder(terminal), "settings.json")), Is.False);
    }

    [TestCase("Makefile", "make test")]
    [TestCase("Tool.sln", "dotnet test")]
    [TestCase("Cargo.toml", "cargo test")]
    [TestCase("go.mod", "go test ./...")]
    [TestCase("package.json", "npm test")]
    [TestCase("pom.xml", "mvn --batch-mode verify")]
    [TestCase("pyproject.toml", "python3 -m pytest")]
    [TestCase("README.md", null)]
    public void The_first_test_is_what_people_would_type(string file, string? expected) => Assert.That(BeginningReader.Guess([file, "LICENSE"]), Is.EqualTo(expected));

    [Test]
    public void Whatever_checks_are_called_the_rules_are_valid()
    {
        FoundCheck[] odd = [new("all", "other-ci", null, null, true), new("Build / \"x64\"\nrun: rm -rf /", "other-ci", null, null, true), new("unit", null, null, "acme-ci", true), new("測試", "other-ci", null, null, true), new("unit", "github-actions", ".github/workflows/a b.yml", null, true), new("x\ny", null, null, null, true)];
        var made = new GitHubFiles("https://github.com/", "acme", "widgets", ["main", "release/*"], "4242", false, "env:KEY", null, new() { DefaultBranch = "main", Checks = odd, Method = LandingMethod.Squash });

        var loaded = RulesLoader.Load(made.Rules());

        Assert.That(loaded.Errors, Is.Empty);
        Assert.That(loaded.Rules!.Tests.Select(test => test.Name), Is.EqualTo(new[] { "check", "build----x64--run--rm--rf", "unit", "check-2", "unit-2" }));
        Assert.That(loaded.Rules.Tests[1].Check!.Name, Is.EqualTo(odd[1].Name));
        Assert.That(loaded.Rules.Landing.Method, Is.EqualTo(LandingMethod.Squash));
    }

    [Test]
    public void A_person_has_no_teams_and_a_token_no_app()
    {
        var made = new GitHubFiles("https://github.com/", "ana", "tool", ["main"], null, true, "env:TOKEN", "https://gate.example.org/", new() { DefaultBranch = "main", IsOrganizations = false });

        Assert.That(RulesLoader.Load(made.Rules()).Rules!.Groups[0].Users, Is.EqualTo(new[] { "ana" }));
        Assert.That(made.Settings(), Does.Not.Contain("\"app\"").And.Not.Contain("webhook"));
        Assert.That(made.Manifest(), Does.Not.Contain("members"));
    }

    private static string Folder(Terminal terminal) => Path.GetDirectoryName(terminal.Write("x", ""))!;
}
