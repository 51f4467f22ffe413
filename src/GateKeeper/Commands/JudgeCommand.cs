using System.CommandLine;
using System.Text;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Status;

namespace GateKeeper.Commands;

internal static class JudgeCommand
{
    public static Command Make()
    {
        var rules = new Option<string>("--rules") { Description = "The rules file.", DefaultValueFactory = _ => "rules.yaml" };
        var change = new Option<string>("--change") { Description = "A saved snapshot of a change (docs/judging.md has its shape).", Required = true };
        var format = Common.Format();
        var command = new Command("judge", """
            Judge a saved snapshot of a change by a rules file, without forge or network. 0 when it may land, 1 when it may not.

            Example:
              gatekeeper judge --rules rules.yaml --change change.json
            """) { rules, change, format };
        return command.Does(parsed =>
        {
            var (rulesPath, changePath) = (parsed.GetValue(rules)!, parsed.GetValue(change)!);
            foreach (var path in (string[])[rulesPath, changePath])
            {
                if (!File.Exists(path))
                    throw new UsageException($"{path}: there is no such file");
            }

            var loaded = RulesLoader.Load(File.ReadAllBytes(rulesPath));
            if (loaded.Rules is not { } ruleset)
                return CommandLine.Fail(ExitCodes.Usage, loaded.Errors.Select(error => $"{rulesPath}:{error}"));
            var (now, errors) = SavedChange.Read(File.ReadAllText(changePath), ruleset, TimeProvider.System.GetUtcNow());
            if (now is null)
                return CommandLine.Fail(ExitCodes.Usage, errors.Select(error => $"{changePath}: {error}"));

            var judgement = Judge.Of(ruleset, now);
            if (Asked.Frozen(ruleset, now) is { } frozen)
                judgement = judgement.And([Core.Gates.Verdict.Wait("freeze", frozen)]);
            if (parsed.Json(format))
            {
                Common.WriteJson(new { mayLand = judgement.Passes, verdicts = judgement.Gates.Concat(judgement.Obstacles).Select(VerdictView.Of) });
            }
            else
            {
                var text = new StringBuilder();
                foreach (var verdict in judgement.Gates.Concat(judgement.Obstacles))
                    text.AppendJoin('\n', Words.Tree(verdict, "")).Append('\n');
                Console.Write(text);
                Console.WriteLine(judgement.Passes ? "It may land." : $"It may not land:\n{Core.Landing.Words.Missing(judgement)}");
            }

            return judgement.Passes ? ExitCodes.Fine : ExitCodes.No;
        });
    }
}
