using GateKeeper.Core.Changes;
using GateKeeper.Store;

namespace GateKeeper.Tests;

/// <summary>The trouble of one is not the trouble of others, is shown while it lasts, and no longer.</summary>
public sealed class TroubleScenarios
{
    [Test]
    public async Task A_trunk_that_cannot_be_read_stops_no_other_and_is_shown_until_it_can()
    {
        await using var world = await World.StartAsync(World.Rules + "\ntrunks: [main, old]\n");
        world.Configure(repository => repository with { Trunks = ["old", "main"] });
        await world.GitAsync("update-ref", "refs/heads/old", "main");
        await world.SettleAsync();
        var old = await world.GitAsync("rev-parse", "old");
        var blob = await world.GitAsync("rev-parse", "main:a.txt");
        await File.WriteAllTextAsync(Path.Combine(world.Url, "refs/heads/old"), blob + "\n");
        await world.ProposeApprovedAsync("one", "one.txt");
        world.Time.Pass(TimeSpan.FromSeconds(2));

        Assert.That(async () => await world.SettleAsync(), Throws.TypeOf<Git.GitException>().With.Message.Contains("refs/heads/old").And.Message.Contains("no commit"));
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
        Assert.That(world.Alarms, Is.EqualTo(new[] { "failing:tool/old" }));

        await world.GitAsync("update-ref", "refs/heads/old", old);
        world.Time.Pass(TimeSpan.FromSeconds(2));
        await world.SettleAsync();
        Assert.That(world.Alarms, Has.None.StartsWith("failing:"));
    }

    [Test]
    public async Task A_parked_change_is_shown_while_it_is_parked_and_a_foreign_push_until_somebody_has_seen_it()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("one", "one.txt");
        await world.OpenAsync();
        var notebook = world.House.Notebook;
        notebook.Raise($"parked:tool/main:{new ChangeId(change)}", "refused");
        notebook.Raise("foreign:tool/main", "somebody");

        await world.SettleAsync();
        Assert.That(world.Alarms, Is.EqualTo(new[] { "foreign:tool/main" }));

        Assert.That(notebook.Acknowledge("foreign:tool/main"), Is.True);
        Assert.That(world.Alarms, Is.Empty);
    }

    [Test]
    public async Task A_run_whose_result_the_store_cannot_take_gives_its_slot_back()
    {
        await using var world = await World.StartAsync();
        await world.SettleAsync();
        world.House.Tools.Database.Do("CREATE TRIGGER full BEFORE UPDATE ON runs BEGIN SELECT RAISE(FAIL, 'the disk is full'); END");
        await world.ProposeAsync("one", "one.txt");
        var ended = new TaskCompletionSource();
        world.House.Tools.Runner.Ended += () => ended.TrySetResult();

        while (await world.House.Loops[0].TickAsync(look: true, observing: false, default))
        {
        }

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(world.House.Tools.Runner.Count, Is.Zero);
        world.House.Tools.Database.Do("DROP TRIGGER full");
    }

    [Test]
    public async Task Repositories_that_plan_by_themselves_start_no_more_runs_than_there_are_slots()
    {
        await using var world = await World.StartAsync(World.Rules.Replace("sh test.sh", "sleep 60", StringComparison.Ordinal));
        await world.ProposeAsync("one", "one.txt");
        await world.OpenAsync(with: settings => settings with { Runs = settings.Runs with { Slots = 1 }, Repositories = [settings.Repositories[0], settings.Repositories[0] with { Name = "twin" }] });

        await Task.WhenAll(world.House.Loops.Select(loop => Task.Run(async () =>
        {
            while (await loop.TickAsync(look: true, observing: true, default))
            {
            }
        })));

        Assert.That(world.House.Tools.Runner.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task One_repository_that_cannot_be_reached_does_not_keep_the_others_from_landing()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.OpenAsync(with: settings => settings with { Repositories = [settings.Repositories[0] with { Name = "away", Url = "/nowhere/at/all.git" }, settings.Repositories[0]] });

        Assert.That(async () => await world.SettleAsync(), Throws.TypeOf<Git.GitException>());

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
    }

    [Test]
    public async Task The_operators_first_rules_do_not_come_back_when_somebody_takes_the_trunks_own_away()
    {
        await using var world = await World.StartAsync();
        var initial = Path.Combine(world.People.Directory, "initial.yaml");
        await File.WriteAllTextAsync(initial, World.Rules.Replace("approvals: 1", "approvals: 0", StringComparison.Ordinal));
        world.Configure(repository => repository with { InitialRules = initial });
        world.People.Push("main", "erin", "Take the rules away", new Dictionary<string, string?> { ["rules.yaml"] = null });
        var change = await world.ProposeAsync("one", "one.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog[^1], Is.EqualTo("Take the rules away"));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("0 of 1 approvals"));
    }

    [Test]
    public async Task The_journal_says_by_which_rules_and_on_which_runs_a_change_landed()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();

        var intent = world.House.Tools.Journal.Entries()[0].Body;

        Assert.That(intent, Does.Contain($"\"rules\":\"{await world.GitAsync("rev-parse", "main:rules.yaml")}\"").And.Match("\"tests\":\\[\\{\"test\":\"unit\",\"key\":\"[0-9a-f]+\",\"run\":\\d+\\}\\]"));
        Assert.That(Journal(world).Pushes("tool/main"), Has.Count.EqualTo(1));
    }

    private static Journal Journal(World world) => world.House.Tools.Journal;
}
