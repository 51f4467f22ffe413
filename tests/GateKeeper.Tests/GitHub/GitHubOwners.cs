namespace GateKeeper.Tests.GitHub;

/// <summary>Whom CODEOWNERS names, what a description holds up, and where the gate's own words lead.</summary>
public sealed class GitHubOwners
{
    private const string OwnersGate = "  - { name: owners, require: { owners: .github/CODEOWNERS } }";

    [Test]
    public async Task Code_owners_are_accounts_and_teams_though_the_rules_name_neither()
    {
        await using var world = await OwnedAsync("* @Dave\n/docs/ @acme/writers\n");
        await world.Place.AddMemberAsync("writers", "carol");
        var code = await ProposeAsync(world, "code", "code.txt");
        var docs = await ProposeAsync(world, "docs", "docs/guide.md");
        foreach (var pull in new[] { code, docs })
            await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();

        Assert.That(world.Why(code), Does.Contain("code.txt needs an approval by an owner: @Dave"));
        Assert.That(world.Status(docs).WaitsFor, Is.EquivalentTo(new[] { "carol" }));

        await world.Place.ApproveAsync("dave", code);
        await world.Place.ApproveAsync("carol", docs);
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Does.Contain("Add code").And.Contain("Add docs"));
    }

    [Test]
    public async Task A_team_in_CODEOWNERS_that_GitHub_does_not_show_makes_its_paths_wait_and_is_named_with_its_line()
    {
        await using var world = await OwnedAsync("\n* @dave @acme/gone\n");
        var pull = await ProposeAsync(world, "code", "code.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.ApproveAsync("dave", pull);
        await world.SettleAsync();

        Assert.That(world.Why(pull), Does.Contain(".github/CODEOWNERS, line 2, names @acme/gone: the team acme/gone does not exist or may not be seen"));
    }

    [Test]
    public async Task What_a_pull_request_depends_on_by_its_description_lands_before_it_whoever_wrote_it_there()
    {
        await using var world = await GitHubWorld.StartAsync();
        var first = await ProposeAsync(world, "first", "first.txt");
        var second = await ProposeAsync(world, "second", "second.txt");
        await world.Place.RenameAsync("erin", second, "Add second", $"Not before the other.\r\n\r\nDepends-On: #{first}\r\n");
        await world.Place.ApproveAsync("bob", second);
        await world.SettleAsync();
        Assert.That(world.Why(second), Is.EqualTo($"depends on {first}, which is not ready to land"));

        await world.Place.ApproveAsync("bob", first);
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add first", "Add second" }));
    }

    [Test]
    public async Task The_check_and_the_comment_lead_to_the_pull_requests_page_under_its_repositorys_name()
    {
        await using var world = await GitHubWorld.StartAsync();
        world.Page = "https://gate.example.org";
        var pull = await ProposeAsync(world, "bad", "bad");
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();

        var link = $"https://gate.example.org/change/widgets/{pull}";
        Assert.That(await world.Place.GateCommentsAsync(pull), Has.One.Contains($"({link})"));
        Assert.That((await world.Place.GateChecksAsync(pull)).Single().Summary, Does.Contain($"({link})"));
    }

    [Test]
    public async Task A_pull_request_that_is_turned_to_another_trunk_keeps_its_number_and_takes_nothing_else_along()
    {
        await using var world = await GitHubWorld.StartAsync();
        await world.Place.MoveBranchAsync(GitHubPlace.Admin, "stable", world.Place.Tip());
        var pull = await ProposeAsync(world, "one", "one.txt");
        await world.SettleAsync();
        await world.Place.ApproveAsync("bob", pull);
        world.Time.Pass(TimeSpan.FromSeconds(5));
        await world.Place.RetargetAsync("ana", pull, "stable");
        await world.SettleAsync();
        Assert.That(world.Why(pull), Does.Contain("approved before the target was stable"));

        world.Time.Pass(TimeSpan.FromSeconds(5));
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();

        Assert.That(world.House.Notebook.LandingsOf($"{pull}", "widgets").Select(landing => landing.Trunk), Is.EqualTo(new[] { "widgets/stable" }));
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));
        Assert.That(await world.Place.TrunkLogAsync("stable"), Has.Count.EqualTo(2));
    }

    private static async Task<GitHubWorld> OwnedAsync(string owners)
    {
        var world = await GitHubWorld.StartAsync(gates: OwnersGate);
        var commit = await world.Place.CommitAsync(GitHubPlace.Admin, "Say who owns what", new Dictionary<string, string?> { [".github/CODEOWNERS"] = owners }, world.Place.Tip());
        await world.Place.MoveBranchAsync(GitHubPlace.Admin, "main", commit);
        return world;
    }

    private static async Task<int> ProposeAsync(GitHubWorld world, string branch, string file)
    {
        await world.Place.PushAsync("ana", branch, $"Add {branch}", new Dictionary<string, string?> { [file] = "x\n" });
        return await world.Place.OpenAsync("ana", branch, $"Add {branch}");
    }
}
