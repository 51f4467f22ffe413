using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;
using GateKeeper.Reconcile;
using GateKeeper.Store;

namespace GateKeeper.Status;

/// <summary>Whether a page loads itself anew.</summary>
internal enum Refresh
{
    Never,
    Running,

    /// <summary>It would, and its reader stopped it.</summary>
    Stopped,
}

/// <summary>The pages: renderings of what the planner found, and nothing that they find out by themselves.</summary>
internal static partial class Pages
{
    public const string Style = """
        :root { color-scheme: light dark; --line: light-dark(#d0d7de, #3d444d); --soft: light-dark(#57606a, #9ba4ae); --ok: light-dark(#116329, #56d364); --wait: light-dark(#7d4e00, #e3b341); --no: light-dark(#a40e26, #ff7b72); }
        body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem; }
        header { border-bottom: 1px solid var(--line); display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap; }
        h1 { font-size: 1.4rem; margin: .5rem 0; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; } h3 { font-size: 1rem; margin: 1rem 0 .3rem; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        th { font-weight: 600; color: var(--soft); } code, pre { font: .9em/1.4 ui-monospace, monospace; } pre { overflow-x: auto; white-space: pre-wrap; border: 1px solid var(--line); padding: .6rem; }
        .pass { color: var(--ok); } .wait { color: var(--wait); } .block { color: var(--no); } .soft { color: var(--soft); } nav { display: flex; flex-wrap: wrap; gap: .3rem 1rem; margin: .4rem 0; } ul.verdicts { list-style: none; padding-left: 1.2rem; margin: 0; }
        .alarm { border-left: 4px solid var(--no); padding: .3rem .8rem; margin: .5rem 0; } .reason { white-space: pre-line; overflow-wrap: anywhere; } .switch { margin-left: auto; } td.pass, td.wait, td.block { white-space: nowrap; } .scroll { overflow-x: auto; }
        @media (max-width: 40rem) { th { display: none; } td { display: block; border: 0; padding: 0; } tr { display: block; border-bottom: 1px solid var(--line); padding: .4rem 0; } }
        """;

    public static Html Layout(string title, Html body, Refresh refresh, ListQuery? asked = null) =>
        $"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">{(refresh is Refresh.Running ? Html.Of($"""<meta http-equiv="refresh" content="5">""") : Html.None)}
        <title>{title} - GateKeeper</title><link rel="stylesheet" href="/style.css"></head>
        <body><header><h1><a href="/">GateKeeper</a></h1><span class="soft">{title}</span>{Switch(refresh, asked ?? new())}</header><main>
        {body}
        </main></body></html>
        """;

    private static Html Switch(Refresh refresh, ListQuery asked) => refresh switch
    {
        Refresh.Running => $"""<span class="switch soft">new every 5 seconds: <a href="{(asked with { Still = true }).Address}">stand still</a></span>""",
        Refresh.Stopped => $"""<span class="switch soft">standing still: <a href="{(asked with { Still = false }).Address}">go on</a></span>""",
        _ => Html.None,
    };

    public static Html Overview(IReadOnlyList<TrunkPicture> pictures, IReadOnlyList<AlarmRecord> alarms, IReadOnlyList<LandingRecord> landings, IReadOnlyList<RunRecord> runs) =>
        $"""
        {Alarms(alarms)}
        {TrunkPages.Index(pictures)}
        {pictures.Select(TrunkPages.Brief)}
        <h2 id="runs">Runs</h2>
        {Runs(runs)}
        <h2 id="landings">Landings</h2>
        {Landings(landings)}
        """;

    private static Html Alarms(IReadOnlyList<AlarmRecord> alarms) =>
        $"""{alarms.Where(alarm => alarm.Acknowledged is null).Select(alarm => Html.Of($"<div class=\"alarm\"><strong>{alarm.Name}</strong> since {When(alarm.Since)}: {alarm.Words} <span class=\"soft\">({alarm.Lasts ?? $"gatekeeper acknowledge {alarm.Name}"})</span></div>"))}""";

    private static Html Runs(IReadOnlyList<RunRecord> runs) =>
        runs.Count == 0 ? Html.Of($"<p>None.</p>")
        : $"""<div class="scroll"><table><tr><th>run</th><th>test</th><th>change</th><th>outcome</th><th>took</th></tr>{runs.Select(run => Html.Of($"<tr><td><a href=\"/run/{run.Id}\">{run.Id}</a></td><td>{run.Test}</td><td>{Link(ChangeName.Of(run.Trunk, run.Change))}</td><td class=\"{Class(run)}\">{RunView.Say(run)}</td><td>{(run.EndedAt is { } end ? Time.Say(end - run.StartedAt) : "")}</td></tr>"))}</table></div>""";

    private static Html Landings(IReadOnlyList<LandingRecord> landings) =>
        landings.Count == 0 ? Html.Of($"<p>None yet.</p>")
        : $"""<div class="scroll"><table><tr><th>when</th><th>change</th><th>by</th><th>commit</th><th>trunk</th></tr>{landings.Select(landing => Html.Of($"<tr><td>{When(landing.At)}</td><td><a href=\"/change/{ChangeName.Of(landing.Trunk, landing.Change).Path}\">{landing.Title}</a></td><td>{Whom.Link(landing.Author.Name)}</td><td><code>{landing.Commit}</code></td><td>{landing.Trunk}</td></tr>"))}</table></div>""";

    private static Html Link(ChangeName name) => $"""<a href="/change/{name.Path}">{name.Short}</a>""";

    private static string When(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture);

    private static string Word(Decision decision) => decision switch { Decision.Pass => "pass", Decision.Wait => "wait", _ => "block" };

    private static string Class(RunRecord run) => run.Outcome switch { nameof(RunOutcome.Passed) => "pass", nameof(RunOutcome.Failed) => "block", _ => "wait" };
}
