namespace GateKeeper.Tests.Stories;

/// <summary>What a gate does on every forge, told once: word for word the same on each of them.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonStories(string forge)
{
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task A_small_change_of_a_large_file_is_small()
    {
        await using var world = await ForgeWorld.StartAsync(forge, gates: "  - { name: small, require: { any: [{ size: { max-lines: 200 } }, { approvals: 2, from: core }] } }");
        var lines = Enumerable.Range(0, 150_000).Select(line => $"{line}: a line of a file that some program wrote").ToList();
        var large = await world.ProposeAsync("large", "generated.txt", text: string.Join('\n', lines) + "\n");
        await world.ApproveAsync(large);
        await world.SettleAsync();
        Assert.That(world.Why(large), Does.Contain("150000 lines changed, at most 200 are allowed"));
        await world.ApproveAsync(large, "carol");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add large"));

        (lines[0], lines[^1]) = ("another", "another");
        var small = await world.ProposeAsync("small", "generated.txt", text: string.Join('\n', lines) + "\n");
        await world.ApproveAsync(small);
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Member("Add small"));
    }

    [Test]
    public async Task A_change_is_proposed_tested_voted_on_and_landed()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        Assert.That(await world.ShownAsync(change), Does.Contain(world.WordsOfPassedTests).And.Contain("0 of 1 approvals from core"));
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        await world.ApproveAsync(change);
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(await world.HasLandedAsync(change), Is.True);
        Assert.That(await world.SaidAsync(change), Has.One.Contains($"landed on {world.Trunk} as"));
        Assert.That(await world.TipAsync(), Is.EqualTo(("ana", world.GateEmail)));
        Assert.That(world.Alarms, Is.Empty);
    }

    [Test]
    public async Task A_change_whose_tests_fail_is_told_so_once_and_does_not_land()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("trouble", "bad");
        await world.ApproveAsync(change);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(await world.SaidAsync(change), Has.One.Contains("tests failed: unit failed"));
    }

    [Test]
    public async Task The_forges_own_sign_says_how_the_tests_went()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.Signs);
        var (well, ill) = (await world.ProposeAsync("feature"), await world.ProposeAsync("trouble", "bad"));
        Assert.That((await world.SignAsync(well), await world.SignAsync(ill)), Is.EqualTo(((bool?)null, (bool?)null)));

        await world.SettleAsync();

        Assert.That((await world.SignAsync(well), await world.SignAsync(ill)), Is.EqualTo(((bool?)true, (bool?)false)));
    }

    [Test]
    public async Task A_stack_of_three_lands_from_below_whatever_the_order_of_approval()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var one = await world.ProposeAsync("one");
        var two = await world.ProposeAsync("two", below: one);
        var three = await world.ProposeAsync("three", below: two);
        await world.ApproveAsync(three);
        await world.ApproveAsync(two);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(three), Does.Contain("depends on"));

        await world.ApproveAsync(one);
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add one", "Add two", "Add three" }));
    }

    [Test]
    public async Task An_approval_follows_a_rebase_by_somebody_else_only_where_the_rules_let_it()
    {
        await using var world = await ForgeWorld.StartAsync(forge, "carry-approvals: same-diff");
        world.Needs(Trait.Rewriting);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.ApproveAsync(change);
        await world.PushTrunkAsync("other.txt");
        await world.RebaseAsync("carol", change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Past the gate", "Add feature" }));
    }

    [Test]
    public async Task A_veto_behind_an_approval_stands_also_on_a_newer_revision()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature");
        await world.VetoAsync(change, "carol");
        await world.AmendAsync(change, "more.txt");
        await world.ApproveAsync(change);

        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("vetoed by carol"));

        await world.WithdrawAsync(change, "carol");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Count.EqualTo(2));
        Assert.That(await world.HasLandedAsync(change), Is.True);
    }

    [Test]
    public async Task A_draft_waits_until_it_is_ready()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.Drafts);
        var change = await world.ProposeAsync("feature");
        await world.SetDraftAsync(change, true);
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("ana has not marked it ready"));

        await world.SetDraftAsync(change, false);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [Test]
    public async Task An_abandoned_change_leaves_and_comes_back_when_it_is_restored()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.WithdrawChangeAsync(change);
        await world.SettleAsync();
        Assert.That(world.Open, Is.Empty);

        await world.ReopenAsync(change);
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [Test]
    public async Task Somebody_elses_push_to_the_trunk_is_noticed_and_everything_is_tested_on_it()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature", "b");
        await world.SettleAsync();
        await world.PushTrunkAsync("a");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Past the gate" }));
        Assert.That(world.Alarms, Has.Member($"foreign:{world.Trunk}"));
        Assert.That(world.Why(change), Does.Contain("unit failed"));
    }

    [Test]
    public async Task A_child_of_an_outdated_revision_waits_for_a_rebase()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.Layers);
        world.Needs(Trait.Rewriting);
        var parent = await world.ProposeAsync("parent");
        var child = await world.ProposeAsync("child", below: parent);
        await world.AmendAsync(parent, "more.txt");
        await world.ApproveAsync(parent);
        await world.ApproveAsync(child);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Amended" }));
        Assert.That(world.Status(child).Outcome, Is.EqualTo("blocked"));
    }

    [Test]
    public async Task A_team_that_the_gate_may_not_see_makes_it_wait_and_say_which_right_is_missing()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.Teams);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.ShowCoreAsync(false);
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        foreach (var words in world.WordsOfHiddenTeam)
            Assert.That(world.Why(change), Does.Contain(words));

        await world.ShowCoreAsync(true);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [Test]
    public async Task Rights_taken_away_in_mid_queue_park_the_change_and_it_lands_when_they_are_back()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.RefusingTheGate);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.LetTheGatePushAsync(false);
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Status(change).Note, Does.Contain(world.WordsOfRefusal));
        Assert.That(world.Alarms, Has.Member($"refused:{world.Trunk}"));

        await world.LetTheGatePushAsync(true);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [Test]
    public async Task What_depends_on_another_by_its_name_lands_after_it()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var first = await world.ProposeAsync("first");
        var second = await world.ProposeAsync("second", body: $"Depends-On: {world.Reference(first)}");
        await world.ApproveAsync(second);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        await world.ApproveAsync(first);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add first", "Add second" }));
    }

    [Test]
    public async Task Requests_in_messages_do_what_they_say_and_are_answered_once()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature");
        await world.SayAsync(change, "carol", "/gatekeeper hold until the release");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(await world.SaidAsync(change), Has.One.Contains($"held, as {world.Called("carol")} asked (until the release)"));

        await world.SayAsync(change, "carol", "/gatekeeper unhold");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [TestCase("squash")]
    [TestCase("rebase")]
    public async Task A_change_that_is_rewritten_to_land_is_merged_in_the_forges_eyes_too(string method)
    {
        await using var world = await ForgeWorld.StartAsync(forge, $"landing: {{ method: {method} }}");
        var change = await world.ProposeAsync("feature");
        await world.PushTrunkAsync("other.txt");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Past the gate", "Add feature" }));
        Assert.That(await world.HasLandedAsync(change), Is.True);
    }
}
