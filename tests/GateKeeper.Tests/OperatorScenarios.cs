using System.Diagnostics;
using GateKeeper.Reconcile;
using GateKeeper.Status;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace GateKeeper.Tests;

/// <summary>What an operator may count on while the machine, the folder or the settings are against him.</summary>
[NonParallelizable] // It changes the process's environment and folder.
public sealed class OperatorScenarios
{
    [Test, CancelAfter(60_000)]
    public async Task A_store_that_cannot_be_written_ends_nothing_and_what_waited_lands_afterwards(CancellationToken cancellation)
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.OpenAsync();
        var database = world.House.Tools.Database;
        database.Do("ALTER TABLE alarms RENAME TO lost");
        using var worker = new GateWorker(world.House, NullLogger<GateWorker>.Instance);
        using var alarmist = new Alarmist(world.House, NullLogger<Alarmist>.Instance);

        await worker.StartAsync(cancellation);
        await alarmist.StartAsync(cancellation);
        await UntilAsync(world, () => !worker.Ready, cancellation);
        database.Do("ALTER TABLE lost RENAME TO alarms");
        world.House.HintAll();
        await UntilAsync(world, () => worker.Ready && world.TrunkLog.Count == 2, cancellation);

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
        Assert.That(worker.ExecuteTask!.IsCompleted || alarmist.ExecuteTask!.IsCompleted, Is.False);
        await worker.StopAsync(cancellation);
        await alarmist.StopAsync(cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task The_command_for_alarms_is_told_name_and_words_and_sees_nothing_of_the_workers_environment(CancellationToken cancellation)
    {
        using var folder = new Folder();
        var (pipe, command) = (folder.At("pipe"), folder.At("alarm"));
        using (var make = Process.Start("mkfifo", [pipe]))
            await make.WaitForExitAsync(cancellation);
        File.WriteAllText(command, $"#!/bin/sh\n{{ echo \"$1: $2\"; env; }} > {pipe}\n");
        File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable("GATEKEEPER_TEST_KEY", "hunter2");
        await using var world = await World.StartAsync();
        await world.OpenAsync(with: settings => settings with { AlarmCommand = command });
        world.House.Notebook.Mend("sandbox");
        world.House.Notebook.Raise("red:main:unit", "the trunk is red");
        using var alarmist = new Alarmist(world.House, NullLogger<Alarmist>.Instance);

        await alarmist.StartAsync(cancellation);
        var told = await File.ReadAllTextAsync(pipe, cancellation);

        Assert.That(told, Does.StartWith("red:main:unit: the trunk is red\n").And.Contain("PATH=").And.Not.Contain("hunter2"));
        Environment.SetEnvironmentVariable("GATEKEEPER_TEST_KEY", null);
        await alarmist.StopAsync(cancellation);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_command_for_alarms_that_cannot_be_started_ends_nothing(CancellationToken cancellation)
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync(with: settings => settings with { AlarmCommand = "" });
        world.House.Notebook.Raise("red:main:unit", "the trunk is red");
        using var alarmist = new Alarmist(world.House, NullLogger<Alarmist>.Instance);

        await alarmist.StartAsync(cancellation);
        await alarmist.StopAsync(cancellation);

        Assert.That(alarmist.ExecuteTask!.Exception, Is.Null);
    }

    [Test]
    public async Task Neither_a_file_where_the_worker_was_started_nor_a_variable_of_the_framework_moves_the_page()
    {
        using var folder = new Folder();
        File.WriteAllText(folder.At("appsettings.json"), """{ "urls": "http://127.0.0.1:1", "Kestrel": { "Endpoints": { "Other": { "Url": "http://127.0.0.1:2" } } } }""");
        var before = Environment.CurrentDirectory;
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        Environment.CurrentDirectory = folder.Path;
        Environment.SetEnvironmentVariable("Kestrel__Endpoints__Third__Url", "http://127.0.0.1:3");
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://127.0.0.1:4");
        try
        {
            await using var app = Hosting.Build(world.House, quiet: true);
            await app.StartAsync();
            var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
            using var client = new HttpClient { BaseAddress = address };

            Assert.That(address.Port, Is.GreaterThan(1024));
            Assert.That(await client.GetStringAsync(new Uri("healthz", UriKind.Relative)), Is.EqualTo("alive\n"));
            await app.StopAsync();
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Environment.SetEnvironmentVariable("Kestrel__Endpoints__Third__Url", null);
            Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
        }
    }

    [Test]
    public async Task An_operator_who_gives_runs_more_memory_than_there_is_is_told_the_figures_and_the_cure()
    {
        await using var world = await World.StartAsync();

        await world.OpenAsync(with: settings => settings with { Runs = settings.Runs with { Slots = 3, Memory = 1L << 40, Disk = 1L << 39 } });
        var words = world.House.Notebook.Alarms.Single(alarm => alarm.Name == "sandbox").Words;
        await world.CloseAsync();
        await world.OpenAsync();

        Assert.That(words, Does.Contain("3 runs at once may take 1024 GiB of memory and 512 GiB of disk each").And.Contain("together 4608 GiB; this machine has ").And.Contain("lower runs.slots, runs.memory or runs.disk"));
        Assert.That(world.House.Notebook.Alarms.Select(alarm => alarm.Words), Has.None.Contains("lower runs.slots"));
    }

    [Test]
    public void What_runs_see_of_the_machine_is_another_thing_when_a_file_deep_in_a_mount_or_a_mounted_file_changed()
    {
        using var folder = new Folder();
        var deep = Directory.CreateDirectory(folder.At("one/two")).FullName;
        File.WriteAllText(Path.Combine(deep, "tool"), "1");
        File.CreateSymbolicLink(folder.At("nowhere"), "/nowhere/at/all");
        File.CreateSymbolicLink(folder.At("link"), folder.At("one"));
        var linked = Runs.Machine.Look(folder.At("link"));
        var (mount, file) = (Runs.Machine.Look(folder.Path), Runs.Machine.Look(Path.Combine(deep, "tool")));
        Assert.That(Runs.Machine.Look(folder.Path), Is.EqualTo(mount));

        File.WriteAllText(Path.Combine(deep, "tool"), "12");

        Assert.That(Runs.Machine.Look(folder.Path), Is.Not.EqualTo(mount));
        Assert.That(Runs.Machine.Look(folder.At("link")), Is.Not.EqualTo(linked));
        Assert.That(Runs.Machine.Look(Path.Combine(deep, "tool")), Is.Not.EqualTo(file));
    }

    /// <summary>Waits from tick to tick until something is so.</summary>
    private static async Task UntilAsync(World world, Func<bool> so, CancellationToken cancellation)
    {
        using var ticked = new SemaphoreSlim(0);
        void Tick() => ticked.Release();
        world.House.Ticked += Tick;
        world.House.HintAll();
        while (!so())
            await ticked.WaitAsync(cancellation);
        world.House.Ticked -= Tick;
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("gatekeeper-operator-").FullName;

        public string At(string name) => System.IO.Path.Combine(Path, name);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
