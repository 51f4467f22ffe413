using System.CommandLine;
using GateKeeper.Demo;
using GateKeeper.Reconcile;
using GateKeeper.Status;
using Spectre.Console;

namespace GateKeeper.Commands;

internal static class DemoCommand
{
    private const int Port = 8380;

    public static Command Make()
    {
        var headless = new Option<bool>("--headless") { Description = "End when all is settled: 0 only if every change ended as it should." };
        var keep = new Option<string?>("--keep") { Description = "Leave the repository (trunk.git, or the server's site in gerrit), the store and report.json in this directory." };
        var gerrit = new Option<bool>("--gerrit") { Description = $"Play it on a throwaway Gerrit server, which is started from the jar that {GerritServer.Variable} names." };
        var command = new Command("demo", $"""
            See the gate at work on a small repository with fifteen proposals, good ones and bad ones.

            Examples:
              gatekeeper demo
              gatekeeper demo --headless --keep /tmp/demo
              {GerritServer.Variable}=gerrit.war gatekeeper demo --gerrit
            """) { headless, keep, gerrit };
        return command.Does((parsed, cancellation) => RunAsync(parsed.GetValue(gerrit), parsed.GetValue(headless), parsed.GetValue(keep), cancellation));
    }

    private static async Task<int> RunAsync(bool gerrit, bool headless, string? keep, CancellationToken cancellation)
    {
        if (gerrit && GerritServer.Missing(GerritServer.Named) is { } missing)
        {
            return CommandLine.Fail(
                ExitCodes.Trouble, missing,
                $"Take gerrit.war, 3.10 or later, from https://www.gerritcodereview.com, a Java runtime (Debian: openjdk-17-jre-headless), and say: {GerritServer.Variable}=/path/to/gerrit.war gatekeeper demo --gerrit");
        }

        var directory = keep is null ? Directory.CreateTempSubdirectory("gatekeeper-demo-").FullName : Path.GetFullPath(keep);
        if (Directory.Exists(Path.Combine(directory, "trunk.git")) || Directory.Exists(Path.Combine(directory, "gerrit")))
            throw new UsageException($"{directory} holds a demo already; name another directory, or remove it");
        try
        {
            if (gerrit)
                Console.WriteLine("A Gerrit server starts, which takes some seconds ...");
            using IStage stage = gerrit
                ? await GerritStage.OpenAsync(Directory.CreateDirectory(directory).FullName, GerritServer.Named!, TimeProvider.System, cancellation)
                : await PlainStage.OpenAsync(directory, TimeProvider.System, cancellation);
            Console.WriteLine("People propose changes and vote on them ...");
            var port = Free(Port);
            var run = await DemoRun.SetAsync(stage, directory, cancellation, port);
            return await ShowAsync(run, stage, headless, directory, $"http://127.0.0.1:{port}", cancellation);
        }
        finally
        {
            if (keep is null)
                Runs.Files.Delete(directory);
        }
    }

    private static async Task<int> ShowAsync(DemoRun run, IStage stage, bool headless, string directory, string listen, CancellationToken cancellation)
    {
        using var logs = LoggerFactory.Create(_ => { });
        var settings = run.Settings(listen);
        DemoRun.Meet(settings);
        await using var house = await Gatehouse.OpenAsync(settings, TimeProvider.System, logs, observing: false, cancellation);
        Console.WriteLine($"The gate starts. {stage.Words}\nThe page: {listen}");
        await using var app = Hosting.Build(house, quiet: true);
        await app.StartAsync(cancellation);
        await WatchAsync(run, house, cancellation);
        await run.WriteReportAsync(house, Path.Combine(directory, "report.json"), cancellation);
        var well = await run.EndedWellAsync(house, cancellation);
        Summary(run, house, await run.TrunkLogAsync(cancellation), well);
        if (!headless)
        {
            foreach (var line in run.StillToDo(GuardCommand.Program))
                Console.WriteLine(line);
            Console.WriteLine($"The gate goes on at {listen}; Ctrl-C ends it.");
            await UntilToldAsync(app, cancellation);
        }

        await app.StopAsync(CancellationToken.None);
        return well ? ExitCodes.Fine : ExitCodes.No;
    }

