using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace GateKeeper.Tests;

/// <summary>The worker as a service of systemd, which learns from it when it is ready and when it stops.</summary>
[NonParallelizable] // A worker of its own runs on the real clock.
public sealed class ServiceScenarios
{
    [Test]
    public async Task The_service_manager_is_told_when_the_worker_is_ready_and_when_it_stops()
    {
        await using var world = await World.StartAsync();
        var (settings, address) = (Path.Combine(world.People.Directory, "settings.json"), Path.Combine(world.People.Directory, "notify"));
        await File.WriteAllTextAsync(settings, JsonSerializer.Serialize(new
        {
            repositories = new[] { new { name = "tool", forge = "git", url = world.Url, identity = "trusted" } },
            store = $"sqlite:{Path.Combine(world.People.Directory, "own.db")}",
            work = Path.Combine(world.People.Directory, "own"),
            page = new { listen = "http://127.0.0.1:0" },
        }));
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(address));

        // The worker believes that it is a service where its parent's name is systemd's.
        var parent = Path.Combine(world.People.Directory, "systemd");
        await File.WriteAllTextAsync(parent, "#!/bin/sh\n\"$1\" run --config \"$2\" &\ntrap \"kill $!\" TERM\nwait $!\nwait $!\n");
        File.SetUnixFileMode(parent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo(parent, [Path.Combine(AppContext.BaseDirectory, "gatekeeper"), settings]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NOTIFY_SOCKET"] = address;
        using var service = Process.Start(start)!;
        var (log, errors) = (service.StandardOutput.ReadToEndAsync(), service.StandardError.ReadToEndAsync());
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Assert.That(await SaidAsync(), Is.EqualTo("READY=1"), () => service.HasExited ? errors.GetAwaiter().GetResult() : "");

        using var ask = Process.Start("kill", ["-s", "TERM", $"{service.Id}"]);
        Assert.That(await SaidAsync(), Is.EqualTo("STOPPING=1"));
        await service.WaitForExitAsync(late.Token);

        Assert.That(service.ExitCode, Is.Zero);
        foreach (var line in (await log).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.That(() => JsonDocument.Parse(line), Throws.Nothing, "a log that is read by programs keeps its form under systemd");

        async Task<string> SaidAsync()
        {
            var bytes = new byte[256];
            var length = await manager.ReceiveAsync(bytes, late.Token);
            return Encoding.UTF8.GetString(bytes, 0, length).Trim();
        }
    }
}
