using System.CommandLine;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Commands;

internal static class CheckCommand
{
    public static Command Make()
    {
        var file = new Argument<string>("file") { Description = "The rules file.", DefaultValueFactory = _ => "rules.yaml" };
        var schema = new Option<bool>("--schema") { Description = "Print the JSON Schema of rules files, for editors." };
        var forge = new Option<string?>("--forge") { Description = "Warn of what that forge cannot tell: git." };
        var format = Common.Format();
        var command = new Command("check", """
            Say whether a rules file is valid: 0 valid, 1 invalid, with every error, its place and what was expected.

            Examples:
              gatekeeper check
              gatekeeper check deploy/examples/openstack.yaml --forge git
              gatekeeper check --schema > rules.schema.json
            """) { file, schema, forge, format };
        return command.Does(parsed =>
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
            var loaded = RulesLoader.Load(File.ReadAllText(path));
            var problems = loaded.Problems.Concat(loaded.Rules is { } rules && parsed.GetValue(forge) is { } name ? ForForge(rules, name) : []).ToList();
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

    private static IEnumerable<RuleProblem> ForForge(Ruleset rules, string forge)
    {
        if (forge != "git")
            throw new UsageException($"this program knows what \"git\" can tell, not \"{forge}\"");
        foreach (var (gate, requirement) in rules.Gates.SelectMany(gate => gate.Require.Flatten().Select(part => (gate, part))))
        {
            if (requirement is LabelVote or NoLabelVote or LabelsAre)
                yield return new(new(1, 1), $"gate \"{gate.Name}\": plain git has no labels, so this never passes", IsWarning: true);
        }

        foreach (var group in rules.Groups.Where(group => group.Teams.Count > 0))
            yield return new(new(1, 1), $"group {group.Name}: plain git has no teams, so the group can never be read whole", IsWarning: true);
        foreach (var test in rules.Tests.Where(test => test.Check is { OnRevision: false }))
            yield return new(new(1, 1), $"test {test.Name}: on plain git nobody can report on candidates; say on: revision", IsWarning: true);
    }
}
