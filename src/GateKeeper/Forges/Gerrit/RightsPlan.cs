using System.Text.Json;

namespace GateKeeper.Forges.Gerrit;

/// <summary>One call that an administrator makes.</summary>
internal sealed record RightsCall(HttpMethod Method, string Path, string Body);

/// <summary>One thing to be set: in words that are shown before it is, and as the call that does it, which needs the id of the gate's group.</summary>
internal sealed record RightsStep(string Words, Func<string, RightsCall> Call);

/// <summary>
/// What is missing for a project to be gated: the gate's group, its label, a requirement, and the access rules. It is made from what is
/// there, so that made again after it was set it is empty.
/// </summary>
internal sealed class RightsPlan(GerritSight sight, string bots, GroupSeen? group)
{
    private const string Config = "refs/meta/config";
    private const string NoBlock = "NoBlock";
    private readonly string project = $"projects/{Uri.EscapeDataString(sight.Project)}";

    public string Bots => bots;

    public GroupSeen? Group => group;

    /// <summary>Who is in the gate's group and is not the gate.</summary>
    public IReadOnlyList<AccountDto> Strangers => [.. (group?.Members ?? []).Where(member => member.Id != sight.Gate.Id)];

    /// <summary>A group that decides over the gate's own and does not administer the server, which decides over everything.</summary>
    public string? ForeignOwner => group is { Owner: { } owner } && owner != group.Id && !Administers(owner) ? owner : null;

    /// <summary>A group that administers the server is nobody's to be emptied for the gate.</summary>
    public bool IsAdministrators => group is not null && Administers(group.Id);

    public bool IsMember => group?.Members.Any(member => member.Id == sight.Gate.Id) == true;

    public IReadOnlyList<string> GroupWords =>
    [
        .. group is null ? [$"make the group {bots}, with {sight.User} alone in it"] : (string[])[],
        .. group is not null && !IsMember ? [$"put {sight.User} into {bots}"] : (string[])[],
        .. Strangers.Select(member => $"take {member.Username ?? member.Name ?? member.Email} out of {bots}"),
        .. (group?.Nested ?? []).Select(inner => $"take the group {sight.Groups.Name(inner)} out of {bots}"),
        .. ForeignOwner is { } owner ? [$"let {bots} decide over itself, and {sight.Groups.Name(owner)} no more"] : (string[])[],
    ];

    public IReadOnlyList<RightsStep> Steps => [.. Labels(), .. Requirement(), .. Access(sight.Project, Wanted()), .. Access(sight.Access.Chain[^1].Project, Above())];

    private bool Administers(string id) => sight.Access.Of(AccessRules.Capabilities, "administrateServer").Any(grant => grant.Group == id);

    private IEnumerable<RightsStep> Labels()
    {
        var known = LabelDoctor.Effective(sight).ToList();
        var gate = known.Find(label => label.Name == sight.Label);
        if (gate is null || LabelDoctor.Blocking.Contains(gate.Function ?? "") || !LabelDoctor.StaysWithItsPatchSet(gate) || gate.Values?.ContainsKey("-1") != true || !gate.Values.ContainsKey("+1"))
        {
            var values = new Dictionary<string, string>(gate?.Values ?? new Dictionary<string, string>());
            foreach (var (value, meaning) in ((string, string)[])[("-1", "Failed the gate"), (" 0", "Not judged"), ("+1", "Passed the gate")])
                values.TryAdd(value, meaning);
            yield return Label(sight.Label, values, "changekind:NO_CHANGE", $"label {sight.Label} ({string.Join(", ", values.Keys.Select(value => value.Trim()))}), which blocks nothing by itself and stays with the patch set it was given to");
        }

        foreach (var label in known.Where(label => label.Name != sight.Label && LabelDoctor.Blocking.Contains(label.Function ?? "")))
            yield return Label(label.Name, label.Values ?? new Dictionary<string, string>(), label.CopyCondition, $"label {label.Name} without the function {label.Function} of {label.ProjectName}, with its values and copy condition and nothing else of it: what it takes to land is said in rules.yaml");
    }

    private RightsStep Label(string name, IReadOnlyDictionary<string, string> values, string? condition, string words)
    {
        var body = JsonSerializer.Serialize(new(NoBlock, values, 0, condition), AccessJson.Default.LabelChangeDto);
        return new($"{sight.Project}: {words}", _ => new(HttpMethod.Put, $"{project}/labels/{Uri.EscapeDataString(name)}", body));
    }

