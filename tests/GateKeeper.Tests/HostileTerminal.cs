using System.Text.Json;
using GateKeeper.Commands;

namespace GateKeeper.Tests;

/// <summary>
/// Every command, where subjects, names, reasons and paths hold what moves a cursor, colours, hides or reorders: all of it reaches the
/// terminal as text, and JSON stays JSON.
/// </summary>
[NonParallelizable] // It takes the process's standard streams and folder.
public sealed class HostileTerminal
{
    private const string Evil = "safe\u001b[31m\u001b]0;title\u0007\u009b2J\u202egnp.exe\b\b[red]x[/]\rover";
    private const string Shown = @"safe\u001b[31m\u001b]0;title\u0007\u009b2J\u202egnp.exe\u0008\u0008[red]x[/]";
    private const string OfABranch = "a\u202eb\u009bc";
    private const string Rules = """
        version: 1
        groups: { core: { users: [bob@example.org, carol@example.org] } }
        tests: { unit: { run: sh test.sh, retries: 0 } }
        may: { override: { from: core, second: core } }
        gates:
          - { name: "reviewer \e[31m\x9B2J\u202E", require: { approvals: 1, from: core, lifted-by: core } }
          - { name: tests, require: { tests: all } }
        freezes: [{ name: always, from: 2000-01-01 00:00, to: 2100-01-01 00:00, zone: Etc/UTC, reason: "\e[31mhush\u202E", except: { trunks: [main] } }]
        """;

    [Test]
    public async Task Nothing_that_others_wrote_is_more_than_text_in_any_command()
    {
        await using var world = await World.StartAsync(Rules);
        using var terminal = new Terminal();
        await terminal.CloneAsync(world.Url, "bob");
        await world.ProposeApprovedAsync("landed", "landed.txt");
        world.People.Push(OfABranch, "ann", Evil, new Dictionary<string, string?> { [$"path {Evil.Replace("/", "", StringComparison.Ordinal)}"] = "x\n", ["bad"] = "x\n", ["test.sh"] = $"printf '{Evil}'; exit 1\n" });
        var open = (await world.People.ProposeAsync(OfABranch, "ann", default))[..12];
        await world.People.VoteAsync(open, "carol", false, Evil, default);
        await world.SayAsync(open, "ann", $"/gatekeeper hold {Evil}");
        await world.SettleAsync();
        var run = world.House.Tools.Results.RunsOf("tool/main", new((await world.People.ClientAsync("ann", default)).Find(open).Id))[0].Id;
        world.House.Tools.Journal.Write("tool/main", "ejected", Evil);
        await world.CloseAsync();
        await terminal.GitAsync("fetch", "--quiet");
        var settings = terminal.Write("settings.json", JsonSerializer.Serialize(new
        {
            repositories = new[] { new { name = "tool", forge = "git", url = world.Url, identity = "trusted" } },
            store = $"sqlite:{world.Settings.Store}",
            work = world.Settings.Work,
            page = new { listen = "http://127.0.0.1:9" },
        }));
        var rules = terminal.Write("rules.yaml", Rules);
        var broken = terminal.Write($"broken{Evil.Replace("/", "", StringComparison.Ordinal)}.yaml", $"version: 1\n\"a\\e[31m\\u202E\": {Evil}\n");
        var odd = terminal.Write("odd.yaml", "version: 1\n\"a\\e[31m\\u202E\": 1\n");
        var change = terminal.Write("change.json", JsonSerializer.Serialize(new { version = 1, author = Evil, revision = new string('a', 40), title = Evil, unknowns = new[] { Evil } }));
        string[] config = ["--config", settings];

        // What each command is called with; of those that are named with it, what it prints holds what was hostile, as text.
        (string[] Call, bool Tells)[] calls =
        [
            (["list"], true), (["list", "--format", "json"], true),
            (["explain", open, .. config], true), (["explain", open, "--format", "json", .. config], true), (["explain", Evil, .. config], true),
            (["plan", .. config], true), (["plan", "--format", "json", .. config], false),
            (["run", "--once", "--observe", .. config], true),
            (["audit", .. config], false), (["audit", "--format", "json", .. config], false),
            (["doctor", .. config], false), (["doctor", Evil, .. config], true), (["doctor", "--format", "json", .. config], false),
            (["check", odd], true), (["check", odd, "--format", "json"], true), (["check", broken], true), (["check", "missing" + Evil], true),
            (["judge", "--rules", rules, "--change", change], true), (["judge", "--rules", rules, "--change", change, "--format", "json"], true), (["judge", "--rules", rules, "--change", broken], true),
            (["vote", open, "-1", "-m", Evil], false), (["vote", Evil, "+1"], true), (["vote", open, "+1", "--revision", Evil], true),
            (["comment", open, Evil], false), (["comment", Evil, Evil], true),
            (["land", open], false), (["land", Evil], true), (["hold", open, "--reason", Evil], false), (["hold", Evil], true), (["unhold", open], false), (["unhold", Evil], true),
            (["retry", open], false), (["retry", Evil], true), (["test", open], false), (["test", Evil], true), (["confirm", open], false), (["confirm", Evil], true),
            (["priority", open, "3"], false), (["priority", open, Evil], true), (["override", open, Evil, Evil], true), (["override", open, "a\"" + Evil, "x"], true),
            (["propose", OfABranch, "--target", Evil], true), (["propose", Evil], true), (["abandon", Evil], true), (["abandon", open], false),
            (["freeze", "main", "--reason", Evil, .. config], false), (["freeze", Evil, "--reason", "x", .. config], true), (["unfreeze", Evil, .. config], true),
            (["pause", Evil, "--reason", "x", .. config], true), (["resume", Evil, "--reason", "x", .. config], true), (["acknowledge", Evil, .. config], true),
            (["rules", "install", broken, "--reason", Evil, .. config], true),
            (["reproduce", $"{run}", "--into", "laid" + Evil.Replace("/", "", StringComparison.Ordinal), .. config], true),
            (["guard", "missing" + Evil], true), (["guard-hook", "update" + Evil], false),
            (["init", "gerrit", Evil, "--url", Evil, "--credential", "env:X"], false), (["init", "github", Evil, "--key", Evil], true), (["init", Evil], true),
            (["demo", "--keep", world.People.Directory + "/../" + Path.GetFileName(world.People.Directory), "--headless"], false),
            ([Evil], true), (["list", "--format", Evil], true), (["run", "--config", Evil], true), (["run", "--set", $"x{Evil}=1", .. config], true),
        ];
        foreach (var (call, tells) in calls)
        {
            var seen = await HereAsync(terminal.Folder, call);
            var all = seen.Output + seen.Errors;

            Assert.That(all.Where(letter => letter is not ('\n' or '\t') && (char.IsControl(letter) || letter is >= '\u202a' and <= '\u202e')), Is.Empty, string.Join(' ', call));
            if (tells)
                Assert.That(all, Does.Contain(@"\u001b[31m").IgnoreCase, string.Join(' ', call));
            if (call.Contains("json") && seen.Output.Length > 0)
                Assert.That(() => JsonDocument.Parse(seen.Output), Throws.Nothing, string.Join(' ', call));
        }

        Assert.That(calls.Select(item => item.Call[0]), Is.SupersetOf(CommandLine.Root().Subcommands.Select(command => command.Name)), "each command is walked");
        foreach (var call in (string[][])[["vote", Evil, "+1"], ["explain", Evil, .. config]])
        {
            var seen = await terminal.RunAsync(call);
            Assert.That(seen.Output + seen.Errors, Does.Contain(@"\u001b[31m").And.Not.Contain("\u001b"), "the program itself stands behind the same writer");
        }
    }

