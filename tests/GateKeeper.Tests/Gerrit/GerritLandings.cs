using System.Diagnostics;
using GateKeeper.Forges.Gerrit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GateKeeper.Tests.Gerrit;

/// <summary>Stories of how a change comes to land on Gerrit: submitted by the server, asked for by a label, voted on for others, woken by an event.</summary>
[NonParallelizable] // The real server's events are everybody's.
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritLandings(string kind)
{
    [Test]
    public async Task Where_the_server_grants_no_push_it_is_asked_to_submit_and_what_it_made_is_compared()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        world.Repository = repository => repository with { Submits = true };
        await world.Place.RevokeGatePushAsync();
        var one = await world.ProposeAsync("one");
        var two = await world.ProposeAsync("two");
        await world.ApproveAsync(one);
        await world.ApproveAsync(two);

        await world.SettleAsync();

        Assert.That((await world.Place.StatusAsync(one), await world.Place.StatusAsync(two)), Is.EqualTo(("MERGED", "MERGED")));
        Assert.That(await world.SaidAsync(two), Has.One.Contains("landed on tool/main as"));
        Assert.That(world.Alarms, Is.Empty);
        Assert.That((await world.Place.CommitAsync(await world.Place.TipAsync())).Tree.Select(entry => entry.Name), Is.SupersetOf(new[] { "one.txt", "two.txt" }));
    }

    [Test]
    public async Task A_revision_that_is_pushed_in_the_moment_of_submitting_is_not_submitted()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        world.Repository = repository => repository with { Submits = true };
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        using var moment = Promises.AtTheLanding(() => world.AmendAsync(change, "sneaked.txt").GetAwaiter().GetResult());
        await world.OpenAsync(moment);

        await world.SettleAsync();

        Assert.That(await world.Place.StatusAsync(change), Is.EqualTo("NEW"));
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Place.Door.Requests, Has.None.EndsWith("/submit"), "the last look saw it");
    }

    [Test]
    public async Task A_revision_that_is_pushed_while_the_gate_asks_to_submit_is_refused_by_the_server_and_the_old_one_with_it()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        world.Repository = repository => repository with { Submits = true };
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        world.Place.Door.BeforeNext("POST", "/submit", () => world.AmendAsync(change, "sneaked.txt"));

        await world.SettleAsync();

        Assert.That(await world.Place.StatusAsync(change), Is.EqualTo("NEW"));
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Place.Door.Requests, Has.One.EndsWith($"/revisions/{change.Commit}/submit"));
        Assert.That(world.Alarms, Is.Empty);
        Assert.That(world.Why(change), Does.Contain("0 of 1 approvals"));
    }

    [Test]
    public async Task The_label_that_the_settings_name_asks_to_land()
    {
        await using var world = await GerritWorld.StartAsync(kind, gates: "  - { name: somebody says go, require: { go-ahead: [core] } }");
        world.Repository = repository => repository with { Labels = ("Code-Review", "Verified", "Workflow") };
        await world.Place.GrantLabelAsync("core", "Workflow", 0, 1);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));

        await world.Place.VoteAsync("carol", change, "Workflow", 1);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature" }));
    }

    [Test]
    public async Task A_vote_cast_on_behalf_of_somebody_is_the_callers_and_approves_nothing()
    {
        await using var world = await GerritWorld.StartAsync(kind);
        await world.Place.GrantOnBehalfAsync("core", "Code-Review", -2, 2);
        var change = await world.ProposeAsync("feature");
        await world.Place.VoteAsync("bob", change, "Code-Review", 2, onBehalfOf: "carol");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Why(change), Does.Contain("bob's approval was given in the name of carol"));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_event_wakes_the_gate(CancellationToken cancellation)
    {
        await using var world = await GerritWorld.StartAsync(kind);
        if (world.Place.SshPort is not { } port)
        {
            Assert.Ignore("the imitated server has no SSH; what is heard is tried on a script below");
            return;
        }

        await world.Place.AddGateKeyAsync(out var key);
        using var heard = new SemaphoreSlim(0);
        var ssh = EventStream.Ssh(new($"ssh://{GerritPlace.Gate}@127.0.0.1:{port}"), key, null);
        ssh.ArgumentList[4] = "StrictHostKeyChecking=no";
        await using var stream = new EventStream(ssh, world.Place.Project, () => heard.Release(), TimeProvider.System, NullLogger.Instance);
        await heard.WaitAsync(cancellation);

        for (var change = await world.ProposeAsync("feature"); !await heard.WaitAsync(200, cancellation);)
            await world.Place.SayAsync("ana", change, "is anybody there?");
    }
}

/// <summary>What the stream of events is believed: that something may have moved, and nothing else.</summary>
public sealed class EventTests
{
    /// <summary>The credential may lie in a variable of the worker, and a person's ssh configuration can send variables to the server.</summary>
    [Test]
    public void Of_the_workers_variables_ssh_has_those_that_it_needs() =>
        Assert.That(EventStream.Ssh(new("ssh://gate@127.0.0.1:1"), null, null).Environment.Keys, Is.SubsetOf(new[] { "PATH", "HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK" }));

    [TestCase("""{"type":"comment-added","change":{"project":"acme/tool","number":1}}""", true)]
    [TestCase("""{"type":"comment-added","change":{"project":"acme/other","number":1}}""", false)]
    [TestCase("""{"type":"ref-updated","refUpdate":{"project":"acme/tool","refName":"refs/heads/main"}}""", true)]
    [TestCase("""{"type":"ref-updated","refUpdate":{"project":"acme/tool","refName":"refs/changes/01/1/meta"}}""", false)]
    [TestCase("""{"type":"dropped-output"}""", true)]
    [TestCase("half a li", true)]
    [TestCase("""["what is this"]""", true)]
    public void An_event_matters_when_it_may_concern_the_project(string line, bool matters) =>
        Assert.That(EventStream.Matters(line, "acme/tool"), Is.EqualTo(matters));

    [Test, CancelAfter(30_000)]
    public async Task A_line_that_breaks_is_taken_up_again_with_a_look_at_everything(CancellationToken cancellation)
    {
        using var heard = new SemaphoreSlim(0);
        var command = new ProcessStartInfo("sh", ["-c", """echo '{"type":"ref-updated","refUpdate":{"project":"p","refName":"refs/heads/main"}}'"""]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var time = new ManualTime();
        await using var stream = new EventStream(command, "p", () => heard.Release(), time, NullLogger.Instance);
        await heard.WaitAsync(cancellation);
        await heard.WaitAsync(cancellation);

        while (!await heard.WaitAsync(20, cancellation))
            time.Pass(TimeSpan.FromMinutes(1));
    }
}
