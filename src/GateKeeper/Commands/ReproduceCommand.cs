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
            Lay out the very tree that a run saw, with a script that has its command and its environment, and one for its prepare step.

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
                foreach (var line in LayOut(repository, run, directory))
                    Console.WriteLine(line);
                return ExitCodes.Fine;
            });
        });
    }

    /// <summary>Lays a run out in a directory; answers what to do there, in words.</summary>
    public static IReadOnlyList<string> LayOut(Repository repository, RunRecord run, string directory)
    {
        var description = RunDescription.Read(run.Definition);
        Directory.CreateDirectory(Path.Combine(directory, "home"));
        TreeFiles.Write(repository, run.Tree, Path.Combine(directory, "tree"), owner: null);
        var words = new List<string> { $"{directory}/tree is what run {run.Id} saw of {run.Commit}; sh {directory}/run.sh runs its command there." };
        if (description.Prepare is { } prepare)
        {
            TreeFiles.Write(repository, prepare.Tree, Path.Combine(directory, "prepare"), owner: null);
            File.WriteAllText(Path.Combine(directory, "prepare.sh"), Begin(run, "its prepare step") + $"cd \"$here/prepare\" || exit\ntouch \"$here/began\"\n{Call(description.Env, prepare.Command)} || exit\n{Carry}");
            words.Add($"It had what a prepare step left: sh {directory}/prepare.sh runs that in {directory}/prepare and lays what it wrote beside the tree's own files. Do so first, and once.");
        }

        File.WriteAllText(Path.Combine(directory, "run.sh"), Begin(run, "its command") + $"cd \"$here/tree\" || exit\nexec {Call(description.Env, description.Command)}\n");
        words.Add($"It runs with your rights and your network, in another folder than the gate's: the sandbox was the gate's{(description.Network || description.Prepare?.Network == true ? ", which gave it the network" : "")}.");
        return words;
    }

    // What it wrote, by the time that no program can set; where both have a file it is the tree's own that counts.
    private const string Carry = """
        find . -cnewer "$here/began" ! -path . \( ! -type d -o -empty \) -print0 | tar --null --no-recursion --files-from=- -cf - | tar -C "$here/tree" --skip-old-files -xf -

        """;

    private static string Begin(RunRecord run, string what) => $"#!/bin/sh\n# run {run.Id}, {new string([.. run.Test.Where(letter => !char.IsControl(letter))])}: {what}\nhere=$(cd \"$(dirname \"$0\")\" && pwd) || exit\n";

    private static string Call(IEnumerable<KeyValuePair<string, string>> env, string command)
    {
        var own = RunDescription.Surroundings("").Where(pair => pair.Key != "HOME").Concat(env).Select(pair => $" {Quote($"{pair.Key}={pair.Value}")}");
        return $"env -i HOME=\"$here/home\"{string.Concat(own)} sh -c {Quote(command)}";
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
