using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>
/// The fields of one mapping of a rules file. Every reader takes what it needs; what is left at <see cref="Done"/> is an unknown key.
/// Problems are collected, so that one reading names them all.
/// </summary>
internal sealed class Fields
{
    private readonly Dictionary<string, Node> values;
    private readonly Dictionary<string, Place> keys;
    private readonly List<string> known = [];

    private Fields(Node.Mapping mapping, ProblemList problems)
    {
        Place = mapping.Place;
        Problems = problems;
        values = mapping.Entries.ToDictionary(entry => entry.Key.Text, entry => entry.Value, StringComparer.Ordinal);
        keys = mapping.Entries.ToDictionary(entry => entry.Key.Text, entry => entry.Key.Place, StringComparer.Ordinal);
    }

    public Place Place { get; }

    public ProblemList Problems { get; }

    public IEnumerable<string> Names => values.Keys;

    public static Fields? Of(Node? node, string what, ProblemList problems)
    {
        if (node is Node.Mapping mapping)
            return new(mapping, problems);
        if (node is not null)
            problems.Add(new(node.Place, $"{what} must be a mapping (key: value), this is {node.Kind}"));
        return null;
    }

    public void Error(string message) => Problems.Add(new(Place, message));

    public void Error(string key, string message) => Problems.Add(new(PlaceOf(key), message));

    public Place PlaceOf(string key) => values.TryGetValue(key, out var node) ? node.Place : Place;

    /// <summary>Where the key itself stands, for what goes by that name.</summary>
    public Place KeyPlaceOf(string key) => keys.GetValueOrDefault(key, Place);

    public Node? Take(string key)
    {
        known.Add(key);
        return values.Remove(key, out var node) ? node : null;
    }

    public bool Has(string key)
    {
        known.Add(key);
        return values.ContainsKey(key);
    }

    public bool IsMapping(string key) => values.GetValueOrDefault(key) is Node.Mapping;

    public Fields? Mapping(string key) => Of(Take(key), $"\"{key}\"", Problems);

    public string? Text(string key, bool required = false)
    {
        var node = Take(key);
        if (node is Node.Scalar { Text.Length: > 0 } scalar)
            return scalar.Text;
        if (node is not null)
            Problems.Add(new(node.Place, $"\"{key}\" must be a text that is not empty"));
        else if (required)
            Error($"\"{key}\" is missing");
        return null;
    }

