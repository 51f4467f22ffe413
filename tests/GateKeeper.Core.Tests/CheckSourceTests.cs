using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>Whose report counts: the pinned source's, as the rules pin it and the forge understands it, and where nobody could have edited what it does unseen.</summary>
public sealed class CheckSourceTests
{
    private const string Head = """
        version: 1
        groups: { core: { users: [bob] }, maintainers: { users: [erin] } }
        may: { override: { from: core, second: maintainers } }
        tests: { ci: { check: build, from: { app: actions, workflow: .github/workflows/build.yml }, on: revision } }
        gates:
          - { name: reviewer, when: { paths: ["src/**", "docs/**"] }, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: tests, require: { tests: all } }

        """;

    private const string Guarded = Head + """
          - { name: workflows, when: { paths: [".github/**"] }, require: { approvals: 1, from: maintainers, lifted-by: maintainers } }
        """;

    [Test]
    public void What_is_defined_in_workflows_needs_a_gate_on_them()
    {
        var loaded = RulesLoader.Load(Head);

        Assert.That(loaded.Rules, Is.Null);
        Assert.That(loaded.Problems.Select(problem => problem.ToString()), Has.Some.Contains("test ci is defined in .github/**, so some gate must guard it"));
        Assert.That(Make.Rules(Guarded).Tests.Single().Retries, Is.Zero, "nobody's check is run again by the gate");
    }

    [TestCase("any: [{ approvals: 1, from: core }, { labels: [ok] }]", Description = "a label would do")]
    [TestCase("owners: CODEOWNERS", Description = "what has no owner needs nobody")]
    [TestCase("go-ahead: [author]")]
    public void A_gate_guards_only_if_it_cannot_be_passed_without_somebodys_word(string require)
    {
        var loaded = RulesLoader.Load($"{Head}  - {{ name: workflows, when: {{ paths: [\".github/**\"] }}, require: {{ {require} }} }}\n");

        Assert.That(loaded.Errors.Select(problem => problem.ToString()), Has.One.Contains("so some gate must guard it"));
    }

    [Test]
    public void The_event_is_the_forges_own_unless_the_rules_name_one()
    {
        Assert.That(Said(Make.Change(), "pull_request"), Does.Contain("ci passed"));
        Assert.That(Said(Make.Change(), "push"), Does.Contain("no report of build by actions, .github/workflows/build.yml, pull_request"));
        Assert.That(Said(Make.Change(), "push", Guarded.Replace("build.yml }", "build.yml, event: push }", StringComparison.Ordinal)), Does.Contain("ci passed"));
    }

    [Test]
    public void Who_edits_the_workflow_is_not_believed_by_it_before_those_who_guard_it_have_agreed()
    {
        var change = Make.Change() with { Paths = ["src/1.c", ".github/workflows/build.yml"] };
        Assert.That(Said(change, "pull_request"), Does.Contain("it changes .github/**, where build is defined, so its report counts when a gate on that has passed"));
        Assert.That(Said(change.Approved("erin"), "pull_request"), Does.Contain("ci passed"));
        Assert.That(Said(change with { Paths = null }, "pull_request"), Does.Contain("so its report counts when"), "what is not known is not taken for harmless");
    }

    [Test]
    public void A_gate_on_the_workflow_that_two_people_lifted_is_not_the_word_of_those_who_guard_it()
    {
        var change = (Make.Change() with { Paths = [".github/workflows/build.yml"] }).Asked(RequestKind.Override, "bob", "workflows").Asked(RequestKind.Confirm, "erin");

        Assert.That(Said(change, "pull_request"), Does.Contain("OVERRIDDEN by bob").And.Contain("so its report counts when"));
    }

    [TestCase("ci passed", "1 failure", "1 success")]
    [TestCase("ci passed", "1 success", "2 success")]
    [TestCase("ci is running", "1 success", "1 queued")]
    [TestCase("ci is running", "1 success", "2 in_progress")]
    [TestCase("build reported failure", "1 failure", "2 success")]
    [TestCase("build reported \"skipped\", which is no pass", "1 success", "2 skipped")]
    public void A_later_report_counts_within_a_run_and_of_several_runs_each_must_pass(string said, params string[] reports)
    {
        var change = Make.Change();
        var checks = reports.Select((report, place) => Report(change.Current.Commit, report.Split(' ')[1], "pull_request", report.Split(' ')[0], place)).ToArray();

        Assert.That(Said(change, checks), Does.Contain(said));
    }

    [TestCase("build reported failure", 5)]
    [TestCase("ci passed", 0)]
    public void Two_machines_of_one_name_in_one_run_each_have_their_word_but_one_that_ended_before_is_superseded(string said, int endedAfterTheOtherBegan)
    {
        var change = Make.Change();
        var failed = Report(change.Current.Commit, "failure", "pull_request", "1", 1);
        failed = failed with { EndedAt = failed.At.AddMinutes(endedAfterTheOtherBegan) };

        Assert.That(Said(change, [failed, Report(change.Current.Commit, "success", "pull_request", "1", 2)]), Does.Contain(said));
    }

    private static Check Report(CommitSha on, string state, string @event, string run, int order) => new()
    {
        Name = "build",
        On = on,
        State = state,
        Run = run,
        Order = order,
        At = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero),
        Source = [new("app", "actions"), new("workflow", ".github/workflows/build.yml"), new("event", @event)],
    };

    private static string Said(Change change, string @event, string rules = Guarded) => Said(change, [Report(change.Current.Commit, "success", @event, "1", 1)], rules);

    private static string Said(Change change, Check[] checks, string rules = Guarded)
    {
        var world = new ToyWorld(1) { Rules = Make.Rules(rules) };
        world.Open[1] = change with { Checks = [.. checks] };
        return string.Join('\n', world.Plan().Open.Single().Judgement.Gates.Select(gate => gate.Reason));
    }
}
