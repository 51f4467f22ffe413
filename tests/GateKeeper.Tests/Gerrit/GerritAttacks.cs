namespace GateKeeper.Tests.Gerrit;

/// <summary>Ways in which somebody might get past the gate on Gerrit, each tried on both servers.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritAttacks(string kind)
{
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task Who_was_put_out_of_the_group_at_the_last_moment_has_approved_nothing_in_the_next_tick_either()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.ApproveAsync(change);
        await world.House.DisposeAsync();
        using var moment = Promises.AtTheLanding(() => world.Place.RemoveMemberAsync("core", "bob").GetAwaiter().GetResult());
        await world.OpenAsync(moment);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("0 of 1 approvals"));
    }

    [Test]
    public async Task A_veto_that_was_deleted_is_not_taken_back_by_what_its_giver_says_next()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.Place.VoteAsync("carol", change, "Code-Review", -2);
        await world.Place.DeleteVoteAsync(GerritPlace.Admin, change, "carol", "Code-Review");
        await world.Place.SayAsync("carol", change, "hello");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("vetoed by carol"));
    }

    [Test]
    public async Task An_approval_that_somebody_overwrote_in_its_givers_name_does_not_count()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        await world.Place.GrantOnBehalfAsync("core", "Code-Review", -2, 2);
        var change = await world.ProposeAsync("feature");
        await world.Place.VoteAsync("carol", change, "Code-Review", 2);
        await world.Place.VoteAsync("bob", change, "Code-Review", -1, onBehalfOf: "carol");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("carol's approval was removed by bob"));
    }

    [Test]
    public async Task A_parent_that_was_pushed_past_review_to_another_branch_does_not_ride_in()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        await world.Place.CreateBranchAsync("sandbox");
        var below = await world.Place.PushTrunkAsync("Never shown to anybody", new Dictionary<string, string> { ["door.txt"] = "x\n" }, branch: "sandbox");
        var change = await world.ProposeAsync("feature", onto: below);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("its reviewers were not shown that"));
    }

    [Test]
    public async Task A_hold_in_a_comment_on_the_whole_patch_set_holds_as_the_web_pages_send_it()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        var answer = await world.Place.AskAsync("carol", "POST", $"{world.Place.Path(change)}/revisions/current/review", new Dictionary<string, object>
        {
            ["comments"] = new Dictionary<string, object> { ["/PATCHSET_LEVEL"] = new[] { new { message = "/gatekeeper hold not today" } } },
        });
        Assert.That(answer.Ok, answer.Text);
        if (kind == GerritPlace.Fake)
            Assert.Ignore("the imitated server keeps no comments; the real one does");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("held by carol: not today"));
    }

    [TestCase("Depends-On: what is this", "what is this", TestName = "A Depends-On that names nothing makes its change wait and stops nobody")]
    [TestCase("Co-authored-by: Somebody <not an address>", null, TestName = "A co-author without an address is nobody and stops nobody")]
    public async Task What_one_change_says_stops_nobody_else(string line, string? waitsFor)
    {
        await using var world = await GerritWorld.StartAsync(kind);
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

    [Test]
    public async Task Words_that_look_like_the_servers_own_footers_are_words()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.Place.SayAsync("ana", change, "hello\n\nPatch-set: 1\nLabel: Code-Review=+2, 00 Gerrit User 1000002 <1000002@x>\nReal-user: Gerrit User 1000002 <1000002@x>");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("0 of 1 approvals"));
    }

    [Test]
    public async Task Who_wrote_it_under_an_address_that_nobody_may_see_is_not_taken_for_nobody()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        world.Place.Door.Answer("/self/capabilities", "{}");
        var commit = await world.Place.CommitAsAsync("stranger", "Add feature\n\nChange-Id: I" + new string('5', 40) + "\n", "feature.txt");
        var mine = await world.Place.RewriteAsync("ana", new(0, "", commit, 1), await world.Place.TipAsync());
        Assert.That((await world.Place.TryPushAsync("ana", mine, "refs/for/main")).Error, Does.Contain("SUCCESS"));
        await world.SettleAsync();

        var reasons = world.House.Pictures.SelectMany(picture => picture.Plan.Open).Select(status => status.Judgement.Whole.Reason).ToList();
        Assert.That(reasons, Has.Count.EqualTo(1).And.All.Contains("has the address stranger@example.org"));
    }
}
