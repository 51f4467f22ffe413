using GateKeeper.Settings;
using GateKeeper.Status;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace GateKeeper.Tests;

/// <summary>A disk runs full under a running worker: that is said, nothing lands that was not written down, and all of it goes on by itself.</summary>
public sealed class FullDiskScenarios
{
    [TestCase("store", TestName = "The disk of the store runs full under a running worker")]
    [TestCase("work", TestName = "The disk of mirrors and logs runs full under a running worker")]
    public async Task A_disk_runs_full_under_a_running_worker(string which)
    {
        using var shell = new Terminal();
        var disk = Path.Combine(shell.Folder, "disk");
        Directory.CreateDirectory(disk);
        if (!Environment.IsPrivilegedProcess || (await shell.ShellAsync($"mount -t tmpfs -o size=4m tmpfs {disk}")).Code != 0)
            Assert.Ignore("skipped: a small disk is only to be had by root, with a tmpfs");
        try
        {
            await using var world = await World.StartAsync();
            GateSettings Small(GateSettings settings) => which == "store" ? settings with { Store = Path.Combine(disk, "store.db") } : settings with { Work = Path.Combine(disk, "work") };
            await world.OpenAsync(with: Small);
            await world.ProposeApprovedAsync("one", "one.txt");
            await world.SettleAsync();
            Assert.That(world.TrunkLog[^1], Is.EqualTo("Add one"));
            await using var app = Hosting.Build(world.House, quiet: true);
            await app.StartAsync();
            using var client = new HttpClient { BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };

            await shell.ShellAsync($"cat /dev/zero > {disk}/filler || :");
            await world.ProposeApprovedAsync("two", "two.txt");
            await world.ProposeAsync("three", "three.txt");
            await UntilAsync(async () => (await client.GetStringAsync(new Uri("/", UriKind.Relative))).Contains(which == "store" ? "cannot be written" : "No space left", StringComparison.Ordinal));
            var page = await client.GetStringAsync(new Uri("/", UriKind.Relative));
            Assert.That(page, Does.Contain("<a href=\"/trunk/tool/main\">tool/main</a>"), "the trunk stays in the list");
            if (which == "store")
                Assert.That(page, Does.Contain("<strong>store</strong> since 2026-11-18").And.Contain("Free space there").And.Contain("(it goes by itself when the store can be written)"));

            await shell.ShellAsync($"rm {disk}/filler");
            world.Time.Pass(TimeSpan.FromMinutes(10));
            await UntilAsync(() => Task.FromResult(world.TrunkLog[^1] == "Add two"));
            Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one", "Add two" }));
            world.Time.Pass(TimeSpan.FromMinutes(10));
            await UntilAsync(() => Task.FromResult(!world.Alarms.Any()));
            await app.StopAsync();

            async Task UntilAsync(Func<Task<bool>> isSo)
            {
                for (var looks = 0; !await isSo(); looks++)
                {
                    Assert.That(looks, Is.LessThan(200), () => string.Join("\n", world.House.Notebook.Alarms.Select(alarm => $"{alarm.Name}: {alarm.Words}")));
                    world.House.HintAll();
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
                }
            }
        }
        finally
        {
            await shell.ShellAsync($"umount -l {disk}");
        }
    }
}
