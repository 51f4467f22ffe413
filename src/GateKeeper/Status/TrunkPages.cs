using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;

namespace GateKeeper.Status;

/// <summary>A trunk's queue and open changes: the first of them on the overview, all of them, in parts, on a page of its own.</summary>
internal static class TrunkPages
{
    private const int Few = 20;
    private const int Part = 50;

    /// <summary>A reason may be long, and a change may lack much: its own page has it all.</summary>
    private const int MostReasons = 3;
    private const int LongestReason = 160;

    /// <summary>How many changes each trunk has, with the way to them; nothing where there is one trunk.</summary>
    public static Html Index(IReadOnlyList<TrunkPicture> pictures) => pictures.Count < 2 ? Html.None
        : (Html)$"<ul>{pictures.Select(picture => (Html)$"<li><a href=\"{Address(picture)}\">{picture.Key}</a>: {picture.Plan.Open.Count(status => status.Place is not null):N0} in the queue, {picture.Plan.Open.Count(status => status.Place is null):N0} other open changes{(picture.Closed is null ? "" : "; nothing lands")}</li>")}</ul>";

    /// <summary>What fits beside other trunks.</summary>
    public static Html Brief(TrunkPicture picture)
    {
        var (queue, others) = (Queue(picture), Others(picture));
        return $"""
            {State(picture)}
            <h3>Queue {Number(queue.Count)}</h3>
            {First(picture, queue, "Empty.", "queue")}
            <h3>Open changes {Number(others.Count)}</h3>
            {Kinds(picture, others, new(), Address(picture))}
            {First(picture, others, "None.", "open")}
            """;
    }

    public static Html Whole(TrunkPicture picture, ListQuery asked)
    {
        var all = Others(picture);
        var queue = ListPart<Progress>.Of(Queue(picture), asked.Queue, Part);
        var others = ListPart<Progress>.Of(asked.Stands.Length == 0 ? all : [.. all.Where(status => status.Outcome == asked.Stands)], asked.Open, Part);
        asked = asked with { Queue = queue.Page, Open = others.Page };
        var (queues, opens) = (queue.Links("the queue", page => $"{(asked with { Queue = page }).Address}#queue"), others.Links("open changes", page => $"{(asked with { Open = page }).Address}#open"));
        return $"""
            {State(picture)}
            <nav aria-label="lists"><a href="#queue">queue {queue.Count:N0}</a> <a href="#open">open changes {all.Count:N0}</a></nav>
            <h3 id="queue">Queue {Number(queue.Count)}</h3>
            {queues}
            {Table(picture, queue.Items, "Empty.")}
            {(queue.Items.Count > Few ? queues : Html.None)}
            <h3 id="open">Open changes {Number(all.Count)}</h3>
            {Kinds(picture, all, asked, "")}
            {opens}
            {Table(picture, others.Items, asked.Stands.Length == 0 ? "None." : "None that stands so.")}
            {(others.Items.Count > Few ? opens : Html.None)}
            """;
    }

    public static Html Link(TrunkPicture picture, Change change) => $"""<a href="/change/{new ChangeName(picture.Repository, change.Id.Value).Path}">{change.Title}</a> <span class="soft">{change.Number}</span>""";

    public static string Class(Progress status) => status.Place is not null ? "pass" : Class(status.Outcome);

    private static string Class(string outcome) => outcome == "waiting" ? "wait" : "block";

    private static Html State(TrunkPicture picture) =>
        $"""
        <h2><a href="{Address(picture)}">{picture.Key}</a> <span class="soft">at <code>{picture.Tip}</code>, window {picture.Snapshot?.Window}</span></h2>
        {(picture.Observing ? Html.Of($"<p class=\"wait\">Observing: {TrunkPicture.OnlyObserves}.</p>") : Html.None)}
        {(picture.Closed is { } closed ? Html.Of($"<div class=\"alarm\">Nothing lands: {closed}</div>") : Html.None)}
        {(picture.Snapshot?.RulesProblem is { } problem ? Html.Of($"<div class=\"alarm\">The rules at the tip are invalid, an older file judges: {problem}</div>") : Html.None)}
        {(picture.Plan.Red.Count > 0 ? Html.Of($"<div class=\"alarm\">The trunk itself fails {string.Join(", ", picture.Plan.Red)} (red): a change that mends it lands, others wait without blame.</div>") : Html.None)}
        {(picture.Figures is { } figures ? Html.Of($"<p class=\"soft\">{figures}.</p>") : Html.None)}
        """;

    private static List<Progress> Queue(TrunkPicture picture) => [.. picture.Plan.Open.Where(status => status.Place is not null).OrderBy(status => status.Place)];

    private static List<Progress> Others(TrunkPicture picture) => [.. picture.Plan.Open.Where(status => status.Place is null)];

    /// <summary>How many stand how, each with the way to those alone; nothing where all stand alike and are few.</summary>
    private static Html Kinds(TrunkPicture picture, List<Progress> others, ListQuery asked, string page)
    {
        var kinds = others.CountBy(status => status.Outcome).OrderByDescending(kind => kind.Value).ThenBy(kind => kind.Key, StringComparer.Ordinal).ToList();
        if (others.Count <= Few && asked.Stands.Length == 0)
            return Html.None;
        Html Kind(string stands, string word, int count) => asked.Stands == stands && page.Length == 0
            ? (Html)$"""<strong class="{(stands.Length == 0 ? "" : Class(stands))}">{word} {count:N0}</strong>"""
            : (Html)$"""<a class="{(stands.Length == 0 ? "" : Class(stands))}" href="{page}{(asked with { Stands = stands, Open = 1 }).Address}#open">{word} {count:N0}</a>""";
        return $"""<nav aria-label="how they stand" class="kinds">{kinds.Select(kind => Kind(kind.Key, kind.Key, kind.Value)).Prepend(Kind("", "all", others.Count))}</nav>""";
    }

    private static Html First(TrunkPicture picture, List<Progress> statuses, string none, string place) =>
        $"""
        {Table(picture, statuses.Take(Few), none)}
        {(statuses.Count > Few ? Html.Of($"<p>These are the first {Few}: <a href=\"{Address(picture)}#{place}\">all {statuses.Count:N0}</a></p>") : Html.None)}
        """;

    private static Html Table(TrunkPicture picture, IEnumerable<Progress> statuses, string none) =>
        statuses.Any() ? $"""<div class="scroll"><table><tr><th>change</th><th>by</th><th>stands</th><th>why</th></tr>{statuses.Select(status => Row(picture, status))}</table></div>""" : (Html)$"<p>{none}</p>";

    private static Html Row(TrunkPicture picture, Progress status) =>
        $"""<tr><td>{Link(picture, status.Change)}</td><td>{Whom.Link(status.Change.Author.Name)}</td><td class="{Class(status)}">{(status.Place is { } place ? $"{place}. " : "")}{status.Outcome}</td><td class="reason">{Why(status)}</td></tr>""";

    private static string Why(Progress status)
    {
        if (status.Note.Length > 0)
            return Cut(status.Note);
        var missing = status.Judgement.Missing.Select(verdict => verdict.Reason).Distinct().ToList();
        return string.Join("\n", missing.Take(MostReasons).Select(Cut)) + (missing.Count > MostReasons ? $"\nand {missing.Count - MostReasons} more" : "");
    }

    private static string Cut(string reason) => reason.Length <= LongestReason ? reason : $"{reason.AsSpan(0, LongestReason)}...";

    private static Html Number(int count) => count == 0 ? Html.None : (Html)$"""<span class="soft">({count:N0})</span>""";

    private static string Address(TrunkPicture picture) => $"/trunk/{string.Join('/', picture.Key.Split('/').Select(Uri.EscapeDataString))}";
}
