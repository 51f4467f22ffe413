using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.PlainGit;

/// <summary>Lines of the note for CI as checks that the rules can ask for.</summary>
internal static class CiReports
{
    public static Check Of(CiLine line, CommitSha on, Attribution? seen) => new()
    {
        Name = line.Agent,
        On = on,
        State = line.Status,
        Source = [new("agent", line.Agent), new("account", seen?.By?.Name ?? "")],
        At = seen?.At ?? Review.Time(line.Timestamp) ?? DateTimeOffset.UnixEpoch,
        Order = seen?.Order,
    };
}