    private IEnumerable<RightsStep> Requirement()
    {
        if (sight.Requirements?.Any(requirement => LabelDoctor.AsksFor(requirement.SubmittabilityExpression, sight.Label)) == true)
            yield break;
        var expression = $"label:{sight.Label}=MAX AND -label:{sight.Label}=MIN";
        var body = JsonSerializer.Serialize(new("Gatekeeper", "-branch:refs/meta/config", expression), AccessJson.Default.RequirementChangeDto);
        yield return new($"{sight.Project}: submit requirement Gatekeeper: {expression}", _ => new(HttpMethod.Put, $"{project}/submit_requirements/Gatekeeper", body));
    }

    /// <summary>A wish for one permission of one section: the rule for the gate's group.</summary>
    private sealed record Wish(string Section, string Permission, RuleDto Rule, bool Exclusive, string Words);

    private IEnumerable<Wish> Wanted()
    {
        foreach (var reference in sight.Trunks.Select(trunk => GerritSight.Full(trunk.Replace("**", "*", StringComparison.Ordinal))))
        {
            yield return new(reference, "push", new(), true, "Push, for nobody else");
            yield return new(reference, "submit", new(), true, "Submit, for nobody else");
            yield return new(reference, $"label-{sight.Label}", new(Min: -1, Max: 1), true, $"Label {sight.Label} -1..+1, for nobody else");
            yield return new(reference, "create", new("DENY"), true, "Create Reference denied to everybody");
            yield return new(reference, "delete", new("DENY"), true, "Delete Reference denied to everybody");
            yield return new(reference, "forgeCommitter", new(), false, "Forge Committer Identity");
            yield return new($"refs/for/{reference}", "pushMerge", new(), false, "Push Merge Commit");
            yield return new($"refs/for/{reference}", "submit", new("DENY"), true, "Submit by a push for review denied to everybody");
        }

        yield return new(Config, "read", new(), false, "Read, for the doctor");
    }

    private static IEnumerable<Wish> Above()
    {
        yield return new(Config, "read", new(), false, "Read, for the doctor");
        yield return new(AccessRules.Capabilities, "viewAccess", new(), false, "the global capability View Access, for the doctor");
        yield return new(AccessRules.Capabilities, "viewSecondaryEmails", new(), false, "the global capability View Secondary Emails, to know whose commits are whose");
    }

    /// <summary>
    /// A permission that is there keeps its own word about being exclusive, so what is to become exclusive is taken away in the same call;
    /// with empty rules, for without any the whole section would go.
    /// </summary>
    private IEnumerable<RightsStep> Access(string name, IEnumerable<Wish> wishes)
    {
        var sections = sight.Access.Chain.First(each => each.Project == name).Sections;
        var missing = wishes.Where(wish => !IsSo(sections.GetValueOrDefault(wish.Section)?.Permissions?.GetValueOrDefault(wish.Permission), wish)).ToList();
        foreach (var section in missing.GroupBy(wish => wish.Section))
        {
            var replaced = section.Where(wish => wish.Exclusive && sections.GetValueOrDefault(wish.Section)?.Permissions?.ContainsKey(wish.Permission) == true).ToList();
            var words = string.Join(", ", section.Select(wish => wish.Words + (replaced.Contains(wish) ? $" (in place of {Holders(sections[wish.Section].Permissions![wish.Permission])})" : "")));
            yield return new($"{section.Key} of {name}, for {bots}: {words}", id => new(HttpMethod.Post, $"projects/{Uri.EscapeDataString(name)}/access", JsonSerializer.Serialize(
                new(
                    replaced.Count == 0 ? null : Sections(section.Key, replaced, _ => new(Rules: new Dictionary<string, RuleDto>())),
                    Sections(section.Key, section, wish => new(wish.Permission.StartsWith("label-", StringComparison.Ordinal) ? wish.Permission["label-".Length..] : null, wish.Exclusive, new Dictionary<string, RuleDto> { [id] = wish.Rule })),
                    $"Rights of {bots}, by gatekeeper init"),
                AccessJson.Default.AccessChangeDto)));
        }
    }

    private static Dictionary<string, SectionDto> Sections(string name, IEnumerable<Wish> wishes, Func<Wish, PermissionDto> permission) =>
        new() { [name] = new(wishes.ToDictionary(wish => wish.Permission, permission)) };

    private bool IsSo(PermissionDto? there, Wish wish) =>
        group is not null && there?.Rules?.GetValueOrDefault(group.Id) is { } rule && rule.Action == wish.Rule.Action && rule.Min == wish.Rule.Min && rule.Max == wish.Rule.Max && !rule.Force
        && (!wish.Exclusive || (there.Exclusive && there.Rules.Count == 1));

    private string Holders(PermissionDto permission) =>
        (permission.Rules ?? new Dictionary<string, RuleDto>()).Keys.Select(sight.Groups.Name).ToList() is { Count: > 0 } names ? string.Join(", ", names) : "nobody";
}
