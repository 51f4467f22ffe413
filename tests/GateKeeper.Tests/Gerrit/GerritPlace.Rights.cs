namespace GateKeeper.Tests.Gerrit;

/// <summary>What administrators do: the people, the groups, the labels and the rights of the project.</summary>
internal abstract partial class GerritPlace
{
    private const string Heads = "refs/heads/*";
    private readonly Dictionary<string, string> groups = [];

    /// <summary>The core's name on the server; bob and carol are in it.</summary>
    public string Core => Group("core");

    /// <summary>The name of the group to which the gate belongs, and which alone may push and submit.</summary>
    public string Bots => Group("bots");

    /// <summary>The name that a group of this story has on the server.</summary>
    public string Group(string name) => $"{name}-{number}";

    /// <summary>What a server needs once: accounts, and the right to see what the gate must see.</summary>
    public static async Task PrepareServerAsync(Uri server)
    {
        using var rest = new GerritRest(server);
        foreach (var who in People)
            await rest.CallAsync(Admin, "PUT", $"accounts/{who}", new { name = who, email = Email(who), http_password = GerritRest.Secret(who) });
        await rest.CallAsync(Admin, "PUT", $"accounts/{Gate}", new { name = "GateKeeper", email = Email(Gate), http_password = GerritRest.Secret(Gate), groups = new[] { "Service Users" } });
        var bots = (string)(await rest.CallAsync(Admin, "GET", "groups/Service%20Users")).Json["id"]!;
        await rest.CallAsync(Admin, "POST", "projects/All-Projects/access", new
        {
            add = new Dictionary<string, object>
            {
                ["refs/meta/config"] = Section(("read", Rule(bots))),
                ["GLOBAL_CAPABILITIES"] = Section(("viewAccess", Rule(bots)), ("viewSecondaryEmails", Rule(bots))),
            },
        });
    }

    /// <summary>Groups and their members; whoever makes one is not a member of it afterwards.</summary>
    public async Task CreateGroupAsync(string name, string[] members, bool visible = true)
    {
        var made = (await Rest.CallAsync(Admin, "PUT", $"groups/{Group(name)}", new { visible_to_all = visible })).Json;
        groups[name] = (string)made["id"]!;
        foreach (var member in members)
            await Rest.CallAsync(Admin, "PUT", $"groups/{Group(name)}/members/{member}");
        if (!members.Contains(Admin))
            await Rest.CallAsync(Admin, "DELETE", $"groups/{Group(name)}/members/{Admin}");
    }

    public Task AddMemberAsync(string group, string who) => Rest.CallAsync(Admin, "PUT", $"groups/{Group(group)}/members/{who}");

    public Task RemoveMemberAsync(string group, string who) => Rest.CallAsync(Admin, "DELETE", $"groups/{Group(group)}/members/{who}");

    /// <summary>Everybody in one group is in the other as well.</summary>
    public Task NestGroupAsync(string outer, string inner) => Rest.CallAsync(Admin, "PUT", $"groups/{Group(outer)}/groups/{groups[inner]}");

    public Task SetGroupVisibleAsync(string name, bool visible) => Rest.CallAsync(Admin, "PUT", $"groups/{Group(name)}/options", new { visible_to_all = visible });

    public Task CreateBranchAsync(string name) => Rest.CallAsync(Admin, "PUT", $"{ProjectPath}/branches/{Uri.EscapeDataString(name)}", new { revision = "main" });

    public Task SetCopyConditionAsync(string label, string condition) =>
        Rest.CallAsync(Admin, "PUT", $"{ProjectPath}/labels/{label}", new { copy_condition = condition });

    /// <summary>The server moves a branch only to what was proposed itself.</summary>
    public Task OnlyForwardsAsync() => Rest.CallAsync(Admin, "PUT", $"{ProjectPath}/config", new { submit_type = "FAST_FORWARD_ONLY" });

    /// <summary>The server merges no two changes of one file.</summary>
    public Task MergeNoContentAsync() => Rest.CallAsync(Admin, "PUT", $"{ProjectPath}/config", new { use_content_merge = "FALSE" });

    /// <summary>The server itself demands something of every change of the project.</summary>
    public Task RequireAsync(string name, string expression) =>
        Rest.CallAsync(Admin, "PUT", $"{ProjectPath}/submit_requirements/{name}", new { name, submittability_expression = expression });

    /// <summary>A label that blocks by a function of old, as calls that say nothing of a function still make them.</summary>
    public Task LegacyLabelAsync(string name) =>
        Rest.CallAsync(Admin, "PUT", $"{ProjectPath}/labels/{name}", new { values = new Dictionary<string, string> { ["-1"] = "No", [" 0"] = "None", ["+1"] = "Yes" } });

    /// <summary>Gives the gate, and nobody else, the right to push to the branches.</summary>
    public Task GrantGatePushAsync() => AccessAsync("add", (Heads, "push", Rule(groups["bots"], exclusive: true)));

    public Task RevokeGatePushAsync() => AccessAsync("remove", (Heads, "push", Rule(groups["bots"])));

    public Task GrantGateSubmitAsync() => AccessAsync("add", (Heads, "submit", Rule(groups["bots"], exclusive: true)));

    public Task RevokeGateSubmitAsync() => AccessAsync("remove", (Heads, "submit", Rule(groups["bots"])));

