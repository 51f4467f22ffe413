using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;
using GateKeeper.Forges.Gerrit;
using GateKeeper.Forges.GitHub;
using GateKeeper.Forges.PlainGit;

namespace GateKeeper.Commands;

/// <summary>What a forge can tell of what rules ask for: its traits, and what its reports and its people are called.</summary>
/// <param name="Key">Its name in settings and commands.</param>
/// <param name="Traits">The forge's own word for what it has.</param>
/// <param name="Sources">What a report there says of its source, so what <c>from</c> may name.</param>
/// <param name="OnCandidates">Whether others can report on the merge that the gate made.</param>
internal sealed record ToldBy(string Key, ForgeTraits Traits, ValueList<string> Sources, bool OnCandidates)
{
    /// <summary>Where the forge itself looks for an owners file; anywhere is as good where it looks nowhere.</summary>
    public ValueList<string> OwnersFiles { get; init; } = [];

    /// <summary>What it calls an account, where it calls it in one way only.</summary>
    public Func<string, string?> WhyNobody { get; init; } = user => user.StartsWith('@') ? "accounts are written without @" : null;

    public Func<string, string?> WhyNoTeam { get; init; } = _ => null;

    /// <summary>Why a pattern of repositories means none of those there.</summary>
    public Func<string, string?> WhyNoRepository { get; init; } = _ => null;

    /// <summary>Why a pattern of the branches that changes come from means none of those there.</summary>
    public Func<string, string?> WhyNoSource { get; init; } = _ => null;
}

/// <summary>Warns of what rules ask for and a forge cannot tell, so that nobody waits for what never comes.</summary>
internal static class ForgeWarnings
{
    private static readonly List<ToldBy> Forges =
    [
        new("git", PlainGitForge.Has, ["agent", "account"], OnCandidates: false)
        {
            WhyNoSource = branch => branch.Contains(':', StringComparison.Ordinal) ? "there are no forks there" : null,
        },
        new("gerrit", GerritForge.Has, ["label", "user"], OnCandidates: false),
        new("github", GitHubForge.Has, ["app", "workflow", "event", "user"], OnCandidates: true)
        {
            OwnersFiles = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"],
            WhyNobody = user => user.Contains('@', StringComparison.Ordinal) ? "people are named by their logins there, without @" : null,
            WhyNoTeam = team => team.Split('/') is [{ Length: > 0 } and not ['@', ..], { Length: > 0 }] ? null : "teams are written organization/team there",
            WhyNoRepository = repository => repository.Contains('/', StringComparison.Ordinal) || repository.Contains("**", StringComparison.Ordinal) ? null : "repositories are written owner/name there",
        },
    ];

    public static string Known => string.Join(", ", Forges.Select(forge => forge.Key));

    /// <exception cref="UsageException">There is no such forge.</exception>
    public static ToldBy Need(string forge) =>
        Forges.Find(one => one.Key == forge) ?? throw new UsageException($"this program knows what {Known} can tell, not \"{forge}\"");

    /// <summary>What a forge has, where it is known which is meant; else all that any has.</summary>
    public static ForgeTraits TraitsOf(string? forge) =>
        Forges.Find(one => one.Key.Equals(forge, StringComparison.OrdinalIgnoreCase)) is { } known ? known.Traits with { Publishes = known.OnCandidates } : ForgeTraits.Everything with { Name = forge ?? ForgeTraits.Everything.Name, Publishes = true };

    public static IEnumerable<RuleProblem> Of(Ruleset rules, RulePlaces places, string forge) =>
        Words(rules, Need(forge)).DistinctBy(said => said.Words).Select(said => new RuleProblem(places.Of(said.Part), said.Words, IsWarning: true));

    /// <summary>What is to be said, and of which part of the file.</summary>
    private static IEnumerable<(object Part, string Words)> Words(Ruleset rules, ToldBy forge) =>
    [
        .. rules.Gates.SelectMany(gate => gate.Require.Flatten().SelectMany(part => Said(part, $"gate \"{gate.Name}\"", Asks(part, forge)))),
        .. rules.Gates.SelectMany(gate => gate.Require.Flatten().OfType<Forbidden>().SelectMany(part => Within(part.Condition).SelectMany(inner => Said(part, $"gate \"{gate.Name}\"", Decides(inner, forge, "so this never passes"))))),
        .. rules.Gates.SelectMany(gate => Within(gate.When).SelectMany(part => Said(gate, $"gate \"{gate.Name}\"", Decides(part, forge)))),
        .. rules.Freezes.SelectMany(freeze => Within(freeze.Except).SelectMany(part => Said(freeze, $"freeze {freeze.Name}", Decides(part, forge)))),
        .. rules.Landing.Priority.SelectMany(rule => Within(rule.When).SelectMany(part => Said(rule, $"priority {rule.Value}", Decides(part, forge)))),
        .. rules.Groups.SelectMany(group => Names(group, forge).SelectMany(why => Said(group, $"group {group.Name}", why))),
        .. rules.Tests.Where(test => test.Check is not null).SelectMany(test => Reports(test.Check!, forge).SelectMany(why => Said(test, $"test {test.Name}", why))),
    ];

