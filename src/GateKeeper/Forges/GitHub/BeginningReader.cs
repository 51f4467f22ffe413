using System.Text.Json;
using GateKeeper.Core.Rules;

namespace GateKeeper.Forges.GitHub;

/// <summary>Looks at a repository before it is gated: how it is protected, who reviews, what is tested. What is not shown is named, and does not keep it from looking on.</summary>
internal sealed class BeginningReader(GitHubPlace place, GitHubClient client)
{
    // Where GitHub looks, in its order.
    private static readonly string[] OwnersPlaces = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
    private readonly List<string> unseen = [];
    private readonly List<string> found = [];

    /// <exception cref="ForgeException">The host does not answer, or does not show the repository to this login.</exception>
    public async Task<GitHubBeginning> LookAsync(string? trunk, CancellationToken cancellation)
    {
        var repository = await client.GetAsync(place.Path, DoctorJson.Default.RepositoryDto, cancellation);
        var branch = trunk ?? repository.DefaultBranch;
        var rules = await AskAsync("the rules for the trunk", async () => (await client.AllAsync($"{place.Path}/rules/branches/{GitHubSightReader.Escape(branch)}?per_page=100", DoctorJson.Default.IReadOnlyListBranchRuleDto, cancellation))?.Value) ?? [];
        var protection = await AskAsync("the trunk's protection", async () => (await client.AskAsync($"{place.Path}/branches/{GitHubSightReader.Escape(branch)}/protection", DoctorJson.Default.ProtectionDto, cancellation))?.Value);
        if (protection is null && unseen.Count == 0 && repository.Permissions?.Admin != true && !client.Line.Login.IsApp)
            unseen.Add("the trunk's protection: GitHub shows it to administrators only");
        var organization = repository.Owner.Type != "User";
        var teams = organization ? await AskAsync("the teams that may write", async () => (await client.AllAsync($"{place.Path}/teams?per_page=100", DoctorJson.Default.IReadOnlyListTeamDto, cancellation))?.Value) ?? [] : [];
        var tip = (await AskAsync("the tip of the trunk", async () => (await client.AskAsync($"{place.Path}/branches/{GitHubSightReader.Escape(branch)}", DoctorJson.Default.TipDto, cancellation))?.Value))?.Commit.Sha;
        var root = tip is null ? [] : await AskAsync("the files of the trunk", async () => (await client.AskAsync($"{place.Path}/git/trees/{tip}", DoctorJson.Default.TreeDto, cancellation))?.Value.Tree) ?? [];
        Describe(rules, protection);
        return new()
        {
            DefaultBranch = repository.DefaultBranch,
            IsOrganizations = organization,
            Owners = await OwnersAsync(branch, cancellation),
            Approvals = Most(rules, protection),
            Developers = [.. teams.Where(team => team.Permission == "push").Select(team => $"{place.Owner}/{team.Slug}")],
            Maintainers = [.. teams.Where(team => team.Permission is "maintain" or "admin").Select(team => $"{place.Owner}/{team.Slug}")],
            Checks = await ChecksAsync(tip, Demanded(rules, protection), cancellation),
            Test = Guess([.. root.Select(entry => entry.Path)]),
            Method = Only(repository, rules, protection),
            HasQueue = rules.Any(rule => rule.Type == "merge_queue"),
            Found = found,
            Unseen = unseen,
        };
    }

    /// <summary>The command that people would type, by the files at the root.</summary>
    internal static string? Guess(IReadOnlyCollection<string> files) =>
        files.Contains("Makefile") || files.Contains("GNUmakefile") ? "make test"
        : files.Any(file => file.EndsWith(".sln", StringComparison.Ordinal) || file.EndsWith(".slnx", StringComparison.Ordinal)) ? "dotnet test"
        : files.Contains("Cargo.toml") ? "cargo test"
        : files.Contains("go.mod") ? "go test ./..."
        : files.Contains("package.json") ? "npm test"
        : files.Contains("gradlew") ? "./gradlew check"
        : files.Contains("pom.xml") ? "mvn --batch-mode verify"
        : files.Contains("tox.ini") ? "tox"
        : files.Contains("pyproject.toml") || files.Contains("setup.py") ? "python3 -m pytest"
        : null;

    private async Task<T?> AskAsync<T>(string what, Func<Task<T?>> ask)
        where T : class
    {
        var told = await GitHubSightReader.TellAsync(ask);
        if (told.Why is { } why)
            unseen.Add($"{what}: {why}");
        return told.Value;
    }

