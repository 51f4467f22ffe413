using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

internal static class GroupsReader
{
    public static List<GroupDefinition> Read(Fields file)
    {
        var groups = new List<GroupDefinition>();
        if (file.Mapping("groups") is not { } fields)
            return groups;

        foreach (var name in fields.Names.ToList())
        {
            if (name is GoAhead.Author or Membership.Anyone)
                fields.Error(name, $"\"{name}\" has a meaning of its own; call the group something else");
            var place = fields.KeyPlaceOf(name);
            if (fields.Mapping(name) is not { } group)
                continue;
            groups.Add(Read(name, group));
            fields.Problems.Places.Note(groups[^1], place);
        }

        var names = groups.Select(group => group.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (group, inner) in groups.SelectMany(group => group.Groups.Where(inner => !names.Contains(inner)).Select(inner => (group, inner))))
            fields.Problems.Add(new(fields.Problems.Places.Of(group), $"group {group.Name} includes \"{inner}\", which is no group{fields.Problems.Hint(inner, names)}"));
        GroupNesting.Check(groups, fields);
        return groups;
    }

    private static GroupDefinition Read(string name, Fields fields)
    {
        var group = new GroupDefinition(name)
        {
            Users = fields.Whole("users", "people") ?? [],
            Teams = fields.Whole("teams", "teams") ?? [],
            Groups = fields.List("groups") ?? [],
            Except = fields.Whole("except", "people") ?? [],
        };
        foreach (var with in group.Except.Where(user => user.StartsWith('@')))
            fields.Error($"group {name} excepts \"{with}\", and accounts are written without @: nobody would be left out");
        fields.Done($"group {name}");
        if (group.Users.Count + group.Teams.Count + group.Groups.Count == 0)
            fields.Error($"group {name} is empty: name users, teams or groups");
        return group;
    }
}

internal static class RightsReader
{
    public static Rights Read(Fields file, KnownNames names, List<Gate> gates)
    {
        ValueList<string> reviewers =
        [
            GoAhead.Author,
            .. gates.SelectMany(gate => gate.Require.Flatten()).Select(Reviewers).OfType<string>().Where(group => group != Membership.Anyone).Distinct(),
        ];
        var rights = new Rights { Hold = reviewers, Retry = reviewers, Land = reviewers, Test = reviewers, Explain = reviewers };
        if (file.Mapping("may") is not { } may)
            return rights;

        rights = new()
        {
            Hold = Of("hold"),
            Retry = Of("retry"),
            Land = Of("land"),
            Test = Of("test"),
            Explain = Of("explain"),
            Priority = may.Has("priority") ? names.GroupsOf(may, "priority", author: true) : [],
            Freeze = may.Has("freeze") ? names.GroupsOf(may, "freeze", author: false) : [],
            Override = may.Mapping("override") is { } fields ? Override(fields, names) : null,
        };
        may.Done("\"may\"");
        return rights;

        ValueList<string> Of(string key) => may.Has(key) ? names.GroupsOf(may, key, author: true) : reviewers;
    }

    private static string? Reviewers(Requirement requirement) => requirement switch
    {
        Approvals approvals => approvals.From,
        LabelVote vote => vote.From,
        _ => null,
    };

    private static OverrideRight Override(Fields fields, KnownNames names)
    {
        if (!fields.Has("from") || !fields.Has("second"))
            fields.Error("an override needs two people: \"from\" and \"second\" name their groups");
        var place = fields.PlaceOf("gates");
        var right = new OverrideRight(
            names.GroupsOf(fields, "from", author: false), names.GroupsOf(fields, "second", author: false), fields.List("gates") ?? []);
        foreach (var gate in right.Gates.Where(gate => !names.Gates.Contains(gate)))
            fields.Problems.Add(new(place, $"there is no gate \"{gate}\"{fields.Problems.Hint(gate, names.Gates)}"));
        fields.Done("\"override\"");
        fields.Problems.Places.Note(right, fields.Place);
        return right;
    }
}
