using GateKeeper.Forges.GitHub;

namespace GateKeeper.Tests.GitHub;

/// <summary>What is said of the branches on which candidates are tested, and of the workflows that run there.</summary>
public sealed class CandidateDoctorTests
{
    private const string Workflows = "workflows on main";

    private const string Rules = """
        version: 1
        groups: { core: { users: [bob] } }
        tests:
          build: { check: build, from: { app: github-actions, workflow: .github/workflows/gatekeeper.yml, event: push } }
        gates:
          - name: review
            require: { approvals: 1, from: core, lifted-by: core }
          - name: tests
            require: { tests: all }
        """;

    [TestCase("refs/heads/gatekeeper/**", "refs/heads/gatekeeper/main", true)]
    [TestCase("refs/heads/gatekeeper/**", "refs/heads/gatekeeper/main/41", false)]
    [TestCase("refs/heads/gatekeeper/**/*", "refs/heads/gatekeeper/main", true)]
    [TestCase("refs/heads/gatekeeper/**/*", "refs/heads/gatekeeper/main/41", true)]
    [TestCase("refs/heads/gatekeeper/**/*", "refs/heads/gatekeeper/main/41/2", true)]
    [TestCase("refs/heads/gatekeeper/**/*", "refs/heads/gatekeepers/main", false)]
    [TestCase("refs/heads/gatekeeper/*", "refs/heads/gatekeeper/main/41", false)]
    [TestCase("refs/heads/**/main", "refs/heads/main", true)]
    [TestCase("refs/heads/**/main", "refs/heads/a/b/main", true)]
    [TestCase("refs/heads/release-?", "refs/heads/release-1", true)]
    [TestCase("refs/heads/release-?", "refs/heads/release-/", false)]
    [TestCase("refs/heads/release-[0-9]", "refs/heads/release-7", true)]
    [TestCase("refs/heads/release-[!0-9]", "refs/heads/release-7", false)]
    [TestCase("refs/heads/a.c", "refs/heads/abc", false)]
    [TestCase("refs/heads/main", "refs/heads/main2", false)]
    [TestCase("~ALL", "refs/heads/anything/at/all", true)]
    [TestCase("~DEFAULT_BRANCH", "refs/heads/main", true)]
    [TestCase("~DEFAULT_BRANCH", "refs/heads/stable", false)]
    public void Patterns_mean_what_they_mean_to_rulesets(string pattern, string reference, bool expected) =>
        Assert.That(Fnmatch.Matches(pattern, reference, "main"), Is.EqualTo(expected));

    [Test]
    public void Branches_that_only_the_gate_makes_are_right()
    {
        Assert.That(Sights.Good.Of("candidates"), Is.EqualTo("Right: only gatekeeper makes and moves branches below refs/heads/gatekeeper/"));
        Assert.That((Sights.Good with { Place = Sights.Good.Place with { Publish = null }, Candidates = [] }).Findings.Select(finding => finding.What), Has.No.Member("candidates"));
    }

    [Test]
    public void A_pattern_that_stops_at_a_slash_is_named()
    {
        var set = Sights.Set(3, "candidates", Sights.Gate) with { Rules = [new("creation", null), new("update", null)], Conditions = new(new(["refs/heads/gatekeeper/**"])) };
        var shallow = Sights.Good with
        {
            Rulesets = new Dictionary<long, RulesetDto>(Sights.Good.Rulesets) { [3] = set },
            Candidates = [Sights.Good.Candidates[0], Sights.Branch("gatekeeper/any/1")],
        };

        Assert.That(shallow.Of("candidates"), Is.EqualTo("Wrong: whoever may write to the repository may make gatekeeper/any/1, and so have their own code reported on as a candidate: the ruleset \"candidates\" means refs/heads/gatekeeper/**, and GitHub's stars stop at a slash"));
        Assert.That(shallow.Findings.Cure("candidates"), Is.EqualTo("deploy/github/ruleset-candidates.json keeps refs/heads/gatekeeper/**/* for gatekeeper"));
    }

    [Test]
    public void Branches_that_others_may_make_or_move_or_that_the_gate_may_not_are_wrong()
    {
        var movable = Sights.Good with { Candidates = [Sights.Branch("gatekeeper/any", Sights.Rule("creation", 3))] };

        Assert.That(movable.Of("candidates"), Does.StartWith("Wrong: whoever may write to the repository may move gatekeeper/any"));
        Assert.That(Sights.Good.Passed(3, Sights.Gate, new("RepositoryRole", 4, "always")).Of("candidates"), Is.EqualTo("Wrong: the ruleset \"candidates\" may be passed by who may write to the repository"));
        Assert.That(Sights.Good.Passed(3).Of("candidates"), Is.EqualTo("Wrong: the ruleset \"candidates\" keeps gatekeeper from them too"));
        Assert.That(Sights.Good.Unlent("always").Of("candidates"), Does.StartWith("Unknown: who may pass the ruleset \"candidates\""));
        Assert.That((Sights.Good with { Candidates = [Sights.Good.Candidates[0] with { Rules = Told<IReadOnlyList<BranchRuleDto>>.Unseen("403") }] }).Of("candidates"), Does.StartWith("Unknown: "));
    }

