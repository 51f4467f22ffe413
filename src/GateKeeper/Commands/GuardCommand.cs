using System.CommandLine;
using GateKeeper.Core.Changes;
using GateKeeper.Forges.PlainGit;

namespace GateKeeper.Commands;

internal static class GuardCommand
{
    /// <summary>What hooks are told to call: the script that started this program, where one did.</summary>
    public static string Program => Environment.GetEnvironmentVariable("GATEKEEPER_PROGRAM") ?? Environment.ProcessPath!;

    public static Command Make()
    {
        var directory = new Argument<string>("directory") { Description = "The bare repository on the server." };
        var gate = new Option<string?>("--gate") { Description = "The gate's account: the only one that moves a trunk; gatekeeper if never named." };
        var trunk = new Option<string[]>("--trunk") { Description = "A trunk or a pattern of trunks; may be repeated; if never named, the branch that HEAD names, or main." };
        var accounts = new Option<string?>("--accounts") { Description = "The mapping of accounts to addresses: {\"ana\": {\"emails\": [\"ana@example.org\"]}}." };
        var agent = new Option<string[]>("--agent") { Description = "Another account that may report test results; may be repeated." };
        var command = new Command("guard", """
            Install the guard of a bare repository: only the gate moves a trunk, nobody writes in another's name, and every push is logged.
            Installed again it changes what is named and keeps the rest.
            The front end (ssh or http) must say who pushes, in GATEKEEPER_ACCOUNT, GL_USER or REMOTE_USER.

            Example:
              gatekeeper guard /srv/git/tool.git --trunk main --trunk 'release/*' --accounts accounts.json
            """) { directory, gate, trunk, accounts, agent };
        return command.Does(async (parsed, cancellation) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(directory)!);
            var (guard, before) = (new Guard(path, TimeProvider.System), GuardSettings.ReadOrNull(path));
            var trunks = Named(parsed.GetValue(trunk)) ?? before?.Trunks ?? [await guard.Branches.FirstAsync(cancellation)];
            var settings = new GuardSettings(parsed.GetValue(gate) ?? before?.Gate ?? "gatekeeper", trunks, Named(parsed.GetValue(agent)) ?? before?.Agents ?? []);
            if (settings.Trunks.Select(Glob.TrunkProblem).FirstOrDefault(why => why is not null) is { } problem)
                throw new UsageException($"--trunk {problem}");
            foreach (var line in (before?.Trunks ?? []).Except(settings.Trunks).Select(name => $"{name} is no trunk any more: anybody may push to it"))
                Console.WriteLine(line);
            foreach (var line in await guard.InstallAsync(settings, parsed.GetValue(accounts), Program, cancellation))
                Console.WriteLine(line);
            return ExitCodes.Fine;
        });
    }

    private static string[]? Named(string[]? values) => values is { Length: > 0 } ? values : null;

    /// <summary>What the hooks call; git tells it on standard input what moves.</summary>
    public static Command MakeHook()
    {
        var hook = new Argument<string>("hook");
        var command = new Command("guard-hook", "Called by git.") { hook };
        command.Hidden = true;
        return command.Does(async (parsed, cancellation) =>
        {
            var updates = new List<RefUpdate>();
            while (await Console.In.ReadLineAsync(cancellation) is { } line)
            {
                if (line.Split(' ', 3) is [var old, var young, var reference])
                    updates.Add(new(old, young, reference));
            }

            var guard = new Guard(Path.GetFullPath(Environment.GetEnvironmentVariable("GIT_DIR") ?? "."), TimeProvider.System);
            if (parsed.GetValue(hook) == "post-receive")
                await guard.LogAsync(updates, cancellation);
            else if (guard.Judge(updates) is { } why)
                return CommandLine.Fail(ExitCodes.No, why);
            return ExitCodes.Fine;
        });
    }
}
