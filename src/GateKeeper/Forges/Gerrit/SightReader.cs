namespace GateKeeper.Forges.Gerrit;

/// <summary>Reads all that there is to be judged of a project: what only the gate can tell in its name, the rest in an administrator's where there is one.</summary>
internal sealed class SightReader(GerritPlace place, GerritClient gate, GerritClient? administrator)
{
    /// <summary>The branches that an account sees, by their short names.</summary>
    public static async Task<IReadOnlyList<string>> BranchesAsync(GerritClient client, string project, CancellationToken cancellation) =>
        [.. (await new Sweep(client, project).BranchesAsync(cancellation)).Where(branch => branch.Ref.StartsWith("refs/heads/", StringComparison.Ordinal)).Select(branch => branch.Ref["refs/heads/".Length..])];

    public async Task<GerritSight> SeeAsync(AccountDto self, ProjectDto project, IReadOnlyList<string> branches, CancellationToken cancellation)
    {
        var reader = new RightsReader(administrator ?? gate, administrator is not null);
        var (rules, names) = await reader.AccessAsync(place.Project, cancellation);
        var own = await gate.GetAsync("accounts/self/groups", AccessJson.Default.IReadOnlyListGroupDto, cancellation);
        foreach (var group in own)
            names.TryAdd(Uri.UnescapeDataString(group.Id), group.Name ?? group.Id);
        var groups = await reader.GroupsAsync(
            rules, names,
            permission => permission is "push" or "submit" or "create" or "delete" or "owner" or "administrateServer" or "runAs" or "modifyAccount" || permission == $"label-{place.Labels.Gate}" || permission == $"labelAs-{place.Labels.Gate}", cancellation);
        return new()
        {
            User = place.User,
            Gate = self,
            Project = place.Project,
            Trunks = place.Trunks,
            Branches = branches,
            Submits = place.Submits,
            Label = place.Labels.Gate,
            Access = rules,
            Groups = groups,
            GateGroups = own.Select(group => Uri.UnescapeDataString(group.Id)).ToHashSet(),
            Said = await SaidAsync(reader, self, branches, cancellation),
            Labels = project.Labels ?? new Dictionary<string, LabelDto>(),
            LabelRules = await reader.LabelsAsync(place.Project, cancellation),
            Requirements = await reader.RequirementsAsync(place.Project, cancellation),
        };
    }

    private async Task<Dictionary<(string, string), bool>> SaidAsync(RightsReader reader, AccountDto self, IReadOnlyList<string> branches, CancellationToken cancellation)
    {
        var said = new Dictionary<(string, string), bool>();
        foreach (var (branch, permission) in branches.SelectMany(branch => ((string[])["read", "push", "forgeCommitter"]).Select(permission => (branch, permission))))
        {
            if (await reader.MayAsync(place.Project, self.Id, GerritSight.Full(branch), permission, cancellation) is not { } may)
                break;
            said[(branch, permission)] = may;
        }

        return said;
    }
}
