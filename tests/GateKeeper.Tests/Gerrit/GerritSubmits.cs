using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;
using GateKeeper.Git;
using GateKeeper.Reconcile;
using GateKeeper.Store;

namespace GateKeeper.Tests.Gerrit;

/// <summary>Where the server itself makes the commit that lands: what it made is known as the gate's own, and what it ought not to have made is noticed.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritSubmits(string kind)
{
    [Test]
    public async Task What_the_server_made_is_accounted_for()
    {
        await using var world = await StartAsync();
        var (one, two) = (await world.ProposeAsync("one"), await world.ProposeAsync("two"));
        await world.ApproveAsync(one);
        await world.ApproveAsync(two);
        await world.SettleAsync();
        using var terminal = new Terminal();

        var audit = await terminal.RunAsync("audit", "--config", world.WriteSettings());

        Assert.That((audit.Code, audit.Output), Is.EqualTo((0, "Everything on the trunks is accounted for.\n")), audit.Errors);
        await world.Place.PushTrunkAsync("Past the gate", new Dictionary<string, string> { ["x"] = "x\n" });
        var found = await terminal.RunAsync("audit", "--config", world.WriteSettings());
        Assert.That((found.Code, found.Output), Is.EqualTo((1, $"tool/main: {await world.Place.TipAsync()} did not come through the gate\n")));
    }

    [Test]
    public async Task A_crash_after_the_server_submitted_and_before_the_journal_is_closed_is_found_on_the_trunk()
    {
        await using var world = await StartAsync();
        var (one, two) = (await world.ProposeAsync("one"), await world.ProposeAsync("two"));
        await world.ApproveAsync(one);
        await world.SettleAsync();
        var before = await world.Place.TipAsync();
        await world.ApproveAsync(two);
        await world.SettleAsync();
        var database = world.House.Tools.Database;
        database.Do("DELETE FROM journal WHERE id = (SELECT MAX(id) FROM journal)");
        database.Do("DELETE FROM landed WHERE change = $1", $"{two.Number}");
        new TrunkMemory(database, "tool/main", 20).Set(state => state with { Tip = new CommitSha(before) });
        await world.CloseAsync();

        await world.SettleAsync();

        var made = await world.Place.TipAsync();
        Assert.That(world.House.Tools.Journal.Entries().Select(entry => entry.Kind), Is.EqualTo(new[] { "intent", "landed", "intent", "landed" }));
        Assert.That(world.House.Notebook.LandingsOf($"{two.Number}").Select(landing => landing.Commit.Hex), Is.EqualTo(new[] { made }));
        Assert.That(world.House.Tools.Journal.Pushes("tool/main")[made], Is.EqualTo(before));
        Assert.That(world.Alarms, Is.Empty);
    }

    [TestCase(true, "not known", TestName = "A landing under way whose candidate is gone is closed as not known where the trunk went on")]
    [TestCase(false, "not landed", TestName = "A landing under way whose candidate is gone is closed as not landed where the trunk stands where it stood")]
    public async Task A_landing_under_way_whose_candidate_is_gone(bool moved, string closed)
    {
        await using var world = await StartAsync();
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        var (journal, from, revision) = (world.House.Tools.Journal, world.House.Pictures.First(picture => picture.Trunk == "main").Tip, world.Status(change).Change.Current.Commit);
        var fact = $$"""{"change":"{{change.Number}}","revision":"{{revision.Hex}}","commit":"{{new string('1', 40)}}","rewritten":true,"title":"Add feature","author":"ana","tests":[]}""";
        journal.Write("tool/main", "intent", $$"""{"from":"{{from.Hex}}","to":"{{new string('1', 40)}}","rules":"","method":"Squash","changes":[{{fact}}]}""");
        if (moved)
            await world.Place.PushTrunkAsync("Past the gate", new Dictionary<string, string> { ["x"] = "x\n" });
        await world.CloseAsync();
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Some.Contains("Add feature"));
        Assert.That(world.House.Tools.Journal.Entries().Select(entry => entry.Kind).Where(kind => kind is not "foreign push"), Is.EqualTo(new[] { "intent", closed, "intent", "landed" }));
        Assert.That(world.House.Notebook.Alarms.Any(alarm => alarm.Name == "foreign:tool/main"), Is.EqualTo(moved), "whose push it was is not known");
    }

    [Test]
    public async Task An_answer_that_nobody_expected_keeps_a_landing_for_a_while_and_not_for_ever()
    {
        await using var world = await StartAsync();
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        world.Place.Door.Answer(Together, "{}");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.House.Notebook.Alarms.Single().Words, Does.Contain("the server does not say what it would submit with it"));
        world.Place.Door.Answer(Together, null);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(world.Alarms, Is.Empty);
    }

    [Test]
    public async Task What_the_server_would_submit_along_by_its_topic_lets_nothing_go()
    {
        await using var world = await StartAsync();
        var (change, mate) = (await world.ProposeAsync("feature"), await world.ProposeAsync("mate"));
        await world.ApproveAsync(change);
        world.Place.Door.Answer(Together, $$"""{"changes":[{"_number":{{change.Number}}},{"_number":{{mate.Number}}}],"non_visible_changes":0}""");

        await world.SettleAsync();

        Assert.That((await world.Place.StatusAsync(change), await world.Place.StatusAsync(mate)), Is.EqualTo(("NEW", "NEW")));
        Assert.That(world.Place.Door.Requests, Has.None.EndsWith("/submit"));
        Assert.That(world.Status(change).Note, Does.Contain("the server would submit other changes with it (by its topic"));
    }

    [Test]
    public async Task What_the_server_merges_with_a_push_of_somebody_elses_was_not_tested_and_stops_the_gate()
    {
        await using var world = await StartAsync();
        var change = await world.ProposeAsync("feature", "a");
        await world.ApproveAsync(change);
        world.Place.Door.BeforeNext("POST", "/submit", () => world.Place.PushTrunkAsync("Past the gate", new Dictionary<string, string> { ["b"] = "b\n" }));

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.Place.StatusAsync(change), Is.EqualTo("MERGED"), "a and b together fail the test, and the server did not know");
        Assert.That(world.House.Notebook.Alarms.Single(alarm => alarm.Name == "stopped:tool/main").Words, Does.Contain("is not what was tested"));
        Assert.That(world.House.Notebook.Landings(null, 10), Is.Empty);
        Assert.That(await world.SaidAsync(change), Has.None.Contains("landed on"));
    }

    [Test]
    public async Task What_somebody_else_pushes_on_top_of_what_the_server_made_takes_nothing_from_it()
    {
        await using var world = await StartAsync();
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        var past = "";
        world.Place.Door.AfterNext("POST", "/submit", async () => past = await world.Place.PushTrunkAsync("Past the gate", new Dictionary<string, string> { ["x"] = "x\n" }));

        await world.SettleAsync();

        Assert.That(world.House.Notebook.LandingsOf($"{change.Number}").Select(landing => landing.Commit.Hex), Is.EqualTo(new[] { change.Commit }));
        Assert.That(world.House.Notebook.Alarms.Select(alarm => alarm.Words), Has.One.StartsWith($"somebody else than the gate moved main from {change.Commit[..10]}"));
        Assert.That(await world.Place.TipAsync(), Is.EqualTo(past));
    }

    [Test]
    public async Task A_submission_that_somebody_elses_push_forestalled_is_decided_anew()
    {
        await using var world = await StartAsync();
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        world.Place.Door.BeforeNext("POST", "/submit", () => world.Place.PushTrunkAsync("Past the gate", new Dictionary<string, string> { ["x"] = "x\n" }));
        world.Place.Door.FailNext("POST", "/submit", status: 409);

        await world.SettleAsync();

        Assert.That(await world.Place.StatusAsync(change), Is.EqualTo("MERGED"));
        Assert.That((await world.TrunkLogAsync()).Take(2), Is.EqualTo(new[] { "The beginning", "Past the gate" }));
        Assert.That(world.House.Notebook.LandingsOf($"{change.Number}"), Has.Count.EqualTo(1));
        Assert.That(world.Alarms, Is.EqualTo(new[] { "foreign:tool/main" }));
    }

    [Test]
    public async Task What_a_landing_sees_of_the_trunk_is_for_the_loop_to_take()
    {
        await using var world = await StartAsync();
        var change = await world.ProposeAsync("feature");
        var settings = world.Settings();
        var (mirror, forge, _) = await Connection.OpenAsync(settings.Repositories[0], settings.Page, settings.Work, world.Time, default);
        await forge.RefreshAsync(new HashSet<string>(), default);
        var (before, revision) = (new CommitSha(mirror.Refs["refs/heads/main"]), new Revision(new($"{change.Number}"), new(change.Commit)));

        var answer = await forge.LandAsync("refs/heads/main", new(before, [new(new(before, revision), revision.Commit)]), LandingMethod.Merge, TimeSpan.FromSeconds(30));

        Assert.That(answer, Is.EqualTo(new PushAnswer.Done(revision.Commit)));
        Assert.That(mirror.Refs["refs/heads/main"], Is.EqualTo(before.Hex), "a tick in between would take it for somebody else's push");
        (forge as IDisposable)?.Dispose();
        mirror.Dispose();
    }

    [TestCase("fast-forward")]
    [TestCase("path conflict")]
    public async Task A_refusal_that_only_a_rebase_can_mend_is_told_to_the_author_and_not_tried_again_before(string kind)
    {
        await using var world = await StartAsync();
        if (kind == "fast-forward")
            await world.Place.OnlyForwardsAsync();
        else
            await world.Place.MergeNoContentAsync();
        await world.Place.PushTrunkAsync("Lines", Lines("1", "9"));
        var one = await world.Place.PushAsync("ana", "Add one", Lines("one", "9"));
        var two = await world.Place.PushAsync("ana", "Add two", Lines("1", "nine"));
        await world.ApproveAsync(one);
        await world.SettleAsync();
        await world.ApproveAsync(two);

        await world.SettleAsync();
        for (var hours = 0; hours < 3; hours++)
        {
            world.Time.Pass(TimeSpan.FromHours(1));
            await world.SettleAsync();
        }

        Assert.That((await world.Place.StatusAsync(one), await world.Place.StatusAsync(two)), Is.EqualTo(("MERGED", "NEW")));
        Assert.That(await world.SaidAsync(two), Has.One.Contains("forge refused").And.One.Contains(kind).And.One.Contains("rebase"));
        Assert.That(world.Place.Door.Requests.Count(request => request.EndsWith($"/revisions/{two.Commit}/submit", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(world.Status(two).Outcome, Is.EqualTo("forge refused"));

        var again = await world.Place.PushAsync("ana", "Add two", Lines("one", "nine"), onto: await world.Place.TipAsync(), amend: two);
        await world.ApproveAsync(again);
        await world.SettleAsync();
        Assert.That(await world.Place.StatusAsync(again), Is.EqualTo("MERGED"));
    }

    [Test]
    public async Task A_refusal_for_another_reason_is_told_to_the_author_too_and_tried_again()
    {
        await using var world = await StartAsync();
        await world.Place.RevokeGateSubmitAsync();
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.SaidAsync(change), Has.One.Contains("submit not permitted").And.One.Contains("tried again"));
        await world.Place.GrantGateSubmitAsync();
        world.Time.Pass(TimeSpan.FromHours(1));
        await world.SettleAsync();
        Assert.That(await world.Place.StatusAsync(change), Is.EqualTo("MERGED"));
    }

    [Test]
    public async Task A_server_that_demands_the_gates_own_vote_is_given_it_before_it_is_asked_to_submit()
    {
        await using var world = await StartAsync();
        await world.Place.RequireAsync("Verified", "label:Verified=MAX AND -label:Verified=MIN");
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.Place.StatusAsync(change), Is.EqualTo("MERGED"));
        Assert.That(await world.Place.LabelAsync(change, "Verified"), Is.EqualTo(1));
    }

    private static Dictionary<string, string> Lines(string first, string last) => new() { ["lines.txt"] = $"{first}\n2\n3\n4\n5\n6\n7\n8\n{last}\n" };

    private const string Together = "o=NON_VISIBLE_CHANGES";

    private async Task<GerritWorld> StartAsync()
    {
        var world = await GerritWorld.StartAsync(kind);
        world.Repository = repository => repository with { Submits = true };
        await world.Place.RevokeGatePushAsync();
        return world;
    }
}
