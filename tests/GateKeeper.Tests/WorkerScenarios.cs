using GateKeeper.Settings;
using GateKeeper.Status;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GateKeeper.Tests;

/// <summary>The worker as its operator and its readers meet it.</summary>
public sealed class WorkerScenarios
{
    [Test]
    public void Every_error_of_the_settings_is_named_at_once()
    {
        var (settings, errors) = SettingsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["repositories:0:forge"] = "svn",
            ["repositories:0:pol"] = "10s",
            ["repositories:0:credential"] = "hunter2",
            ["runs:memory"] = "lots",
        }).Build());

        Assert.That(settings, Is.Null);
        Assert.That(errors, Has.Exactly(6).Items);
        Assert.That(errors, Has.Some.Contains("\"pol\" is not known").And.Some.Contains("expected file:PATH").And.Some.Contains("such as 512MiB"));
        Assert.That(errors, Has.None.Contains("hunter2"));
    }

    [Test]
    public async Task The_page_and_the_api_show_the_same_verdict_and_escape_what_people_wrote()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("feature", "feature.txt");
        await world.People.VoteAsync(change, "bob", false, "<script>alert(1)</script>", default);
        world.People.Push("evil", "ann", "<script>alert(2)</script>", new Dictionary<string, string?> { ["e.txt"] = "x" });
        await world.People.ProposeAsync("evil", "ann", default);
        await world.SettleAsync();
        await using var app = Hosting.Build(world.House, quiet: true);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };

        var page = await client.GetStringAsync(new Uri($"change/{change}", UriKind.Relative));
        var api = await client.GetStringAsync(new Uri($"api/v1/changes/{change}", UriKind.Relative));
        var overview = await client.GetStringAsync(new Uri("", UriKind.Relative));
        using var foreign = new HttpRequestMessage(HttpMethod.Get, new Uri("", UriKind.Relative)) { Headers = { Host = "elsewhere.example" } };

        Assert.That(page, Does.Contain("vetoed by bob@example.org"));
        Assert.That(api, Does.Contain("vetoed by bob@example.org"));
        Assert.That(overview, Does.Not.Contain("<script>").And.Contain("&lt;script&gt;alert(2)"));
        Assert.That((int)(await client.SendAsync(foreign)).StatusCode, Is.EqualTo(421));
        using var head = new HttpRequestMessage(HttpMethod.Head, new Uri("readyz", UriKind.Relative));
        Assert.That((int)(await client.SendAsync(head)).StatusCode, Is.EqualTo(200));
        Assert.That(await client.GetStringAsync(new Uri("for/bob@example.org", UriKind.Relative)), Does.Contain("Add feature"));
        await app.StopAsync();
    }

    [Test]
    public async Task Without_a_sandbox_nothing_runs_as_root_and_the_operator_is_told_for_as_long_as_it_is_so()
    {
        await using var world = await World.StartAsync();
        async Task Open() => await world.OpenAsync(with: settings => settings with { Runs = settings.Runs with { Sandboxed = false } });

        if (Environment.IsPrivilegedProcess)
        {
            Assert.That(Open, Throws.TypeOf<Reconcile.StartException>().With.Message.Contains("start the worker under an account of its own"));
            return;
        }

        await world.ProposeApprovedAsync("one", "one.txt");
        await Open();
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
        Assert.That(world.Alarms, Has.Member("sandbox"));
    }
}
