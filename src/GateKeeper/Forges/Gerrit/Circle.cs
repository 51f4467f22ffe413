namespace GateKeeper.Forges.Gerrit;

/// <summary>A group as the server tells it: who is in it, which groups are, and which group decides over it.</summary>
internal sealed record GroupSeen(string Id, string Name, IReadOnlyList<AccountDto> Members, IReadOnlyList<string> Nested, string? Owner);

/// <summary>Somebody who has something, and by which groups.</summary>
internal sealed record Holder(AccountDto Who, string Through)
{
    public string Name => Who.Username ?? Who.Email ?? $"account {Who.Id}";

    public override string ToString() => $"{Name} ({Through})";
}

/// <summary>Who belongs to some groups, with those within, and who could put themselves in; what was not seen of it is named.</summary>
internal sealed record Circle(IReadOnlyList<Holder> Members, IReadOnlyList<Holder> Deciders, IReadOnlyList<string> Everybody, IReadOnlyList<string> Unseen);

/// <summary>All groups that were read. Only an administrator is told of every group; whoever else reads is not even told that one was left out.</summary>
internal sealed record GroupBook(IReadOnlyDictionary<string, GroupSeen> Seen, IReadOnlyDictionary<string, string> Names, bool IsWhole)
{
    public string Name(string group) => Seen.GetValueOrDefault(group)?.Name ?? Names.GetValueOrDefault(group) ?? group switch
    {
        KnownGroups.Anonymous => "Anonymous Users",
        KnownGroups.Registered => "Registered Users",
        KnownGroups.Owners => "Project Owners",
        KnownGroups.ChangeOwner => "Change Owner",
        _ => group,
    };

    /// <param name="groups">The groups that were granted something.</param>
    /// <param name="owners">The groups that own the project, for the one that stands for them.</param>
    public Circle Of(IEnumerable<string> groups, IReadOnlyList<string> owners)
    {
        var (members, deciders, everybody, unseen) = (new List<Holder>(), new List<Holder>(), new List<string>(), new List<string>());
        var open = new Queue<(string Group, string Through, bool Decides)>(groups.Distinct().Select(group => (group, $"in {Name(group)}", false)));
        var done = new HashSet<(string, bool)>();
        while (open.TryDequeue(out var next))
        {
            if (!done.Add((next.Group, next.Decides)))
                continue;
            if (next.Group is KnownGroups.Anonymous or KnownGroups.Registered or KnownGroups.ChangeOwner)
            {
                everybody.Add(Name(next.Group));
            }
            else if (next.Group == KnownGroups.Owners)
            {
                foreach (var owner in owners.Where(owner => owner != KnownGroups.Owners))
                    open.Enqueue((owner, $"{next.Through}, by {Name(owner)}", next.Decides));
            }
            else if (Seen.GetValueOrDefault(next.Group) is { } group)
            {
                (next.Decides ? deciders : members).AddRange(group.Members.Select(member => new Holder(member, next.Through)));
                foreach (var inner in group.Nested)
                    open.Enqueue((inner, $"{next.Through}, by {Name(inner)}", next.Decides));
                if (group.Owner is { } owner && owner != next.Group)
                    open.Enqueue((owner, $"in {Name(owner)}, which decides who is in {group.Name}", true));
            }
            else
            {
                unseen.Add(Name(next.Group));
            }
        }

        var known = members.Select(holder => holder.Who.Id).ToHashSet();
        return new(
            [.. members.DistinctBy(holder => holder.Who.Id)], [.. deciders.Where(holder => !known.Contains(holder.Who.Id)).DistinctBy(holder => holder.Who.Id)],
            [.. everybody.Distinct()], [.. unseen.Distinct()]);
    }
}
