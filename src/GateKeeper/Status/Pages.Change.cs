using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Store;

namespace GateKeeper.Status;

/// <content>One change, one run, one person.</content>
internal static partial class Pages
{
    public static Html Change(TrunkPicture picture, Progress status, IReadOnlyList<RunRecord> runs) =>
        $"""
        <h2>{status.Change.Title}</h2>
        <p><code>{status.Change.Id.Value}</code> by {Whom.Link(status.Change.Author.Name)}, for {picture.Key}, revision <code>{status.Change.Current.Commit.Hex}</code></p>
        <p><strong class="{TrunkPages.Class(status)}">{status.Outcome}</strong>{(status.Place is { } place ? $", place {place}{About(picture, status)}" : "")}{(status.Note.Length > 0 ? $": {status.Note}" : "")}</p>
        {(picture.Observing ? Html.Of($"<p class=\"wait\">Observing: {TrunkPicture.OnlyObserves}.</p>") : Html.None)}
        <h3>Why has it not landed?</h3>
        {Missing(status)}
        <h3>All gates</h3>
        <ul class="verdicts">{status.Judgement.Gates.Concat(status.Judgement.Obstacles).Select(Tree)}</ul>
        <h3>Runs</h3>
        {Runs(runs)}
        {(status.Change.Description.Length > 0 ? Html.Of($"<h3>What it says</h3>\n<pre>{status.Change.Description}</pre>") : Html.None)}
        """;

    private static string About(TrunkPicture picture, Progress status) =>
        status.Expected is not null && picture.Observing ? $"{Words.About(status.Expected)} if the worker did more than observe" : Words.About(status.Expected);

    /// <summary>A change that has landed: when, as what, and on whose word.</summary>
    public static Html Landed(LandingView landing, IReadOnlyList<RunRecord> runs) =>
        $"""
        <h2>{landing.Title}</h2>
        <p><code>{landing.Change}</code> by {Whom.Link(landing.Author)}{(landing.Uploader is { } uploader && uploader != landing.Author ? Html.Of($", pushed by {Whom.Link(uploader)}") : Html.None)}, for {landing.Trunk}, revision <code>{landing.Revision}</code></p>
        <p><strong class="pass">landed</strong> on {When(landing.At)} as <code>{landing.Commit}</code></p>
        <h3>The gates that it passed</h3>
        {(landing.Gates.Count == 0 ? Html.Of($"<p>None were noted down.</p>") : Html.Of($"<ul class=\"verdicts\">{landing.Gates.Select(gate => Html.Of($"<li><span class=\"pass\">pass</span> <span class=\"reason\">{gate}</span></li>"))}</ul>"))}
        <h3>The votes as they stood</h3>
        {(landing.Votes.Count == 0 ? Html.Of($"<p>None.</p>") : Html.Of($"<ul>{landing.Votes.Select(vote => Html.Of($"<li>{Whom.Link(vote.By)}: {vote.Value} on <code>{vote.On}</code></li>"))}</ul>"))}
        <h3>Runs</h3>
        {Runs(runs)}
        """;

    /// <summary>A number, or the beginning of an id, that more than one change has.</summary>
    public static Html Several(ChangeName asked, IReadOnlyList<ChangeName> names) =>
        $"""<p>{asked} may mean more than one change:</p><ul>{names.Select(name => Html.Of($"<li>{Link(name)}</li>"))}</ul>""";

    public static Html Run(RunRecord run, string tail) =>
        $"""
        <h2>Run {run.Id}: {run.Test}</h2>
        <p class="reason"><strong class="{Class(run)}">{RunView.Say(run)}</strong> {run.Why}</p>
        <p>for change {Link(ChangeName.Of(run.Trunk, run.Change))}, revision <code>{run.Revision}</code> merged onto <code>{run.Base}</code>, {run.Purpose.ToLowerInvariant()} run, started {When(run.StartedAt)}</p>
        <p>To have the same tree, command and environment: <code>gatekeeper reproduce {run.Id}</code></p>
        <h3>Log</h3>
        <pre>{tail}</pre>
        <p><a href="/run/{run.Id}/log">the whole log</a></p>
        """;

    /// <summary>What waits for one person, the change with the least missing first.</summary>
    public static Html For(string name, IReadOnlyList<Found.Open> waiting, IReadOnlySet<string> known, ListQuery asked)
    {
        if (waiting.Count == 0)
            return $"<h2>Waiting for {Whom.Say(name)}</h2>\n{(known.Contains(name) ? Html.Of($"<p>Nothing.</p>") : Stranger(name, known))}";
        var part = ListPart<Found.Open>.Of(waiting, asked.Open, 100);
        var links = part.Links("what waits", page => (asked with { Open = page }).Address);
        return $"""
            <h2>Waiting for {Whom.Say(name)} <span class="soft">({waiting.Count:N0})</span></h2>
            {links}
            <div class="scroll"><table><tr><th>change</th><th>by</th><th>what is missing</th></tr>{part.Items.Select(item => Html.Of($"<tr><td>{TrunkPages.Link(item.Picture, item.Status.Change)}</td><td>{Whom.Link(item.Status.Change.Author.Name)}</td><td class=\"reason\">{item.Status.Judgement.Missing.First(verdict => verdict.Cures.Count > 0).Reason}</td></tr>"))}</table></div>
            {links}
            """;
    }

    /// <summary>An address is not resolved by guessing: it may be another's. What may be meant is offered.</summary>
    private static Html Stranger(string name, IReadOnlySet<string> known)
    {
        var account = name.Split('@')[0];
        return $"""<p>No group, change or gate here speaks of {name}. People go by the names of their accounts{(account != name && known.Contains(account) ? Html.Of($": is {Whom.Link(account)} meant?") : known.FirstOrDefault(other => !other.StartsWith('@')) is { } example ? Html.Of($", such as {Whom.Link(example)}.") : Html.Of($"."))}</p>""";
    }

    private static Html Missing(Progress status)
    {
        var shown = new HashSet<string>();
        return status.Judgement.Missing.Any()
            ? Html.Of($"<ul>{status.Judgement.Missing.Select(verdict => Html.Of($"<li class=\"reason\"><span class=\"{Word(verdict.Decision)}\">{Word(verdict.Decision)}</span> {verdict.Reason}{(verdict.Cures.Count > 0 ? Html.Of($" <span class=\"soft\">can be met by {Whom.Links(verdict.Cures)}</span>") : Html.None)}{(verdict.LastLines.Length > 0 && shown.Add(verdict.LastLines) ? Html.Of($"<pre>{verdict.LastLines}</pre>") : Html.None)}</li>"))}</ul>")
            : Html.Of($"<p>Nothing is missing.</p>");
    }

    private static Html Tree(Verdict verdict) =>
        $"""<li><span class="{Word(verdict.Decision)}">{Word(verdict.Decision)}</span> <strong>{verdict.Name}</strong>: <span class="reason">{verdict.Reason}</span>{(verdict.Parts.Count > 0 ? Html.Of($"<ul class=\"verdicts\">{verdict.Parts.Select(Tree)}</ul>") : Html.None)}</li>""";
}
