using System.Globalization;

namespace GateKeeper.Status;

/// <summary>
/// What a reader chose on a page: which part of its lists, which changes, and that it stands still. Every link of the page that leads to the
/// page itself keeps the rest of it, and so does the page that loads itself anew.
/// </summary>
internal sealed record ListQuery
{
    private const int Longest = 200;

    /// <summary>Pages of the two lists, from 1; one that does not exist is the nearest that does.</summary>
    public int Queue { get; init; } = 1;

    public int Open { get; init; } = 1;

    /// <summary>Only changes that stand so; all where it is empty.</summary>
    public string Stands { get; init; } = "";

    public bool Still { get; init; }

    public static ListQuery Of(HttpRequest request) => new()
    {
        Queue = Number(request.Query["queue"]),
        Open = Number(request.Query["open"]),
        Stands = request.Query["stands"] is [{ Length: <= Longest } stands, ..] ? stands : "",
        Still = request.Query.ContainsKey("still"),
    };

    /// <summary>The same page of the site with these choices.</summary>
    public string Address
    {
        get
        {
            var chosen = new List<string>();
            if (Queue > 1)
                chosen.Add(string.Create(CultureInfo.InvariantCulture, $"queue={Queue}"));
            if (Open > 1)
                chosen.Add(string.Create(CultureInfo.InvariantCulture, $"open={Open}"));
            if (Stands.Length > 0)
                chosen.Add($"stands={Uri.EscapeDataString(Stands)}");
            if (Still)
                chosen.Add("still");
            return $"?{string.Join('&', chosen)}";
        }
    }

    private static int Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Max(1, number) : 1;
}

/// <summary>A part of a list that is too long for one page.</summary>
internal sealed record ListPart<T>(IReadOnlyList<T> Items, int Page, int Pages, int First, int Count)
{
    public static ListPart<T> Of(IReadOnlyList<T> all, int page, int size)
    {
        var pages = Math.Max(1, (all.Count + size - 1) / size);
        page = Math.Min(page, pages);
        var first = (page - 1) * size;
        return new([.. all.Skip(first).Take(size)], page, pages, first + 1, all.Count);
    }

    /// <summary>Where in the list this is, and the way to the others; nothing where there are none.</summary>
    /// <param name="name">What is listed.</param>
    /// <param name="at">The address of another page of this list.</param>
    public Html Links(string name, Func<int, string> at) => Pages == 1 ? Html.None
        : (Html)$"""<nav aria-label="pages of {name}"><span>{First:N0} to {First + Items.Count - 1:N0} of {Count:N0}</span> {To(1, "first", at)} {To(Page - 1, "previous", at)} <strong>page {Page:N0} of {Pages:N0}</strong> {To(Page + 1, "next", at)} {To(Pages, "last", at)}</nav>""";

    private Html To(int page, string word, Func<int, string> at) =>
        page < 1 || page > Pages || page == Page ? (Html)$"""<span class="soft">{word}</span>""" : (Html)$"""<a href="{at(page)}">{word}</a>""";
}
