namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>Who may do what, from the rights of the project and of those that it inherits.</summary>
internal sealed partial class FakeServer
{
    private const string Heads = "refs/heads/";

    public bool IsAdministrator(FakeAccount account) => IsIn(account, Group("Administrators").Uuid, null);

    public bool IsOwner(FakeAccount account, FakeProject project) => IsAdministrator(account) || May(account, project, "refs/*", "owner");

    public bool IsIn(FakeAccount account, string group, FakeProject? project) => group switch
    {
        "global:Anonymous-Users" or "global:Registered-Users" => true,
        "global:Project-Owners" => project is not null && IsOwner(account, project),
        _ => groups.Find(each => each.Uuid == group) is { } found && Everybody(found).Contains(account.Id),
    };

    /// <summary>The members, and those of the groups within.</summary>
    public IReadOnlySet<int> Everybody(FakeGroup group)
    {
        var (everybody, seen, open) = (new HashSet<int>(), new HashSet<string>(), new Queue<FakeGroup>([group]));
        while (open.TryDequeue(out var next))
        {
            if (!seen.Add(next.Uuid))
                continue;
            everybody.UnionWith(next.Members);
            foreach (var inner in next.Included)
                open.Enqueue(Group(inner));
        }

        return everybody;
    }

    public bool Sees(FakeAccount account, FakeGroup group) => group.Visible || IsAdministrator(account) || Everybody(group).Contains(account.Id);

    public bool May(FakeAccount account, FakeProject project, string reference, string permission, bool force = false)
    {
        var rules = Rules(project, reference, permission).Where(rule => IsIn(account, rule.Group, permission == "owner" ? null : project)).ToList();
        return rules.Any(rule => rule.Rule.Action == "ALLOW" && (!force || rule.Rule.Force)) && !rules.Any(rule => rule.Rule.Action == "BLOCK");
    }

    /// <summary>The values that somebody may give; "label-X", or "labelAs-X" in another's name.</summary>
    public IReadOnlySet<int> Range(FakeAccount account, FakeChange change, string permission)
    {
        var label = change.Project.Labels.GetValueOrDefault(permission[(permission.IndexOf('-', StringComparison.Ordinal) + 1)..]);
        var rules = Rules(change.Project, change.Branch, permission).Where(rule => rule.Rule.Min is not null && IsIn(account, rule.Group, change.Project)).Select(rule => rule.Rule).ToList();
        return label is null || rules.Count == 0 ? new HashSet<int>() : label.Values.Keys.Where(value => value >= rules.Min(rule => rule.Min) && value <= rules.Max(rule => rule.Max)).ToHashSet();
    }

    public bool Sees(FakeAccount account, FakeChange change) =>
        May(account, change.Project, change.Branch, "read") && (!change.Private || account.Id == change.Owner || change.Reviewers.ContainsKey(account.Id) || May(account, change.Project, change.Branch, "viewPrivateChanges"));

    public bool SeesConfig(FakeAccount account, FakeProject project) => IsAdministrator(account) || May(account, project, "refs/meta/config", "read");

    public bool IsCapable(FakeAccount account, string capability) => IsAdministrator(account) || May(account, projects[AllProjects], "GLOBAL_CAPABILITIES", capability);

    public static string Full(string branch) => branch.StartsWith("refs/", StringComparison.Ordinal) ? branch : Heads + branch;

    public static string Brief(string branch) => branch.StartsWith(Heads, StringComparison.Ordinal) ? branch[Heads.Length..] : branch;

    private IEnumerable<(string Group, FakeRule Rule)> Rules(FakeProject project, string reference, string permission) =>
        FakeRights.For(project.Name == AllProjects ? [project.Rights] : [project.Rights, projects[AllProjects].Rights], reference, permission);
}

/// <summary>The rights that a new server begins with.</summary>
internal static class FakeFactory
{
    private const string Registered = "global:Registered-Users";
    private const string Owners = "global:Project-Owners";

    public static void Rights(FakeRights rights, string administrators, string service)
    {
        rights.Allow("GLOBAL_CAPABILITIES", "administrateServer", administrators);
        rights.Allow("GLOBAL_CAPABILITIES", "priority", service, action: "BATCH");
        rights.Allow("GLOBAL_CAPABILITIES", "streamEvents", service);
        rights.Allow("refs/*", "read", administrators);
        rights.Allow("refs/for/*", "addPatchSet", Registered);
        rights.Allow("refs/for/refs/*", "push", Registered);
        rights.Allow("refs/for/refs/*", "pushMerge", Registered);
        rights.Allow("refs/heads/*", "forgeAuthor", Registered);
        rights.Allow("refs/heads/*", "revert", Registered);
        rights.Allow("refs/heads/*", "read", "global:Anonymous-Users");
        rights.Allow("refs/meta/version", "read", "global:Anonymous-Users");
        rights.Allow("refs/heads/*", "label-Code-Review", Registered, -1, 1);
        foreach (var group in new[] { administrators, Owners })
        {
            foreach (var permission in new[] { "create", "forgeCommitter", "push", "submit" })
                rights.Allow("refs/heads/*", permission, group);
            rights.Allow("refs/heads/*", "editTopicName", group, force: true);
            rights.Allow("refs/heads/*", "label-Code-Review", group, -2, 2);
            rights.Allow("refs/meta/config", "read", group, exclusive: true);
            rights.Allow("refs/meta/config", "label-Code-Review", group, -2, 2);
            foreach (var permission in new[] { "create", "push", "submit" })
                rights.Allow("refs/meta/config", permission, group);
            foreach (var permission in new[] { "create", "createSignedTag", "createTag" })
                rights.Allow("refs/tags/*", permission, group);
        }
    }
}
