namespace GateKeeper.Core.Rules;

/// <summary>
/// Which groups include which: none may include itself, however far around, nor may they be nested deep or hold many people many times
/// over. Each group is looked at once, and without recursion: a file of groups that include each other in a row is somebody's first idea.
/// </summary>
internal sealed class GroupNesting
{
    private const int MostDeep = 20;
    private const long MostMembers = 100_000;
    private readonly Dictionary<string, GroupDefinition> all;
    private readonly Dictionary<string, (int Depth, long Members)> done = new(StringComparer.Ordinal);
    private readonly HashSet<string> told = new(StringComparer.Ordinal);
    private readonly Fields fields;

    private GroupNesting(IReadOnlyCollection<GroupDefinition> groups, Fields fields)
    {
        all = groups.ToDictionary(group => group.Name, StringComparer.Ordinal);
        this.fields = fields;
    }

    public static void Check(IReadOnlyCollection<GroupDefinition> groups, Fields fields)
    {
        var nesting = new GroupNesting(groups, fields);
        foreach (var group in groups)
            nesting.Visit(group);
        if (nesting.done.Values.Sum(group => group.Members) > MostMembers)
            fields.Error($"the groups hold more than {MostMembers:N0} members in all, each counted in every group that includes his");
    }

    private void Visit(GroupDefinition root)
    {
        var path = new Stack<(GroupDefinition Group, int Next)>();
        var open = new HashSet<string>(StringComparer.Ordinal);
        Enter(root);
        while (path.TryPop(out var at))
        {
            if (at.Next == at.Group.Groups.Count)
            {
                open.Remove(at.Group.Name);
                Leave(at.Group);
                continue;
            }

            var inner = at.Group.Groups[at.Next];
            path.Push((at.Group, at.Next + 1));
            if (open.Contains(inner))
                Tell(inner, $"group {inner} includes itself");
            else if (!done.ContainsKey(inner) && all.TryGetValue(inner, out var next))
                Enter(next);
        }

        void Enter(GroupDefinition group)
        {
            if (done.ContainsKey(group.Name))
                return;
            open.Add(group.Name);
            path.Push((group, 0));
        }
    }

    private void Leave(GroupDefinition group)
    {
        var inner = group.Groups.Select(name => done.GetValueOrDefault(name)).ToList();
        var depth = inner.Select(each => each.Depth).DefaultIfEmpty(0).Max() + 1;
        done[group.Name] = (depth, Math.Min(MostMembers + 1, group.Users.Count + inner.Sum(each => each.Members)));
        if (depth == MostDeep + 1)
            Tell(group.Name, $"group {group.Name} includes groups that include others, more than {MostDeep} deep");
    }

    private void Tell(string group, string error)
    {
        if (told.Add(group))
            fields.Problems.Add(new(fields.Problems.Places.Of(all[group]), error));
    }
}
