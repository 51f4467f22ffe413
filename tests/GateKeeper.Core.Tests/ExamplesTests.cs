using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>The example files do what their first lines say.</summary>
public sealed class ExamplesTests
{
    [TestCaseSource(nameof(Files))]
    public void Every_example_is_valid(string name) => Assert.That(RulesLoader.Load(Text(name)).Errors, Is.Empty);

    [Test]
    public void OpenStack_two_plus_two_and_workflow()
    {
        var rules = Example("openstack");
        var change = Scored(Make.Change(), ("alice", "Code-Review", 2), ("bob", "Code-Review", 2));

        Assert.That(rules.Judged(change).Missing.Single().Name, Does.StartWith("workflow"));
        Assert.That(rules.Judged(Scored(change, ("carol", "Workflow", 1))).Passes);
        Assert.That(rules.Judged(Scored(change, ("carol", "Workflow", 1), ("carol", "Code-Review", -2))).Gates[1].Decision, Is.EqualTo(Decision.Block));
        Assert.That(rules.Judged(Scored(Make.Change(), ("alice", "Code-Review", 2), ("bob", "Code-Review", 1), ("carol", "Workflow", 1))).Passes, Is.False);
    }

    [Test]
    public void Tarmac_two_approve_and_nobody_disapproves()
    {
        var rules = Example("tarmac");
        var change = Make.Change().Approved("alice", "bob").Asked(RequestKind.Land, "alice");

        Assert.That(rules.Judged(change).Passes);
        Assert.That(rules.Judged(change.Vetoed("stranger")).Whole.Reason, Does.Contain("vetoed by stranger"));
    }

    [Test]
    public void Kubernetes_owners_and_labels()
    {
        var rules = Example("kubernetes");
        Judgement Judged(Change change) => rules.Judged(change, now => now with { Owners = new Dictionary<string, OwnersFile> { ["**/OWNERS"] = OwnersFile.Of([new("src/OWNERS", "* bob\n")]) } });
        var change = Make.Change().Approved("bob");
        change = change with { Commits = [change.Commits[0] with { Trailers = [new("Signed-off-by", "Ann <ann@example.org>")] }] };

        Assert.That(Judged(change).Passes);
        Assert.That(Judged(change with { Labels = [new("do-not-merge/hold", null)] }).Whole.Reason, Does.Contain("do-not-merge/hold"));
        Assert.That(Judged(change with { Paths = ["README"] }).Whole.Reason, Does.Contain("needs an approval by an owner: @sig-leads"));
        Assert.That(Judged(change with { Commits = Make.Change().Commits }).Whole.Reason, Does.Contain("no Signed-off-by"));
    }

    [Test]
    public void Four_eyes_are_two_people_and_a_ticket()
    {
        var rules = Example("four-eyes");
        var change = Make.Change() with { Title = "ABC-12: mend it", Commits = [Make.Change().Commits[0] with { Message = "ABC-12: mend it" }] };

        Assert.That(rules.Judged(change.Approved("bob")).Whole.Reason, Does.Contain("two places"));
        Assert.That(rules.Judged(change.Approved("bob", "alice")).Passes);
        Assert.That(rules.Judged(change.Approved("bob", "alice") with { Title = "mend it" }).Passes, Is.False);
        Assert.That(rules.Judged(change.Approved("bob", "alice").Sized(401)).Whole.Reason, Does.Contain("at most 400"));
    }

    [Test]
    public void In_a_monorepo_each_directory_has_its_people()
    {
        var rules = Example("monorepo");

        Assert.That(rules.Judged(Make.Change().Approved("alice") with { Paths = ["backend/a"] }).Passes);
        Assert.That(rules.Judged(Make.Change().Approved("alice") with { Paths = ["backend/a", "frontend/b"] }).Passes, Is.False);
        Assert.That(rules.Judged(Make.Change().Approved("alice") with { Paths = ["Makefile"] }).Passes, Is.False);
        Assert.That(rules.Judged(Make.Change() with { Paths = ["docs/a.md"] }).Passes);
    }

