namespace GateKeeper.Forges.Gerrit;

/// <summary>A project before it is gated: which labels it has, who reviews there, and what it takes to gate it.</summary>
internal sealed class GerritBeginning
{
    private const string Usual = "Gatekeeper Bots";
    private readonly GerritClient gate;
    private readonly GerritClient? administrator;
    private readonly AccountDto self;
    private readonly IReadOnlyList<string> branches;
    private GerritSight sight = null!;

    private GerritBeginning(GerritPlace place, GerritClient gate, GerritClient? administrator, AccountDto self, IReadOnlyList<string> branches) =>
        (Place, this.gate, this.administrator, this.self, this.branches) = (place, gate, administrator, self, branches);

    public GerritPlace Place { get; }

    /// <summary>The groups that may give the review label's highest score on the first trunk, as far as the rules can be read.</summary>
    public IReadOnlyList<string> Reviewers
    {
        get
        {
            var most = sight.Labels.GetValueOrDefault(Place.Labels.Review)?.Scores.DefaultIfEmpty(0).Max();
            return [.. sight.Access.Of(GerritSight.Full(branches[0]), $"label-{Place.Labels.Review}").Where(grant => grant.Rule.Max >= most && !grant.Group.StartsWith("global:", StringComparison.Ordinal)).Select(grant => sight.Groups.Name(grant.Group)).Where(name => name != "Administrators").Distinct()];
        }
    }

    /// <exception cref="ForgeException">The server did not answer, or not to these logins.</exception>
    public static async Task<GerritBeginning> LookAsync(string project, string user, IReadOnlyList<string> trunks, GerritClient gate, GerritClient? administrator, CancellationToken cancellation)
    {
        var self = await gate.GetAsync("accounts/self/detail", GerritJson.Default.AccountDto, cancellation);
        if (administrator is not null && !await RightsReader.AdministersAsync(administrator, cancellation))
            throw new ForgeException("the login named by --admin administers nothing: it lacks the global capability Administrate Server", 403);
        var there = await (administrator ?? gate).GetAsync($"projects/{Uri.EscapeDataString(project)}", AccessJson.Default.ProjectDto, cancellation);
        var branches = GerritSight.Meant(trunks, await SightReader.BranchesAsync(administrator ?? gate, project, cancellation));
        var place = new GerritPlace(gate.Address, project, user, "", trunks, LabelsOf(there.Labels ?? new Dictionary<string, LabelDto>()), null);
        var beginning = new GerritBeginning(place, gate, administrator, self, branches);
        await beginning.SeeAsync(cancellation);
        return beginning;
    }

    /// <summary>What is missing at this moment.</summary>
    public async Task<RightsPlan> PlanAsync(string? group, CancellationToken cancellation)
    {
        await SeeAsync(cancellation);
        var name = group ?? (sight.HasOwnGroup ? sight.Bots : Usual);
        return new(sight, name, await RightsWriter.FindAsync(administrator!, name, cancellation));
    }

    /// <summary>Those of the reviewers' groups that the gate may not see: its rules could not count their votes.</summary>
    public async Task<IReadOnlyList<string>> HiddenAsync(CancellationToken cancellation)
    {
        var hidden = new List<string>();
        foreach (var name in Reviewers)
        {
            if (await RightsWriter.FindAsync(gate, name, cancellation) is null)
                hidden.Add(name);
        }

        return hidden;
    }

    private async Task SeeAsync(CancellationToken cancellation)
    {
        var reader = administrator ?? gate;
        var project = await reader.GetAsync($"projects/{Uri.EscapeDataString(Place.Project)}", AccessJson.Default.ProjectDto, cancellation);
        sight = await new SightReader(Place, gate, administrator).SeeAsync(self, project, branches, cancellation);
    }

    /// <summary>The usual names where they are there; else the label with the widest scores reviews, and the gate gets one of its own.</summary>
    private static GerritLabels LabelsOf(IReadOnlyDictionary<string, LabelDto> labels)
    {
        var review = labels.ContainsKey("Code-Review") ? "Code-Review" : labels.Where(label => label.Key is not ("Verified" or "Gatekeeper" or "Workflow")).OrderByDescending(label => label.Value.Scores.DefaultIfEmpty(0).Max()).Select(label => label.Key).FirstOrDefault("Code-Review");
        return new(review, labels.ContainsKey("Gatekeeper") ? "Gatekeeper" : "Verified", labels.ContainsKey("Workflow") ? "Workflow" : null);
    }
}
