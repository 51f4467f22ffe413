using System.Globalization;
using System.Text.Json;
using GateKeeper.Core.Changes;

namespace GateKeeper.Commands;

/// <summary>One object of a saved change. What is wrong in it is said with its place and what was expected, all at once; null is as if left out.</summary>
internal sealed class SavedFields
{
    private readonly Dictionary<string, JsonElement> fields = [];
    private readonly HashSet<string> asked = [];
    private readonly string place;
    private readonly List<string> errors;

    public SavedFields(JsonElement element, string place, List<string> errors)
    {
        (this.place, this.errors) = (place, errors);
        if (element.ValueKind is not JsonValueKind.Object)
        {
            errors.Add($"{(place.Length == 0 ? "the file" : place)}: expected an object, not {Say(element)}");
            return;
        }

        foreach (var field in element.EnumerateObject())
        {
            if (!fields.TryAdd(field.Name, field.Value))
                errors.Add($"{At(field.Name)}: is there twice");
        }
    }

    /// <summary>Names what is there and was never asked for.</summary>
    public void End()
    {
        foreach (var name in fields.Keys.Except(asked))
            errors.Add($"{At(name)}: is not known; known are {string.Join(", ", asked)}");
    }

    public string? Text(string name) => Take(name, "a text", value => value.ValueKind is JsonValueKind.String ? value.GetString() : null);

    /// <summary>Names what may not be left out and is.</summary>
    public void There(string name)
    {
        if (!fields.TryGetValue(name, out var value) || value.ValueKind is JsonValueKind.Null || (value.ValueKind is JsonValueKind.String && value.GetString() is ""))
            errors.Add($"{At(name)}: is missing");
    }

    public string Need(string name)
    {
        There(name);
        return Text(name) ?? "";
    }

    public bool Flag(string name) =>
        Take<bool?>(name, "true or false", value => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null) ?? false;

    public long? Number(string name, long from, long to)
    {
        var expected = from == to ? $"{from}" : from < 0 ? "a whole number" : $"a whole number from {from}";
        return Take<long?>(name, expected, value => value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) && number >= from && number <= to ? number : null);
    }

    public DateTimeOffset? Instant(string name) =>
        Take<DateTimeOffset?>(name, "a time such as 2026-11-20T12:00:00Z", value =>
            value.ValueKind is JsonValueKind.String && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null);

    public CommitSha? Commit(string name) =>
        Take<CommitSha?>(name, "a commit id of 40 digits", value => value.ValueKind is JsonValueKind.String && CommitSha.TryParse(value.GetString(), out var sha) ? sha : null);

    public T? Choice<T>(string name) where T : struct, Enum
    {
        var words = Enum.GetValues<T>().ToDictionary(value => $"{value}".ToLowerInvariant());
        return Take<T?>(name, string.Join(", ", words.Keys.SkipLast(1)) + " or " + words.Keys.Last(), value => value.ValueKind is JsonValueKind.String && words.TryGetValue(value.GetString()!, out var word) ? word : null);
    }

    public List<string>? Texts(string name) => Take(name, "a list", value => value.ValueKind is JsonValueKind.Array ? value : (JsonElement?)null) is { } list
        ? [.. list.EnumerateArray().Select((item, index) => TextOf(item, $"{At(name)}[{index}]"))]
        : null;

    public List<T> Each<T>(string name, Func<SavedFields, int, T> read) => Take(name, "a list", value => value.ValueKind is JsonValueKind.Array ? value : (JsonElement?)null) is { } list
        ? [.. list.EnumerateArray().Select((item, index) => Whole(new(item, $"{At(name)}[{index}]", errors), fields => read(fields, index)))]
        : [];

    /// <summary>An object whose names are the writer's own.</summary>
    public Dictionary<string, T> Map<T>(string name, Func<SavedFields, string, T> read)
    {
        if (Take(name, "an object", value => value.ValueKind is JsonValueKind.Object ? value : (JsonElement?)null) is not { } map)
            return [];
        return Whole(new(map, At(name), errors), inner => inner.fields.Keys.ToDictionary(key => key, key => read(inner, key)));
    }

    private static T Whole<T>(SavedFields fields, Func<SavedFields, T> read)
    {
        var whole = read(fields);
        fields.End();
        return whole;
    }

    private T? Take<T>(string name, string expected, Func<JsonElement, T?> read)
    {
        asked.Add(name);
        if (!fields.TryGetValue(name, out var value) || value.ValueKind is JsonValueKind.Null)
            return default;
        var taken = read(value);
        if (taken is null)
            errors.Add($"{At(name)}: expected {expected}, not {Say(value)}");
        return taken;
    }

    private string TextOf(JsonElement item, string at)
    {
        if (item.ValueKind is JsonValueKind.String)
            return item.GetString()!;
        errors.Add($"{at}: expected a text, not {Say(item)}");
        return "";
    }

    private string At(string name) => place.Length == 0 ? name : $"{place}.{name}";

    private static string Say(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        _ => value.GetRawText() is { Length: > 60 } text ? text[..60] + "..." : value.GetRawText(),
    };
}
