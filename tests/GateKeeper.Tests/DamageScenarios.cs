using GateKeeper.Commands;

namespace GateKeeper.Tests;

/// <summary>A store that is damaged, or was changed: what is wrong is named with what to do, and no trunk stands still for it.</summary>
public sealed class DamageScenarios
{
    [TestCase("UPDATE journal SET body = 'no words' WHERE id = 1", "entry 1 of the journal (intent, ", TestName = "An intent that is no JSON")]
    [TestCase("UPDATE journal SET body = '[]' WHERE id = 2", "entry 2 of the journal (landed, ", TestName = "A landing that is JSON of another kind")]
    [TestCase("UPDATE journal SET body = '{\"to\":7}' WHERE id = 2", "entry 2 of the journal (landed, ", TestName = "A landing of no commit")]
    [TestCase("UPDATE journal SET body = '{\"to\":\"0123456789012345678901234567890123456789\"}' WHERE id = 1", "entry 1 of the journal (intent, ", TestName = "An intent from nowhere")]
    [TestCase("UPDATE journal SET body = '{\"to\":\"\\ud800\"}' WHERE id = 2", "entry 2 of the journal (landed, ", TestName = "A landing of half a character")]
    [TestCase("UPDATE journal SET body = replace(body, substr(body, instr(body, '\"to\"') + 6, 40), '0123456789012345678901234567890123456789') WHERE id < 3", "0123456789012345678901234567890123456789 landed and is not on the trunk any more", TestName = "A landing of a commit that nobody has")]
    [TestCase("UPDATE journal SET at = 'yesterday' WHERE id = 1", "entry 1 (intent, tool/main, ", TestName = "An entry whose time is no number")]
    [TestCase("UPDATE journal SET at = 9223372036854775807 WHERE id = 2", "entry 2 cannot be read", TestName = "An entry beyond the calendar")]
    public async Task Audit_names_a_damaged_entry_and_says_what_to_do(string damage, string named)
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        world.House.Tools.Database.Do(damage);
        var settings = Path.Combine(world.People.Directory, "settings.json");
        await File.WriteAllTextAsync(settings, $$"""{ "repositories": [{ "name": "tool", "forge": "git", "url": "{{world.Url}}", "identity": "trusted", "trunks": ["main"] }], "store": "sqlite:{{world.Settings.Store}}", "work": "{{world.Settings.Work}}-audit" }""");
        using var terminal = new Terminal();

        var seen = await terminal.RunAsync("audit", "--config", settings);

        Assert.That(seen.Code, Is.EqualTo(ExitCodes.No), seen.Errors);
        Assert.That(seen.Output, Does.Contain(named).And.Contain("backup"));

        // The trunk goes on all the same.
        await world.CloseAsync();
        await world.ProposeApprovedAsync("two", "two.txt");
        world.Time.Pass(TimeSpan.FromHours(1));
        await world.SettleAsync();
        Assert.That(world.TrunkLog[^1], Is.EqualTo("Add two"));
        Assert.That(world.Alarms, Has.Member("journal"));
    }

    [Test]
    public async Task A_landing_under_way_whose_entry_is_damaged_holds_no_later_one_up()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        world.House.Tools.Journal.Write("tool/main", "intent", "{}");
        await world.CloseAsync();
        await world.ProposeApprovedAsync("two", "two.txt");
        world.Time.Pass(TimeSpan.FromHours(1));

        await world.SettleAsync();

        Assert.That(world.TrunkLog[^1], Is.EqualTo("Add two"));
        Assert.That(world.House.Notebook.Alarms.Single(alarm => alarm.Name == "journal").Words, Does.StartWith("entry 3 (intent, tool/main) cannot be read"));
    }
}
