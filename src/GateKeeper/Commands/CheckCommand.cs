using System.CommandLine;
using GateKeeper.Core.Rules;
using GateKeeper.Git;

namespace GateKeeper.Commands;

internal static class CheckCommand
{
    public static Command Make()
    {
        var file = new Argument<string>("file") { Description = "The rules file.", DefaultValueFactory = _ => "rules.yaml" };
        var schema = new Option<bool>("--schema") { Description = "Print the JSON Schema of rules files, for editors." };
        var forge = new Option<string?>("--forge") { Description = $"Warn of what that forge cannot tell: {ForgeWarnings.Known}." };
        var format = Common.Format();
        var command = new Command("check", """
            Say whether a rules file is valid: 0 valid, 1 invalid, with every error, its place and what was expected.

            Examples:
              gatekeeper check
              gatekeeper check deploy/examples/github.yaml --forge github
              gatekeeper check --schema > rules.schema.json
            """) { file, schema, forge, format };
        return command.Does(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(schema))
            {
                using var reader = new StreamReader(typeof(CheckCommand).Assembly.GetManifestResourceStream("rules.schema.json")!);
                Console.Write(reader.ReadToEnd());
                return ExitCodes.Fine;
            }

            var path = parsed.GetValue(file)!;
            if (!File.Exists(path))
                throw new UsageException($"{path}: there is no such file");
            var named = parsed.GetValue(forge);
            if (named is not null)
                ForgeWarnings.Need(named);
            var loaded = RulesLoader.Load(File.ReadAllBytes(path));
            var problems = loaded.Problems.ToList();
            if (loaded.Rules is { } rules)
            {
                problems.AddRange(named is not null ? ForgeWarnings.Of(rules, loaded.Places, named) : []);
                var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
                problems.AddRange(TreeWarnings.Of(rules, loaded.Places, await OddPaths.OfAsync(folder, cancellation)));
                problems.AddRange(await WorkTreeOwners.WarningsAsync(rules, loaded.Places, folder, cancellation));
            }

            problems = [.. problems.OrderBy(problem => problem.Place.Line).ThenBy(problem => problem.Place.Column)];
            if (parsed.Json(format))
                Common.WriteJson(new { valid = loaded.Rules is not null, problems = problems.Select(problem => new { problem.Place.Line, problem.Place.Column, problem.Message, severity = problem.IsWarning ? "warning" : "error" }) });
            else
                Say(path, loaded, problems);
            return loaded.Rules is null ? ExitCodes.No : ExitCodes.Fine;
        });
    }

    private static void Say(string path, LoadedRules loaded, List<RuleProblem> problems)
    {
        foreach (var problem in problems)
            Console.WriteLine($"{path}:{problem}");
        Console.WriteLine(loaded.Rules is { } rules
            ? $"{path}: valid: {rules.Gates.Count} gates, {rules.Tests.Count} tests, {rules.Groups.Count} groups"
            : $"{path}: invalid: {loaded.Errors.Count()} {(loaded.Errors.Count() == 1 ? "error" : "errors")}");
    }
}