    private async Task<string?> OwnersAsync(string branch, CancellationToken cancellation)
    {
        foreach (var path in OwnersPlaces)
        {
            if (await AskAsync($"whether there is {path}", async () => (await client.AskAsync($"{place.Path}/contents/{path}?ref={Uri.EscapeDataString(branch)}", DoctorJson.Default.ContentDto, cancellation))?.Value) is not null)
                return path;
        }

        return null;
    }

    private async Task<IReadOnlyList<FoundCheck>> ChecksAsync(string? commit, HashSet<string> demanded, CancellationToken cancellation)
    {
        if (commit is null)
            return [.. demanded.Select(name => new FoundCheck(name, null, null, null, true))];
        var runs = await AskAsync("check runs on the tip", async () => (await client.AskAsync($"{place.Path}/commits/{commit}/check-runs?per_page=100", DoctorJson.Default.RunsDto, cancellation))?.Value.CheckRuns) ?? [];
        var workflows = runs.Count == 0 ? [] : await AskAsync("which workflows made them", async () => (await client.AskAsync($"{place.Path}/actions/runs?head_sha={commit}&per_page=100", DoctorJson.Default.MadeRunsDto, cancellation))?.Value.WorkflowRuns) ?? [];
        var statuses = await AskAsync("commit statuses on the tip", async () => (await client.AskAsync($"{place.Path}/commits/{commit}/statuses?per_page=100", DoctorJson.Default.IReadOnlyListStatusDto, cancellation))?.Value) ?? [];
        var checks = runs.Where(run => run.App is not null)
            .Select(run => new FoundCheck(run.Name, run.App!.Slug, workflows.FirstOrDefault(made => made.CheckSuiteId == run.CheckSuite?.Id)?.Path.Split('@')[0], null, demanded.Contains(run.Name)))
            .Concat(statuses.Where(status => status.Creator is not null).Select(status => new FoundCheck(status.Context, null, null, status.Creator!.Login, demanded.Contains(status.Context))))
            .Distinct().ToList();
        return [.. checks.Concat(demanded.Where(name => !checks.Exists(check => check.Name == name)).Select(name => new FoundCheck(name, null, null, null, true))).OrderByDescending(check => check.Demanded).ThenBy(check => check.Name, StringComparer.Ordinal)];
    }

    /// <summary>What the trunk is protected by today, so that nobody is surprised by what it will clash with.</summary>
    private void Describe(IReadOnlyList<BranchRuleDto> rules, ProtectionDto? protection)
    {
        if (rules.Count > 0)
            found.Add($"rulesets that say: {string.Join(", ", rules.Select(rule => rule.Type).Distinct().Order(StringComparer.Ordinal))}");
        if (protection is not null)
            found.Add("the older protection of the branch, which holds beside rulesets");
    }

    private static int? Most(IReadOnlyList<BranchRuleDto> rules, ProtectionDto? protection)
    {
        var counts = rules.Where(rule => rule.Type == "pull_request").Select(rule => Value(rule, "required_approving_review_count") is { ValueKind: JsonValueKind.Number } count ? count.GetInt32() : 0)
            .Concat(protection?.RequiredPullRequestReviews is { } reviews ? [reviews.RequiredApprovingReviewCount] : Array.Empty<int>()).ToList();
        return counts.Count == 0 ? null : counts.Max();
    }

    private static HashSet<string> Demanded(IReadOnlyList<BranchRuleDto> rules, ProtectionDto? protection) =>
    [
        .. rules.Where(rule => rule.Type == "required_status_checks").SelectMany(rule => Value(rule, "required_status_checks") is { ValueKind: JsonValueKind.Array } checks
            ? checks.EnumerateArray().Select(check => check.TryGetProperty("context", out var name) ? name.GetString() : null).OfType<string>().ToList() : []),
        .. protection?.RequiredStatusChecks?.Contexts ?? [],
    ];

    private static JsonElement? Value(BranchRuleDto rule, string name) => rule.Parameters is { ValueKind: JsonValueKind.Object } parameters && parameters.TryGetProperty(name, out var value) ? value : null;

    private static LandingMethod? Only(RepositoryDto repository, IReadOnlyList<BranchRuleDto> rules, ProtectionDto? protection)
    {
        var linear = rules.Any(rule => rule.Type == "required_linear_history") || protection?.RequiredLinearHistory?.Enabled == true;
        return (linear ? false : repository.AllowMergeCommit, repository.AllowSquashMerge, repository.AllowRebaseMerge) switch
        {
            (true, false, false) => LandingMethod.Merge,
            (false, true, _) => LandingMethod.Squash,
            (false, _, true) => LandingMethod.Rebase,
            _ => null,
        };
    }
}
