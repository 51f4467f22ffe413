using System.Text.Json;
using GateKeeper.Commands;
using GateKeeper.Store;

namespace GateKeeper.Tests;

/// <summary>What the operator says by commands, beside a worker that runs.</summary>
public sealed class OperatorCommands
{
    [Test]
    public async Task Rules_that_the_operator_installs_beside_a_worker_are_no_foreign_push_and_are_shown_until_people_touch_them()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        var file = Path.Combine(world.People.Directory, "new-rules.yaml");
        await File.WriteAllTextAsync(file, World.Rules + "\n# installed\n");

        Assert.That(await CommandLine.RunAsync(["rules", "install", file, "--reason", "nobody can satisfy the old ones", .. Config(world)]), Is.Zero);
        world.Time.Pass(TimeSpan.FromSeconds(2));
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one", "Install rules.yaml" }));
        Assert.That(world.Alarms, Is.EquivalentTo(new[] { "rules-installed:tool/main" }));
        Assert.That(world.House.Tools.Journal.Entries().Select(entry => entry.Kind), Is.EqualTo(new[] { "intent", "landed", "installing", "installed" }));

        await world.ProposeApprovedAsync("rules", "rules.yaml", World.Rules + "\n# reviewed\n");
        await world.SettleAsync();
        Assert.That(world.TrunkLog[^1], Is.EqualTo("Add rules"));
        Assert.That(world.Alarms, Is.Empty);
        Assert.That(await CommandLine.RunAsync(["audit", .. Config(world)]), Is.Zero);
    }

    [Test]
    public async Task A_crash_in_the_middle_of_an_install_stops_no_worker_and_leaves_no_note_that_nobody_can_write()
    {
        await using var world = await World.StartAsync();
        await world.SettleAsync();
        var tip = await world.GitAsync("rev-parse", "main");
        var installed = world.People.Push("main", "erin", "Install rules.yaml", new Dictionary<string, string?> { ["rules.yaml"] = World.Rules + "\n# installed\n" });
        world.House.Tools.Journal.Write("tool/main", "installing", $$"""{"from":"{{tip}}","to":"{{installed.Hex}}","reason":"x"}""");
        await world.ProposeApprovedAsync("one", "one.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog[^1], Is.EqualTo("Add one"));
        Assert.That(world.Alarms, Is.Empty);
        Assert.That(world.House.Notebook.Landings(null, 10).Count, Is.EqualTo(1));
    }

    [Test]
    public async Task A_pattern_means_the_trunks_that_fit_it_and_those_that_it_brings_and_what_fits_nothing_is_refused()
    {
        await using var world = await World.StartAsync(World.Rules + "\ntrunks: [main, release/*]\n");
        world.Configure(repository => repository with { Trunks = ["main", "release/*"] });
        await world.GitAsync("update-ref", "refs/heads/release/1", "main");
        await world.SettleAsync();

        Assert.That(await CommandLine.RunAsync(["freeze", "release/*", "--reason", "tonight", .. Config(world)]), Is.Zero);
        Assert.That(Frozen("tool/release/1"), Is.EqualTo("tonight"));
        await world.GitAsync("update-ref", "refs/heads/release/2", "main");
        world.Time.Pass(TimeSpan.FromSeconds(2));
        await world.SettleAsync();
        Assert.That((Frozen("tool/release/2"), Frozen("tool/main")), Is.EqualTo(("tonight", (string?)null)));

        Assert.That(await CommandLine.RunAsync(["unfreeze", "release/*", .. Config(world)]), Is.Zero);
        Assert.That((Frozen("tool/release/1"), Frozen("tool/release/2")), Is.EqualTo(((string?)null, (string?)null)));
        Assert.That(await CommandLine.RunAsync(["freeze", "release/nonexistent", "--reason", "x", .. Config(world)]), Is.EqualTo(ExitCodes.Usage));
        Assert.That(await CommandLine.RunAsync(["freeze", "stable-*", "--reason", "x", .. Config(world)]), Is.EqualTo(ExitCodes.Usage));
        Assert.That(await CommandLine.RunAsync(["audit", .. Config(world)]), Is.Zero);

        string? Frozen(string key) => new TrunkMemory(world.House.Tools.Database, key, 20).State.Frozen;
    }

    [Test]
    public async Task Rules_for_a_trunk_that_is_misspelt_make_no_trunk()
    {
        await using var world = await World.StartAsync();
        world.Configure(repository => repository with { Trunks = ["mian"] });
        using var terminal = new Terminal();

        var seen = await terminal.RunAsync(["rules", "install", terminal.Write("rules.yaml", World.Rules), "--trunk", "mian", "--reason", "first rules", .. Config(world)]);

        Assert.That((seen.Code, seen.Errors), Is.EqualTo((3, $"gatekeeper: {world.Url} has no branch mian; it has main. Name one of them in \"trunks\" of the settings and by --trunk, or let the gate's account push the branch mian\n")));
        Assert.That(await world.GitAsync("for-each-ref", "--format=%(refname)", "refs/heads"), Is.EqualTo("refs/heads/main"));
    }

    private static string[] Config(World world)
    {
        var file = Path.Combine(world.People.Directory, "settings.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            repositories = new[] { new { name = "tool", forge = "git", url = world.Url, identity = "trusted", trunks = world.Settings.Repositories[0].Trunks } },
            store = $"sqlite:{world.Settings.Store}",
            work = world.Settings.Work,
        }));
        return ["--config", file];
    }
}