    [Test]
    public void On_GitHub_teams_and_owners_approve_and_workflows_are_the_maintainers()
    {
        var rules = Example("github");
        GroupMembers Team(params string[] names) => new([.. names.Select(name => new Account(name))]);
        Judgement Judged(Change change, TestStanding? build = null) => rules.Judged(change, now => now with
        {
            Owners = new Dictionary<string, OwnersFile> { [".github/CODEOWNERS"] = OwnersFile.Parse("src/ @bob @acme/storage\n").ByAt(name => new(name), _ => Team("dora"), _ => null) },
            People = People.Resolve(rules, new Dictionary<string, GroupMembers> { ["acme/maintainers"] = Team("erin"), ["acme/developers"] = Team("ann", "bob", "carol") }, name => new(name)),
            Tests = new Dictionary<string, TestStanding> { ["build"] = build ?? new TestStanding.Passed("") },
        });
        var change = Make.Change().Approved("bob").Asked(RequestKind.Land, "ann");
        var workflow = change with { Paths = [".github/workflows/gatekeeper.yml"] };

        Assert.That(Judged(change).Passes);
        Assert.That(Judged(change with { Requests = [] }).Missing.Single().Name, Is.EqualTo("somebody says go"));
        Assert.That(Judged(Make.Change().Approved("carol").Asked(RequestKind.Land, "ann")).Whole.Reason, Does.Contain("src/1.c needs an approval by an owner: @bob @acme/storage"));
        Assert.That(Judged(change.Vetoed("carol")).Passes, Is.False);
        Assert.That(Judged(change, new TestStanding.Failed("")).Missing.Single().Name, Is.EqualTo("test build"));
        Assert.That(Judged(workflow).Missing.Single().Cures, Is.EquivalentTo(new[] { "erin" }));
        Assert.That(Judged(workflow.Approved("erin")).Passes);
        Assert.That(Judged(Make.Change(author: "stranger").Approved("bob").Asked(RequestKind.Land, "bob")).Missing.Single().Name, Does.StartWith("no strangers"));
    }

    [Test]
    public void In_a_small_team_one_other_is_enough()
    {
        var rules = Example("small-team");

        Assert.That(rules.Judged(Make.Change(author: "alice").Approved("bob")).Passes);
        Assert.That(rules.Judged(Make.Change(author: "alice").Approved("alice")).Passes, Is.False);
    }

    [Test]
    public void The_repositorys_own_rules_are_valid_and_guard_themselves()
    {
        var rules = Make.Rules(File.ReadAllText(Path.Combine(Root, "rules.yaml")));
        var change = Make.Change().Approved("core-one", "core-two");

        Assert.That(rules.Judged(change).Passes);
        Assert.That(rules.Judged(change with { Paths = ["rules.yaml"] }).Passes, Is.False);
        Assert.That(rules.Judged(change with { Paths = ["rules.yaml"] }).Missing.Single().Cures, Is.EquivalentTo(new[] { "maintainer-one", "maintainer-two" }));
    }

    [Test]
    public void The_schema_knows_every_word_that_the_examples_use()
    {
        var schema = File.ReadAllText(Path.Combine(Root, "src/GateKeeper/rules.schema.json"));
        var words = Files.Select(Text).SelectMany(text => System.Text.RegularExpressions.Regex.Matches(text, @"(?<=[{,\n] *)(?:- )?([a-z][a-z-]+)(?=: )").Select(match => match.Groups[1].Value));

        Assert.That(words.Distinct().Where(word => (word is "approvals" or "from" or "lifted-by" or "no-veto-from" or "go-ahead" or "owners" or "tests" or "different-people" or "instead-of" or "weekly" or "set-by" or "window") && !schema.Contains($"\"{word}\"", StringComparison.Ordinal)), Is.Empty);
    }

    private static IEnumerable<string> Files => Directory.GetFiles(Path.Combine(Root, "deploy/examples"), "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)).Order();

    private static string Root
    {
        get
        {
            var directory = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(directory, "GateKeeper.sln")))
                directory = Path.GetDirectoryName(directory.TrimEnd('/'))!;
            return directory;
        }
    }

    private static Ruleset Example(string name) => Make.Rules(Text(name));

    private static string Text(string name) => File.ReadAllText(Path.Combine(Root, "deploy/examples", $"{name}.yaml"));

    private static Change Scored(Change change, params ReadOnlySpan<(string By, string Label, int Score)> scores)
    {
        foreach (var (by, label, score) in scores)
            change = change with { Votes = [.. change.Votes, new() { By = new(by), Value = VoteValue.Neither, Label = label, Score = score, On = change.Current.Commit, Order = change.Votes.Count + 1 }] };
        return change;
    }
}
