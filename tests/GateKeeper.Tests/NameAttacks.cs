using GateKeeper.Core.Changes;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>Names of branches and tags that git could take for others, pushed to a guarded repository or there before the guard was.</summary>
public sealed class NameAttacks
{
    private static readonly string GuardedRules = World.Rules.Replace("@example.org", "", StringComparison.Ordinal);

    [TestCase("refs/heads/refs/heads/main")]
    [TestCase("refs/tags/refs/heads/main")]
    [TestCase("refs/heads/refs/notes/devtools/reviews")]
    [TestCase("refs/tags/refs/notes/devtools/discuss")]
    [TestCase("refs/heads/refs/gatekeeper/push-log")]
    [TestCase("refs/heads/heads/main")]
    [TestCase("refs/tags/heads/main")]
    [TestCase("refs/heads/tags/v1")]
    [TestCase("refs/heads/remotes/origin/main")]
    [TestCase("refs/tags/remotes/origin/main")]
    [TestCase("refs/heads/notes/devtools/reviews")]
    [TestCase("refs/heads/HEAD")]
    [TestCase("refs/tags/HEAD")]
    [TestCase("refs/tags/main")]
    [TestCase("refs/heads/FETCH_HEAD")]
    [TestCase("refs/heads/0123456789012345678901234567890123456789")]
    [TestCase("refs/tags/0123456789012345678901234567890123456789012345678901234567890123")]
    [TestCase("refs/heads/release")]
    [TestCase("refs/heads/main/x")]
    public async Task The_guard_takes_no_name_that_could_mean_another(string name)
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        world.Configure(repository => repository with { Trunks = ["main", "release/*"] });
        using var people = new People(world);
        await people.GuardAsync();
        new GuardSettings("gatekeeper", ["main", "release/*"], []).Write(world.Url);
        people.Push("ann", "feature", "feature.txt");
        if (name == "refs/heads/main/x")
            await world.GitAsync("update-ref", "-d", "refs/heads/main");

        var why = await people.PushAsync("ann", $"refs/forge/heads/feature:{name}");

        Assert.That(why, Does.Contain("choose another name"));
        Assert.That(await world.GitAsync("for-each-ref", name), Is.Empty);
    }

    [Test]
    public async Task A_tag_may_be_called_as_a_pattern_of_trunks_and_not_as_the_trunk_that_is_there()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        world.Configure(repository => repository with { Trunks = ["main", "release/*"] });
        using var people = new People(world);
        await people.GuardAsync();
        new GuardSettings("gatekeeper", ["main", "release/*"], []).Write(world.Url);
        await world.GitAsync("update-ref", "refs/heads/release/1", "refs/heads/main");
        people.Push("ann", "feature", "feature.txt");

        Assert.That(await people.PushAsync("ann", "refs/forge/heads/feature:refs/tags/release/1"), Does.Contain("refs/heads/release/1; choose another name"));
        Assert.That(await people.PushAsync("ann", "refs/forge/heads/feature:refs/tags/release/1.0"), Is.Null);
    }

    [Test]
    public async Task Such_a_name_that_is_there_already_may_be_deleted_and_others_are_taken_as_ever()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        await world.GitAsync("update-ref", "refs/heads/refs/heads/main", "refs/heads/feature");

        Assert.That(await people.PushAsync("ann", ":refs/heads/refs/heads/main"), Is.Null);
        Assert.That(await people.PushAsync("ann", "refs/forge/heads/feature:refs/heads/references", "refs/forge/heads/feature:refs/heads/team/heads/main", "refs/forge/heads/feature:refs/tags/v1", "refs/forge/heads/feature:refs/heads/cafe"), Is.Null);
    }

    [Test]
    public async Task With_such_names_in_place_people_can_still_vote()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        foreach (var name in (string[])["refs/heads/refs/notes/devtools/reviews", "refs/tags/refs/notes/devtools/discuss", "refs/heads/refs/notes/devtools/discuss", "refs/tags/refs/heads/main"])
            await world.GitAsync("update-ref", name, "refs/heads/main");
        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        await people.VoteAsync("bob", change, speaksAs: "bob");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
    }

    [Test]
    public async Task A_log_that_somebody_wrote_under_such_a_name_before_the_guard_came_is_not_its_beginning()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        var planted = await world.GitAsync("rev-parse", "refs/heads/main");
        await world.GitAsync("update-ref", $"refs/tags/{PushLog.Ref}", planted);
        await world.GitAsync("update-ref", $"refs/heads/{PlainGitForge.GuardRef}", planted);

        await people.GuardAsync();

        Assert.That(await world.GitAsync("for-each-ref", "--format=%(refname)", PushLog.Ref, PlainGitForge.GuardRef), Is.EqualTo($"{PlainGitForge.GuardRef}\n{PushLog.Ref}").Or.EqualTo($"{PushLog.Ref}\n{PlainGitForge.GuardRef}"));
        Assert.That(await world.GitAsync("log", "--format=%H", PushLog.Ref), Does.Not.Contain(planted));
    }

    [Test]
    public async Task The_gate_moves_and_removes_the_very_ref_that_it_means()
    {
        await using var world = await World.StartAsync();
        var tip = new CommitSha(await world.GitAsync("rev-parse", "refs/heads/main"));
        using var mirror = await Mirror.OpenAsync(Path.Combine(world.People.Directory, "mirror.git"), world.Url, world.People.Directory, null, default);
        world.People.Push("feature", "ann", "Add feature", new Dictionary<string, string?> { ["x"] = "x\n" });
        await mirror.RefreshAsync(_ => true, default);
        foreach (var name in (string[])["refs/heads/refs/heads/gatekeeper/one", "refs/tags/refs/heads/gatekeeper/one", "refs/refs/heads/gatekeeper/one"])
            await world.GitAsync("update-ref", name, tip.Hex);

        var made = await mirror.PushAsync([new("refs/heads/gatekeeper/one", null, tip), new("refs/heads/gatekeeper/two", null, tip)], TimeSpan.FromSeconds(30), default);
        var there = await world.GitAsync("for-each-ref", "--format=%(refname)", "refs/heads/gatekeeper");
        var gone = await mirror.PushAsync([new("refs/heads/gatekeeper/two", tip, null)], TimeSpan.FromSeconds(30), default);
        var late = await mirror.PushAsync("refs/heads/gatekeeper/one", null, new(mirror.Refs["refs/heads/feature"]), TimeSpan.FromSeconds(30), default);

        Assert.That(made, Is.TypeOf<PushAnswer.Done>());
        Assert.That(there, Is.EqualTo("refs/heads/gatekeeper/one\nrefs/heads/gatekeeper/two"));
        Assert.That(gone, Is.TypeOf<PushAnswer.Done>());
        Assert.That(late, Is.TypeOf<PushAnswer.Moved>());
        Assert.That(await world.GitAsync("for-each-ref", "--format=%(refname)", "refs/heads/gatekeeper"), Is.EqualTo("refs/heads/gatekeeper/one"));
        Assert.That(mirror.Repository.Refs.FromGlob("refs/gatekeeper/*"), Is.Empty, "and leaves nothing behind");
    }
}