    public int? Number(string key, int min, int max, bool required = false)
    {
        var place = PlaceOf(key);
        if (Text(key, required) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            return value;
        Problems.Add(new(place, $"\"{key}\" must be a whole number from {min} to {max}, not \"{text}\""));
        return null;
    }

    public bool Flag(string key, bool otherwise)
    {
        var place = PlaceOf(key);
        switch (Text(key))
        {
            case null: return otherwise;
            case "true": return true;
            case "false": return false;
            case var text:
                Problems.Add(new(place, $"\"{key}\" must be true or false, not \"{text}\""));
                return otherwise;
        }
    }

    /// <param name="key">Its key.</param>
    /// <param name="mostDays">How long it may be: what a clock is set to must be within what clocks can be set to.</param>
    public TimeSpan? Duration(string key, int mostDays)
    {
        var place = PlaceOf(key);
        if (Text(key) is not { } text)
            return null;
        if (Time.Duration(text) is { } duration)
        {
            if (duration <= TimeSpan.FromDays(mostDays))
                return duration;
            Problems.Add(new(place, $"\"{key}\" may be at most {mostDays}d, not \"{text}\""));
            return null;
        }

        Problems.Add(new(place, $"\"{key}\" must be a duration such as 90s, 20m, 2h or 14d, not \"{text}\""));
        return null;
    }

    public string? OneOf(string key, params string[] choices)
    {
        var place = PlaceOf(key);
        if (Text(key) is not { } text)
            return null;
        if (choices.Contains(text, StringComparer.Ordinal))
            return text;
        Problems.Add(new(place, $"\"{key}\" must be one of {string.Join(", ", choices)}, not \"{text}\"{Problems.Hint(text, choices)}"));
        return null;
    }

    /// <summary>A list of texts; one text stands for a list of one where <paramref name="single"/> allows. An empty list is an error.</summary>
    public ValueList<string>? List(string key, bool single = false, bool required = false)
    {
        var node = Take(key);
        switch (node)
        {
            case null:
                if (required)
                    Error($"\"{key}\" is missing");
                return null;
            case Node.Scalar { Text.Length: > 0 } scalar when single:
                return [scalar.Text];
            case Node.Sequence { Items.Count: > 0 } sequence when sequence.Items.All(item => item is Node.Scalar { Text.Length: > 0 }):
                return [.. sequence.Items.Select(item => ((Node.Scalar)item).Text)];
            case Node.Sequence { Items.Count: 0 }:
                Problems.Add(new(node.Place, $"\"{key}\" is an empty list"));
                return null;
            default:
                Problems.Add(new(node.Place, $"\"{key}\" must be a list of texts"));
                return null;
        }
    }

    /// <summary>Patterns in order: a leading ! leaves out what those before it meant.</summary>
    public PatternList? Patterns(string key, PatternOf of = PatternOf.Path, bool required = false, bool single = false)
    {
        var place = PlaceOf(key);
        if (Several(key, required, single) is not var (texts, wrong))
            return null;
        var list = PatternList.Read(texts, of, wrong);
        foreach (var doubtful in list.Where(pattern => pattern.Glob.IsDoubtful))
            Problems.Add(new(place, $"\"{doubtful}\": [ ] stands for one character of those within; write \\[ and \\] (in single quotes) where the name has the brackets", IsWarning: true));
        return list;
    }

    /// <summary>The texts of a list of patterns, and where to tell of an entry that is none.</summary>
    private (ValueList<string> Texts, Action<int, string> Wrong)? Several(string key, bool required = false, bool single = false)
    {
        var (node, place) = (values.GetValueOrDefault(key) as Node.Sequence, PlaceOf(key));
        return List(key, single, required) is { } texts && Problems.MayHold(texts.Count, place)
            ? (texts, (at, problem) => Problems.Add(new(node?.Items[at].Place ?? place, problem))) : null;
    }

    public SourceBranches? Branches(string key) => Several(key) is var (texts, wrong) ? SourceBranches.Read(texts, wrong) : null;

    /// <summary>Patterns of labels, in no order.</summary>
    public ValueList<Glob>? Labels(string key) => Patterns(key, PatternOf.Label) is { } list ? [.. list.Select(pattern => pattern.Glob)] : null;

    /// <summary>Names that are meant letter by letter. What looks like a pattern is none here, and would name nobody in silence.</summary>
    public ValueList<string>? Whole(string key, string what)
    {
        var place = PlaceOf(key);
        var names = List(key);
        foreach (var problem in (names ?? []).Select(name => WholeName.WhyNot(name, what)).OfType<string>())
            Problems.Add(new(place, problem));
        return names;
    }

    /// <summary>Values under names of the writer's own, each meant letter by letter.</summary>
    public ValueList<KeyValuePair<string, string>> WholeValues(string what)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var key in Names.ToList())
        {
            var place = PlaceOf(key);
            var value = Text(key) ?? "";
            if (WholeName.WhyNot(value, what) is { } problem)
                Problems.Add(new(place, problem));
            pairs.Add(new(key, value));
        }

        return [.. pairs];
    }

    /// <summary>One such name, which must be there.</summary>
    public string? WholeText(string key, string hint)
    {
        var place = PlaceOf(key);
        var name = Text(key, required: true);
        if (name?.Any("*?{}[]!".Contains) == true)
            Problems.Add(new(place, $"\"{name}\" looks like a pattern; {hint}"));
        return name;
    }

    /// <summary>A file of the trunk by its whole path.</summary>
    public string Path(string key)
    {
        var place = PlaceOf(key);
        var path = Text(key) ?? "";
        if (path.Length > 0 && (path.Split('/').Any(part => part is "" or "." or "..") || path.Any(@"*?{}[]\".Contains)))
            Problems.Add(new(place, $"\"{path}\" is no path from the root of the trunk, such as .github/CODEOWNERS; it is no pattern"));
        return path;
    }

    /// <param name="key">Its key.</param>
    /// <param name="vain">What comes of it where every text matches.</param>
    public Pattern? Pattern(string key, string vain = "so it asks for nothing")
    {
        var place = PlaceOf(key);
        if (Text(key) is not { } text)
            return null;
        var pattern = Gates.Pattern.TryParse(text, out var problem);
        if (pattern is null)
            Problems.Add(new(place, $"\"{key}\": \"{text}\" is no regular expression here: {problem}"));
        else if (Problems.AsksNothing(pattern, place))
            Problems.Add(new(place, $"\"{key}\": \"{text}\" matches every text, {vain}", IsWarning: true));
        return pattern;
    }

    /// <summary>Reports each key that nobody took.</summary>
    public void Done(string what)
    {
        foreach (var key in values.Keys)
            Problems.Add(new(keys[key], $"{what} has no \"{key}\"{Problems.Hint(key, known)}"));
    }
}