    /// <summary>A command as the program runs it, in this process, for there are many.</summary>
    private static async Task<Seen> HereAsync(string folder, string[] call)
    {
        var (output, errors, input, error, where, lines) = (Console.Out, Console.Error, Console.In, new StringWriter(), Environment.CurrentDirectory, new StringWriter());
        try
        {
            Console.SetOut(new HarmlessWriter(lines));
            Console.SetError(new HarmlessWriter(error));
            Console.SetIn(new StringReader(""));
            Environment.CurrentDirectory = folder;
            return new(await CommandLine.RunAsync(call), lines.ToString(), error.ToString());
        }
        finally
        {
            Environment.CurrentDirectory = where;
            Console.SetOut(output);
            Console.SetError(errors);
            Console.SetIn(input);
        }
    }

    [Test]
    public void What_is_shown_as_text_means_in_JSON_what_it_meant() =>
        Assert.That(JsonSerializer.Deserialize<string>($"\"{Core.Changes.Harmless.Text(Evil.Replace('\r', ' '))}\""), Is.EqualTo(Evil.Replace('\r', ' ')));

    [TestCase(Evil, Shown + @"\u000dover")]
    [TestCase("two\r\nlines\tand a tab", "two\nlines\tand a tab")]
    [TestCase("zażółć 漢字 עברית 🙂", "zażółć 漢字 עברית 🙂")]
    public void Text_is_shown_as_it_is_and_what_would_do_something_is_written_out(string text, string shown) =>
        Assert.That(Core.Changes.Harmless.Text(text), Is.EqualTo(shown));
}
