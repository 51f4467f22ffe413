namespace GateKeeper.Tests.Gerrit;

/// <summary>Ways in which somebody might get past the gate on Gerrit, each tried on both servers.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritAttacks(string kind)
{
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

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
