using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>The guard on a real repository, pushed to by real people with real hooks.</summary>
public sealed class GuardScenarios
{
    private static readonly string GuardedRules = World.Rules.Replace("@example.org", "", StringComparison.Ordinal);

    [Test]
    public async Task Behind_the_guard_votes_are_who_pushed_them_and_only_the_gate_moves_the_trunk()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();

        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        Assert.That(async () => await people.MoveAsync("ann", "refs/heads/main", "refs/heads/feature"), Throws.TypeOf<GitException>().With.Message.Contains("only the gate (gatekeeper) moves a trunk"));
        Assert.That(async () => await people.VoteAsync("ann", change, speaksAs: "bob"), Throws.TypeOf<GitException>().With.Message.Contains("ann may not speak as"));
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));

        await people.VoteAsync("bob", change, speaksAs: "bob");
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(await world.GitAsync("log", "-1", "--format=%an|%cn", "main"), Is.EqualTo("ann|gatekeeper"));
        Assert.That(await world.GitAsync("log", "--format=%B", PushLog.Ref), Does.Contain("\tbob\t").And.Contain("\tgatekeeper\t"));
    }

    [Test]
    public async Task A_vote_that_comes_before_the_guards_entry_for_it_accuses_nobody()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        await world.SettleAsync();
        await people.VoteAsync("bob", change, speaksAs: "bob");
        var log = await world.GitAsync("rev-parse", PushLog.Ref);
        await world.GitAsync("update-ref", PushLog.Ref, $"{log}~1");

        await world.SettleAsync();
        Assert.That(world.TrunkLog, Has.Count.EqualTo(1));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("is not in the guard's log yet"));
        Assert.That(await world.CommentsAsync(change), Has.None.Contains("guard's log"));

        await world.GitAsync("update-ref", PushLog.Ref, log);
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Has.Count.EqualTo(2));
        Assert.That(await world.CommentsAsync(change), Has.None.Contains("guard's log"));
    }

    [Test]
    public async Task A_guard_that_somebody_pushed_is_none()
    {
        await using var world = await World.StartAsync(trusted: false);
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        await ForgeAsync(world);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("no guard's hooks can be read"));
    }

    [TestCase(null, "nothing vouches for the guard of a repository elsewhere", TestName = "A guard elsewhere counts for nothing until the settings name it")]
    [TestCase("0000000000000000000000000000000000000000", "so it is another's", TestName = "Nor does one whose log begins with another commit")]
    [TestCase("right", null, TestName = "One that the settings name is a guard")]
    public async Task A_guard_on_another_machine(string? pin, string? doubt)
    {
        await using var world = await World.StartAsync(trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        var first = await world.GitAsync("rev-list", "--max-parents=0", PushLog.Ref);
        world.Configure(repository => repository with { Url = $"file://{world.Url}", Guard = pin == "right" ? first : pin });
        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        await people.VoteAsync("bob", change, speaksAs: "bob");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Has.Count.EqualTo(doubt is null ? 2 : 1));
        if (doubt is not null)
            Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain(doubt));
    }

    [Test]
    public async Task Nobody_puts_himself_in_the_way_of_anothers_commits()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "one.txt");
        var first = await world.GitAsync("rev-parse", "feature");
        people.Push("ann", "feature", "two.txt");
        var request = GoJson.Canonical(new RequestLine { Timestamp = Now(), ReviewRef = "refs/heads/feature", TargetRef = "refs/heads/main", Requester = "erin@example.org" });

        Assert.That(await people.SayAsync("erin", Notes.Reviews, first, request), Does.Contain("for whom it is to propose"));
        Assert.That(await people.SayAsync("erin", Notes.Reviews, await world.GitAsync("rev-parse", "feature"), request), Does.Contain("for whom it is to propose"));

        // What came in before the guard counts for as little.
        await world.GitAsync("-c", "user.name=erin", "-c", "user.email=erin@example.org", "notes", "--ref", Notes.Reviews, "append", "-m", request, first);
        await world.GitAsync("-c", "user.name=erin", "-c", "user.email=erin@example.org", "notes", "--ref", Notes.Reviews, "append", "-m", request, "feature");
        var change = await people.ProposeAsync("ann", "feature");
        await people.VoteAsync("bob", change, speaksAs: "bob");
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Has.Count.EqualTo(2));
        Assert.That(world.House.Pictures.Single().Plan.Open, Is.Empty);
    }

    [Test]
    public async Task The_usual_client_abandons_and_rebases_with_the_old_time()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        var change = await world.GitAsync("rev-parse", "feature");
        var old = new RequestLine { Timestamp = "1700000000", ReviewRef = "refs/heads/feature", TargetRef = "refs/heads/main", Requester = "ann@example.org", Description = "Add feature" };
        Assert.That(await people.SayAsync("ann", Notes.Reviews, change, GoJson.Canonical(old)), Is.Null);

        people.Push("ann", "feature", "more.txt");
        Assert.That(await people.SayAsync("ann", Notes.Reviews, change, GoJson.Canonical(old with { Alias = await world.GitAsync("rev-parse", "feature") })), Is.Null);
        await world.SettleAsync();
        Assert.That(world.Status(change).Change.Current.Commit.Hex, Is.EqualTo(await world.GitAsync("rev-parse", "feature")));

        Assert.That(await people.SayAsync("ann", Notes.Reviews, change, GoJson.Canonical(old with { TargetRef = "" })), Is.Null);
        await world.SettleAsync();
        Assert.That(world.House.Pictures.Single().Plan.Open, Is.Empty);
    }

    [Test]
    public async Task Two_addresses_of_one_person_are_one_person()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync("""{"ann": {"emails": ["ann@example.org", "ann@home.org"]}, "bob": {"emails": ["bob@example.org", "bob@home.org"]}, "erin": {"emails": ["erin@example.org"]}}""");
        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        var no = new CommentLine { Timestamp = Now(), Author = "bob@example.org", Location = new(change, null, null), Description = "no", Resolved = false };
        await people.SayAsync("bob", Notes.Discuss, change, GoJson.Canonical(no));
        await world.SettleAsync();
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("vetoed by bob"));

        await people.SayAsync("bob", Notes.Discuss, change, GoJson.Canonical(no with { Author = "bob@home.org", Original = GoJson.Hash(GoJson.Canonical(no)), Resolved = null }));
        await world.SettleAsync();
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Not.Contain("vetoed"));

        var request = new RequestLine { Timestamp = Later(), ReviewRef = "refs/heads/feature", TargetRef = "", Requester = "ann@home.org" };
        Assert.That(await people.SayAsync("ann", Notes.Reviews, change, GoJson.Canonical(request)), Is.Null);
        await world.SettleAsync();
        Assert.That(world.House.Pictures.Single().Plan.Open, Is.Empty, "abandoned from her other address");
    }

    [Test]
    public async Task Nothing_that_was_said_is_taken_out_or_turned()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        var no = new CommentLine { Timestamp = Now(), Author = "bob@example.org", Location = new(change, null, null), Description = "no", Resolved = false };
        await people.SayAsync("bob", Notes.Discuss, change, GoJson.Canonical(no));
        var before = await world.GitAsync("rev-parse", Notes.Discuss);
        await people.AskAsync("bob", change, "and this too");

        Assert.That(await people.PushAsync("ann", $":{Notes.Discuss}"), Does.Contain("not taken out again"));
        Assert.That(await people.PushAsync("ann", $"{before}:{Notes.Discuss}"), Does.Contain("not taken out again"));
        Assert.That(await people.SayAsync("erin", Notes.Reviews, change, GoJson.Canonical(new RequestLine { Timestamp = Now(), TargetRef = "refs/heads/main", Requester = "ann@example.org" })), Does.Contain("erin may not speak as"));
        Assert.That(await people.SayAsync("erin", Notes.Discuss, await world.GitAsync("rev-parse", "main^{tree}"), GoJson.Canonical(no with { Author = "erin@example.org" })), Does.Contain("which is no commit here"));
        Assert.That(await people.SayAsync("erin", Notes.Discuss, change, """{"author":"erin@example.org","v":1}"""), Does.Contain("format version"));
        var hash = GoJson.Hash(GoJson.Canonical(no));
        Assert.That(await people.SayAsync("ann", Notes.Discuss, change, GoJson.Canonical(no with { Author = "ann@example.org", Original = hash, Resolved = true })), Is.Null);
        Assert.That(await people.SayAsync("ann", Notes.Discuss, change, GoJson.Canonical(no with { Author = "ann@example.org", Original = hash, Resolved = null })), Is.Null);
        Assert.That(await people.SayAsync("ann", Notes.Discuss, change, GoJson.Canonical(no with { Author = "ann@example.org", Parent = hash, Resolved = true })), Is.Null);
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Has.Count.EqualTo(1));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("vetoed by bob"));
    }

    private static string Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Later() => TimeProvider.System.GetUtcNow().AddMinutes(1).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>All that a guard leaves in the refs, by somebody who may push to them because there is none.</summary>
    private static async Task ForgeAsync(World world)
    {
        string[] mallory = ["-c", "user.name=guard", "-c", "user.email=guard@localhost", "commit-tree", "main^{tree}"];
        var accounts = await world.GitAsync([.. mallory, "-m", """{"ann": {"emails": ["ann@example.org"]}, "bob": {"emails": ["bob@example.org"]}}"""]);
        await world.GitAsync("update-ref", PlainGitForge.GuardRef, accounts);
        var log = await world.GitAsync([.. mallory, "-m", "baseline"]);
        var said = PushLog.Write(world.Time.GetUtcNow(), new("bob"), [(new('0', 40), await world.GitAsync("rev-parse", Notes.Discuss), Notes.Discuss)])
            + PushLog.Write(world.Time.GetUtcNow(), new("ann"), [(new('0', 40), await world.GitAsync("rev-parse", "feature"), "refs/heads/feature")]);
        await world.GitAsync("update-ref", PushLog.Ref, await world.GitAsync([.. mallory, "-p", log, "-m", said]));
    }

    [Test]
    public async Task A_reviewer_who_pushed_to_the_branch_may_not_approve_it()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        people.Push("bob", "feature", "more.txt", author: "ann");
        await people.VoteAsync("bob", change, speaksAs: "bob");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("bob pushed this revision"));
    }

    [TestCase("{ \"ann\": [\"ann@example.org\"] }")]
    [TestCase("{ \"ann\": ")]
    public async Task An_accounts_file_that_is_no_good_changes_nothing_of_a_guard_that_is_at_work(string bad)
    {
        await using var world = await World.StartAsync(trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        var (installed, offered) = (Path.Combine(world.Url, "gatekeeper", "accounts.json"), Path.GetTempFileName());
        var before = File.ReadAllText(installed);
        File.WriteAllText(offered, bad);

        Assert.That(
            async () => await new Guard(world.Url, TimeProvider.System).InstallAsync(new("gatekeeper", ["main"], []), offered, "gatekeeper", default),
            Throws.TypeOf<FormatException>().With.Message.Contains("the accounts file must read"));

        Assert.That(File.ReadAllText(installed), Is.EqualTo(before));
        File.Delete(offered);
    }
}
