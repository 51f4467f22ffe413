using System.CommandLine;
using System.Text.Json;
using GateKeeper.Status;

namespace GateKeeper.Commands;

internal static class ExplainCommand
{
    public static Command Make()
    {
        var change = new Argument<string>("change") { Description = "The change: its id, or the beginning of it." };
        var format = Common.Format();
        var command = new Command("explain", """
            Why has this change not landed? The tree of verdicts as it stands, and what would have to happen.
            Asks the worker that is running, or looks for itself when none is. 0 when the change may land, 1 when it may not.

            Example:
              gatekeeper explain 4f1c2a --config settings.json
            """) { change, Common.Config, format };
        return command.Does(async (parsed, cancellation) =>
        {
            var (settings, id) = (parsed.Settings(), parsed.GetValue(change)!);
            if (await settings.AskAsync($"/api/v1/changes/{Uri.EscapeDataString(id)}", cancellation) is var (code, body))
                return Answer(code, body, id, parsed.Json(format));

            var pictures = await settings.LookAsync(cancellation);
            var found = pictures.SelectMany(picture => picture.Plan.Open.Select(status => (picture, status))).Where(item => item.status.Change.Id.Value.StartsWith(id, StringComparison.Ordinal)).ToList();
            if (found is not [var (one, progress)])
                return CommandLine.Fail(ExitCodes.No, $"there is no open change \"{id}\"");
            if (parsed.Json(format))
                Common.WriteJson(ChangeView.Of(one, progress));
            else
                Console.Write(Texts.Explain(one, progress));
            return progress.Judgement.Passes ? ExitCodes.Fine : ExitCodes.No;
        });
    }

    private static int Answer(int code, string body, string id, bool json)
    {
        if (code != 200)
            return CommandLine.Fail(ExitCodes.No, code == 404 ? $"there is no open change \"{id}\"" : $"the worker answered {code}: {body.Trim()}");
        var view = JsonSerializer.Deserialize<ChangeView>(body, Api.Json)!;
        Console.Write(json ? body + "\n" : Tell(view));
        return view.Missing.Any() ? ExitCodes.No : ExitCodes.Fine;
    }

    private static string Tell(ChangeView view)
    {
        var text = new System.Text.StringBuilder($"{view.Title}\n  change   {view.Id}\n  revision {view.Revision}\n  trunk    {view.Trunk}\n  stands   {(view.Place is { } place ? $"in the queue, place {place}" : view.Outcome)}{(view.Note.Length > 0 ? $": {view.Note}" : "")}\n\n");
        foreach (var verdict in view.Verdicts)
            Tree(text, verdict, 1);
        text.Append(view.Missing.Any() ? "\nWhat would have to happen:\n" : "\nNothing is missing.\n");
        foreach (var missing in view.Missing)
            text.Append("- ").Append(missing.Reason).Append(missing.Cures.Any() ? $" (can be met by {string.Join(", ", missing.Cures)})\n" : "\n");
        return text.ToString();
    }

    private static void Tree(System.Text.StringBuilder text, VerdictView verdict, int depth)
    {
        var indent = new string(' ', depth * 2);
        text.Append(indent).Append(verdict.Decision.PadRight(5)).Append(' ').Append(verdict.Name).Append(": ").Append(verdict.Reason.Replace("\n", $"\n{indent}      ", StringComparison.Ordinal)).Append('\n');
        foreach (var part in verdict.Parts)
            Tree(text, part, depth + 1);
    }
}

internal static class PlanCommand
{
    public static Command Make()
    {
        var format = Common.Format();
        var command = new Command("plan", """
            Show what the next tick would do, and do nothing. Needs the work folder, so no worker may be running on it.

            Example:
              gatekeeper plan --config settings.json
            """) { Common.Config, format };
        return command.Does(async (parsed, cancellation) =>
        {
            foreach (var picture in await parsed.Settings().LookAsync(cancellation))
            {
                if (parsed.Json(format))
                    Common.WriteJson(new { trunk = picture.Key, effects = picture.Plan.Effects.Select(Texts.Effect), closed = picture.Closed });
                else
                    Console.Write(Texts.Overview(picture) + string.Concat(picture.Plan.Effects.Select(effect => $"  would {Texts.Effect(effect)}\n")));
            }

            return ExitCodes.Fine;
        });
    }
}
