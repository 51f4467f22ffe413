using System.Text.Json;
using GateKeeper.Core.Rules;
using GateKeeper.Forges;
using GateKeeper.Forges.GitHub;

namespace GateKeeper.Tests.GitHub;

/// <summary>What a doctor could have read of a repository, made by hand: one trunk, guarded as the guide says, unless a story says otherwise.</summary>
internal static class Sights
{
    public const long App = 4242;
    private const long Trunk = 1, History = 2, Candidates = 3;

    public static readonly PasserDto Gate = new("Integration", App, "always");

    public static GitHubSight Good { get; } = new()
    {
        Place = new(new("https://github.com/"), "acme", "widgets", ["main"], null) { Publish = "refs/heads/gatekeeper/" },
        Gate = "gatekeeper",
        App = App,
        Repository = new("acme/widgets", new("acme", 9, "Organization"), "main", AllowMergeCommit: true, AllowSquashMerge: true, AllowRebaseMerge: false),
        Trunks = [Branch("main", Rule("update", Trunk), Rule("deletion", History), Rule("non_fast_forward", History))],
        Candidates = [.. ((string[])["gatekeeper/any", "gatekeeper/any/1"]).Select(name => Branch(name, Rule("creation", Candidates), Rule("update", Candidates)))],
        Rulesets = new[] { Set(Trunk, "trunk", Gate), Set(History, "history"), Set(Candidates, "candidates", Gate) }.ToDictionary(set => set.Id),
        IsLent = true,
    };

    public static BranchSight Branch(string name, params BranchRuleDto[] rules) => new(name, new(rules), new(null))
    {
        Gates = new(new Ruleset()),
        Workflows = new(new Dictionary<string, string>()),
    };

    public static BranchRuleDto Rule(string type, long set, string? parameters = null, string source = "Repository") =>
        new(type, parameters is null ? null : JsonDocument.Parse(parameters).RootElement, source, source == "Repository" ? "acme/widgets" : "acme", set);

    public static RulesetDto Set(long id, string name, params PasserDto[] passers) => new(id, name, "branch", "Repository", "acme/widgets", "active", passers);

    extension(GitHubSight sight)
    {
        public GitHubSight With(params BranchRuleDto[] more) => sight.OnMain(trunk => trunk with { Rules = new([.. trunk.Rules.Value!, .. more]) });

        public GitHubSight Without(string type) => sight.OnMain(trunk => trunk with { Rules = new([.. trunk.Rules.Value!.Where(rule => rule.Type != type)]) });

        public GitHubSight OnMain(Func<BranchSight, BranchSight> change) => sight with { Trunks = [change(sight.Trunks[0])] };

        public GitHubSight Protected(ProtectionDto protection) => sight.OnMain(trunk => trunk with { Rules = new([]), Protection = new(protection) });

        public GitHubSight Passed(long set, params PasserDto[] passers) => sight with { Rulesets = new Dictionary<long, RulesetDto>(sight.Rulesets) { [set] = (sight.Rulesets.GetValueOrDefault(set) ?? Set(set, $"number {set}")) with { BypassActors = passers } } };

        /// <summary>As the gate's own login sees it: without those who may pass.</summary>
        public GitHubSight Unlent(string? says = null) => sight with
        {
            IsLent = false,
            Rulesets = sight.Rulesets.ToDictionary(set => set.Key, set => set.Value with { BypassActors = null }),
            Said = says is null ? new Dictionary<long, string>() : sight.Rulesets.Keys.ToDictionary(id => id, _ => says),
        };

        public GitHubSight Landing(string method) => sight.Gated($$"""{ version: 1, gates: [{ name: go, require: { go-ahead: [author] } }], landing: { method: {{method}} } }""");

        public GitHubSight Gated(string rules)
        {
            var loaded = RulesLoader.Load(rules);
            return sight.OnMain(trunk => trunk with { Gates = new(loaded.Rules ?? throw new InvalidOperationException(string.Join("; ", loaded.Errors))) });
        }

        public IReadOnlyList<Finding> Findings => [.. new RulesetDoctor(sight).Judge(), .. new WayDoctor(sight).Judge(), .. new CandidateDoctor(sight).Judge()];

        public string Of(string what) => sight.Findings.Of(what);
    }

    extension(IEnumerable<Finding> findings)
    {
        /// <summary>"Wrong: why", of the one finding of that name.</summary>
        public string Of(string what) => findings.Where(finding => finding.What == what).Select(finding => $"{finding.State}: {finding.Why}").Single();

        public string? Cure(string what) => findings.Single(finding => finding.What == what).Cure;
    }
}
