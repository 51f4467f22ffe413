using GateKeeper.Core.Changes;

namespace GateKeeper.Tests;

/// <summary>Others test what the gate publishes: refs come, reports count, refs go.</summary>
public sealed class ChecksByOthersScenarios
{
    private const string Rules = """
        version: 1
        groups: { core: { users: [bob@example.org] } }
        tests: { ci: { check: build, from: { app: ci }, timeout: 60m } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: tests, require: { tests: all } }
        """;

    [Test]
    public async Task An_approved_change_is_published_lands_when_it_is_reported_to_pass_and_is_taken_back()
    {
        await using var world = await StartAsync();
        await world.ProposeAsync("unseen", "u.txt");
        await world.ProposeApprovedAsync("feature", "f.txt");
        var forge = await CheckingForge.InFrontOfAsync(world);
        await world.SettleAsync();

        var (name, candidate) = (await PublishedAsync(world)).Single();
        Assert.That(name, Does.Match("^refs/heads/gatekeeper/main/[0-9a-f]{10}-[0-9a-f]{10}$"), "and nobody's but the approved one");
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));

        forge.Report(candidate, "success", world.Time.GetUtcNow());
        await world.SettleAsync();

        Assert.That(world.TrunkLog[^1], Does.StartWith("Add feature"));
        Assert.That(await PublishedAsync(world), Is.Empty);
    }

    [Test]
    public async Task After_a_restart_what_is_published_is_known_and_is_not_published_again()
    {
        await using var world = await StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "f.txt");
        var forge = await CheckingForge.InFrontOfAsync(world);
        await world.SettleAsync();
        var before = await PublishedAsync(world);

        await world.CloseAsync();
        await world.OpenAsync();
        forge = await CheckingForge.InFrontOfAsync(world);
        await world.SettleAsync();
        Assert.That(await PublishedAsync(world), Is.EqualTo(before));
        Assert.That(world.Status(change).Judgement.Missing.Single().Reason, Does.Contain($"published as {before.Single().Key["refs/heads/".Length..]}"));

        await world.People.VoteAsync(change, "bob", false, "wait", default);
        await world.SettleAsync();
        Assert.That(await PublishedAsync(world), Is.Empty, "what is not eligible any more is taken back");
    }

    [Test]
    public async Task A_run_that_is_made_again_in_the_last_moment_before_a_landing_stops_it()
    {
        await using var world = await StartAsync();
        await world.ProposeApprovedAsync("feature", "f.txt");
        var forge = await CheckingForge.InFrontOfAsync(world);
        await world.SettleAsync();
        var candidate = (await PublishedAsync(world)).Single().Value;

        forge.AtTheLastMoment = () => forge.Report(candidate, "in_progress", world.Time.GetUtcNow());
        forge.Report(candidate, "success", world.Time.GetUtcNow());
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Has.Count.EqualTo(1));

        forge.Report(candidate, "success", world.Time.GetUtcNow());
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_ref_that_a_killed_worker_may_have_left_behind_is_taken_back()
    {
        await using var world = await StartAsync();
        var tip = await world.GitAsync("rev-parse", "refs/heads/main");
        const string left = "refs/heads/gatekeeper/main/1-left";
        await world.GitAsync("update-ref", left, tip);
        await world.CloseAsync();
        using (var database = Store.Database.Open(world.Settings.Store))
            new Store.TrunkMemory(database, "tool/main", 20).Note(new Store.PublishedRef(new(tip), left, null));

        await world.OpenAsync();
        await CheckingForge.InFrontOfAsync(world);
        await world.SettleAsync();

        Assert.That(await PublishedAsync(world), Is.Empty);
    }

    [Test]
    public async Task What_is_published_is_no_trunk_whatever_pattern_it_fits()
    {
        await using var world = await StartAsync();
        world.Configure(settings => settings with { Trunks = ["main", "**"] });
        await world.GitAsync("update-ref", "refs/heads/gatekeeper/main/tip-1", await world.GitAsync("rev-parse", "refs/heads/main"));

        await world.CloseAsync();
        await world.SettleAsync();

        Assert.That(world.House.Pictures.Select(picture => picture.Trunk), Is.EqualTo(new[] { "main" }));
    }

    [Test]
    public async Task A_server_that_will_not_have_it_is_an_alarm_and_it_is_tried_again()
    {
        await using var world = await StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "f.txt");
        await world.HookAsync("update", "case $1 in refs/heads/gatekeeper/*) echo not here; exit 1;; esac");
        await CheckingForge.InFrontOfAsync(world);
        await world.SettleAsync();

        Assert.That(world.Alarms, Does.Contain("publishing:tool/main"));
        Assert.That(world.Status(change).Note, Does.StartWith("it could not be published for build, which is tried again:").And.Contain("not here"));

        File.Delete(Path.Combine(world.Url, "hooks", "update"));
        world.Time.Pass(TimeSpan.FromMinutes(1));
        await world.SettleAsync();
        Assert.That(await PublishedAsync(world), Has.Count.EqualTo(1));
        Assert.That(world.Alarms, Does.Not.Contain("publishing:tool/main"));
    }

    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync(Rules);
        world.Configure(settings => settings with { Publish = "refs/heads/gatekeeper/" });
        await world.OpenAsync();
        return world;
    }

    private static async Task<Dictionary<string, CommitSha>> PublishedAsync(World world) =>
        (await world.GitAsync("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/gatekeeper")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => new CommitSha(parts[1]));
}
