using System.Net;

namespace GateKeeper.Tests.Gerrit;

/// <summary>The imitated server and the real one are the same place: what people do there has the same consequences, without a gate.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritPlaces(string kind)
{
    [Test]
    public async Task A_new_patch_set_leaves_the_votes_behind()
    {
        await using var place = await StartAsync();
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"));
        await place.VoteAsync("bob", change, "Code-Review", 2, "fine");
        Assert.That(await place.LabelAsync(change, "Code-Review", "bob"), Is.EqualTo(2));

        var again = await place.PushAsync("ana", "Add one", Files("two.txt"), amend: change);

        Assert.That(again, Is.EqualTo(change with { Commit = again.Commit, PatchSet = 2 }));
        Assert.That(again.Commit, Is.Not.EqualTo(change.Commit));
        Assert.That(await place.LabelAsync(again, "Code-Review", "bob"), Is.Null);
        Assert.That((await place.MessagesAsync(again)).Select(message => (message.Author, message.Text.Split('\n')[0])), Is.EqualTo(new (string?, string)[]
        {
            ("ana", "Uploaded patch set 1."), ("bob", "Patch Set 1: Code-Review+2"), ("ana", "Uploaded patch set 2."),
        }));
    }

    [Test]
    public async Task A_copied_vote_looks_fresh_but_in_the_log()
    {
        await using var place = await StartAsync();
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"));
        await place.VoteAsync("bob", change, "Code-Review", 2);
        await place.PushTrunkAsync("Move", Files("moved.txt"));

        var rebased = await place.RebaseAsync("carol", change);

        Assert.That(await place.LabelAsync(rebased, "Code-Review", "bob"), Is.EqualTo(2));
        var row = (await place.ReadAsync(rebased, "DETAILED_LABELS", "DETAILED_ACCOUNTS"))["labels"]!["Code-Review"]!["all"]!.AsArray().Single(vote => (string?)vote!["username"] == "bob")!.AsObject();
        Assert.That(row.Select(field => field.Key), Is.EquivalentTo(new[] { "value", "date", "permitted_voting_range", "_account_id", "name", "email", "username" }));
        var log = await place.LogAsync(rebased);
        Assert.That(log[^1].Text, Does.StartWith("Create patch set 2\n").And.Contains("\nCopied-Label: Code-Review=+2, ").And.Not.Contains("\nLabel: "));
        Assert.That(log[^2].Text, Does.Contain("\nPatch-set: 1\n").And.Contains("\nLabel: Code-Review=+2, "));
    }

    [Test]
    public async Task Whoever_deletes_a_vote_signs_for_it_and_whoever_takes_his_own_back_too()
    {
        await using var place = await StartAsync();
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"));
        await place.VoteAsync("bob", change, "Code-Review", -2);
        await place.VoteAsync("carol", change, "Code-Review", 2);
        var (bob, carol) = ((await place.LogAsync(change))[^2].Author, (await place.LogAsync(change))[^1].Author);

        await place.DeleteVoteAsync(GerritPlace.Admin, change, "bob", "Code-Review");
        await place.VoteAsync("carol", change, "Code-Review", 0);

        Assert.That(await place.LabelAsync(change, "Code-Review", "bob"), Is.Null);
        var log = await place.LogAsync(change);
        Assert.That(log[^2].Text, Does.Contain($"\nLabel: -Code-Review {bob}\n"));
        Assert.That(log[^2].Author, Does.StartWith("Gerrit User 1000000 "));
        Assert.That(log[^1].Author, Is.EqualTo(carol));
        Assert.That(log[^1].Text, Does.Contain("\nLabel: Code-Review=0, "));
    }

    [Test]
    public async Task The_owner_may_not_delete_a_veto()
    {
        await using var place = await StartAsync();
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"));
        await place.VoteAsync("bob", change, "Code-Review", -2);

        Assert.That(async () => await place.DeleteVoteAsync("ana", change, "bob", "Code-Review"), Throws.TypeOf<GerritRefusal>().With.Message.Contains("403 Delete vote not permitted."));
    }

    [Test]
    public async Task A_vote_on_an_old_patch_set_goes_along_where_the_condition_lets_it()
    {
        await using var place = await StartAsync();
        var old = await place.PushAsync("ana", "Add one", Files("one.txt"));
        var change = await place.PushAsync("ana", "Add one", Files("two.txt"), amend: old);

        await place.VoteAsync("bob", change, "Code-Review", -2, patchSet: 1);
        await place.VoteAsync("carol", change, "Code-Review", 2, patchSet: 1);

        Assert.That(await place.LabelAsync(change, "Code-Review", "bob"), Is.EqualTo(-2));
        Assert.That(await place.LabelAsync(change, "Code-Review", "carol"), Is.Null);
        await place.SetCopyConditionAsync("Code-Review", "changekind:REWORK");
        var next = await place.PushAsync("ana", "Add one", Files("three.txt"), amend: change);
        Assert.That(await place.LabelAsync(next, "Code-Review", "bob"), Is.EqualTo(-2));
    }

    [Test]
    public async Task A_vote_in_anothers_name_names_the_speaker()
    {
        await using var place = await StartAsync();
        await place.GrantAsync("core", "refs/heads/*", "labelAs-Code-Review", -1, 1);
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"));
        await place.VoteAsync("bob", change, "Code-Review", 1);
        var bob = (await place.LogAsync(change))[^1].Author;

        await place.VoteAsync("bob", change, "Code-Review", 1, onBehalfOf: "erin");

        Assert.That(await place.LabelAsync(change, "Code-Review", "erin"), Is.EqualTo(1));
        Assert.That((await place.LogAsync(change))[^1].Text, Does.EndWith($"\nReal-user: {bob}\n").Or.Contains($"\nReal-user: {bob}\nAttention: "));
    }

    [Test]
    public async Task A_retargeted_change_leaves_its_votes_behind()
    {
        await using var place = await StartAsync();
        await place.CreateBranchAsync("release");
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"));
        await place.VoteAsync("bob", change, "Code-Review", 2);

        await place.MoveAsync("ana", change, "release");

        Assert.That((string?)(await place.ReadAsync(change))["branch"], Is.EqualTo("release"));
        Assert.That(await place.LabelAsync(change, "Code-Review", "bob"), Is.Null);
        Assert.That((await place.LogAsync(change))[^1].Text, Does.Contain("\nBranch: refs/heads/release\n").And.Contains("\nLabel: -Code-Review Gerrit User "));
    }

    [Test]
    public async Task Hashtags_are_in_the_log_with_who_set_them()
    {
        await using var place = await StartAsync();
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"), options: "%topic=t,hashtag=b");
        var ana = (await place.LogAsync(change))[0].Author;

        await place.HashtagAsync("ana", change, ["land-me"], "b");
        await place.HashtagAsync(GerritPlace.Admin, change, ["queued"]);

        Assert.That(await place.HashtagsAsync(change), Is.EqualTo(new[] { "land-me", "queued" }));
        var log = await place.LogAsync(change);
        Assert.That(log[0].Text, Does.Contain("\nTopic: t\n").And.Contains("\nHashtags: b\n"));
        Assert.That((log[1].Author, log[1].Text.Contains("\nHashtags: land-me\n", StringComparison.Ordinal)), Is.EqualTo((ana, true)));
        Assert.That(log[2].Author, Is.Not.EqualTo(ana));
    }

    [Test]
    public async Task Drafts_and_abandoned_changes_say_so_and_come_back()
    {
        await using var place = await StartAsync();
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"), options: "%wip");
        Assert.That((bool?)(await place.ReadAsync(change))["work_in_progress"], Is.True);
        await place.SetReadyAsync("ana", change);
        Assert.That((await place.ReadAsync(change)).AsObject().ContainsKey("work_in_progress"), Is.False);
        await place.VoteAsync("bob", change, "Code-Review", 2);

        await place.AbandonAsync("ana", change);
        Assert.That(await place.StatusAsync(change), Is.EqualTo("ABANDONED"));
        await place.RestoreAsync("ana", change);

        Assert.That(await place.StatusAsync(change), Is.EqualTo("NEW"));
        Assert.That(await place.LabelAsync(change, "Code-Review", "bob"), Is.EqualTo(2));
    }

    [Test]
    public async Task What_is_pushed_to_the_trunk_closes_its_changes()
    {
        await using var place = await StartAsync();
        var parent = await place.PushAsync("ana", "Add one", Files("one.txt"));
        var child = await place.PushAsync("ana", "Add two", Files("two.txt"), onto: parent.Commit);
        await place.PushAsync("ana", "Add one, better", Files("three.txt"), amend: parent);
        var other = await place.PushAsync("dave", "Add four", Files("four.txt"));

        Assert.That((await place.TryPushAsync(GerritPlace.Gate, child.Commit, "refs/heads/main")).Ok, Is.True);
        var rebased = await place.RewriteAsync(GerritPlace.Gate, other, child.Commit);
        Assert.That((await place.TryPushAsync(GerritPlace.Gate, rebased, "refs/heads/main")).Ok, Is.True);

        Assert.That(await place.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add one", "Add two", "Add four" }));
        Assert.That(new[] { await place.StatusAsync(parent), await place.StatusAsync(child), await place.StatusAsync(other) }, Is.All.EqualTo("MERGED"));
        Assert.That(await place.CurrentAsync(parent.Number), Is.EqualTo(parent));
        Assert.That(await place.CurrentAsync(other.Number), Is.EqualTo(other with { Commit = rebased, PatchSet = 2 }));
        Assert.That((await place.MessagesAsync(other))[^1].Text, Is.EqualTo("Change has been successfully pushed."));
    }

    [Test]
    public async Task Nobody_but_the_gate_pushes_to_the_trunk_and_it_only_while_it_may()
    {
        await using var place = await StartAsync();
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"));
        var refused = await place.TryPushAsync("ana", change.Commit, "refs/heads/main");
        Assert.That(refused.Error, Does.Contain("(prohibited by Gerrit: not permitted: update)"));

        await place.RevokeGatePushAsync();
        Assert.That((await place.TryPushAsync(GerritPlace.Gate, change.Commit, "refs/heads/main")).Error, Does.Contain("not permitted: update"));
        await place.GrantGatePushAsync();

        Assert.That((await place.TryPushAsync(GerritPlace.Gate, change.Commit, "refs/heads/main")).Ok, Is.True);
        Assert.That((await place.TryPushAsync(GerritPlace.Gate, await place.CommitAsAsync("ana", "Other\n", "other.txt"), "refs/heads/main")).Ok, Is.True);
    }

    [Test]
    public async Task A_group_that_the_gate_may_not_see_is_not_there()
    {
        await using var place = await StartAsync();
        var members = $"groups/{place.Core}/members/?recursive";
        Assert.That((await place.AskAsync(GerritPlace.Gate, "GET", members)).Json.AsArray().Select(member => (string?)member!["username"]), Is.EqualTo(new[] { "bob", "carol" }));

        await place.SetGroupVisibleAsync("core", false);

        Assert.That((await place.AskAsync(GerritPlace.Gate, "GET", members)).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_label_that_is_not_known_is_dropped_without_a_word()
    {
        await using var place = await StartAsync();
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"));

        var answer = await place.AskAsync(GerritPlace.Gate, "POST", $"{place.Path(change)}/revisions/{change.Commit}/review", new { message = "passed", labels = new { Nonsense = 1 } });

        Assert.That(answer.Ok, Is.True);
        Assert.That(answer.Json["labels"]!.AsObject(), Is.Empty);
        Assert.That((await place.MessagesAsync(change))[^1].Text, Is.EqualTo("Patch Set 1:\n\npassed"));
    }

    [Test]
    public async Task Long_answers_come_in_pages()
    {
        await using var place = await StartAsync();
        for (var each = 1; each <= 3; each++)
            await place.PushAsync("ana", $"Add {each}", Files($"{each}.txt"));
        var query = $"changes/?q=project:{Uri.EscapeDataString(place.Project)}+status:open&n=2";

        var first = (await place.AskAsync(GerritPlace.Gate, "GET", query)).Json.AsArray();
        var second = (await place.AskAsync(GerritPlace.Gate, "GET", query + "&S=2")).Json.AsArray();

        Assert.That(first.Select(change => (bool?)change!["_more_changes"]), Is.EqualTo(new bool?[] { null, true }));
        Assert.That(first.Concat(second).Select(change => (string?)change!["subject"]), Is.EqualTo(new[] { "Add 3", "Add 2", "Add 1" }));
        Assert.That(second[^1]!.AsObject().ContainsKey("_more_changes"), Is.False);
    }

    [Test]
    public async Task A_fault_at_the_door_comes_before_or_after_the_deed()
    {
        await using var place = await StartAsync();
        using var gate = new GerritRest(new(place.Url));
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"));
        var review = $"{place.Path(change)}/revisions/{change.Commit}/review";

        place.Door.FailNext("POST", "/review");
        Assert.That((await gate.TryAsync(GerritPlace.Gate, "POST", review, new { message = "never" })).Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        place.Door.FailNext("POST", "/review", 503, afterDoing: true);
        Assert.That((await gate.TryAsync(GerritPlace.Gate, "POST", review, new { message = "said" })).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        place.Door.FailNext("POST", "/git-receive-pack", afterDoing: true);
        Assert.That((await place.TryPushAsync(GerritPlace.Gate, change.Commit, "refs/heads/main", door: true)).Ok, Is.False);

        Assert.That((await place.MessagesAsync(change)).Select(message => message.Text), Is.EqualTo(new[] { "Uploaded patch set 1.", "Patch Set 1:\n\nsaid", "Change has been successfully pushed." }));
        Assert.That(await place.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add one" }));
        Assert.That(place.Door.Requests, Has.Exactly(2).EqualTo($"POST /a/{review}"));
    }

    [Test]
    public async Task A_server_that_is_gone_breaks_the_connection_and_comes_back()
    {
        await using var place = await StartAsync();
        using var gate = new GerritRest(new(place.Url));
        place.Door.Down(true);
        Assert.That(async () => await gate.TryAsync(GerritPlace.Gate, "GET", "config/server/version"), Throws.InstanceOf<HttpRequestException>());

        place.Door.Down(false);

        Assert.That((string?)(await gate.TryAsync(GerritPlace.Gate, "GET", "config/server/version")).Json, Does.StartWith("3."));
    }

    private static Dictionary<string, string> Files(string path) => new() { [path] = path + "\n" };

    private async Task<GerritPlace> StartAsync()
    {
        var place = await GerritPlace.OpenAsync(kind);
        await place.StartAsync(new Dictionary<string, string> { ["rules.yaml"] = "version: 1\n", ["a.txt"] = "a\n" });
        return place;
    }
}
