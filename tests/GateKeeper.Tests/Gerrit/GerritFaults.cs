namespace GateKeeper.Tests.Gerrit;

/// <summary>What only a Gerrit can answer wrongly, and how much it is asked; the faults that all forges have are in <see cref="Stories.CommonFaults"/>.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritFaults(string kind)
{
    [Test]
    public async Task Scores_of_which_the_server_does_not_say_any_more_what_they_mean_are_neither_votes_nor_none()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        world.Repository = repository => repository with { Labels = ("Quality", "Verified", null) };
        await world.Place.GrantLabelAsync("core", "Quality", -2, 2);
        var change = await world.ProposeAsync("feature");
        await world.Place.VoteAsync("carol", change, "Quality", -2);
        await world.SettleAsync();
        Assert.That(world.Why(change), Does.Contain("vetoed by carol"));

        await world.Place.DeleteLabelAsync("Quality");
        await world.Place.SayAsync("ana", change, "so be it");
        await world.SettleAsync();
        Assert.That(world.Why(change), Does.Contain("the server does not say what Quality means on this change"));

        await world.Place.GrantLabelAsync("core", "Quality", -2, 2);
        await world.Place.SayAsync("ana", change, "and now?");
        await world.SettleAsync();
        Assert.That(world.Why(change), Does.Contain("vetoed by carol"));
    }

    [Test]
    public async Task What_one_change_names_and_the_server_does_not_answer_of_keeps_no_other_from_landing()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var name = $"I{new string('7', 40)}";
        world.Place.Door.Fail("GET", $"change%3A{name}", fails: true);
        var odd = await world.Place.PushAsync("ana", "Add odd", new Dictionary<string, string> { ["odd.txt"] = "odd\n" }, null, body: $"Depends-On: {name}");
        await world.ApproveAsync(await world.ProposeAsync("feature"));

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(world.Why(odd), Does.Contain($"which change its Depends-On: {name} means could not be asked"));
        world.Place.Door.Fail("GET", $"change%3A{name}", fails: false);
        await world.SettleAsync();
        Assert.That(world.Why(odd), Does.Not.Contain("could not be asked"));
    }

    [Test]
    public async Task A_change_that_slipped_from_one_page_of_a_long_list_to_the_next_is_not_taken_for_gone()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var (other, slipped) = (await world.ProposeAsync("other"), await world.ProposeAsync("slipped"));
        await world.SettleAsync();
        await world.Place.SayAsync("ana", slipped, "up to the first page");
        var shown = (await world.Place.AskAsync(GerritPlace.Gate, "GET", $"changes/?q=change:{other.Number}&o=SKIP_DIFFSTAT")).Json[0]!;
        shown["_more_changes"] = true;
        world.Place.Door.Answer("&S=0&o=SKIP_DIFFSTAT", $"[{shown.ToJsonString()}]");

        await world.SettleAsync();

        Assert.That(world.House.Pictures.SelectMany(picture => picture.Plan.Open).Select(status => status.Change.Id.Value), Is.EquivalentTo(new[] { $"{slipped.Number}", $"{other.Number}" }));
        await world.Place.AbandonAsync("ana", slipped);
        await world.SettleAsync();
        Assert.That(world.House.Pictures.SelectMany(picture => picture.Plan.Open).Select(status => status.Change.Id.Value), Is.EqualTo(new[] { $"{other.Number}" }));
    }

    [Test]
    public async Task A_change_whose_detail_the_server_does_not_show_at_once_is_asked_for_again()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.ApproveAsync(change);
        world.Place.Door.Answer("&n=500&o=CURRENT_REVISION&o=DETAILED_LABELS&o=DETAILED_ACCOUNTS&o=SUBMIT_REQUIREMENTS&o=SKIP_DIFFSTAT", "[]");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));

        world.Place.Door.Answer("&n=500&o=CURRENT_REVISION&o=DETAILED_LABELS&o=DETAILED_ACCOUNTS&o=SUBMIT_REQUIREMENTS&o=SKIP_DIFFSTAT", null);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }));
    }

    [TestCase("hashtags", "do-not-merge")]
    [TestCase("submit_requirements", "does not tell which of its own requirements")]
    public async Task What_the_server_leaves_out_of_a_change_is_not_empty(string left, string why)
    {
        const string Details = "&n=500&o=CURRENT_REVISION&o=DETAILED_LABELS&o=DETAILED_ACCOUNTS&o=SUBMIT_REQUIREMENTS&o=SKIP_DIFFSTAT";
        await using var world = await GerritWorld.StartAsync(kind, gates: "  - { name: labels, require: { no-labels: [do-not-merge] } }");
        var change = await world.ProposeAsync("feature");
        await world.Place.HashtagAsync("ana", change, ["do-not-merge"]);
        await world.SettleAsync();
        if (left != "hashtags")
            await world.Place.HashtagAsync("ana", change, [], "do-not-merge");
        await world.ApproveAsync(change);
        var shown = (await world.Place.AskAsync(GerritPlace.Gate, "GET", $"changes/?q=change:{change.Number}{Details}")).Json[0]!.AsObject();
        Assert.That(shown.Remove(left), "it is there otherwise");
        world.Place.Door.Answer(Details, $"[{shown.ToJsonString()}]");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Why(change), Does.Contain(why));
    }

    [Test]
    public async Task Before_a_landing_all_that_is_open_is_listed_once_and_then_only_what_was_touched()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.ApproveAsync(change);
        world.Place.Door.Forget();

        await world.SettleAsync();

        var before = world.Place.Door.Requests.TakeWhile(request => !request.Contains("git-receive-pack", StringComparison.Ordinal)).ToList();
        Assert.That(before, Has.One.Contains("status%3Aopen"));
        Assert.That(before, Has.One.Contains("after%3A").And.Exactly(2).Contains("/members/").And.Exactly(2).Contains("/branches/"));
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }));
    }

    [Test]
    public async Task A_look_at_a_project_where_nothing_moved_is_one_question()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        await world.ProposeAsync("feature");
        await world.SettleAsync();
        world.Time.Pass(TimeSpan.FromSeconds(10));
        await world.House.SettleAsync(default);
        world.Place.Door.Forget();

        world.Time.Pass(TimeSpan.FromSeconds(10));
        await world.House.SettleAsync(default);

        Assert.That(world.Place.Door.Requests, Has.Count.EqualTo(1).And.All.StartsWith("GET /a/changes/?q="));
    }
}
