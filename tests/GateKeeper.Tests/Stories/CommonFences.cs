namespace GateKeeper.Tests.Stories;

/// <summary>What one change brings, or what befalls it, is its own affair on every forge: others are judged by others' results, and land.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonFences(string forge)
{
    private const string Unit = "unit: { run: sh test.sh, retries: 0 }";
    private static readonly string[] Landed = ["The beginning", "Add feature"];

    [TestCase(Unit + "\n  mine: { run: 'true', network: true }", TestName = "A proposal may bring a test with network that nobody allows, and others land")]
    [TestCase("unit: { run: sh test.sh, retries: 0, network: true }", TestName = "A proposal may give the trunk's own test the network, and others land")]
    [TestCase("unit: { run: sh test.sh, retries: 0 }\n  mine: { run: 'true', prepare: { run: 'true', inputs: [a.txt], network: true } }", TestName = "A proposal may prepare with a network that nobody allows, and others land")]
    public async Task What_a_proposal_defines(string tests)
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var rules = await world.TrunkFileAsync("rules.yaml");
        var odd = await world.ProposeAsync("odd", "rules.yaml", text: rules.Replace(Unit, tests, StringComparison.Ordinal));
        await world.SettleAsync();
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);

        for (var ticks = 0; ticks < 5; ticks++)
            await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
        Assert.That(world.House.Tools.Results.RunsOf(world.Trunk, new(odd)), Has.Count.LessThanOrEqualTo(6), "each of its tests runs once, or is lost three times");
    }

    [TestCase("BEFORE INSERT ON runs WHEN NEW.change = '{0}'", TestName = "A run of one change that cannot be started keeps no other from landing")]
    [TestCase("BEFORE INSERT ON queue WHEN NEW.change = '{0}'", TestName = "A place of one change that cannot be remembered keeps no other from landing")]
    [TestCase("BEFORE UPDATE ON queue WHEN NEW.change = '{0}'", TestName = "Words to one change's people that cannot be noted keep no other from landing, and are not said again and again")]
    [TestCase("BEFORE INSERT ON seen WHEN NEW.what LIKE '{0} %'", TestName = "One change that cannot be read keeps no other from landing")]
    [TestCase("BEFORE INSERT ON results WHEN NEW.run IN (SELECT id FROM runs WHERE change = '{0}')", TestName = "A result of one change that cannot be kept keeps no other from landing")]
    public async Task Whatever_goes_wrong_with_one_change(string step)
    {
        await using var world = await ForgeWorld.StartAsync(forge, more: "may: { priority: core }");
        await world.OpenAsync();
        var odd = await world.ProposeAsync("odd");
        await world.ApproveAsync(odd);
        world.House.Tools.Database.Do($"CREATE TRIGGER broken {string.Format(System.Globalization.CultureInfo.InvariantCulture, step, odd)} BEGIN SELECT RAISE(FAIL, 'broken here'); END");
        await world.SayAsync(odd, "bob", "/gatekeeper priority 7");
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);

        for (var ticks = 0; ticks < 4; ticks++)
            await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
        Assert.That((await world.SaidAsync(odd)).GroupBy(words => words).Select(words => words.Count()), Has.All.LessThanOrEqualTo(2), "nothing is said again and again");
        if (!(await world.TrunkLogAsync()).Contains("Add odd"))
            Assert.That(world.Why(odd) + world.Status(odd).Note + string.Join('\n', world.Alarms), Does.Contain("broken here").Or.Contain($"parked:{world.Trunk}:{new Core.Changes.ChangeId(odd)}"));
        world.House.Tools.Database.Do("DROP TRIGGER broken");
        world.Time.Pass(TimeSpan.FromHours(1));
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EquivalentTo(new[] { "The beginning", "Add feature", "Add odd" }), "and once the trouble is over it lands too");
    }

    [Test]
    public async Task A_commit_message_beyond_all_reading_is_its_own_changes_trouble()
    {
        if (forge == ForgeWorld.PlainGit)
            Assert.Ignore("plain git's own client asks for no review in so many words; what its branches bring is in FetchScenarios");
        await using var world = await ForgeWorld.StartAsync(forge);
        var odd = await world.ProposeAsync("odd", body: new string('w', 2 << 20));
        await world.ApproveAsync(odd);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
        Assert.That(world.Why(odd), Does.Contain("a commit of it is larger than 1 MiB"));
    }

    [Test]
    public async Task Several_that_cannot_be_fetched_at_once_keep_no_other_from_landing()
    {
        if (forge == ForgeWorld.PlainGit)
            Assert.Ignore("plain git's own client asks for no review in so many words; what its branches bring is in FetchScenarios");
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        var odd = await world.ProposeAsync("odd", body: new string('w', 2 << 20));
        await world.ProposeAsync("other", body: new string('v', 2 << 20));
        await world.SettleAsync();
        await world.ApproveAsync(change);

        for (var ticks = 0; ticks < 3; ticks++)
            await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
        Assert.That(world.Why(odd), Does.Contain("a commit of it is larger than 1 MiB"));
    }

    [Test]
    public async Task Words_that_the_forge_does_not_take_on_one_change_hold_back_nobody_elses()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var (odd, change) = (await world.ProposeAsync("odd"), await world.ProposeAsync("feature"));
        await world.SettleAsync();
        await world.SayAsync(odd, "ana", "/gatekeeper explain");
        world.FailTelling(odd, fails: true);
        for (var tries = 0; tries < 6; tries++)
            await world.SettleAsync();
        await world.SayAsync(change, "ana", "/gatekeeper explain");

        await world.SettleAsync();

        Assert.That(await world.SaidAsync(change), Has.Exactly(1).Contains("As you asked"), "said at once, and once");
        Assert.That(world.Alarms, Has.Member($"telling:{world.Trunk}"));
        world.FailTelling(odd, fails: false);
        world.Time.Pass(TimeSpan.FromHours(1));
        await world.SettleAsync();
        Assert.That(await world.SaidAsync(odd), Has.Exactly(1).Contains("As you asked"), "said once the server takes it");
        Assert.That(world.Alarms, Has.No.Member($"telling:{world.Trunk}"));
    }

    [TestCase(true, TestName = "A change of which the forge does not answer in the last look keeps no other from landing")]
    [TestCase(false, TestName = "A change of which the forge answers nothing keeps no other from being read and landed")]
    public async Task A_change_of_which_the_forge_does_not_answer(bool inTheLastLook)
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.GoingAway);
        var odd = await world.ProposeAsync("odd");
        await world.SettleAsync();
        world.FailAsking(odd, fails: true, inTheLastLook);
        await world.ApproveAsync(odd);
        if (inTheLastLook)
            await world.SettleAsync();
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);

        for (var ticks = 0; ticks < 3; ticks++)
            await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
        world.FailAsking(odd, fails: false, inTheLastLook);
        world.Time.Pass(TimeSpan.FromHours(1));
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature", "Add odd" }), "once the server answers again it lands too");
    }

    [TestCase("test.sh", TestName = "A copy of the trunk's test with less time, run on what another brings, ejects nobody")]
    [TestCase("feature.txt", TestName = "A copy of the trunk's test with less time turns no trunk red")]
    public async Task A_copy_with_less_time(string touched)
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var rules = (await world.TrunkFileAsync("rules.yaml")).Replace(Unit, "unit: { run: sh test.sh, inputs: [test.sh], retries: 0 }", StringComparison.Ordinal);
        await world.PushTrunkAsync("rules.yaml", rules);
        const string script = "true # as another has it\n";
        if (touched == "test.sh")
            await world.ProposeAsync("prelude", "other.txt");
        var below = touched == "test.sh" ? await world.ProposeAsync("script", "test.sh", text: script) : null;
        world.Time.Hasty = TimeSpan.FromSeconds(1);
        await world.ProposeAsync("copy", "rules.yaml", below, text: rules.Replace("retries: 0 }", "retries: 0 }\n  copy: { run: sh test.sh, inputs: [test.sh], timeout: 1s }", StringComparison.Ordinal));
        await world.SettleAsync();
        if (below is not null)
            await world.WithdrawChangeAsync(below);
        var victim = await world.ProposeAsync("feature", touched, text: touched == "test.sh" ? script : null);
        await world.ApproveAsync(victim);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
        Assert.That(world.Alarms, Has.None.Contains("red:"));
    }
}
