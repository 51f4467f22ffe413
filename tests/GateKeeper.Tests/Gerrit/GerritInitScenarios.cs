using System.Text.Json.Nodes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Tests.Gerrit;

/// <summary>How a project begins: what init writes and sets, the same on an imitated server and on a real one.</summary>
[NonParallelizable] // It changes what stands in All-Projects of the one real server.
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritInitScenarios(string kind)
{
    private Uri? server;

    /// <summary>What stands in All-Projects is every story's on a real server, so this one leaves nothing there.</summary>
    [TearDown]
    public async Task LeaveAllProjectsAsItWas()
    {
        if (kind != GerritPlace.Real || server is null)
            return;
        using var rest = new GerritRest(server);
        var local = (await rest.CallAsync(GerritPlace.Admin, "GET", "projects/All-Projects/access")).Json;
        var ours = local["groups"]!.AsObject().Where(group => (string?)group.Value?["name"] is { } name && (name.StartsWith("gate-", StringComparison.Ordinal) || name.StartsWith("bots-", StringComparison.Ordinal))).Select(group => group.Key).ToList();
        foreach (var group in ours)
        {
            var rule = new { rules = new Dictionary<string, object> { [group] = new { action = "ALLOW" } } };
            await rest.CallAsync(GerritPlace.Admin, "POST", "projects/All-Projects/access", new
            {
                remove = new Dictionary<string, object> { ["refs/meta/config"] = new { permissions = new { read = rule } }, ["GLOBAL_CAPABILITIES"] = new { permissions = new { viewAccess = rule, viewSecondaryEmails = rule } } },
            });
        }
    }

    [Test]
    public async Task Init_with_an_administrators_login_shows_the_rights_sets_them_and_the_doctor_finds_all_right()
    {
        await using var place = await BareAsync();
        using var terminal = new Terminal();

        var seen = await terminal.RunAsync([.. Init(place, terminal), "--group", place.Group("gate"), .. Admin(terminal), "--yes"]);

        Assert.That((seen.Code, seen.Errors), Is.EqualTo((0, "")), seen.Output);
        Assert.That(seen.Output, Does.Contain($"  make the group {place.Group("gate")}, with gatekeeper alone in it\n")
            .And.Contain($"  {place.Project}: label Verified (-1, 0, +1), which blocks nothing by itself")
            .And.Contain($"  {place.Project}: label Code-Review without the function MaxWithBlock of All-Projects")
            .And.Contain($"  refs/heads/main of {place.Project}, for {place.Group("gate")}: Push, for nobody else, Submit, for nobody else")
            .And.Contain("Read back: all of it is so."));
        var look = await terminal.RunAsync(["doctor", .. Admin(terminal), "--config", "settings.json", "--set", $"work={Work(terminal)}"]);
        Assert.That(look.Code, Is.Zero, look.Output + look.Errors);

        var again = await terminal.RunAsync([.. Init(place, terminal), .. Admin(terminal), "--overwrite"]);
        Assert.That(again.Code, Is.Zero);
        Assert.That(again.Output, Does.EndWith("The rights are as they should be.\n"));
    }

    [Test]
    public async Task Rights_that_others_had_on_the_trunk_are_named_and_replaced()
    {
        await using var place = await BareAsync();
        using var terminal = new Terminal();
        await place.GrantAsync("core", "refs/heads/main", "push");
        await place.GrantAsync("core", "refs/heads/main", "submit");
        await place.AddMemberAsync("bots", "carol");

        var seen = await terminal.RunAsync([.. Init(place, terminal), "--group", place.Bots, .. Admin(terminal), "--yes"]);

        Assert.That((seen.Code, seen.Errors), Is.EqualTo((0, "")), seen.Output);
        Assert.That(seen.Output, Does.Contain($"  take carol out of {place.Bots}\n").And.Contain($"Push, for nobody else (in place of {place.Core}), Submit, for nobody else (in place of {place.Core})"));
        var change = await place.PushAsync("ana", "Add one", new Dictionary<string, string> { ["one.txt"] = "x\n" });
        Assert.That((await place.TryPushAsync("bob", change.Commit, "refs/heads/main")).Ok, Is.False);
        Assert.That((await place.TryPushAsync(GerritPlace.Admin, change.Commit, "refs/heads/main")).Ok, Is.False);
        Assert.That((await place.TryPushAsync(GerritPlace.Gate, change.Commit, "refs/heads/main")).Ok, Is.True);
    }

    [Test]
    public async Task The_first_rules_name_the_groups_that_may_approve_and_files_that_are_there_stay()
    {
        await using var place = await BareAsync();
        using var terminal = new Terminal();
        await place.GrantAsync("core", "refs/heads/*", "label-Code-Review", -2, 2);

        var seen = await terminal.RunAsync([.. Init(place, terminal), "--rules", Path.Combine(Work(terminal), "first.yaml")]);
        var again = await terminal.RunAsync([.. Init(place, terminal)]);

        Assert.That((seen.Code, seen.Errors), Is.EqualTo((0, "")), seen.Output);
        Assert.That(seen.Output, Does.Contain("No rights were set"));
        var rules = await File.ReadAllTextAsync(Path.Combine(Work(terminal), "first.yaml"));
        Assert.That(RulesLoader.Load(rules).Rules!.Groups[0].Teams, Is.EqualTo(new[] { place.Core }));
        Assert.That((again.Code, again.Errors), Is.EqualTo((2, "gatekeeper: settings.json is there already: name another by --settings, or say --overwrite\n")));
    }

    [Test]
    public async Task A_group_of_reviewers_that_the_gate_is_in_is_not_taken_for_its_own()
    {
        await using var place = await BareAsync();
        using var terminal = new Terminal();
        await place.AddMemberAsync("core", GerritPlace.Gate);
        await place.GrantAsync("core", "refs/heads/*", "label-Code-Review", -2, 2);

        var seen = await terminal.RunAsync([.. Init(place, terminal), .. Admin(terminal)]);

        Assert.That(seen.Output, Does.Contain("  make the group Gatekeeper Bots, with gatekeeper alone in it\n").And.Not.Contain($"out of {place.Core}"));
    }

    [Test]
    public async Task Groups_within_the_gates_own_are_named_and_taken_out_and_one_that_administers_is_refused()
    {
        await using var place = await BareAsync();
        using var terminal = new Terminal();
        await place.CreateGroupAsync("helpers", ["dave"]);
        await place.NestGroupAsync("bots", "helpers");
        await place.DecideAsync("helpers", "bots");

        var refused = await terminal.RunAsync([.. Init(place, terminal), "--group", "Administrators", .. Admin(terminal), "--yes"]);
        var seen = await terminal.RunAsync([.. Init(place, terminal), "--group", place.Bots, .. Admin(terminal), "--yes", "--overwrite"]);

        Assert.That((refused.Code, refused.Errors), Is.EqualTo((2, "gatekeeper: --group Administrators: it administers the server, and the gate needs a group of its own; name another, or none\n")));
        Assert.That((seen.Code, seen.Errors), Is.EqualTo((0, "")), seen.Output);
        Assert.That(seen.Output, Does.Contain($" out of {place.Bots}\n").And.Contain($"let {place.Bots} decide over itself").And.Contain("Read back: all of it is so."));
        Assert.That((await place.AskAsync(GerritPlace.Admin, "GET", $"groups/{place.Bots}/groups/")).Json.AsArray(), Is.Empty);
    }

    [TestCase("--trunk", "release*", "Gerrit's access rules know a pattern only by /* at its end")]
    [TestCase("--url", "https://admin:hunter2@review.example.org/", "holds a login")]
    public async Task What_cannot_be_set_or_must_not_be_written_is_refused_before_anything_is(string option, string value, string why)
    {
        await using var place = await BareAsync();
        using var terminal = new Terminal();

        var words = Init(place, terminal).ToList();
        if (words.IndexOf(option) is var at and >= 0)
            words[at + 1] = value;
        else
            words.AddRange([option, value]);

        var seen = await terminal.RunAsync([.. words]);

        Assert.That((seen.Code, seen.Output), Is.EqualTo((2, "")));
        Assert.That(seen.Errors, Does.Contain(why).And.Not.Contain("hunter2"));
        Assert.That(File.Exists(Path.Combine(Work(terminal), "settings.json")), Is.False);
    }

    [Test]
    public async Task Without_a_yes_nothing_is_set()
    {
        await using var place = await BareAsync();
        using var terminal = new Terminal();

        var seen = await terminal.RunAsync([.. Init(place, terminal), .. Admin(terminal)]);

        Assert.That(seen.Code, Is.EqualTo(1));
        Assert.That(seen.Errors, Is.EqualTo("gatekeeper: no right was set\n"));
        Assert.That(seen.Output, Does.Contain("To be set on ").And.Not.Contain("  set: "));
        Assert.That((await place.AskAsync(GerritPlace.Admin, "GET", $"groups/{Uri.EscapeDataString("Gatekeeper Bots")}")).Ok, Is.False);
    }

    [Test]
    public async Task The_files_of_the_guide_set_by_hand_make_the_project_all_right()
    {
        await using var place = await BareAsync();
        using var terminal = new Terminal();
        var bots = (string)(await place.AskAsync(GerritPlace.Admin, "GET", $"groups/{place.Bots}")).Json["id"]!;
        var project = $"projects/{Uri.EscapeDataString(place.Project)}";
        foreach (var (method, path, file) in new[]
        {
            ("PUT", $"{project}/labels/Verified", "label.json"), ("PUT", $"{project}/labels/Code-Review", "review-label.json"),
            ("PUT", $"{project}/submit_requirements/Gatekeeper", "requirement.json"), ("POST", $"{project}/access", "access.json"),
            ("POST", "projects/All-Projects/access", "all-projects-access.json"),
        })
        {
            var body = JsonNode.Parse((await File.ReadAllTextAsync(Path.Combine(HouseRules.Root, "deploy/gerrit", file))).Replace("GROUP-UUID", bots, StringComparison.Ordinal));
            var answer = await place.AskAsync(GerritPlace.Admin, method, path, body);
            Assert.That(answer.Ok, Is.True, $"{file}: {answer.Text}");
        }

        await terminal.RunAsync([.. Init(place, terminal)]);
        var look = await terminal.RunAsync(["doctor", .. Admin(terminal), "--config", "settings.json", "--set", $"work={Work(terminal)}"]);

        Assert.That(look.Code, Is.Zero, look.Output + look.Errors);
        Assert.That(look.Output, Does.Contain("right   submit requirement Gatekeeper: the gate's own vote meets it"));
    }

    /// <summary>A project as the server makes it, with nothing set up in it.</summary>
    private async Task<GerritPlace> BareAsync()
    {
        var place = await GerritPlace.OpenAsync(kind);
        server = new(place.DirectUrl);
        await place.StartAsync(new Dictionary<string, string> { ["a.txt"] = "a\n" }, rights: false);
        return place;
    }

    private static string[] Init(GerritPlace place, Terminal terminal) =>
        ["init", "gerrit", place.Project, "--url", place.Url, "--user", GerritPlace.Gate, "--credential", $"file:{terminal.Write("gate", GerritPlace.GateSecret)}"];

    private static string[] Admin(Terminal terminal) => ["--admin", $"admin:file:{terminal.Write("admin", GerritRest.Secret(GerritPlace.Admin))}"];

    private static string Work(Terminal terminal) => Path.GetDirectoryName(terminal.Write("x", ""))!;
}
