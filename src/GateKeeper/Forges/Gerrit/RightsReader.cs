namespace GateKeeper.Forges.Gerrit;

/// <summary>Reads rights and groups, in an administrator's name where there is one: others are not told of everything.</summary>
internal sealed class RightsReader(GerritClient client, bool administers)
{
    private const int MostProjects = 50;
    private const int MostGroups = 500;

    /// <summary>The project's rules and those of every project that it inherits from, up to All-Projects.</summary>
    public async Task<(AccessRules Rules, Dictionary<string, string> Names)> AccessAsync(string project, CancellationToken cancellation)
    {
        var (chain, names) = (new List<ProjectAccess>(), new Dictionary<string, string>());
        string? next = project;
        while (next is not null && chain.Count < MostProjects && chain.TrueForAll(seen => seen.Project != next))
        {
            var access = await client.SeenAsync($"projects/{Uri.EscapeDataString(next)}/access", AccessJson.Default.AccessDto, cancellation);
            chain.Add(new(next, access is { ConfigVisible: true }, access?.Local ?? new Dictionary<string, SectionDto>()));
            foreach (var (id, group) in access?.Groups ?? new Dictionary<string, GroupDto?>())
                names.TryAdd(id, group?.Name ?? id);
            next = access?.InheritsFrom?.Name;
        }

        // A chain that does not end was not seen to its end.
        if (next is not null)
            chain.Add(new(next, false, new Dictionary<string, SectionDto>()));

        return (new(chain), names);
    }

    /// <summary>The groups that are granted something which matters, with all that are within them and that decide over them.</summary>
    public async Task<GroupBook> GroupsAsync(AccessRules rules, IReadOnlyDictionary<string, string> names, Func<string, bool> matters, CancellationToken cancellation)
    {
        var seen = new Dictionary<string, GroupSeen>();
        var open = new Queue<string>(rules.Chain.SelectMany(project => project.Sections.Values).SelectMany(section => section.Permissions ?? new Dictionary<string, PermissionDto>())
            .Where(permission => matters(permission.Key)).SelectMany(permission => permission.Value.Rules?.Keys ?? []).Distinct());
        var asked = new HashSet<string>();
        while (open.TryDequeue(out var id) && asked.Count < MostGroups)
        {
            if (id.StartsWith("global:", StringComparison.Ordinal) || !asked.Add(id))
                continue;
            if (await client.SeenAsync($"groups/{Uri.EscapeDataString(id)}/detail", AccessJson.Default.GroupDto, cancellation) is not { Members: not null } group)
                continue;
            seen[id] = Seen(group);
            foreach (var other in seen[id].Nested.Append(seen[id].Owner).OfType<string>())
                open.Enqueue(other);
        }

        return new(seen, names, administers);
    }

    /// <summary>A group's ids come with their signs written out.</summary>
    public static GroupSeen Seen(GroupDto group) => new(
        Uri.UnescapeDataString(group.Id), group.Name ?? group.Id, group.Members ?? [], [.. (group.Includes ?? []).Select(inner => Uri.UnescapeDataString(inner.Id))],
        group.OwnerId is { } owner ? Uri.UnescapeDataString(owner) : null);

    public Task<IReadOnlyList<LabelRulesDto>?> LabelsAsync(string project, CancellationToken cancellation) =>
        client.SeenAsync($"projects/{Uri.EscapeDataString(project)}/labels/?inherited", AccessJson.Default.IReadOnlyListLabelRulesDto, cancellation);

    public Task<IReadOnlyList<RequirementRulesDto>?> RequirementsAsync(string project, CancellationToken cancellation) =>
        client.SeenAsync($"projects/{Uri.EscapeDataString(project)}/submit_requirements/?inherited", AccessJson.Default.IReadOnlyListRequirementRulesDto, cancellation);

    /// <summary>What the server says that an account may do on a ref; null where it does not say.</summary>
    public async Task<bool?> MayAsync(string project, long account, string reference, string permission, CancellationToken cancellation) =>
        await client.SeenAsync(FormattableString.Invariant($"projects/{Uri.EscapeDataString(project)}/check.access?account={account}&ref={Uri.EscapeDataString(reference)}&perm={permission}"), AccessJson.Default.CheckedDto, cancellation) is { } said
            ? said.Status == 200 : null;

    public static async Task<bool> AdministersAsync(GerritClient client, CancellationToken cancellation) =>
        (await client.AskAsync(HttpMethod.Get, "accounts/self/capabilities", null, cancellation)) is (200, var text) && text.Replace(" ", "", StringComparison.Ordinal).Contains("\"administrateServer\":true", StringComparison.Ordinal);
}
