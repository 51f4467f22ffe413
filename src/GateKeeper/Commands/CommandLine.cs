using System.CommandLine;
using GateKeeper.Core.Changes;
using GateKeeper.Forges;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using GateKeeper.Reconcile;
using GateKeeper.Store;

namespace GateKeeper.Commands;

/// <summary>What the program answers with. Scripts may rely on it.</summary>
internal static class ExitCodes
{
    public const int Fine = 0;

    /// <summary>The answer is no: rules invalid, change may not land, trunk not clean.</summary>
    public const int No = 1;

    /// <summary>The question was wrong: flags, files, settings.</summary>
    public const int Usage = 2;

    /// <summary>It could not be tried: no sandbox, no repository, no store, no answer.</summary>
    public const int Trouble = 3;
}

/// <summary>The commands, and how each kind of trouble is told: in a sentence, on standard error, never as a stack trace.</summary>
internal static class CommandLine
{
    // The host has half a minute to stop, and what it pushes at that moment must be over, and known to be, before the worker goes.
    private static readonly TimeSpan Leave = TimeSpan.FromMinutes(1);

    /// <summary>Every command there is.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("""
            GateKeeper lands changes on a trunk that nobody else can write, when its rules say so and its tests have passed.

            Exit codes: 0 fine, 1 the answer is no, 2 the question was wrong, 3 something that is needed is missing or does not answer.
            """)
        {
            RunCommand.Make(), DemoCommand.Make(), CheckCommand.Make(), JudgeCommand.Make(), ExplainCommand.Make(), PlanCommand.Make(), GuardCommand.Make(), GuardCommand.MakeHook(),
            AuditCommand.Make(), DoctorCommand.Make(), InitCommand.Make(), TrunkCommands.Freeze(), TrunkCommands.Unfreeze(), TrunkCommands.Pause(), TrunkCommands.Resume(), TrunkCommands.Acknowledge(), RulesCommand.Make(), ReproduceCommand.Make(),
            ReviewCommands.Propose(), ReviewCommands.Vote(), ReviewCommands.Comment(), ReviewCommands.List(),
            ReviewCommands.Ask(RequestKind.Land, "land 4f1c2a", "Say go for the current revision of a change."),
            ReviewCommands.Ask(RequestKind.Hold, "hold 4f1c2a --reason \"wait for the release\"", "Keep a change from landing until unhold."),
            ReviewCommands.Ask(RequestKind.Unhold, "unhold 4f1c2a", "Lift a hold."),
            ReviewCommands.Ask(RequestKind.Retry, "retry 4f1c2a", "Forget the failures of a change and try it again: an ejected change comes back."),
            ReviewCommands.Ask(RequestKind.Test, "test 4f1c2a", "Ask for the tests of a change's current revision."),
            ReviewCommands.Ask(RequestKind.Confirm, "confirm 4f1c2a", "Confirm an override that somebody else asked for."),
            ReviewCommands.Priority(), ReviewCommands.Override(), ReviewCommands.Abandon(),
        };
        foreach (var command in root.Subcommands.SelectMany(command => command.Subcommands.Prepend(command)).Where(command => command.Options.Contains(Common.Config)))
            command.Options.Add(Common.Set);
        return root;
    }

    public static async Task<int> RunAsync(string[] arguments)
    {
        var root = Root();
        var examples = TakeExamples(root);
        try
        {
            var parsed = root.Parse(Misspelt.Meant(arguments));
            var wrong = parsed.Action is System.CommandLine.Help.HelpAction ? [] : Misspelt.Words(parsed);
            return wrong.Count > 0
                ? Fail(ExitCodes.Usage, [.. wrong, "gatekeeper --help lists the commands, gatekeeper COMMAND --help shows one with examples."])
                : await InvokeAsync(parsed, examples);
        }
        catch (OperationCanceledException error)
        {
            return error.InnerException is TimeoutException ? Fail(ExitCodes.Trouble, "no answer came in time") : ExitCodes.Trouble;
        }
        catch (UsageException error)
        {
            return Fail(ExitCodes.Usage, error.Message);
        }
        catch (ReviewException error)
        {
            return Fail(ExitCodes.No, error.Message);
        }
        catch (Exception error) when (error is StartException or StoreException or GitException or ForgeException or IOException or UnauthorizedAccessException or InvalidOperationException or FormatException
            or LibGit2Sharp.LibGit2SharpException or System.Text.Json.JsonException or Microsoft.Data.Sqlite.SqliteException or System.ComponentModel.Win32Exception or ArgumentException or HttpRequestException)
        {
            return Fail(ExitCodes.Trouble, error.Message);
        }
        catch (Exception error)
        {
            return Fail(ExitCodes.Trouble, $"a fault of gatekeeper's own: {error.Message}", "It helps to report it, with the command and what it read.");
        }
    }

    /// <summary>Examples stand at the end of a command's own help, and not in the list of all commands.</summary>
    private static Dictionary<Command, string> TakeExamples(Command root)
    {
        var examples = new Dictionary<Command, string>();
        foreach (var command in root.Subcommands.SelectMany(command => command.Subcommands.Prepend(command)))
        {
            if (command.Description?.Split("\n\nExample", 2) is not [var text, var rest])
                continue;
            command.Description = text;
            examples[command] = "Example" + rest;
        }

        return examples;
    }

    private static async Task<int> InvokeAsync(ParseResult parsed, Dictionary<Command, string> examples)
    {
        var code = await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = Leave });
        if (parsed.Action is System.CommandLine.Help.HelpAction && examples.TryGetValue(parsed.CommandResult.Command, out var text))
            Console.WriteLine(text);
        return code;
    }

    public static int Fail(int code, params IEnumerable<string> lines)
    {
        foreach (var line in lines)
            Console.Error.WriteLine($"gatekeeper: {line}");
        return code;
    }
}

/// <summary>The caller asked wrongly; the text says what was expected.</summary>
internal sealed class UsageException(string message) : Exception(message);
