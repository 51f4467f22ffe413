using System.CommandLine;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Status;
using GateKeeper.Store;

namespace GateKeeper.Commands;

internal static class ExplainCommand
{
    public static Command Make()
    {
        var change = new Argument<string>("change") { Description = "The change: REPOSITORY/ID, as the page has it; the id alone, the beginning of a long one, its branch, or its address on the page or the forge, where that means one." };
        var format = Common.Format();
        var command = new Command("explain", """
            Why has this change not landed? The tree of verdicts as it stands, and what would have to happen; of one that landed, when, as what and
            on whose word. Asks the worker's page; the operator needs no page, for with the settings it is found, or looked for without it.
            0 when the change may land or has landed, 1 when it may not.

            Examples:
              gatekeeper explain widgets/5 --at https://gate.example.org
              gatekeeper explain 4f1c2a --config settings.json
            """) { change, Common.Config, FarPage.At, FarPage.With, format };
        return command.Does(async (parsed, cancellation) =>
        {
            var id = parsed.GetValue(change)!;
            if (await FindAsync(parsed, id, cancellation) is not { } view)
                return CommandLine.Fail(ExitCodes.No, $"there is no change \"{id}\", open or landed; what was taken back or closed is not kept");
            if (parsed.Json(format))
                Common.WriteJson(view);
            else
                Console.Write(Texts.Explain(view));
            return view.Missing.Any() ? ExitCodes.No : ExitCodes.Fine;
        });
    }

    private static async Task<ChangeView?> FindAsync(ParseResult parsed, string id, CancellationToken cancellation)
    {
        var name = ChangeName.Parse(id);
        var path = $"/api/v1/changes/{name.Path}";
        if (FarPage.Named(parsed) is { } page)
            return await page.AskAsync<ChangeView>(path, cancellation);
        if (parsed.GetValue(Common.Config) is { } config && !File.Exists(config))
            throw new UsageException($"there are no settings at {config}: the worker's page is asked with --at, such as --at https://gate.example.org; its operator names the settings with --config");
        var settings = parsed.Settings();
        try
        {
            return await FarPage.Of(settings.Page).AskAsync<ChangeView>(path, cancellation);
        }
        catch (HttpRequestException)
        {
            // No worker is running: what it would find is found here.
            var pictures = await settings.LookAsync(cancellation);
            return settings.WithStore(database => Finding.Of(pictures, new Notebook(database, TimeProvider.System), name)) switch
            {
                Found.Open(var picture, var status) => ChangeView.Of(picture, status),
                Found.Landed(var landing) => ChangeView.Of(landing),
                Found.Several(var names) => throw new ReviewException($"{name} may mean {string.Join(" or ", names)}"),
                _ => null,
            };
        }
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
            var pictures = await parsed.Settings().LookAsync(cancellation);
            if (parsed.Json(format))
                Common.WriteJson(pictures.Select(picture => new { trunk = picture.Key, effects = picture.Plan.Effects.Select(Texts.Effect), closed = picture.Closed }));
            else
                Console.Write(string.Concat(pictures.Select(picture => Texts.Overview(picture) + string.Concat(picture.Plan.Effects.Select(effect => $"  would {Texts.Effect(effect)}\n")))));
            return ExitCodes.Fine;
        });
    }
}
