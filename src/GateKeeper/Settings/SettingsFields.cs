using System.Globalization;
using GateKeeper.Core.Rules;

namespace GateKeeper.Settings;

/// <summary>One section of the settings, in which every value has a kind. What is of another kind, or not known, is said with its place and its cure.</summary>
internal sealed class SettingsFields
{
    private const long MostBytes = 1L << 50;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36500);
    private readonly IConfiguration section;
    private readonly List<string> errors;

    public SettingsFields(IConfiguration section, string place, List<string> errors, params string[] known)
    {
        (this.section, Place, this.errors) = (section, place, errors);
        foreach (var key in section.GetChildren().Select(child => child.Key).Where(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase)))
            errors.Add($"{(place.Length == 0 ? "the settings" : place)}: \"{key}\" is not known; known are {string.Join(", ", known)}");
    }

    public string Place { get; }

    public void Wrong(string key, string words) => errors.Add($"{At(key)}: {words}");

    /// <summary>Whether something is said under this key.</summary>
    public bool Has(string key) => section.GetSection(key).Exists();

    public bool IsEmpty(string key) => section.GetSection(key) is var value && string.IsNullOrEmpty(value.Value) && !value.GetChildren().Any();

    /// <summary>A section within this one; an empty one where it is left out.</summary>
    public SettingsFields Within(string key, params string[] known)
    {
        var inner = section.GetSection(key);
        if (inner.Value is { Length: > 0 } text)
            Wrong(key, $"expected an object with {string.Join(", ", known)}, not \"{text}\"");
        return new(inner, At(key), errors, known);
    }

    /// <summary>The sections of a list.</summary>
    public IEnumerable<SettingsFields> Each(string key, params string[] known) =>
        List(key, "objects").Select((item, index) =>
        {
            if (item.Value is { Length: > 0 } text)
                errors.Add($"{Written(item)}: expected an object with {string.Join(", ", known.Take(3))} and so on, not \"{text}\"");
            return new SettingsFields(item, Written(item), errors, known);
        });

    /// <summary>Null where it is left out.</summary>
    public List<string>? Texts(string key, string example)
    {
        if (!section.GetSection(key).Exists())
            return null;
        var list = List(key, $"texts, such as [\"{example}\"]").ToList();
        if (list.Count == 0 && !IsEmpty(key))
            return null;
        var texts = new List<string>();
        foreach (var item in list)
        {
            if (item.Value is { Length: > 0 } text && !item.GetChildren().Any())
                texts.Add(text);
            else
                errors.Add($"{Written(item)}: expected a text such as \"{example}\"");
        }

        return texts;
    }

    public string? Text(string key)
    {
        var value = section.GetSection(key);
        if (value.Value is null && value.GetChildren().Any())
            Wrong(key, "expected one value, not a list or an object");
        return value.Value?.Any(char.IsControl) == true ? Say<string?>(null, key, "holds a control character") : value.Value;
    }

    /// <summary>Where a secret lies. The secret itself in its place is refused, and never repeated.</summary>
    public string? Secret(string key)
    {
        var from = Text(key);
        if (from is null || SaysWhere(from))
            return from;
        Wrong(key, "expected file:PATH, env:NAME or systemd:NAME; the secret itself does not belong into the settings");
        return null;
    }

    /// <summary>Whether this says where a secret lies.</summary>
    public static bool SaysWhere(string from) => from.Split(':', 2) is ["file" or "env" or "systemd", { Length: > 0 }];

    public string Need(string key)
    {
        if (Text(key) is { Length: > 0 } text)
            return text;
        if (!section.GetSection(key).GetChildren().Any())
            errors.Add($"{Place}: \"{key}\" is missing");
        return "";
    }

    public bool Flag(string key) => Text(key) switch
    {
        null or "false" or "False" => false,
        "true" or "True" => true,
        var other => Say(false, key, $"expected true or false, not \"{other}\""),
    };

    public T Choice<T>(string key, params (string Word, T Value)[] choices)
    {
        if (Text(key) is not { } text)
            return choices[0].Value;
        foreach (var (word, value) in choices)
        {
            if (word == text)
                return value;
        }

        return Say(choices[0].Value, key, $"expected {string.Join(" or ", choices.Select(choice => choice.Word))}, not \"{text}\"");
    }

    public TimeSpan Duration(string key, TimeSpan otherwise)
    {
        if (Text(key) is not { } text)
            return otherwise;
        if (text.Length > 8 || Time.Duration(text) is not { } span)
            return Say(otherwise, key, $"expected a duration such as 90s, 20m, 2h or 14d, not \"{text}\"");
        return span <= Longest ? span : Say(otherwise, key, $"at most {Longest.TotalDays}d, not \"{text}\"");
    }

    public int Number(string key, int otherwise)
    {
        if (Text(key) is not { } text)
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : Say(otherwise, key, $"expected a whole number from 1, not \"{text}\"");
    }

    /// <summary>User ids from one to another, such as 964321-964384; null where none are named.</summary>
    public (uint First, uint Last)? Ids(string key)
    {
        const uint nobody = 65_534;
        if (Text(key) is not { } text)
            return null;
        var parts = text.Split('-');
        return parts.Length is 1 or 2 && Id(parts[0]) is { } first && Id(parts[^1]) is { } last && first <= last && (last < nobody || first > nobody + 1)
            ? (first, last)
            : Say<(uint, uint)?>(null, key, $"expected user ids such as 964321-964384, without root's (0) and nobody's ({nobody}), not \"{text}\"");

        static uint? Id(string part) => uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id is > 0 and < uint.MaxValue ? id : null;
    }

    public long Size(string key, long otherwise)
    {
        if (Text(key) is not { } text)
            return otherwise;
        foreach (var (unit, factor) in ((string, long)[])[("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)])
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal) || !UInt128.TryParse(text[..^3], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
                continue;
            return count <= (UInt128)(MostBytes / factor) ? (long)count * factor : Say(otherwise, key, $"at most {MostBytes >> 30}GiB, not \"{text}\"");
        }

        return Say(otherwise, key, $"expected a size such as 512MiB or 4GiB, not \"{text}\"");
    }

    private IEnumerable<IConfigurationSection> List(string key, string of)
    {
        var list = section.GetSection(key);
        var children = list.GetChildren().ToList();
        if (list.Value is { Length: > 0 } text)
            Wrong(key, $"expected a list of {of}, not \"{text}\"");
        else if (children.Exists(child => !int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            return Say<IEnumerable<IConfigurationSection>>([], key, $"expected a list of {of}, not an object");
        return children;
    }

    private string At(string key) => Place.Length == 0 ? key : $"{Place}.{key}";

    /// <summary>A place as the docs and --set write it: repositories[0].url, runs.slots.</summary>
    private static string Written(IConfigurationSection section) => string.Concat(section.Path.Split(':').Select((part, index) => part.All(char.IsAsciiDigit) ? $"[{part}]" : index == 0 ? part : $".{part}"));

    private T Say<T>(T otherwise, string key, string words)
    {
        Wrong(key, words);
        return otherwise;
    }
}
