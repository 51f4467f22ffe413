using System.Text;
using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>A part of an answer that may not be seen: null, and an error beside.</summary>
internal sealed class HubForbidden() : Exception("Resource not accessible by integration");

/// <summary>A query that is not answered at all.</summary>
internal sealed class HubGraphError(JsonObject error) : Exception((string?)error["message"])
{
    public JsonObject Error => error;
}

/// <summary>What stands in brackets after a field.</summary>
internal sealed class HubArguments(string of, JsonObject given)
{
    public string Field => of;

    public string? Text(string name) => given[name] is { } value ? (string)value! : null;

    public long? Number(string name) => given[name] is { } value ? (long)value : null;

    public bool Has(string name) => given[name] is not null;

    public JsonObject? Object(string name) => given[name] as JsonObject;

    /// <summary>Null where nothing is asked for; one value is a list of one.</summary>
    public IReadOnlyList<string>? Texts(string name) => given[name] switch
    {
        null => null,
        JsonArray list => [.. list.Select(item => (string)item!)],
        var one => [(string)one!],
    };
}

/// <summary>An object of GraphQL: its type, and for each field how it is found out when somebody asks.</summary>
internal sealed class HubNode(string type)
{
    private const int MostAtOnce = 100;
    private readonly Dictionary<string, Func<HubArguments, object?>> fields = [];

    public string Type => type;

    public Func<HubArguments, object?> this[string name]
    {
        set => fields[name] = value;
    }

    public Func<HubArguments, object?>? Find(string name) => fields.GetValueOrDefault(name);

    /// <summary>A list of which one page is asked for. A key is what a place in it is remembered by, also when the item is gone.</summary>
    public static HubNode Connection<T>(HubArguments arguments, string of, IEnumerable<T> items, Func<T, object?> tell, Func<T, long>? key = null)
    {
        var (first, last) = (arguments.Number("first"), arguments.Number("last"));
        if (first is null && last is null)
            throw Bad("MISSING_PAGINATION_BOUNDARIES", $"You must provide a `first` or `last` value to properly paginate the `{arguments.Field}` connection.");
        if ((first ?? last) is > MostAtOnce or < 0)
            throw Bad("EXCESSIVE_PAGINATION", $"Requesting {first ?? last} records on the `{arguments.Field}` connection exceeds the `{(first is null ? "last" : "first")}` limit of {MostAtOnce} records.");
        var all = new Lazy<List<T>>(() => [.. items]);
        var page = new Lazy<(int From, int To)>(() =>
        {
            var (from, to) = (0, all.Value.Count);
            if (arguments.Text("after") is { } after)
                from = Place(all.Value, key, after) + 1;
            if (arguments.Text("before") is { } before)
                to = Math.Max(from, Place(all.Value, key, before));
            return first is { } head ? (from, (int)Math.Min(to, from + head)) : ((int)Math.Max(from, to - last!.Value), to);
        });
        return new($"{of}Connection")
        {
            ["totalCount"] = _ => all.Value.Count,
            ["nodes"] = _ => Enumerable.Range(page.Value.From, page.Value.To - page.Value.From).Select(index => tell(all.Value[index])).ToList(),
            ["edges"] = _ => Enumerable.Range(page.Value.From, page.Value.To - page.Value.From).Select(index => (object?)new HubNode($"{of}Edge") { ["cursor"] = _ => Cursor(index), ["node"] = _ => tell(all.Value[index]) }).ToList(),
            ["pageInfo"] = _ => new HubNode("PageInfo")
            {
                ["hasNextPage"] = _ => page.Value.To < all.Value.Count,
                ["hasPreviousPage"] = _ => page.Value.From > 0,
                ["startCursor"] = _ => page.Value.From < page.Value.To ? Cursor(page.Value.From) : null,
                ["endCursor"] = _ => page.Value.From < page.Value.To ? Cursor(page.Value.To - 1) : null,
            },
        };

        string Cursor(int index) => Convert.ToBase64String(Encoding.ASCII.GetBytes($"cursor:v2:{(key is null ? index : key(all.Value[index]))}"));
    }

    private static int Place<T>(List<T> all, Func<T, long>? key, string cursor)
    {
        if (!long.TryParse(Encoding.ASCII.GetString(Convert.FromBase64String(cursor)).Split(':')[^1], out var remembered))
            throw Bad("INVALID_CURSOR_ARGUMENTS", $"`{cursor}` does not appear to be a valid cursor.");
        if (key is null)
            return (int)remembered;
        var exact = all.FindIndex(item => key(item) == remembered);
        return exact >= 0 ? exact : all.FindIndex(item => key(item) > remembered) is var later and >= 0 ? later - 1 : all.Count - 1;
    }

    private static HubGraphError Bad(string type, string message) => new(new() { ["type"] = type, ["message"] = message });
}