    public Task GrantAsync(string group, string reference, string permission, int? min = null, int? max = null) =>
        AccessAsync("add", (reference, permission, Rule(groups[group], min, max)));

    /// <summary>A label of its own that a group may give.</summary>
    public async Task GrantLabelAsync(string group, string label, int min, int max)
    {
        await LabelAsync(label, null, min, max);
        await AccessAsync("add", (Heads, $"label-{label}", Rule(groups[group], min, max, label: label)));
    }

    public Task DeleteLabelAsync(string label) => Rest.CallAsync(Admin, "DELETE", $"{ProjectPath}/labels/{label}");

    /// <summary>Who is in the group may vote in other people's names.</summary>
    public Task GrantOnBehalfAsync(string group, string label, int min, int max) =>
        AccessAsync("add", (Heads, $"labelAs-{label}", Rule(groups[group], min, max, label: label)));

    /// <summary>Makes a key with which the gate may log in over SSH, and may hear the events.</summary>
    public Task AddGateKeyAsync(out string key)
    {
        key = System.IO.Path.Combine(directory, "gate-key");
        using (var make = System.Diagnostics.Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]))
            make.WaitForExit();
        return Rest.PutTextAsync(Admin, $"accounts/{Gate}/sshkeys", File.ReadAllText(key + ".pub"));
    }

    public Task RevokeAsync(string group, string reference, string permission) => AccessAsync("remove", (reference, permission, Rule(groups[group])));

    /// <summary>Nobody deletes or makes this branch; whoever administers the server could still.</summary>
    public Task SealAsync(string branch) => AccessAsync(
        "add",
        ($"refs/heads/{branch}", "create", Denied(groups["bots"])),
        ($"refs/heads/{branch}", "delete", Denied(groups["bots"])));

    /// <summary>The gate may not read who may do what in its project.</summary>
    public async Task HideRightsAsync()
    {
        await AccessAsync("remove", ("refs/meta/config", "read", Rule(groups["bots"])));
        await AccessAsync("add", ("refs/meta/config", "read", Rule(groups["core"], exclusive: true)));
    }

    /// <summary>One group decides who is in the other.</summary>
    public Task DecideAsync(string owner, string group) => Rest.CallAsync(Admin, "PUT", $"groups/{Group(group)}/owner", new { owner = Group(owner) });

    private async Task PrepareAsync()
    {
        await Rest.CallAsync(Admin, "PUT", ProjectPath, new { branches = new[] { "main" }, submit_type = "MERGE_IF_NECESSARY" });
        await CreateGroupAsync("core", ["bob", "carol"]);
        await CreateGroupAsync("bots", [Gate]);
    }

    private async Task PrepareRightsAsync()
    {
        await LabelAsync("Code-Review", "changekind:NO_CHANGE OR changekind:TRIVIAL_REBASE OR is:MIN", -2, 2);
        await LabelAsync("Verified", null, -1, 1);
        var (core, bots) = (groups["core"], groups["bots"]);
        await AccessAsync(
            "add",
            (Heads, "label-Code-Review", Rule(core, -2, 2, label: "Code-Review")),
            (Heads, "label-Verified", Rule(bots, -1, 1, label: "Verified")),
            (Heads, "rebase", Rule(core)),
            (Heads, "push", Rule(bots, exclusive: true)),
            (Heads, "submit", Rule(bots, exclusive: true)),
            (Heads, "forgeCommitter", Rule(bots)),
            ("refs/for/refs/heads/*", "pushMerge", Rule(bots)),
            ("refs/meta/config", "read", Rule(bots)));
    }

    private Task<GerritAnswer> LabelAsync(string name, string? condition, int min, int max) =>
        Rest.CallAsync(Admin, "PUT", $"{ProjectPath}/labels/{name}", new
        {
            function = "NoBlock",
            default_value = 0,
            copy_condition = condition,
            values = Enumerable.Range(min, max - min + 1).ToDictionary(value => value switch { 0 => " 0", > 0 => $"+{value}", _ => $"{value}" }, value => $"{name} {value}"),
        });

    private Task<GerritAnswer> AccessAsync(string what, params (string Reference, string Permission, object Rule)[] rules) =>
        Rest.CallAsync(Admin, "POST", $"{ProjectPath}/access", new Dictionary<string, object>
        {
            [what] = rules.GroupBy(rule => rule.Reference).ToDictionary(section => section.Key, section => Section([.. section.Select(rule => (rule.Permission, rule.Rule))])),
        });

    private static object Section(params (string Permission, object Rule)[] permissions) => new { permissions = permissions.ToDictionary(each => each.Permission, each => each.Rule) };

    private static Dictionary<string, object?> Denied(string group) => new()
    {
        ["exclusive"] = true,
        ["rules"] = new Dictionary<string, object> { [group] = new Dictionary<string, object> { ["action"] = "DENY" } },
    };

    private static Dictionary<string, object?> Rule(string group, int? min = null, int? max = null, bool exclusive = false, string? label = null)
    {
        var rule = new Dictionary<string, object> { ["action"] = "ALLOW" };
        if (min is not null)
            (rule["min"], rule["max"]) = (min, max!);
        var permission = new Dictionary<string, object?> { ["rules"] = new Dictionary<string, object> { [group] = rule } };
        if (exclusive)
            permission["exclusive"] = true;
        if (label is not null)
            permission["label"] = label;
        return permission;
    }
}
