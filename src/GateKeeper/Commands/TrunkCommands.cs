using System.CommandLine;
using GateKeeper.Store;

namespace GateKeeper.Commands;

/// <summary>What the operator says of a trunk. It is written into the store; a running worker sees it in its next tick.</summary>
internal static class TrunkCommands
{
    public static Command Freeze() => Make("freeze", "Test everything and land nothing on a trunk, until unfreeze.", (state, reason) => state with { Frozen = reason }, "frozen");

    public static Command Unfreeze() => Make("unfreeze", "End a freeze that the operator ordered.", (state, _) => state with { Frozen = null, Asked = state.Asked is { Frozen: true } asked ? asked with { Frozen = false } : state.Asked }, "unfrozen");

    public static Command Pause() => Make("pause", "Land nothing on a trunk, until resume.", (state, reason) => state with { Paused = reason }, "paused");

    public static Command Resume() => Make(
        "resume", "Go on after a pause, or after the gate stopped because the trunk was rewound. The trunk as it is now is taken for right.",
        (state, _) => state with { Paused = null, Stopped = null, Tip = null, Refusals = 0, ClosedUntil = null }, "resumed");

    public static Command Acknowledge()
    {
        var name = new Argument<string>("alarm") { Description = "The alarm's name, as the page shows it." };
        var command = new Command("acknowledge", """
            Say that an alarm has been seen: it is no longer shown at the top, and comes back when it says something new.

            Example:
              gatekeeper acknowledge foreign:tool/main --config settings.json
            """) { name, Common.Config };
        return command.Does(parsed => parsed.Settings().WithStore(database =>
            new Notebook(database, TimeProvider.System).Acknowledge(parsed.GetValue(name)!)
                ? ExitCodes.Fine
                : CommandLine.Fail(ExitCodes.No, $"there is no alarm \"{parsed.GetValue(name)}\" in the store; one that the store could not take is only in the worker's memory, and goes by itself")));
    }

    private static Command Make(string name, string description, Func<TrunkState, string, TrunkState> change, string word)
    {
        var trunk = new Argument<string>("trunk") { Description = "The trunk: its name, REPOSITORY/NAME, or a pattern such as release/* for all that fit it." };
        var reason = new Option<string>("--reason") { Description = "Why: kept in the journal and shown to people.", Required = name is not "unfreeze" };
        var command = new Command(name, $"""
            {description}

            Example:
              gatekeeper {name} main {(name is "unfreeze" ? "" : "--reason \"release tonight\" ")}--config settings.json
            """) { trunk, reason, Common.Config };
        return command.Does(parsed =>
        {
            var settings = parsed.Settings();
            return settings.WithStore(database =>
            {
                foreach (var key in settings.TrunkKeys(database, parsed.GetValue(trunk)!))
                    Say(database, key, name, state => change(state, parsed.GetValue(reason) ?? ""), word, parsed.GetValue(reason) ?? "");
                return ExitCodes.Fine;
            });
        });
    }

    private static void Say(Database database, string key, string name, Func<TrunkState, TrunkState> change, string word, string reason)
    {
        new TrunkMemory(database, key, 20).Set(change);
        new Journal(database, TimeProvider.System).Write(key, word, reason);
        var notebook = new Notebook(database, TimeProvider.System);
        foreach (var alarm in name == "resume" ? ["stopped", "gone"] : (string[])[])
            notebook.Mend($"{alarm}:{key}");
        Console.WriteLine(key.Contains('*', StringComparison.Ordinal) ? $"So is each trunk that {key} brings later." : $"{key} is {word}.");
    }
}
