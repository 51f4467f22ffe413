using System.Text;
using GateKeeper.Core.Rules;

namespace GateKeeper.Forges.GitHub;

/// <summary>Reads what the doctor judges: as the gate sees it, and, where an administrator lends a login, as he does.</summary>
internal sealed class GitHubSightReader(GitHubPlace place, string rulesFile, GitHubClient gate, GitHubClient? administrator)
{
    private const int MostWorkflows = 60;

    /// <summary>How deep the gate's branches for candidates may lie below their folder.</summary>
    private static readonly string[] Depths = ["any", "any/1", "any/1/2"];

    private GitHubClient Reader => administrator ?? gate;

    /// <summary>A question whose refusal is an answer too.</summary>
    public static async Task<Told<T>> TellAsync<T>(Func<Task<T?>> ask)
        where T : class
    {
        try
        {
            return new(await ask());
        }
        catch (ForgeException error) when (error.Status is >= 400 and < 500 and not 429)
        {
            return Told<T>.Unseen(error.Message);
        }
    }

    public async Task<IReadOnlyList<string>> BranchesAsync(CancellationToken cancellation) =>
        [.. ((await gate.AllAsync($"{place.Path}/branches?per_page=100", DoctorJson.Default.IReadOnlyListBranchDto, cancellation))?.Value ?? []).Select(branch => branch.Name)];

    public async Task<GitHubSight> SeeAsync(GitHubSight first, IReadOnlyList<string> trunks, bool mayReadProtection, CancellationToken cancellation)
    {
        var seen = new List<BranchSight>();
        foreach (var trunk in trunks)
        {
            var branch = await GuardsAsync(trunk, mayReadProtection, cancellation);
            seen.Add(branch with
            {
                Gates = await GatesAsync(trunk, cancellation),
                Queue = branch.Protection is { IsKnown: true, Value: null } ? new(null) : await TellAsync(() => QueueAsync(trunk, cancellation)),
                Workflows = await TellAsync(() => WorkflowsAsync(trunk, cancellation)),
            });
        }

        var candidates = new List<BranchSight>();
        foreach (var depth in place.Publish is null ? [] : Depths)
        {
            var name = $"{place.Publish!["refs/heads/".Length..]}{depth}";
            candidates.Add(new(name, await RulesAsync(name, cancellation), new(null)));
        }

        var (rulesets, said) = await RulesetsAsync(seen.Concat(candidates), cancellation);
        var (names, own) = await NamesAsync(first, rulesets.Values, cancellation);
        return first with { Trunks = seen, Candidates = candidates, Rulesets = rulesets, Said = said, Names = names, OwnTeams = own };
    }

