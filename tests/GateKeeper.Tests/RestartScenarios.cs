using GateKeeper.Reconcile;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests;

/// <summary>Crashes, restarts, lost stores and second workers change neither what lands nor how often.</summary>
public sealed class RestartScenarios
{
    [TestCaseSource(nameof(Effects))]
    public async Task A_crash_before_the_kth_effect_ends_in_the_same_trunk(int effect)
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.ProposeApprovedAsync("two", "bad");
        await world.ProposeApprovedAsync("three", "three.txt");
        using var crash = LoggerFactory.Create(logging => logging.AddProvider(new CrashAt(effect)));
        await world.OpenAsync(crash);
        Assert.That(async () => await world.House.SettleAsync(default), Throws.InstanceOf<AggregateException>().With.InnerException.Message.EqualTo("crash"));
        await world.CloseAsync();

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one", "Add three" }));
    }

    private static IEnumerable<int> Effects => [1, 2, 4, 6, 8, 10, 11, 12];

    [Test]
    public async Task A_push_whose_worker_is_gone_is_ended_at_its_limit_all_the_same()
    {
        await using var world = await World.StartAsync();
        var (hook, seen) = (Path.Combine(world.Url, "hooks", "pre-receive"), Path.Combine(world.Url, "above"));
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        File.WriteAllText(hook, $"#!/bin/sh\nat=$$; for level in 1 2 3 4 5 6; do tr '\\0' ' ' < /proc/$at/cmdline; at=$(cut -d' ' -f4 /proc/$at/stat); done >> {seen}\n");
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await world.ProposeApprovedAsync("one", "one.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
        Assert.That(File.ReadAllText(seen), Does.Match("timeout -s KILL 20 git .*=refs/heads/main:"), "the limit belongs to the push itself, not to the worker that watches it");
    }

    [Test]
    public async Task A_crash_after_the_push_and_before_the_journal_is_closed_is_found_on_the_trunk()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        world.House.Tools.Database.Do("DELETE FROM journal WHERE kind = 'landed'");
        world.House.Tools.Database.Do("DELETE FROM landed");
        await world.CloseAsync();

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
        Assert.That(world.House.Tools.Journal.Entries().Select(entry => entry.Kind), Is.EqualTo(new[] { "intent", "landed" }));
        Assert.That(world.House.Notebook.Landings(null, 10).Single().Change.Value, Is.EqualTo(change));
    }

    [Test]
    public async Task What_was_told_is_known_after_a_restart_whatever_is_in_its_name()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        var database = world.House.Tools.Database;
        var revision = new Core.Changes.Revision(new("1"), new(new string('1', 40)));
        new Store.TrunkMemory(database, "tool/main", 20).Note(revision, record => record with { Told = ["conflict a\nb", "proposal"] });

        Assert.That(new Store.TrunkMemory(database, "tool/main", 20).Queue[revision.Change].Told, Is.EqualTo(new[] { "conflict a\nb", "proposal" }));
        database.Do("UPDATE queue SET told = $1", "proposal\nbefore");
        Assert.That(new Store.TrunkMemory(database, "tool/main", 20).Queue[revision.Change].Told, Is.EqualTo(new[] { "proposal", "before" }), "as earlier versions wrote it");
    }

    [Test]
    public async Task Deleting_the_store_costs_history_and_a_resume_and_lands_nothing_twice()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        await world.CloseAsync();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(world.Settings.Store)!, "store.db*"))
            File.Delete(file);
        await world.ProposeApprovedAsync("two", "two.txt");

        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }), "paused until somebody resumes");

        new Store.TrunkMemory(world.House.Tools.Database, "tool/main", 20).Set(state => state with { Paused = null });
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one", "Add two" }));
    }

    [Test]
    public async Task A_second_worker_on_one_work_folder_is_refused()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();

        Assert.That(async () => await Gatehouse.OpenAsync(world.Settings, world.Time, LoggerFactory.Create(_ => { }), false, default), Throws.TypeOf<StartException>().With.Message.Contains("another worker"));
    }

    [Test]
    public async Task Of_two_workers_on_one_store_one_lands_and_the_other_takes_over_when_it_is_gone()
    {
        await using var world = await World.StartAsync();
        await world.SettleAsync();
        await using var second = await Gatehouse.OpenAsync(world.Settings with { Work = world.Settings.Work + "2" }, world.Time, LoggerFactory.Create(_ => { }), false, default);
        await world.ProposeApprovedAsync("one", "one.txt");

        await second.SettleAsync(default);
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }), "the first has the turn");

        world.Time.Pass(TimeSpan.FromSeconds(70));
        await second.SettleAsync(default);
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }), "a lease and a push long must pass");

        world.Time.Pass(TimeSpan.FromSeconds(20));
        await second.SettleAsync(default);
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
    }

    [Test]
    public async Task A_store_of_a_newer_program_is_refused()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        world.House.Tools.Database.Do("PRAGMA user_version = 99");
        await world.CloseAsync();

        Assert.That(async () => await world.OpenAsync(), Throws.TypeOf<Store.StoreException>().With.Message.Contains("newer version"));
    }

    /// <summary>Every effect is logged before it is applied; this log ends the worker there, as a kill would.</summary>
    private sealed class CrashAt(int effect) : ILoggerProvider, ILogger
    {
        private int seen;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 202 && ++seen >= effect)
                throw new InvalidOperationException("crash");
        }

        public void Dispose()
        {
        }
    }
}
