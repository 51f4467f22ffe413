using System.Globalization;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

internal static class LandingReader
{
    public static LandingRules Read(Fields file, KnownNames names)
    {
        var rules = new LandingRules();
        if (file.Mapping("landing") is not { } fields)
            return rules;

        rules = rules with
        {
            Method = fields.OneOf("method", "merge", "squash", "rebase", "fast-forward") switch
            {
                "squash" => LandingMethod.Squash,
                "rebase" => LandingMethod.Rebase,
                "fast-forward" => LandingMethod.FastForward,
                _ => LandingMethod.Merge,
            },
            Window = fields.Number("window", 1, 1000) ?? rules.Window,
            Priority = [.. Priorities(fields, names)],
        };
        if (fields.Mapping("message") is { } message)
            rules = MessageReader.Read(message, rules);

        fields.Done("\"landing\"");
        return rules;
    }

    public static List<Freeze> Freezes(Fields file, KnownNames names)
    {
        var freezes = new List<Freeze>();
        foreach (var fields in Items(file, "freezes", "a freeze"))
            freezes.Add(Freeze(fields, names));
        return freezes;
    }

    private static IEnumerable<PriorityRule> Priorities(Fields fields, KnownNames names)
    {
        foreach (var item in Items(fields, "priority", "a priority"))
        {
            var when = item.Mapping("when");
            if (when is null)
                item.Error("a priority needs \"when\"");
            var rule = new PriorityRule(
                when is null ? new AllHold([]) : ConditionsReader.Read(when, names, loosens: true), item.Number("value", 1, 1000, required: true) ?? 1);
            item.Done("a priority");
            fields.Problems.Places.Note(rule, item.Place);
            yield return rule;
        }
    }

    private static IEnumerable<Fields> Items(Fields fields, string key, string what)
    {
        var node = fields.Take(key);
        if (node is null)
            return [];
        if (node is Node.Sequence { Items.Count: > 0 } list)
            return list.Items.Select(item => Fields.Of(item, what, fields.Problems)).OfType<Fields>();
        fields.Problems.Add(new(node.Place, $"\"{key}\" must be a list that is not empty"));
        return [];
    }

    private static Freeze Freeze(Fields fields, KnownNames names)
    {
        var name = fields.Text("name", required: true) ?? "";
        var weekly = fields.Mapping("weekly");
        var times = weekly ?? fields;
        var (fromPlace, toPlace) = (times.PlaceOf("from"), times.PlaceOf("to"));
        var (from, to) = (times.Text("from", required: true), times.Text("to", required: true));
        var zone = times.Text("zone", required: true);
        weekly?.Done("\"weekly\"");
        if (zone is not null && Time.Zone(zone) is null)
            times.Error($"\"{zone}\" is no zone of the IANA list, such as Europe/Paris");

        var freeze = new Freeze
        {
            Name = name,
            Zone = zone ?? "Etc/UTC",
            Reason = fields.Text("reason") ?? "",
            Except = fields.Mapping("except") is { } except ? ConditionsReader.Read(except, names, loosens: true) : null,
            Weekly = weekly is null ? null : (Week(from, fromPlace), Week(to, toPlace)),
            Dated = weekly is null ? (Date(from, fromPlace), Date(to, toPlace)) : null,
        };
        if (freeze.Dated is var (start, end) && end <= start && from is not null && to is not null)
            fields.Error($"the freeze \"{name}\" ends before it begins");
        if (freeze.Weekly is var (first, last) && first == last && from is not null && to is not null)
            fields.Error($"the freeze \"{name}\" ends where it begins, so it would never be on");
        fields.Done($"the freeze \"{name}\"");
        fields.Problems.Places.Note(freeze, fields.Place);
        return freeze;

        WeekTime Week(string? text, Place place)
        {
            if (text is null || WeekTime.TryParse(text) is { } time)
                return text is null ? default : WeekTime.TryParse(text)!.Value;
            fields.Problems.Add(new(place, $"\"{text}\" is no time of the week, such as Fri 17:00"));
            return default;
        }

        DateTime Date(string? text, Place place)
        {
            if (text is null || DateTime.TryParseExact(text, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
                return text is null ? default : DateTime.ParseExact(text, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            fields.Problems.Add(new(place, $"\"{text}\" is no date and time, such as 2026-12-24 17:00"));
            return default;
        }
    }
}
