using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Turns the groups of the rules into people, with the forge's teams as they were read at this moment.</summary>
public static class People
{
    /// <summary>
    /// A group that names a team that could not be read, or that the forge does not have, is unreadable; so is each that includes it.
    /// </summary>
    public static Membership Resolve(Ruleset rules, IReadOnlyDictionary<string, GroupMembers> teams, Func<string, Account> account)
    {
        var definitions = rules.Groups.ToDictionary(group => group.Name, StringComparer.Ordinal);
        var resolved = new Dictionary<string, GroupMembers>(StringComparer.Ordinal);
        foreach (var group in rules.Groups)
            Of(group);
        return new(resolved);

        GroupMembers Of(GroupDefinition group)
        {
            if (resolved.TryGetValue(group.Name, out var known))
                return known;

            var parts = group.Teams.Select(name => Team(teams, name)).Concat(group.Groups.Select(inner => Of(definitions[inner]))).ToList();
            var except = group.Except.Select(account).ToHashSet();
            var members = group.Users.Select(account).Concat(parts.SelectMany(part => part.Accounts)).Where(member => !except.Contains(member)).Distinct();
            return resolved[group.Name] = new([.. members], parts.Select(part => part.Unreadable).OfType<string>().FirstOrDefault());
        }
    }

    public static GroupMembers Team(IReadOnlyDictionary<string, GroupMembers> teams, string name) =>
        teams.TryGetValue(name, out var members) ? members : new([], $"the team {name} could not be read");
}