    [Test]
    public void A_check_on_candidates_needs_candidates_and_one_by_an_app_needs_an_app()
    {
        var gated = Sights.Good.Gated(Rules);

        Assert.That((gated with { Place = gated.Place with { Publish = null }, Candidates = [] }).Of("candidates"), Is.EqualTo("Wrong: the rules wait for build on candidates, and the settings publish none"));
        Assert.That((gated with { App = null, User = 55 }).Of("checks"), Does.StartWith("Wrong: the rules wait for build, a check run, and GitHub lets no token of an account read these"));
        Assert.That(gated.Findings.Select(finding => finding.What), Has.No.Member("checks"));
    }

    [TestCase("on:\n  push:\n    branches: ['gatekeeper/**']\n", "Right: .github/workflows/gatekeeper.yml, and no other runs on candidates")]
    [TestCase("on: push\n", "Right: .github/workflows/gatekeeper.yml, and no other runs on candidates")]
    [TestCase("on: [push, pull_request]\n", "Right: .github/workflows/gatekeeper.yml, and no other runs on candidates")]
    [TestCase("on: { push: { branches: ['gatekeeper/*'] } }\n", "Wrong: .github/workflows/gatekeeper.yml does not run on gatekeeper/any/1, where build is awaited")]
    [TestCase("on: { push: { branches: [main] } }\n", "Wrong: .github/workflows/gatekeeper.yml does not run on gatekeeper/any, where build is awaited")]
    [TestCase("on: { push: { branches: ['**', '!gatekeeper/**'] } }\n", "Wrong: .github/workflows/gatekeeper.yml does not run on gatekeeper/any, where build is awaited")]
    [TestCase("on: { push: { tags: ['v*'] } }\n", "Wrong: .github/workflows/gatekeeper.yml does not run on gatekeeper/any, where build is awaited")]
    [TestCase("on: pull_request\n", "Wrong: .github/workflows/gatekeeper.yml does not run on gatekeeper/any, where build is awaited")]
    [TestCase("on: { push: { paths: ['src/**'] } }\n", "Wrong: .github/workflows/gatekeeper.yml runs only where some paths change, and then build may never come")]
    [TestCase("on: [push\n", "Unknown: when .github/workflows/gatekeeper.yml runs cannot be read")]
    public void The_workflow_that_a_check_names_must_run_on_every_candidate(string text, string expected) =>
        Assert.That(With((".github/workflows/gatekeeper.yml", text)).Of(Workflows), Is.EqualTo(expected));

    [Test]
    public void A_workflow_that_is_not_there_and_others_that_run_on_candidates_are_found()
    {
        var absent = With();
        var beside = With((".github/workflows/gatekeeper.yml", "on: push\n"), (".github/workflows/deploy.yml", "on: push\n"), (".github/workflows/nightly.yml", "on: { schedule: [{ cron: '0 0 * * *' }] }\n"),
            (".github/workflows/main.yml", "on: { push: { branches-ignore: ['gatekeeper/**'] } }\n"), (".github/workflows/each.yml", "on: create\n"));

        Assert.That(absent.Of(Workflows), Is.EqualTo("Wrong: build waits for .github/workflows/gatekeeper.yml, and main has no such file"));
        Assert.That(beside.Of(Workflows), Is.EqualTo("Wrong: .github/workflows/deploy.yml, .github/workflows/each.yml run on candidates too"));
        Assert.That(beside.Findings.Cure(Workflows), Does.Contain("branches-ignore: [\"gatekeeper/**\"]"));
    }

    [Test]
    public void Workflows_or_rules_that_could_not_be_read_are_unknown()
    {
        Assert.That(With().OnMain(trunk => trunk with { Workflows = Told<IReadOnlyDictionary<string, string>>.Unseen("403") }).Of(Workflows), Is.EqualTo("Unknown: they cannot be read: 403"));
        Assert.That(With().OnMain(trunk => trunk with { Gates = Told<Core.Rules.Ruleset>.Unseen("there is no rules.yaml on it") }).Of(Workflows), Does.StartWith("Unknown: ").And.EndWith("there is no rules.yaml on it"));
        Assert.That(Sights.Good.Of(Workflows), Is.EqualTo("Right: no check names one, and none runs on candidates"));
    }

    private static GitHubSight With(params (string Path, string Text)[] files) =>
        Sights.Good.Gated(Rules).OnMain(trunk => trunk with { Workflows = new(files.ToDictionary(file => file.Path, file => file.Text)) });
}
