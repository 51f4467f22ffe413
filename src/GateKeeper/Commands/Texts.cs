using System.Text;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;

namespace GateKeeper.Commands;

/// <summary>The verdicts as plain text, for terminals and pipes. The same values as the page's.</summary>
internal static class Texts
{
    public static string Overview(TrunkPicture picture)
    {
        var text = new StringBuilder($"{picture.Key} at {picture.Tip}\n");
        if (picture.Closed is { } closed)
            text.Append("  nothing lands: ").Append(closed).Append('\n');
        foreach (var status in picture.Plan.Open.OrderBy(status => status.Place ?? int.MaxValue))
        {
            text.Append("  ").Append(status.Change.Number).Append("  ").Append(status.Place is { } place ? $"{place}. in the queue" : status.Outcome).Append("  ").Append(status.Change.Title).Append('\n');
            foreach (var reason in Reasons(status))
                text.Append("      ").Append(reason.Replace("\n", "\n        ", StringComparison.Ordinal)).Append('\n');
        }

        if (picture.Plan.Open.Count == 0)
            text.Append("  no open changes\n");
        return text.ToString();
    }

    public static string Explain(TrunkPicture picture, Progress status) =>
        $"{status.Change.Title}\n  change   {status.Change.Id.Value}\n  revision {status.Change.Current.Commit.Hex}\n  trunk    {picture.Key}\n  stands   {Words.Standing(status)}\n";

    public static string Effect(Effect effect) => effect switch
    {
        Core.Landing.Effect.Build build => $"merge {string.Join(", then ", build.Revisions)} onto {build.Base}",
        Core.Landing.Effect.Propose propose => $"test {propose.Revision} as proposed, on {propose.On}",
        Core.Landing.Effect.StartRun start => $"run {start.Order.Test} for {start.Order.Candidate.Revision} ({start.Order.Purpose})",
        Core.Landing.Effect.CancelRun cancel => $"end run {cancel.Id}, which nobody needs",
        Core.Landing.Effect.Enter enter => $"let {enter.Revision} into the queue",
        Core.Landing.Effect.Leave leave => $"take {leave.Change} out of the queue",
        Core.Landing.Effect.Eject eject => $"eject {eject.Revision}: {eject.Outcome}: {eject.Why}",
        Core.Landing.Effect.Park park => $"park {park.Revision} until {park.Until:u}: {park.Why}",
        Core.Landing.Effect.Tell tell => $"tell the people of {tell.Revision}: {tell.Words}",
        Core.Landing.Effect.Land land => $"land {string.Join(", ", land.Changes.Select(landed => landed.Candidate.Revision))}: move the trunk from {land.From} to {land.To}",
        Core.Landing.Effect.Alarm alarm => $"raise the alarm {alarm.Name}: {alarm.Words}",
        Core.Landing.Effect.Mend mend => $"take back the alarm {mend.Name}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static IEnumerable<string> Reasons(Progress status) =>
        status.Note.Length > 0 ? [status.Note] : status.Judgement.Missing.Select(verdict => verdict.Reason).Distinct();
}
