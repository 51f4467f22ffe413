using System.CommandLine;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using GateKeeper.Status;

namespace GateKeeper.Commands;

internal static class RunCommand
{
    public static Command Make()
    {
        var once = new Option<bool>("--once") { Description = "Tick until nothing more can happen by itself, then end." };
        var observe = new Option<bool>("--observe") { Description = "Decide and show, and write nothing to the forge: for the first weeks beside an old process." };
        var command = new Command("run", """
            Watch the repositories of the settings, test what is proposed, and land what may land.

            Examples:
              gatekeeper run --config settings.json
              gatekeeper run --config settings.json --once
              gatekeeper run --config settings.json --observe
            """) { Common.Config, once, observe };
        return command.Does(async (parsed, cancellation) =>
        {
            var settings = parsed.Settings();
            return parsed.GetValue(once) ? await OnceAsync(settings, parsed.GetValue(observe), cancellation) : await StayAsync(settings, parsed.GetValue(observe), cancellation);
        });
    }

    private static async Task<int> OnceAsync(GateSettings settings, bool observing, CancellationToken cancellation)
    {
        using var logs = LoggerFactory.Create(logging => logging.AddLines());
        await using var house = await Gatehouse.OpenAsync(settings, TimeProvider.System, logs, observing, cancellation);
        await house.SettleAsync(cancellation);
        foreach (var picture in house.Pictures)
            Console.Write(Texts.Overview(picture));
        var missing = house.Notebook.Alarms.Where(alarm => alarm.Name.Split(':')[0] is MissingTrunks.Kind or RepositoryLoop.Unreadable).Select(alarm => $"{alarm.Name.Split(':', 2)[1]}: {alarm.Words}").ToList();
        missing.AddRange(house.Loops.SelectMany(loop => loop.Waiting).Select(trunk => $"{trunk}: another worker has the turn, so nothing was done; 80 s after that worker has ended this one can take it"));
        return missing.Count > 0 ? CommandLine.Fail(ExitCodes.Trouble, missing) : ExitCodes.Fine;
    }

    private static async Task<int> StayAsync(GateSettings settings, bool observing, CancellationToken cancellation)
    {
        using var logs = LoggerFactory.Create(logging => logging.AddLines());
        await using var house = await Gatehouse.OpenAsync(settings, TimeProvider.System, logs, observing, cancellation);
        await using var app = Hosting.Build(house, quiet: false);
        await app.StartAsync(cancellation);
        await app.WaitForShutdownAsync(cancellation);
        return app.Ended() is { } error ? CommandLine.Fail(ExitCodes.Trouble, $"the worker ended by itself: {error.Message}") : ExitCodes.Fine;
    }
}
