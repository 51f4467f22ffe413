namespace GateKeeper.Tests.Gerrit;

/// <summary>Stories of the gate on Gerrit, word for word the same on an imitated server and on a real one.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritScenarios(string kind)
{
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task A_change_is_proposed_tested_voted_on_and_landed()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        Assert.That(await world.Place.LabelAsync(change, "Verified"), Is.EqualTo(1));
        Assert.That(await world.SaidAsync(change), Has.One.Contains("tests passed on").And.Contains("0 of 1 approvals from core"));
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        await world.ApproveAsync(change);
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(await world.Place.StatusAsync(change), Is.EqualTo("MERGED"));
        Assert.That(await world.SaidAsync(change), Has.One.Contains("landed on tool/main as"));
        var landed = await world.Place.CommitAsync(await world.Place.TipAsync());
        Assert.That((landed.Author.Name, landed.Committer.Email), Is.EqualTo(("ana", GerritPlace.GateEmail)));
    }

    [Test]
    public async Task A_change_whose_tests_fail_is_told_so_once_and_does_not_land()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("trouble", "bad");
        await world.ApproveAsync(change);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(await world.Place.LabelAsync(change, "Verified"), Is.EqualTo(-1));
        Assert.That(await world.SaidAsync(change), Has.One.Contains("tests failed: unit failed"));
    }

    [Test]
    public async Task A_stack_of_three_lands_from_below_whatever_the_order_of_approval()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var one = await world.ProposeAsync("one");
        var two = await world.ProposeAsync("two", onto: one.Commit);
        var three = await world.ProposeAsync("three", onto: two.Commit);
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
    public async Task A_new_patch_set_after_approval_does_not_land()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        var later = await world.AmendAsync(change, "sneaked.txt");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(later), Does.Contain("bob approved").And.Contain("now it is"));
    }

    [Test]
    public async Task A_vote_that_the_server_copies_to_a_new_patch_set_does_not_count_there()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        await world.Place.SetCopyConditionAsync("Code-Review", "is:ANY");
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        var later = await world.AmendAsync(change, "sneaked.txt");
        Assert.That(await world.Place.LabelAsync(later, "Code-Review", "bob"), Is.EqualTo(2), "the server shows it like a fresh one");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(later), Does.Contain("bob approved").And.Contain("now it is"));
    }

    [Test]
    public async Task An_approval_follows_a_rebase_by_somebody_else_only_where_the_rules_let_it()
    {
        await using var world = await GerritWorld.StartAsync(kind, "carry-approvals: same-diff");
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.Place.PushTrunkAsync("Past the gate", new Dictionary<string, string> { ["other.txt"] = "x\n" });
        await world.Place.RebaseAsync("carol", change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Past the gate", "Add feature" }));
    }

    [Test]
    public async Task A_vote_on_an_old_patch_set_approves_nothing()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        var later = await world.AmendAsync(change, "more.txt");
        await world.Place.VoteAsync("bob", change, "Code-Review", 2, patchSet: 1);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(later), Does.Contain("0 of 1 approvals"));
    }

    [Test]
    public async Task A_veto_behind_an_approval_stands_also_on_a_newer_patch_set()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.Place.VoteAsync("carol", change, "Code-Review", -2, "this breaks the build");
        var later = await world.AmendAsync(change, "more.txt");
        await world.ApproveAsync(later);

        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(later), Does.Contain("vetoed by carol"));

        await world.Place.VoteAsync("carol", later, "Code-Review", 0);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Amended" }));
    }

    [TestCase("admin", false, TestName = "A veto that an administrator deletes stands, and who deleted it is told")]
    [TestCase("bob", true, TestName = "A veto that somebody deletes whom the rules let is lifted")]
    public async Task A_deleted_veto(string by, bool lifted)
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.Place.VoteAsync("carol", change, "Code-Review", -2);
        if (by != GerritPlace.Admin)
            await world.Place.GrantAsync("core", "refs/heads/*", "removeLabel-Code-Review", -2, 2);
        await world.Place.DeleteVoteAsync(by, change, "carol", "Code-Review");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), lifted ? Has.Member("Add feature") : Is.EqualTo(OnlyTheBeginning));
        if (!lifted)
            Assert.That(world.Why(change), Does.Contain("vetoed by carol").And.Contain("admin removed the veto and may not"));
    }

    [Test]
    public async Task A_draft_waits_until_it_is_ready()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.Place.SetWipAsync("ana", change);
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("ana has not marked it ready"));

        await world.Place.SetReadyAsync("ana", change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [Test]
    public async Task An_abandoned_change_leaves_and_comes_back_when_it_is_restored()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.Place.AbandonAsync("ana", change);
        await world.SettleAsync();
        Assert.That(world.House.Pictures.SelectMany(picture => picture.Plan.Open), Is.Empty);

        await world.Place.RestoreAsync("ana", change);
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [Test]
    public async Task Somebody_elses_push_to_the_trunk_is_noticed_and_everything_is_tested_on_it()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature", "b");
        await world.SettleAsync();
        await world.Place.PushTrunkAsync("Past the gate", new Dictionary<string, string> { ["a"] = "x\n" });
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Past the gate" }));
        Assert.That(world.Alarms, Has.Member("foreign:tool/main"));
        Assert.That(world.Why(change), Does.Contain("unit failed"));
    }

    [Test]
    public async Task An_abandoned_parent_does_not_ride_in_under_an_approved_child()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var parent = await world.ProposeAsync("parent");
        var child = await world.ProposeAsync("child", onto: parent.Commit);
        await world.Place.AbandonAsync("ana", parent);
        await world.ApproveAsync(child);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(child), Does.Contain("which belongs to another change in another revision, or to one that is not open"));
    }

    [Test]
    public async Task A_child_of_an_outdated_patch_set_waits_for_a_rebase()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var parent = await world.ProposeAsync("parent");
        var child = await world.ProposeAsync("child", onto: parent.Commit);
        var later = await world.AmendAsync(parent, "more.txt");
        await world.ApproveAsync(later);
        await world.ApproveAsync(child);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Amended" }));
        Assert.That(world.Status(child).Outcome, Is.EqualTo("blocked"));
    }

    [Test]
    public async Task An_approval_for_another_branch_is_none_for_this_one()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        await world.Place.CreateBranchAsync("stable");
        var change = await world.Place.PushAsync("ana", "Add feature", new Dictionary<string, string> { ["feature.txt"] = "x\n" }, branch: "stable");
        await world.ApproveAsync(change);
        await world.Place.MoveAsync(GerritPlace.Admin, change, "main");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("0 of 1 approvals"));
        Assert.That(world.Why(change), Does.Contain("bob's approval was removed by admin"));
    }

    [Test]
    public async Task A_hashtag_that_the_author_set_himself_loosens_nothing()
    {
        await using var world = await GerritWorld.StartAsync(kind, gates: "  - { name: urgent, when: { labels: [hotfix], set-by: core }, instead-of: reviewer, require: { tests: all } }");
        var change = await world.ProposeAsync("feature");
        await world.Place.HashtagAsync("ana", change, ["hotfix"]);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("0 of 1 approvals"));

        await world.Place.GrantAsync("core", "refs/heads/*", "editHashtags");
        await world.Place.HashtagAsync("ana", change, [], "hotfix");
        await world.Place.HashtagAsync("bob", change, ["hotfix"]);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [Test]
    public async Task A_group_that_the_gate_may_not_see_makes_it_wait_and_say_which_right_is_missing()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.Place.SetGroupVisibleAsync("core", false);
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain($"the group {world.Place.Core} does not exist or cannot be seen by gatekeeper").And.Contain("visible_to_all"));

        await world.Place.SetGroupVisibleAsync("core", true);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [Test]
    public async Task Rights_taken_away_in_mid_queue_park_the_change_and_it_lands_when_they_are_back()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.Place.RevokeGatePushAsync();
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Status(change).Note, Does.Contain("not permitted: update"));
        Assert.That(world.Alarms, Has.Member("refused:tool/main"));

        await world.Place.GrantGatePushAsync();
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [Test]
    public async Task What_the_server_itself_demands_is_waited_for_by_name()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        await world.Place.RequireAsync("Legal", "hashtag:cleared");
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(world.Why(change), Does.Contain("the server's own requirement Legal is not met (hashtag:cleared)"));

        await world.Place.HashtagAsync("ana", change, ["cleared"]);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [Test]
    public async Task What_depends_on_another_by_its_Change_Id_lands_after_it()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var first = await world.ProposeAsync("first");
        var second = await world.ProposeAsync("second", body: $"Depends-On: {first.ChangeId}");
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
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.Place.SayAsync("carol", change, "/gatekeeper hold until the release");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(await world.SaidAsync(change), Has.One.Contains("held, as carol asked (until the release)"));

        await world.Place.SayAsync("carol", change, "/gatekeeper unhold");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [TestCase("squash")]
    [TestCase("rebase")]
    public async Task A_change_that_is_rewritten_to_land_is_merged_in_the_servers_eyes_too(string method)
    {
        await using var world = await GerritWorld.StartAsync(kind, $"landing: {{ method: {method} }}");
        await world.Place.PushTrunkAsync("Other", new Dictionary<string, string> { ["other.txt"] = "x\n" });
        var change = await world.Place.PushAsync("ana", "Add feature", new Dictionary<string, string> { ["feature.txt"] = "x\n" }, onto: (await world.Place.CommitAsync(await world.Place.TipAsync())).Parents.Single().Sha);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Other", "Add feature" }));
        Assert.That(await world.Place.StatusAsync(change), Is.EqualTo("MERGED"));
    }
}
