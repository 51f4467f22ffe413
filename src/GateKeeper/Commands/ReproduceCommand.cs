using System.CommandLine;
using GateKeeper.Git;
using GateKeeper.Runs;
using GateKeeper.Store;
using LibGit2Sharp;

namespace GateKeeper.Commands;

internal static class ReproduceCommand
{
    public static Command Make()
    {
        var id = new Argument<long>("run") { Description = "The run's number, as the page and the messages show it." };
        var into = new Option<string?>("--into") { Description = "Where to put it; run-N here if left out." };
        var command = new Command("reproduce", """
            Lay out the very tree that a run saw, with a script that has its command and its environment.

            Example:
              gatekeeper reproduce 812 --config settings.json && sh run-812/run.sh
            """) { id, into, Common.Config };
        return command.Does(parsed =>
        {
            var settings = parsed.Settings();
            var number = parsed.GetValue(id);
            return settings.WithStore(database =>
            {
                if (new Results(database, TimeProvider.System).Run(number) is not { } run)
                    return CommandLine.Fail(ExitCodes.No, $"there is no run {number}; results are kept for a while only");
                var directory = Path.GetFullPath(parsed.GetValue(into) ?? $"run-{number}");
                if (Directory.Exists(directory))
                    return CommandLine.Fail(ExitCodes.Usage, $"{directory} is there already");
                GitLibrary.Prepare();
                using var repository = new Repository(Path.Combine(settings.Work, "mirrors", $"{run.Trunk.Split('/')[0]}.git"));
                Directory.CreateDirectory(Path.Combine(directory, "home"));
                TreeFiles.Write(repository, run.Tree, Path.Combine(directory, "tree"), owned: false);
                File.WriteAllText(Path.Combine(directory, "run.sh"), Script(run));
                Console.WriteLine($"{directory}/tree is what run {number} saw of {run.Commit}; sh {directory}/run.sh runs its command there.\nIt runs with your rights and your network: the sandbox was the gate's.");
                return ExitCodes.Fine;
            });
        });
    }

    private static string Script(RunRecord run)
    {
        var lines = run.Definition.Split('\n');
        var variables = string.Concat(lines.Skip(1).Where(line => line.Contains('=', StringComparison.Ordinal)).Select(line => $" {Quote(line)}"));
        return $"#!/bin/sh\n# run {run.Id}: {run.Test}\nhere=$(cd \"$(dirname \"$0\")\" && pwd)\ncd \"$here/tree\" || exit\nexec env -i PATH=\"$PATH\" HOME=\"$here/home\" LANG=C.UTF-8 TZ=UTC USER=run GATEKEEPER=1{variables} sh -c {Quote(lines[0])}\n";
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
