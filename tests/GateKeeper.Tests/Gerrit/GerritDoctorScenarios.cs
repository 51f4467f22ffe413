using GateKeeper.Commands;
using GateKeeper.Forges;

namespace GateKeeper.Tests.Gerrit;

/// <summary>What the doctor says of a project, word for word the same on an imitated server and on a real one.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritDoctorScenarios(string kind)
{
    [Test]
    public async Task A_project_that_is_set_up_well_is_all_right()
    {
        await using var world = await SealedAsync();

        var findings = await ExamineAsync(world);

        Assert.That(findings.Where(finding => finding.State != FindingState.Right), Is.Empty);
        Assert.That(Of(findings, "push to main by the gate"), Is.EqualTo("Right: gatekeeper may"));
        Assert.That(Of(findings, "nobody else: push to main"), Is.EqualTo("Right: only gatekeeper may"));
        Assert.That(Of(findings, "nobody else: deletion of main"), Is.EqualTo("Right: nobody may"));
        Assert.That(Of(findings, "those who administer the server"), Does.EndWith("no gate can keep them from it: admin"));
        Assert.That(Of(findings, "nobody else: change of the rights"), Does.StartWith("Right: nobody may"));
    }

    [Test]
    public async Task Without_an_administrators_login_what_could_hide_in_a_group_is_unknown()
    {
        await using var world = await SealedAsync();

        var findings = await ExamineAsync(world, admin: false);

        Assert.That(findings.Where(finding => finding.State == FindingState.Wrong), Is.Empty);
        Assert.That(Of(findings, "nobody else: push to main"), Is.EqualTo($"Unknown: nobody else is seen in {world.Place.Bots}, but Gerrit does not tell gatekeeper of groups within it that gatekeeper may not see"));
        Assert.That(Cure(findings, "nobody else: push to main"), Does.Contain("--admin USER:env:NAME"));
        Assert.That(Of(findings, "nobody else: creation of main"), Is.EqualTo("Right: nobody may"));
        Assert.That(Of(findings, "those who administer the server"), Is.EqualTo("Unknown: who is in Administrators cannot be seen"));
    }

    [Test]
    public async Task Rights_that_a_server_has_from_its_factory_are_found()
    {
        await using var world = await SealedAsync();
        await world.Place.RevokeGatePushAsync();

        var findings = await ExamineAsync(world);

        Assert.That(Of(findings, "nobody else: push to main"), Does.StartWith("Wrong: ")
            .And.Contain("refs/heads/* of All-Projects grants it to Administrators: admin (in Administrators)")
            .And.Contain("refs/heads/* of All-Projects grants it to Project Owners, in which nobody is at present"));
        Assert.That(Of(findings, "push to main by the gate"), Is.EqualTo("Wrong: gatekeeper may not"));
        Assert.That(Cure(findings, "push to main by the gate"), Does.StartWith($"give {world.Place.Bots} the right Push on refs/heads/main of {world.Place.Project}"));
    }

    [Test]
    public async Task A_human_in_the_gates_own_group_is_found_also_one_who_is_in_a_group_within_it()
    {
        await using var world = await SealedAsync();
        await world.Place.CreateGroupAsync("helpers", ["dave"], visible: false);
        await world.Place.NestGroupAsync("bots", "helpers");
        await world.Place.AddMemberAsync("bots", "carol");

        var findings = await ExamineAsync(world);

        Assert.That(Of(findings, "nobody else: push to main"), Is.EqualTo(
            $"Wrong: refs/heads/* of {world.Place.Project} grants it to {world.Place.Bots}: carol (in {world.Place.Bots}), dave (in {world.Place.Bots}, by {world.Place.Group("helpers")})"));
        Assert.That(Cure(findings, "nobody else: push to main"), Does.StartWith($"take carol out of {world.Place.Bots}"));
    }

    [Test]
    public async Task Who_may_submit_delete_or_change_the_rights_is_found()
    {
        await using var world = await SealedAsync();
        await world.Place.CreateGroupAsync("leads", ["erin"]);
        await world.Place.GrantAsync("leads", "refs/for/refs/heads/*", "submit");
        await world.Place.GrantAsync("leads", "refs/meta/config", "push");
        await world.Place.GrantAsync("leads", "refs/*", "owner");
        await world.Place.GrantAsync("leads", "refs/heads/main", "label-Verified", -1, 1);

        var findings = await ExamineAsync(world);

        Assert.That(Of(findings, "nobody else: submit by a push for review (%submit) on main"), Does.StartWith("Wrong: ").And.Contain("erin"));
        Assert.That(Of(findings, "nobody else: change of the rights"), Does.StartWith("Wrong: ").And.Contain("grants owner to").And.Contain("grants push to").And.Contain("erin"));
        Assert.That(Of(findings, "nobody else: the gate's label Verified on main"), Does.StartWith("Wrong: ").And.Contain("erin"));
        Assert.That(Of(findings, "nobody else: submit on main"), Is.EqualTo("Right: only gatekeeper may"));
    }

    [Test]
    public async Task A_group_that_decides_over_the_gates_own_is_found()
    {
        await using var world = await SealedAsync();
        await world.Place.CreateGroupAsync("leads", ["erin"]);
        await world.Place.DecideAsync("leads", "bots");

        var findings = await ExamineAsync(world);

        Assert.That(Of(findings, "nobody else: push to main"), Is.EqualTo($"Wrong: erin could let anybody in: in {world.Place.Group("leads")}, which decides who is in {world.Place.Bots}"));
    }

    [Test]
    public async Task Who_may_give_himself_the_right_or_act_for_the_gate_is_found()
    {
        await using var world = await SealedAsync();
        await world.Place.CreateGroupAsync("leads", ["erin"]);
        await world.Place.GrantAsync("leads", "refs/for/refs/heads/*", "owner");
        await world.Place.GrantAsync("leads", "refs/heads/main", "labelAs-Verified", -1, 1);
        await world.Place.GrantAsync("leads", "refs/heads/main", "push");

        var findings = await ExamineAsync(world);

        Assert.That(Of(findings, "nobody else: change of the rights"), Does.StartWith("Wrong: ").And.Contain("grants owner to").And.Contain("erin"));
        Assert.That(Of(findings, "nobody else: the gate's label Verified on main"), Does.StartWith("Wrong: ").And.Contain("erin"));
        Assert.That(Of(findings, "nobody else: push to main"), Does.StartWith("Wrong: ").And.Contain("erin"));
    }

    [Test]
    public async Task Of_a_pattern_of_trunks_those_that_there_could_be_are_looked_at_too()
    {
        await using var world = await SealedAsync();
        var settings = world.Settings();

        var examined = await DoctorCommand.ExamineAsync(settings, settings.Repositories[0] with { Trunks = ["main", "ma*"] }, null, default);

        Assert.That(examined.Findings!.Select(finding => finding.What), Has.Member("nobody else: creation of main").And.Member("nobody else: creation of maany"));
    }

    [Test]
    public async Task A_label_that_blocks_by_itself_and_a_requirement_that_nobody_can_meet_are_found()
    {
        await using var world = await SealedAsync();
        await world.Place.LegacyLabelAsync("Old-Check");
        await world.Place.SetCopyConditionAsync("Verified", "is:ANY");
        await world.Place.RequireAsync("Gatekeeper", "label:Verified=MAX AND -label:Verified=MIN");
        await world.Place.RequireAsync("Other", "label:Verified=MAX,user=erin");

        var findings = await ExamineAsync(world);

        Assert.That(Of(findings, "function of label Old-Check"), Does.StartWith("Wrong: MaxWithBlock"));
        Assert.That(Of(findings, "rules of label Verified"), Does.StartWith("Wrong: its votes are copied").And.Contain("is:ANY"));
        Assert.That(Of(findings, "submit requirement Gatekeeper"), Does.StartWith("Right: the gate's own vote meets it"));
        Assert.That(Of(findings, "submit requirement Other"), Does.StartWith("Wrong: it wants Verified of erin"));
    }

    [Test]
    public async Task Rules_and_groups_that_may_not_be_read_are_unknown_with_the_right_to_grant()
    {
        await using var world = await SealedAsync();
        await world.Place.CreateGroupAsync("hidden", ["dave"], visible: false);
        await world.Place.GrantAsync("hidden", "refs/heads/main", "submit");

        var groups = await ExamineAsync(world, admin: false);
        await world.Place.HideRightsAsync();
        var rules = await ExamineAsync(world, admin: false);

        Assert.That(Of(groups, "nobody else: submit on main"), Is.EqualTo($"Unknown: who is in {world.Place.Group("hidden")} cannot be seen"));
        Assert.That(Cure(groups, "nobody else: submit on main"), Does.Contain("visible_to_all"));
        Assert.That(Of(rules, "nobody else: push to main"), Is.EqualTo($"Unknown: who may is not known: gatekeeper may not read the access rules of {world.Place.Project}"));
        Assert.That(Cure(rules, "nobody else: push to main"), Does.Contain($" the right Read on refs/meta/config of {world.Place.Project}"));
        Assert.That(Of(rules, "rules of label Verified"), Does.StartWith("Unknown: "));
        Assert.That(Of(await ExamineAsync(world), "nobody else: submit on main"), Does.StartWith("Wrong: ").And.Contain("dave"));
    }

    [Test]
    public async Task A_login_that_fails_and_an_address_that_is_not_the_accounts_are_found_and_a_server_that_is_gone_is_said()
    {
        await using var world = await SealedAsync();
        var settings = world.Settings();
        var repository = settings.Repositories[0] with { Trunks = ["main"] };

        var other = await DoctorCommand.ExamineAsync(settings, repository with { Email = "nobody@example.org" }, null, default);
        var stranger = await DoctorCommand.ExamineAsync(settings, repository with { User = "nobody" }, null, default);
        world.Place.Door.Down(true);
        var gone = await DoctorCommand.ExamineAsync(settings, repository, null, default);
        world.Place.Door.Down(false);
        world.Place.Door.Answer("/self/capabilities", "{}");
        var shortSighted = await DoctorCommand.ExamineAsync(settings, repository, null, default);

        Assert.That(Of(other.Findings!, "e-mail"), Is.EqualTo($"Wrong: the gate commits as nobody@example.org, and the account has {GerritPlace.GateEmail}"));
        Assert.That(Of(stranger.Findings!, "login"), Does.StartWith("Wrong: the server does not take the credential of nobody"));
        Assert.That(Of(shortSighted.Findings!, "addresses of authors"), Does.StartWith("Wrong: gatekeeper sees only the preferred address"));
        Assert.That(gone.Findings, Is.Null);
        Assert.That(DoctorCommand.Text([gone]), Does.Contain("did not answer: "));
    }

    [Test]
    public async Task The_command_tells_programs_the_same_and_ends_with_one_when_anything_is_wrong()
    {
        await using var world = await SealedAsync();
        using var terminal = new Terminal();
        var settings = terminal.Write("settings.json", $$"""
            { "repositories": [{ "name": "tool", "forge": "gerrit", "url": "{{world.Place.Url}}", "project": "{{world.Place.Project}}", "credential": "file:{{terminal.Write("gate", GerritPlace.GateSecret)}}" }],
              "work": "{{Path.GetDirectoryName(terminal.Write("x", ""))}}/work" }
            """);
        string[] look = ["doctor", "tool", "--admin", $"admin:file:{terminal.Write("admin", GerritRest.Secret("admin"))}", "--config", settings];

        var fine = await terminal.RunAsync(look);
        await world.Place.GrantAsync("core", "refs/heads/main", "push");
        var wrong = await terminal.RunAsync([.. look, "--format", "json"]);

        Assert.That((fine.Code, fine.Errors), Is.EqualTo((0, "")), fine.Output);
        Assert.That(fine.Output, Does.Contain("\n  right   nobody else: push to main: only gatekeeper may\n").And.EndWith(" right, 0 wrong, 0 unknown\n"));
        Assert.That(wrong.Code, Is.EqualTo(1));
        Assert.That(wrong.Output, Does.StartWith("{\n  \"right\": false,").And.Contain("\"state\": \"wrong\"").And.Contain("bob (in "));
        Assert.That((await terminal.RunAsync("doctor", "other", "--config", settings)).Code, Is.EqualTo(2));
        var careless = await terminal.RunAsync("doctor", "--admin", "admin:hunter2", "--config", settings);
        Assert.That((careless.Code, careless.Output), Is.EqualTo((2, "")));
        Assert.That(careless.Errors, Does.Contain("--admin").And.Not.Contain("hunter2"));
    }

    private async Task<GerritWorld> SealedAsync()
    {
        var world = await GerritWorld.StartAsync(kind);
        await world.Place.SealAsync("main");
        return world;
    }

    private static async Task<IReadOnlyList<Finding>> ExamineAsync(GerritWorld world, bool admin = true)
    {
        var settings = world.Settings();
        var login = Path.Combine(Path.GetDirectoryName(settings.Store)!, "admin");
        await File.WriteAllTextAsync(login, GerritRest.Secret(GerritPlace.Admin));
        var examined = await DoctorCommand.ExamineAsync(settings, settings.Repositories[0] with { Trunks = ["main"] }, admin ? new(GerritPlace.Admin, $"file:{login}") : null, default);
        return examined.Findings ?? throw new IOException(examined.Silence);
    }

    private static string Of(IReadOnlyList<Finding> findings, string what) => findings.Where(finding => finding.What == what).Select(finding => $"{finding.State}: {finding.Why}").Single();

    private static string? Cure(IReadOnlyList<Finding> findings, string what) => findings.Single(finding => finding.What == what).Cure;
}