    /// <summary>Those who may lift all this.</summary>
    public async Task<(IReadOnlyList<string> Names, string? Unseen)> AdministratorsAsync(bool organization, CancellationToken cancellation)
    {
        if (administrator is null)
            return ([], "who administers is shown to administrators only");
        var here = await TellAsync(async () => (await administrator.AllAsync($"{place.Path}/collaborators?permission=admin&per_page=100", DoctorJson.Default.IReadOnlyListUserDto, cancellation))?.Value);
        var owners = organization ? await TellAsync(async () => (await administrator.AllAsync($"orgs/{place.Owner}/members?role=admin&per_page=100", DoctorJson.Default.IReadOnlyListUserDto, cancellation))?.Value) : new([]);
        return ([.. (here.Value ?? []).Concat(owners.Value ?? []).Select(user => user.Login).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)],
            here.Value is null ? here.Why ?? "GitHub does not show who does" : owners.Value is null ? owners.Why ?? "GitHub does not show the owners of the organization" : null);
    }

    public static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private async Task<BranchSight> GuardsAsync(string branch, bool mayReadProtection, CancellationToken cancellation)
    {
        var protection = await TellAsync(async () => (await Reader.AskAsync($"{place.Path}/branches/{Escape(branch)}/protection", DoctorJson.Default.ProtectionDto, cancellation))?.Value);

        // Who may not read it may be told that there is none.
        if (protection is { IsKnown: true, Value: null } && !mayReadProtection)
            protection = Told<ProtectionDto>.Unseen("GitHub shows it to administrators only");
        return new(branch, await RulesAsync(branch, cancellation), protection);
    }

    private async Task<Told<IReadOnlyList<BranchRuleDto>>> RulesAsync(string branch, CancellationToken cancellation)
    {
        var rules = await TellAsync(async () => (await gate.AllAsync($"{place.Path}/rules/branches/{Escape(branch)}?per_page=100", DoctorJson.Default.IReadOnlyListBranchRuleDto, cancellation))?.Value);

        // An older server that does not know rulesets has none.
        return rules is not { IsKnown: true, Value: null } ? rules : place.IsHosted ? Told<IReadOnlyList<BranchRuleDto>>.Unseen("404, GitHub does not show them") : new([]);
    }

    private async Task<Told<Ruleset>> GatesAsync(string trunk, CancellationToken cancellation)
    {
        var file = await TellAsync(() => TextAsync(rulesFile, trunk, cancellation));
        if (file.Value is not { } text)
            return Told<Ruleset>.Unseen(file.Why ?? $"there is no {rulesFile} on it");
        var loaded = RulesLoader.Load(text);
        return loaded.Rules is { } rules ? new(rules) : Told<Ruleset>.Unseen($"{rulesFile}: {loaded.Said}");
    }

    private async Task<string?> TextAsync(string path, string branch, CancellationToken cancellation) =>
        (await gate.AskAsync($"{place.Path}/contents/{Escape(path)}?ref={Uri.EscapeDataString(branch)}", DoctorJson.Default.ContentDto, cancellation))?.Value is { Content: { } content } ? Decoded(path, content) : null;

    private static string Decoded(string path, string content)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(content.Replace("\n", "", StringComparison.Ordinal)));
        }
        catch (FormatException)
        {
            throw new ForgeException($"{path}: what GitHub sent of it is not base64", null);
        }
    }

    private async Task<IReadOnlyDictionary<string, string>?> WorkflowsAsync(string branch, CancellationToken cancellation)
    {
        var list = (await gate.AskAsync($"{place.Path}/contents/.github/workflows?ref={Uri.EscapeDataString(branch)}", DoctorJson.Default.IReadOnlyListContentDto, cancellation))?.Value ?? [];
        var paths = list.Where(entry => entry.Type == "file" && (entry.Path.EndsWith(".yml", StringComparison.Ordinal) || entry.Path.EndsWith(".yaml", StringComparison.Ordinal))).Select(entry => entry.Path).ToList();
        if (paths.Count > MostWorkflows)
            throw new ForgeException($"there are more than {MostWorkflows} of them", 400);
        var files = new Dictionary<string, string>();
        foreach (var path in paths)
            files[path] = await TextAsync(path, branch, cancellation) ?? "";
        return files;
    }

    private async Task<QueueDto?> QueueAsync(string branch, CancellationToken cancellation)
    {
        try
        {
            var (data, errors, _) = await Reader.QueryAsync("queue", new() { ["owner"] = place.Owner, ["name"] = place.Name, ["branch"] = branch }, QueueJson.Default.GraphAnswerQueueDataDto, data => data.RateLimit, cancellation);
            return errors.Count > 0 ? throw new ForgeException(string.Join("; ", errors.Select(error => error.Message)), 403) : data.Repository?.MergeQueue;
        }
        catch (ForgeException error) when (error.Status is null)
        {
            // An older server does not know the question.
            throw new ForgeException(error.Message, 400);
        }
    }

    /// <summary>All that are shown, so that one that was meant for a branch and misses it can be named.</summary>
    private async Task<(Dictionary<long, RulesetDto> Sets, Dictionary<long, string> Said)> RulesetsAsync(IEnumerable<BranchSight> branches, CancellationToken cancellation)
    {
        var listed = (await TellAsync(async () => (await Reader.AllAsync($"{place.Path}/rulesets?per_page=100&includes_parents=true", DoctorJson.Default.IReadOnlyListRulesetDto, cancellation))?.Value)).Value ?? [];
        var ids = listed.Where(set => set.Target is null or "branch").Select(set => set.Id).Concat(branches.SelectMany(branch => branch.Rules.Value ?? []).Select(rule => rule.RulesetId).OfType<long>()).Distinct();
        var (sets, said) = (new Dictionary<long, RulesetDto>(), new Dictionary<long, string>());
        foreach (var id in ids)
        {
            if (await SetAsync(gate, id, cancellation) is { } set)
            {
                sets[id] = set;
                if (set.CurrentUserCanBypass is { } word)
                    said[id] = word;
            }

            if (administrator is not null && await SetAsync(administrator, id, cancellation) is { } whole)
                sets[id] = whole;
        }

        return (sets, said);
    }

    private async Task<RulesetDto?> SetAsync(GitHubClient client, long id, CancellationToken cancellation) =>
        (await TellAsync(async () => (await client.AskAsync($"{place.Path}/rulesets/{id}", DoctorJson.Default.RulesetDto, cancellation))?.Value)).Value;

    /// <summary>The names of those who may pass, and whose teams are the gate's own. Without a name the number does.</summary>
    private async Task<(Dictionary<(string, long), string> Names, HashSet<long> Own)> NamesAsync(GitHubSight first, IEnumerable<RulesetDto> sets, CancellationToken cancellation)
    {
        var (names, own) = (new Dictionary<(string, long), string>(), new HashSet<long>());
        if (!sets.Any(set => set.BypassActors?.Any(actor => actor.ActorType == "Team") == true))
            return (names, own);
        var teams = await TellAsync(async () => (await Reader.AllAsync($"orgs/{place.Owner}/teams?per_page=100", DoctorJson.Default.IReadOnlyListSlugDto, cancellation))?.Value);
        foreach (var team in teams.Value ?? [])
        {
            names[("Team", team.Id)] = $"the team {place.Owner}/{team.Slug}";
            if (first.User is { } user && sets.Any(set => set.BypassActors?.Any(actor => actor.ActorType == "Team" && actor.ActorId == team.Id) == true)
                && (await TellAsync(async () => (await Reader.AllAsync($"orgs/{place.Owner}/teams/{team.Slug}/members?per_page=100", DoctorJson.Default.IReadOnlyListUserDto, cancellation))?.Value)).Value is [var only] && only.Id == user)
                own.Add(team.Id);
        }

        return (names, own);
    }
}
