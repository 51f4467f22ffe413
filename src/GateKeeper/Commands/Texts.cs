using System.Text;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Status;

namespace GateKeeper.Commands;

/// <summary>The verdicts as plain text, for terminals and pipes. The same values as the page's.</summary>
internal static class Texts
{
    public static string Overview(TrunkPicture picture)
    {
        var text = new StringBuilder($"{picture.Key} at {picture.Tip}\n");
        if (picture.Observing)
            text.Append("  observing: ").Append(TrunkPicture.OnlyObserves).Append('\n');
        if (picture.Closed is { } closed)
            text.Append("  nothing lands: ").Append(closed).Append('\n');
        foreach (var status in picture.Plan.Open.OrderBy(status => status.Place ?? int.MaxValue))
        {
            text.Append("  ").Append(status.Change.Number).Append("  ").Append(status.Place is { } place ? $"{place}. in the queue" : status.Outcome).Append("  ").Append(Harmless.Line(status.Change.Title)).Append('\n');
            foreach (var reason in Reasons(status))
                text.Append("      ").Append(reason.Replace("\n", "\n        ", StringComparison.Ordinal)).Append('\n');
        }

        if (picture.Plan.Open.Count == 0)
            text.Append("  no open changes\n");
        return text.ToString();
    }

    public static string Explain(ChangeView view)
    {
        var text = new StringBuilder($"{Harmless.Line(view.Title)}\n  change   {view.Name}\n  revision {view.Revision}\n  trunk    {view.Trunk}\n  stands   {Stands(view)}\n\n");
        if (view.Landing is { } landing)
            return text.Append(Evidence(landing)).ToString();
        if (view.Observing)
            text.Append("Observing: ").Append(TrunkPicture.OnlyObserves).Append(".\n\n");
        foreach (var verdict in view.Verdicts)
            Tree(text, verdict, 1);
        text.Append(view.Missing.Any() ? "\nWhat would have to happen:\n" : "\nNothing is missing.\n");
        var shown = new HashSet<string>();
        foreach (var missing in view.Missing)
        {
            text.Append("- ").Append(missing.Reason).Append(missing.Cures.Any() ? $" (can be met by {Whom.Say(missing.Cures)})\n" : "\n");
            if (missing.LastLines is { } lines && shown.Add(lines))
                text.Append("    ").Append(lines.Replace("\n", "\n    ", StringComparison.Ordinal)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>One line for a change in a list.</summary>
    public static string Line(ChangeView view) =>
        Harmless.Line($"{ChangeName.Of(view.Trunk, new(view.Id)).Short,-24}  {view.Author,-28} {(view.Place is { } place ? $"{place}. in the queue" : view.Outcome),-16} {view.Title}") + "\n";

    public static string Effect(Effect effect) => effect switch
    {
        Core.Landing.Effect.Build build => $"merge {string.Join(", then ", build.Revisions)} onto {build.Base}",
        Core.Landing.Effect.Propose propose => $"test {propose.Revision} as proposed, on {propose.On}",
        Core.Landing.Effect.StartRun start => $"run {start.Order.Test} for {start.Order.Candidate.Revision} ({start.Order.Purpose})",
        Core.Landing.Effect.CancelRun cancel => $"end run {cancel.Id}, which nobody needs",
        Core.Landing.Effect.Publish publish => $"publish {publish.Commit} for others to test ({publish.Of})",
        Core.Landing.Effect.Withdraw withdraw => $"take back {withdraw.Commit}, which nobody needs to test any more",
        Core.Landing.Effect.NoteFailed failed => $"remember that {failed.Test} was reported to fail at {failed.At:u}",
        Core.Landing.Effect.Enter enter => $"let {enter.Revision} into the queue",
        Core.Landing.Effect.Leave leave => $"take {leave.Change} out of the queue",
        Core.Landing.Effect.Eject eject => $"eject {eject.Revision}: {eject.Outcome}: {eject.Why}",
        Core.Landing.Effect.Doubt doubt => $"remember that {doubt.Revision} failed on {doubt.On}",
        Core.Landing.Effect.Park park => $"park {park.Revision} until {park.Until:u}: {park.Why}",
        Core.Landing.Effect.Tell tell => $"tell the people of {tell.Revision}: {tell.Words}",
        Core.Landing.Effect.Land land => $"land {string.Join(", ", land.Changes.Select(landed => landed.Candidate.Revision))}: move the trunk from {land.From} to {land.To}",
        Core.Landing.Effect.Alarm alarm => $"raise the alarm {alarm.Name}: {alarm.Words}",
        Core.Landing.Effect.Mend mend => $"take back the alarm {mend.Name}",
        Core.Landing.Effect.Pass pass => $"say nothing of {pass.Revision}, which was open before the gate came ({pass.Topic})",
        Core.Landing.Effect.Overlook over => $"forget of {over.Revision} that it was noted: {over.Topic}",
        Core.Landing.Effect.KeepHolds keep => keep.Holds.Count == 0 ? $"forget the holds on {keep.Change}" : $"remember that {keep.Change} is held by {string.Join(", ", keep.Holds.Select(hold => hold.By))}",
        Core.Landing.Effect.Remember remember => $"remember that {remember.Asked.By} asked to {(remember.Asked.Frozen ? "freeze" : "unfreeze")} the trunk",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Stands(ChangeView view) =>
        view.Landing is { } landing ? $"landed on {landing.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC as {landing.Commit}"
        : $"{(view.Place is { } place ? $"in the queue, place {place}{Words.About(view.Expected)}{(view is { Expected: not null, Observing: true } ? " if the worker did more than observe" : "")}" : view.Outcome)}{(view.Note.Length > 0 ? $": {view.Note}" : "")}";

    private static string Evidence(LandingView landing) =>
        $"The gates that it passed:\n{string.Concat(landing.Gates.Select(gate => $"- {gate}\n"))}\nThe votes as they stood:\n{string.Concat(landing.Votes.Select(vote => $"- {vote.By}: {vote.Value} on {vote.On}\n"))}";

    private static void Tree(StringBuilder text, VerdictView verdict, int depth)
    {
        var indent = new string(' ', depth * 2);
        text.Append(indent).Append(verdict.Decision.PadRight(5)).Append(' ').Append(verdict.Name).Append(": ").Append(verdict.Reason.Replace("\n", $"\n{indent}      ", StringComparison.Ordinal)).Append('\n');
        foreach (var part in verdict.Parts)
            Tree(text, part, depth + 1);
    }

    private static IEnumerable<string> Reasons(Progress status) =>
        status.Note.Length > 0 ? [status.Note] : status.Judgement.Missing.Select(verdict => verdict.Reason).Distinct();
}
