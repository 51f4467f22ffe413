using System.Text.Json.Nodes;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>Who may do what on which refs, as an administrator wrote it down.</summary>
internal sealed class FakeRights
{
    private readonly SortedDictionary<string, SortedDictionary<string, FakePermission>> sections = new(StringComparer.Ordinal);

    public IEnumerable<string> Sections => sections.Keys;

    public IEnumerable<string> Groups => sections.Values.SelectMany(section => section.Values).SelectMany(permission => permission.Rules.Keys).Distinct();

    public void Allow(string reference, string permission, string group, int? min = null, int? max = null, bool exclusive = false, string action = "ALLOW", bool force = false)
    {
        var section = Section(reference);
        if (!section.TryGetValue(permission, out var there))
            section[permission] = there = new(exclusive);
        there.Rules[group] = new(action, min, max, force);
    }

    /// <summary>What is asked for is added; a permission that exists keeps its own word about being exclusive.</summary>
    public void Add(JsonObject asked)
    {
        foreach (var (reference, permission, told) in Permissions(asked))
        {
            foreach (var (group, rule) in told["rules"]?.AsObject() ?? [])
                Allow(reference, permission, group, (int?)rule?["min"], (int?)rule?["max"], (bool?)told["exclusive"] ?? false, (string?)rule?["action"] ?? "ALLOW", (bool?)rule?["force"] ?? false);
        }
    }

    /// <summary>What is asked for is removed; a permission without rules takes its whole section along.</summary>
    public void Remove(JsonObject asked)
    {
        foreach (var (reference, permission, told) in Permissions(asked))
        {
            if (!sections.TryGetValue(reference, out var section) || !section.TryGetValue(permission, out var there))
                continue;
            if (told["rules"] is not JsonObject rules)
                sections.Remove(reference);
            else if (rules.Count == 0)
                section.Remove(permission);
            else
                rules.Select(rule => rule.Key).ToList().ForEach(group => there.Rules.Remove(group));
            if (there.Rules.Count == 0)
                section.Remove(permission);
            if (section.Count == 0)
                sections.Remove(reference);
        }
    }

    /// <summary>The rules for a permission on a ref, those of the more exact pattern first; an exclusive one ends them.</summary>
    public static IEnumerable<(string Group, FakeRule Rule)> For(IEnumerable<FakeRights> chain, string reference, string permission)
    {
        var found = chain.SelectMany((rights, distance) => rights.sections.Where(section => Matches(section.Key, reference)).Select(section => (section.Key, section.Value, distance)))
            .OrderByDescending(section => section.Key.Length).ThenBy(section => section.distance);
        foreach (var (_, section, _) in found)
        {
            if (!section.TryGetValue(permission, out var there))
                continue;
            foreach (var (group, rule) in there.Rules)
                yield return (group, rule);
            if (there.Exclusive)
                yield break;
        }
    }

    public JsonObject Json() => new(sections.Select(section => KeyValuePair.Create<string, JsonNode?>(section.Key, new JsonObject
    {
        ["permissions"] = new JsonObject(section.Value.Select(permission => KeyValuePair.Create<string, JsonNode?>(permission.Key, permission.Value.Json(permission.Key)))),
    })));

    private static bool Matches(string pattern, string reference) => pattern.EndsWith("/*", StringComparison.Ordinal) ? reference.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == reference;

    private static IEnumerable<(string Reference, string Permission, JsonObject Told)> Permissions(JsonObject asked) =>
        from section in asked
        from permission in section.Value!["permissions"]!.AsObject()
        select (section.Key, permission.Key, permission.Value!.AsObject());

    private SortedDictionary<string, FakePermission> Section(string reference)
    {
        if (!sections.TryGetValue(reference, out var section))
            sections[reference] = section = new(StringComparer.Ordinal);
        return section;
    }
}

/// <summary>One permission of a section.</summary>
internal sealed class FakePermission(bool exclusive)
{
    private const string Label = "label-";

    public bool Exclusive => exclusive;

    public SortedDictionary<string, FakeRule> Rules { get; } = new(StringComparer.Ordinal);

    public JsonObject Json(string name)
    {
        var json = new JsonObject { ["rules"] = new JsonObject(Rules.Select(rule => KeyValuePair.Create<string, JsonNode?>(rule.Key, rule.Value.Json()))) };
        if (exclusive)
            json["exclusive"] = true;
        if (name.StartsWith(Label, StringComparison.Ordinal))
            json["label"] = name[Label.Length..];
        return json;
    }
}

/// <summary>What a group may, or may not.</summary>
internal sealed record FakeRule(string Action, int? Min, int? Max, bool Force)
{
    public JsonObject Json()
    {
        var json = new JsonObject { ["action"] = Action, ["force"] = Force };
        if (Min is not null)
            (json["min"], json["max"]) = (Min, Max);
        return json;
    }
}
