using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Store;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests;

/// <summary>Only who has the turn takes note of anything; and what the last holder left open is brought to its end by the next.</summary>
public sealed class TurnScenarios
{
    [Test]
    public async Task Who_looks_or_stands_by_leaves_the_push_and_the_runs_of_the_holder_alone()
    {
        await using var world = await World.StartAsync();
        await world.SettleAsync();
        var tools = world.House.Tools;
        var tip = await world.GitAsync("rev-parse", "main");
        tools.Journal.Write("tool/main", "intent", $$"""{"from":"{{tip}}","to":"{{new string('1', 40)}}","changes":[]}""");
        var run = tools.Results.Begin("tool/main", Order(tip), tip, "");
        world.People.Push("main", "erin", "Pushed past the gate", new Dictionary<string, string?> { ["x"] = "x" });

        await using (var second = await Second(world))
        {
            await second.SettleAsync(default);
            await second.Loops[0].LookAsync(default);
            Assert.That(second.Notebook.Alarms.Select(alarm => alarm.Name), Has.Member("turn:tool/main"));
        }

        Assert.That(tools.Journal.Entries().Select(entry => entry.Kind), Is.EqualTo(new[] { "intent" }));
        Assert.That(tools.Results.Run(run)!.Outcome, Is.Null);
    }

    [Test]
    public async Task Who_takes_over_ends_what_the_last_holder_left_open_and_knows_what_it_learned()
    {
        await using var world = await World.StartAsync();
        await world.SettleAsync();
        await using var second = await Second(world);
        await second.SettleAsync(default);
        var tip = await world.GitAsync("rev-parse", "main");
        var run = world.House.Tools.Results.Begin("tool/main", Order(tip), tip, "");
        var other = world.House.Tools.Results.Begin("tool/main", Order(tip) with { Key = "known" }, tip, "");
        world.House.Tools.Results.End(other, Order(tip) with { Key = "known" }, RunOutcome.Passed, "passed");
        world.House.Tools.Journal.Write("tool/main", "intent", $$"""{"from":"{{tip}}","to":"{{new string('1', 40)}}","changes":[]}""");

        world.Time.Pass(TimeSpan.FromSeconds(90));
        await second.SettleAsync(default);

        Assert.That(second.Tools.Journal.Entries().Select(entry => entry.Kind), Is.EqualTo(new[] { "intent", "not landed" }));
        Assert.That(second.Tools.Results.Run(run)!.Outcome, Is.EqualTo("Cancelled"));
        Assert.That(second.Tools.Results.Known["known"].PassedAt, Is.Not.Null);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_worker_that_crashed_leaves_its_turn_at_once_to_the_next_on_its_work_folder(bool inALanding)
    {
        await using var world = await World.StartAsync();
        await world.SettleAsync();
        var holder = world.House.Tools.Database.Read("SELECT holder FROM leases", row => row.GetString(0)).Single();
        await world.CloseAsync();
        await world.OpenAsync();
        if (inALanding)
            world.House.Tools.Journal.Write("tool/main", "intent", $$"""{"from":"{{await world.GitAsync("rev-parse", "main")}}","to":"{{new string('1', 40)}}","changes":[]}""");
        world.House.Tools.Database.Do("INSERT INTO leases (trunk, holder, number, renewed) VALUES ('tool/main', $1, 7, 3)", $"{holder.Split('/')[0]}/1:1");
        await world.ProposeApprovedAsync("one", "one.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(inALanding ? new[] { "The beginning" } : ["The beginning", "Add one"]));
        Assert.That(world.House.Loops.Single().Waiting, Is.EqualTo(inALanding ? new[] { "tool/main" } : []));
        world.Time.Pass(TimeSpan.FromSeconds(90));
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
    }

    [Test]
    public async Task A_copy_of_a_work_folder_is_another()
    {
        await using var world = await World.StartAsync();
        await world.SettleAsync();
        var copy = Directory.CreateDirectory(world.Settings.Work + "2").FullName;
        File.Copy(Path.Combine(world.Settings.Work, "identity"), Path.Combine(copy, "identity"));

        Assert.That(WorkFolder.Identity(copy), Is.Not.EqualTo(WorkFolder.Identity(world.Settings.Work)));
    }

    [Test]
    public async Task A_worker_that_is_stopped_before_it_told_of_a_landing_tells_it_or_leaves_it_to_the_next()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        world.House.Tools.Database.Do("UPDATE landed SET told = 0, entry = 'journal 1 ' || (SELECT hash FROM journal WHERE id = 1)");
        var before = (await world.CommentsAsync(change)).Count(IsLanded);
        await world.CloseAsync();

        world.Time.Pass(TimeSpan.FromSeconds(1));
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That((before, (await world.CommentsAsync(change)).Count(IsLanded)), Is.EqualTo((1, 2)));
        Assert.That(world.House.Notebook.Untold("tool/main"), Is.Empty);
        Assert.That(world.House.Notebook.Landings(null, 10).Single().Rewritten, Is.False);

        static bool IsLanded(string words) => words.Contains("landed", StringComparison.OrdinalIgnoreCase);
    }

    [Test]
    public async Task A_trunk_that_is_gone_stops_the_gate_there_and_is_reported_also_after_a_restart()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        var tip = await world.GitAsync("rev-parse", "main");
        await world.CloseAsync();
        await world.GitAsync("update-ref", "-d", "refs/heads/main");

        await world.SettleAsync();
        Assert.That(world.Alarms, Has.Member("gone:tool/main"));

        await world.GitAsync("update-ref", "refs/heads/main", tip);
        await world.ProposeApprovedAsync("two", "two.txt");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }), "stopped until somebody looked");
    }

    [Test]
    public async Task A_push_past_the_gate_while_no_worker_ran_is_reported_and_one_in_the_gates_name_is_told_as_such()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        await world.CloseAsync();
        var tree = await world.GitAsync("rev-parse", "main^{tree}");
        var twin = await world.GitAsync("-c", "user.name=gatekeeper", "-c", "user.email=gatekeeper@localhost", "commit-tree", tree, "-p", "main", "-m", "Somebody's\n\nChange: x\nRevision: " + new string('2', 40));
        await world.GitAsync("update-ref", "refs/heads/main", twin);

        await world.SettleAsync();

        var alarm = world.House.Notebook.Alarms.Single(alarm => alarm.Name == "foreign:tool/main");
        Assert.That(alarm.Words, Does.Contain("a worker with another store lands here too"));
        Assert.That(world.House.Tools.Journal.Entries().Select(entry => entry.Kind), Is.EqualTo(new[] { "intent", "landed", "foreign push" }));
    }

    [Test]
    public async Task After_a_rewind_and_a_resume_the_change_that_went_lost_lands_again()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        await world.GitAsync("update-ref", "refs/heads/main", "main~1");
        await world.SettleAsync();
        Assert.That(world.Alarms, Has.Member("stopped:tool/main"));

        new TrunkMemory(world.House.Tools.Database, "tool/main", 20).Set(state => state with { Stopped = null, Tip = null });
        world.Time.Pass(TimeSpan.FromSeconds(2));
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
    }

    private static RunOrder Order(string tip) => new(new() { Name = "unit", Run = "true" }, "k", new(new(tip), new(new("x"), new(tip))), new(tip), RunPurpose.Gate, new("ann"));

    private static Task<Gatehouse> Second(World world) =>
        Gatehouse.OpenAsync(world.Settings with { Work = world.Settings.Work + "2" }, world.Time, LoggerFactory.Create(_ => { }), false, default);
}