    /// <summary>Ctrl-C is the end that was asked for, not a failure of the demo.</summary>
    private static async Task UntilToldAsync(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.WaitForShutdownAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // The same end, by the other of two that listen for it.
        }
    }

    /// <summary>A live table where the output is a terminal, else a line for each thing that changes.</summary>
    private static async Task WatchAsync(DemoRun run, Gatehouse house, CancellationToken cancellation)
    {
        var wake = new Wake();
        house.Ticked += wake.Hint;
        house.Tools.Runner.Ended += wake.Hint;
        if (Console.IsOutputRedirected)
        {
            var said = new Dictionary<string, string>();
            await UntilSettledAsync(house, wake, () => Lines(run, house, said), cancellation);
            Lines(run, house, said);
            return;
        }

        // The table draws itself, so it writes past what stands before standard output, and what it shows is made harmless here.
        var screen = AnsiConsole.Create(new() { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true }) });
        await screen.Live(Rows(run, house)).StartAsync(async live =>
        {
            await UntilSettledAsync(house, wake, () => live.UpdateTarget(Rows(run, house)), cancellation);
            live.UpdateTarget(Rows(run, house));
        });
    }

    /// <summary>Settled is when a whole tick found nothing to do and nothing runs.</summary>
    private static async Task UntilSettledAsync(Gatehouse house, Wake wake, Action show, CancellationToken cancellation)
    {
        for (var quiet = false; !quiet;)
        {
            await wake.WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, cancellation);
            show();
            var pictures = house.Pictures.ToList();
            quiet = pictures.Count > 0 && house.Tools.Runner.Count == 0 && !house.Loops.Any(loop => loop.InFlight) && pictures.All(picture => picture is { Plan.Effects.Count: 0, Snapshot.Runs.Count: 0 });
        }
    }

    private static void Lines(DemoRun run, Gatehouse house, Dictionary<string, string> said)
    {
        foreach (var end in run.Ends(house).Where(end => said.GetValueOrDefault(end.Change) != end.Outcome))
        {
            said[end.Change] = end.Outcome;
            Console.WriteLine($"  {end.Outcome,-14} {end.Scene.Title}");
        }
    }

    private static Table Rows(DemoRun run, Gatehouse house)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("change", "by", "stands", "why");
        foreach (var end in run.Ends(house))
        {
            var colour = end.Outcome switch { "landed" => "green", "in the queue" => "blue", "waiting" => "yellow", "unknown" => "grey", _ => "red" };
            table.AddRow(Cell(end.Scene.Title), Cell(end.Scene.Author), $"[{colour}]{Cell(end.Outcome)}[/]", Cell(end.Reasons.Split('\n')[0]));
        }

        return table;

        static string Cell(string text) => Markup.Escape(Core.Changes.Harmless.Text(text));
    }

    private static void Summary(DemoRun run, Gatehouse house, IReadOnlyList<string> trunk, bool well)
    {
        Console.WriteLine("\nHow it ended, and why:");
        foreach (var end in run.Ends(house))
        {
            Console.WriteLine($"{(end.AsItShould ? "  ok " : " BAD ")} {end.Scene.Title}: {end.Outcome}, because {end.Scene.Because}");
            foreach (var line in end.Reasons.Split('\n', ';').Select(line => line.Trim()).Where(line => line.Length > 0).Distinct().Take(4))
                Console.WriteLine($"        {line}");
        }

        Console.WriteLine("\nThe trunk:");
        foreach (var subject in trunk)
            Console.WriteLine($"  {subject}");
        Console.WriteLine(well ? "\nEvery change ended as the promises say." : "\nNOT every change ended as the promises say.");
    }

    private static int Free(int wanted)
    {
        for (var port = wanted; port < wanted + 20; port++)
        {
            try
            {
                using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Somebody has it; the next one will do.
            }
        }

        return 0;
    }
}
