namespace GateKeeper.Core.Changes;

/// <summary>What can be asked of the gate in a comment.</summary>
public enum RequestKind
{
    Land,
    Hold,
    Unhold,
    Retry,
    Test,
    Priority,
    Explain,
    Freeze,
    Unfreeze,
    Override,
    Confirm,
}

/// <summary>One request, by whom, on which revision. Whether it counts is for the rules to say.</summary>
public sealed record Request
{
    public required RequestKind Kind { get; init; }

    public required Account By { get; init; }

    /// <summary>The revision that was current when it was made.</summary>
    public required CommitSha On { get; init; }

    /// <summary>A reason, a priority, or a gate's name.</summary>
    public string Argument { get; init; } = "";

    public string Reason { get; init; } = "";

    /// <summary>When the gate first saw it, so that no clock but its own decides.</summary>
    public DateTimeOffset At { get; init; }

    public long Order { get; init; }

    /// <summary>True where the gate remembers it and the forge does not show it any more: its comment was deleted or edited.</summary>
    public bool IsGone { get; init; }
}

/// <summary>Reads <c>/gatekeeper land</c> and its like from the first line of a comment; all else in a comment is talk.</summary>
public static class RequestText
{
    private const string Prefix = "/gatekeeper ";

    /// <summary>Null when the comment asks nothing of the gate, or asks it in words that it does not know.</summary>
    public static (RequestKind Kind, string Argument, string Reason)? Parse(string comment)
    {
        var line = comment.Split('\n', 2)[0].Trim();
        if (!line.StartsWith(Prefix, StringComparison.Ordinal))
            return null;

        var words = line[Prefix.Length..].Trim().Split(' ', 2, StringSplitOptions.TrimEntries);
        var rest = words.Length > 1 ? words[1] : "";
        return words[0] switch
        {
            "land" => (RequestKind.Land, "", rest),
            "hold" => (RequestKind.Hold, "", rest),
            "unhold" => (RequestKind.Unhold, "", rest),
            "retry" => (RequestKind.Retry, "", rest),
            "test" => (RequestKind.Test, "", rest),
            "explain" => (RequestKind.Explain, "", rest),
            "priority" when int.TryParse(rest, out var value) => (RequestKind.Priority, $"{value}", ""),
            "freeze" => (RequestKind.Freeze, "", rest),
            "unfreeze" => (RequestKind.Unfreeze, "", rest),
            "confirm" => (RequestKind.Confirm, "", rest),
            "override" => Override(rest),
            _ => null,
        };
    }

    private static (RequestKind, string, string)? Override(string rest)
    {
        var end = rest.StartsWith('"') ? rest.IndexOf('"', 1) : -1;
        return end > 1 ? (RequestKind.Override, rest[1..end], rest[(end + 1)..].Trim()) : null;
    }
}