    private static IEnumerable<(object Part, string Words)> Said(object part, string name, string? why) => why is null ? [] : [(part, $"{name}: {why}")];

    private static string? Asks(Requirement part, ToldBy forge) => part switch
    {
        LabelVote or NoLabelVote when !forge.Traits.HasScores => $"{forge.Traits.Name} has no labels with scores, so this never passes",
        LabelsAre when !forge.Traits.HasLabels => $"{forge.Traits.Name} has no labels, so this never passes",
        OwnersApprove { Nested: true } owners when forge.OwnersFiles.Count > 0 =>
            $"{forge.Traits.Name} itself looks for owners in {string.Join(", ", forge.OwnersFiles)} only; the gate reads {owners.File} in each directory, and {forge.Traits.Name} asks nobody named there for a review",
        SignedCommits when !forge.Traits.TellsSignatures => $"{forge.Traits.Name} does not tell of signatures: this waits unless the settings name whose keys count (\"signers\")",
        OwnersApprove owners when forge.OwnersFiles.Count > 0 && !forge.OwnersFiles.Contains(owners.File) =>
            $"{forge.Traits.Name} itself looks for owners in {string.Join(", ", forge.OwnersFiles)} only; the gate reads {owners.File}, and asks nobody there for a review",
        _ => null,
    };

    private static string? Decides(Condition part, ToldBy forge, string without = "so this condition never holds") => part switch
    {
        HasLabels when !forge.Traits.HasLabels => $"{forge.Traits.Name} has no labels, {without}",
        FromBranch from when forge.Traits.HasBranches && Meaningless(from.Branches.Patterns, forge.WhyNoSource) is var (branch, why) => $"no branch on {forge.Traits.Name} is called {branch}: {why}",
        InRepository where when Meaningless(where.Repositories.Select(pattern => pattern.Pattern), forge.WhyNoRepository) is var (repository, why) => $"no repository on {forge.Traits.Name} is called {repository}: {why}",
        FromBranch when !forge.Traits.HasBranches => $"{forge.Traits.Name} does not tell which branch a change comes from, so what depends on source-branches is never known, and waits",
        IsDraft { Draft: true } when !forge.Traits.HasDrafts => $"{forge.Traits.Name} has no drafts, so this condition never holds",
        _ => null,
    };

    private static (string Pattern, string Why)? Meaningless(IEnumerable<string> patterns, Func<string, string?> why) =>
        patterns.Where(pattern => why(pattern) is not null).Select(pattern => ((string, string)?)(pattern, why(pattern)!)).FirstOrDefault();

    private static IEnumerable<string> Names(GroupDefinition group, ToldBy forge)
    {
        if (group.Teams.Count > 0 && !forge.Traits.HasTeams)
            yield return $"{forge.Traits.Name} has no teams, so the group can never be read whole";
        foreach (var (user, why) in group.Users.Concat(group.Except).Select(user => (user, forge.WhyNobody(user))).Where(item => item.Item2 is not null))
            yield return $"nobody on {forge.Traits.Name} is called {user}: {why}";
        foreach (var (team, why) in group.Teams.Where(_ => forge.Traits.HasTeams).Select(team => (team, forge.WhyNoTeam(team))).Where(item => item.Item2 is not null))
            yield return $"no team on {forge.Traits.Name} is called {team}: {why}";
    }

    private static IEnumerable<string> Reports(CheckDefinition check, ToldBy forge)
    {
        var (name, from) = (forge.Traits.Name, check.From.ToDictionary(pair => pair.Key, pair => pair.Value));
        foreach (var key in from.Keys.Where(key => !forge.Sources.Contains(key)))
            yield return $"no report on {name} says its {key}, so none ever counts; \"from\" may name {string.Join(", ", forge.Sources)} there";
        if (!from.Keys.Any(key => forge.Traits.Vouched.Contains(key)))
            yield return $"on {name} anybody may report under any name: let \"from\" name {string.Join(" or ", forge.Traits.Vouched)}";
        if (!check.OnRevision && !forge.OnCandidates)
            yield return $"on {name} nobody can report on candidates; say on: revision";
        if (forge.Key != "github" || from.GetValueOrDefault("app") != "github-actions")
            yield break;
        if (!from.ContainsKey("workflow"))
            yield return "app: github-actions is every workflow that anybody adds; name the workflow's file";
        if (check.OnRevision)
            yield return "on: revision counts what a workflow says of the change alone, and of itself as the change has it; on: candidate, the default, asks the merge that would land";
    }

    private static IEnumerable<Condition> Within(Condition? condition) => condition?.Flatten() ?? [];
}
