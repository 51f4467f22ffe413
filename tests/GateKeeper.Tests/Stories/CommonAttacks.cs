namespace GateKeeper.Tests.Stories;

/// <summary>Ways in which somebody might get past the gate, each tried on every forge.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonAttacks(string forge)
{
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task A_new_revision_after_approval_does_not_land()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.AmendAsync(change, "sneaked.txt");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain($"{world.Called("bob")} approved").And.Contain("now it is"));
    }

    [TestCase(false, TestName = "A veto that an administrator deletes stands, and who deleted it is told")]
    [TestCase(true, TestName = "A veto that somebody deletes whom the rules let is lifted")]
    public async Task A_deleted_veto(bool lifted)
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.LiftingForOthers);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.VetoAsync(change, "carol");
        await world.LiftAsync(change, lifted ? "bob" : world.Admin, "carol");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), lifted ? Has.Member("Add feature") : Is.EqualTo(OnlyTheBeginning));
        if (!lifted)
            Assert.That(world.Why(change), Does.Contain("vetoed by carol").And.Contain($"{world.Admin} removed the veto and may not"));
    }

    [Test]
    public async Task A_veto_that_was_deleted_is_not_taken_back_by_what_its_giver_says_next()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.LiftingForOthers);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.VetoAsync(change, "carol");
        await world.LiftAsync(change, world.Admin, "carol");
        await world.SayAsync(change, "carol", "hello");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("vetoed by carol"));
    }

    [Test]
    public async Task An_abandoned_parent_does_not_ride_in_under_an_approved_child()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.Layers);
        var parent = await world.ProposeAsync("parent");
        var child = await world.ProposeAsync("child", below: parent);
        await world.WithdrawChangeAsync(parent);
        await world.ApproveAsync(child);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(child), Does.Contain("which belongs to another change in another revision, or to one that is not open"));
    }

    [Test]
    public async Task An_approval_for_another_branch_is_none_for_this_one()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature", target: "stable");
        await world.ApproveAsync(change);
        await world.RetargetAsync(change, "main");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("0 of 1 approvals"));
        Assert.That(world.Why(change), Does.Contain(world.WordsOfAnotherTarget));
    }

    [Test]
    public async Task A_label_that_the_author_set_himself_loosens_nothing()
    {
        await using var world = await ForgeWorld.StartAsync(forge, gates: "  - { name: urgent, when: { labels: [hotfix], set-by: core }, instead-of: reviewer, require: { tests: all } }");
        world.Needs(Trait.Labels);
        var change = await world.ProposeAsync("feature");
        await world.LabelAsync(change, "ana", "hotfix");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("0 of 1 approvals"));

        await world.UnlabelAsync(change, "bob", "hotfix");
        await world.LabelAsync(change, "bob", "hotfix");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [TestCase("only-paths: ['docs/**', '!docs/security/**']", "docs/security/disclosure.md", null, TestName = "What a list of paths leaves out is not let through by it")]
    [TestCase("only-paths: [README]", "README\n", null, TestName = "A name that ends in a line feed is not the name without it")]
    [TestCase("size: { max-lines: 10 }", "run.sh", "#!/bin/sh\n\0\n", TestName = "A NUL hides no lines")]
    public async Task What_a_loosening_condition_does_not_mean_waits(string condition, string file, string? content)
    {
        await using var world = await ForgeWorld.StartAsync(forge, gates: $"  - {{ name: loose, when: {{ {condition} }}, instead-of: reviewer, require: {{ tests: all }} }}");
        var change = await world.ProposeAsync("feature", file, text: content is null ? null : content + string.Concat(Enumerable.Repeat("evil\n", 5000)));

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("0 of 1 approvals"));
    }

    [Test]
    public async Task A_label_in_other_letters_is_the_same_label()
    {
        await using var world = await ForgeWorld.StartAsync(forge, gates: "  - { name: not blocked, require: { no-labels: [do-not-merge] } }");
        world.Needs(Trait.Labels);
        var change = await world.ProposeAsync("feature");
        await world.LabelAsync(change, "bob", "Do-Not-Merge");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("the label Do-Not-Merge is set"));
    }

    [Test]
    public async Task Who_was_put_out_of_the_group_at_the_last_moment_has_approved_nothing_in_the_next_tick_either()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.Teams);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.ApproveAsync(change);
        await world.CloseAsync();
        using var moment = Promises.AtTheLanding(() => world.RemoveFromCoreAsync("bob").GetAwaiter().GetResult());
        await world.OpenAsync(moment);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("0 of 1 approvals"));
    }

    [TestCase(false, TestName = "A veto in the last moment is seen in the change's own record")]
    [TestCase(true, TestName = "A revision in the last moment waits for its own approval")]
    public async Task In_the_last_moment(bool pushed)
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        using var moment = Promises.AtTheLanding(() => (pushed ? world.AmendAsync(change, "sneaked.txt") : world.VetoAsync(change, "carol")).GetAwaiter().GetResult());
        await world.OpenAsync(moment);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain(pushed ? "now it is" : "vetoed by carol"));
    }

    [Test]
    public async Task What_is_asked_on_another_change_at_the_last_moment_holds_the_landing()
    {
        await using var world = await ForgeWorld.StartAsync(forge, more: "may: { freeze: core }");
        var (change, other) = (await world.ProposeAsync("feature"), await world.ProposeAsync("other"));
        await world.ApproveAsync(change);
        using var moment = Promises.AtTheLanding(() => world.SayAsync(other, "carol", "/gatekeeper freeze it burns").GetAwaiter().GetResult());
        await world.OpenAsync(moment);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Status(change).Note, Does.Contain("frozen by carol"));
    }

    [TestCase("Depends-On: what is this", "what is this", TestName = "A Depends-On that names nothing makes its change wait and stops nobody")]
    [TestCase("Co-authored-by: Somebody <not an address>", null, TestName = "A co-author without an address is nobody and stops nobody")]
    public async Task What_one_change_says_stops_nobody_else(string line, string? waitsFor)
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var odd = await world.ProposeAsync("odd", body: line);
        await world.ApproveAsync(odd);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        if (waitsFor is null)
        {
            Assert.That(await world.TrunkLogAsync(), Is.EquivalentTo(new[] { "The beginning", "Add odd", "Add feature" }));
            return;
        }

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(world.Why(odd), Does.Contain(waitsFor));
    }
}
