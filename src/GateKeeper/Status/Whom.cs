namespace GateKeeper.Status;

/// <summary>Those who can meet a verdict, as people say it; on the page each leads to what waits for them.</summary>
internal static class Whom
{
    public static string Say(string cure) => Core.Landing.Words.Whom(cure);

    /// <summary>The first of many, in words.</summary>
    public static string Say(IEnumerable<string> cures) => Core.Landing.Words.Some([.. cures.Select(Say)]);

    public static Html Link(string name) => $"""<a href="/for/{Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal)}">{Say(name)}</a>""";

    public static Html Links(IReadOnlyCollection<string> cures)
    {
        Html links = $"";
        foreach (var cure in cures.Take(6))
            links = $"""{links}{(links.IsEmpty ? "" : ", ")}{Link(cure)}""";
        return cures.Count <= 6 ? links : $"{links} and {cures.Count - 6} more";
    }
}
