using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>What a message is about; each is said once for a revision.</summary>
internal static class Topics
{
    public const string Proposal = "proposal";

    /// <summary>It was open before the gate first looked, and is not spoken to before it moves.</summary>
    public const string Before = "before";

    private const string ShortOf = "short ";
    private const string Since = "since ";
    private const string Answer = "answered ";

    /// <summary>How the key begins under which it is remembered that the trunk fails what a change failed.</summary>
    public const string Red = "red ";

    /// <summary>The trunk was mended after that, and the change is tested again.</summary>
    public const string Mended = "mended";

    public static string RedIn(IEnumerable<string> tests) => Red + string.Join(' ', tests);

    public static string Proposed(Request? anew, bool mended) => (anew is null ? Proposal : $"{Proposal} {anew.Order}") + (mended ? $" {Mended}" : "");

    /// <summary>
    /// Whether people were told how a revision did when it was proposed. Where somebody asked for that anew and the asking is gone, what was
    /// told then stands.
    /// </summary>
    public static bool WasTold(QueueRecord? record, string proposed) =>
        record?.Told.Any(topic => topic == proposed || (proposed == Proposal && topic.StartsWith(Proposal, StringComparison.Ordinal))) == true;

    public static string AsMerged(Judgement judgement) => $"as merged {string.Join(' ', judgement.Missing.Select(verdict => verdict.Name))}";

    public static string Answered(Request request) => $"{Answer}{request.Kind} {request.Order}";

    public static string Refused(Request request) => $"refused {request.Kind} {request.Order}";

    /// <summary>That the comment behind a request that was answered is there no more.</summary>
    public static string Gone(RequestKind kind, long order) => $"gone {kind} {order}";

    public static string Conflict(ValueList<string> files) => $"conflict {string.Join(' ', files)}";

    public static string NearMiss(ValueList<string> lines) => $"near miss {string.Join(' ', lines)}";

    public static string Ejected(DateTimeOffset at) => $"ejected {at.ToUnixTimeMilliseconds()}";

    /// <summary>That people were told of everything that a change was short of at one moment, a key a line.</summary>
    public static string Short(IEnumerable<string> keys) => ShortOf + string.Join('\n', keys.Select(Line));

    /// <summary>A key as it is remembered: whoever compares it with what is remembered must have it so too, or it is noted anew for ever.</summary>
    public static string Line(string key) => key.Replace('\n', ' ');

    /// <summary>The keys of all that people were told a revision is short of.</summary>
    public static HashSet<string> ShortOfWhat(QueueRecord? record) =>
        [.. (record?.Told ?? []).Where(topic => topic.StartsWith(ShortOf, StringComparison.Ordinal)).SelectMany(topic => topic[ShortOf.Length..].Split('\n'))];

    /// <summary>Since when something has been in the way that may pass by itself.</summary>
    public static string Began(string key, DateTimeOffset at) => $"{Since}{at.ToUnixTimeMilliseconds()} {Line(key)}";

    /// <summary>All that is noted as having begun: the topic itself, the key, and when.</summary>
    public static IEnumerable<(string Topic, string Key, DateTimeOffset At)> Beginnings(QueueRecord? record)
    {
        foreach (var topic in (record?.Told ?? []).Where(topic => topic.StartsWith(Since, StringComparison.Ordinal)))
        {
            if (topic[Since.Length..].Split(' ', 2) is [var at, var key] && long.TryParse(at, out var milliseconds))
                yield return (topic, key, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
        }
    }

    /// <summary>The requests that were granted and answered on a revision.</summary>
    public static IEnumerable<(RequestKind Kind, long Order)> AnsweredOf(QueueRecord? record)
    {
        foreach (var topic in (record?.Told ?? []).Where(topic => topic.StartsWith(Answer, StringComparison.Ordinal)))
        {
            if (topic[Answer.Length..].Split(' ') is [var kind, var order, ..] && Enum.TryParse<RequestKind>(kind, out var known) && long.TryParse(order, out var number))
                yield return (known, number);
        }
    }
}
