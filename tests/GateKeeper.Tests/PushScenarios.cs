using GateKeeper.Core.Changes;
using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>What a push came to is read from the trunk, and an answer is taken for what it says.</summary>
public sealed class PushScenarios
{
    [Test]
    public async Task A_trunk_that_moves_while_the_gate_pushes_parks_nobody()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        var tree = await world.GitAsync("rev-parse", "main^{tree}");
        var foreign = await world.GitAsync("-c", "user.name=m", "-c", "user.email=m@example.org", "commit-tree", tree, "-p", "main", "-m", "Somebody's");

        // Somebody is quicker: the trunk moves after the server has shown where it stands, before it takes the gate's push.
        Hook(world, $"[ -e moved ] || {{ touch moved; env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main {foreign}; }}");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Somebody's", "Add one" }));
        Assert.That(world.Alarms, Has.None.StartsWith("refused:").And.None.StartsWith("parked:"));
    }

    [Test]
    public async Task A_push_that_never_gets_there_is_tried_again_later_and_later_not_at_once()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        var held = Path.Combine(world.Url, "refs/heads/main.lock");
        await File.WriteAllTextAsync(held, "");

        await world.SettleAsync();
        await world.SettleAsync();
        Assert.That(world.House.Tools.Journal.Entries().Select(entry => entry.Kind), Is.EqualTo(new[] { "intent", "not landed" }));
        Assert.That(world.Alarms, Has.Member("refused:tool/main"));

        world.Time.Pass(TimeSpan.FromSeconds(11));
        await world.SettleAsync();
        File.Delete(held);
        world.Time.Pass(TimeSpan.FromSeconds(11));
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }), "twenty seconds after the second try");

        world.Time.Pass(TimeSpan.FromSeconds(10));
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
        Assert.That(world.Alarms, Has.None.EqualTo("refused:tool/main"));
    }

    [Test]
    public async Task A_refusal_is_the_changes_own_only_where_the_trunk_did_not_move()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("one", "one.txt");
        Hook(world, "echo 'not today'; exit 1");

        await world.SettleAsync();

        Assert.That(world.Alarms, Has.Member("refused:tool/main"));
        Assert.That(new Store.TrunkMemory(world.House.Tools.Database, "tool/main", 20).Queue[new ChangeId(change)].Parked!.Why, Does.Contain("not today"));
    }

    [Test]
    public void An_answer_for_one_ref_says_what_befell_that_one() =>
        Assert.That(
            PushAnswer.Read(new(1, "!\t1111:refs/heads/main\t[remote rejected] (incorrect old value provided)\n"u8.ToArray(), "")), Is.TypeOf<PushAnswer.Moved>());

    private static void Hook(World world, string script)
    {
        var hook = Path.Combine(world.Url, "hooks", "update");
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        File.WriteAllText(hook, $"#!/bin/sh\n[ \"$1\" = refs/heads/main ] || exit 0\n{script}\n");
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
