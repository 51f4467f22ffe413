using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>What nobody can meet is said before it locks a trunk, and said on the change where only its makers make it so.</summary>
public sealed class ReachTests
{
    private const string Groups = """
        version: 1
        groups:
          core: { users: [bob, carol, dan, bob] }
          lead: { users: [erin, bob], except: [bob] }
          all: { groups: [core, lead], except: [dan] }
          team: { users: [bob], teams: [acme/core] }
          none: { users: [bob], except: [bob] }
        """;

    private static string[] Said(string requirement, string more = "") => [.. RulesLoader.Load($"{Groups}\n{more}gates:\n  - name: tall\n    require:\n      {requirement}\n").Problems.Select(problem => $"{problem}").Where(problem => !problem.Contains("lifted-by", StringComparison.Ordinal))];

    [TestCase("{ approvals: 5, from: core }", "error: gate \"tall\": it asks for 5 approvals from core, and core has 3 members: nobody can meet this")]
    [TestCase("{ approvals: 3, from: core }", null)]
    [TestCase("{ approvals: 2, from: lead }", "error: gate \"tall\": it asks for 2 approvals from lead, and lead has 1 member: nobody can meet this")]
    [TestCase("{ approvals: 4, from: all }", "error: gate \"tall\": it asks for 4 approvals from all, and all has 3 members: nobody can meet this")]
    [TestCase("{ approvals: 1, from: none }", "error: gate \"tall\": it asks for 1 approvals from none, and none has no members: nobody can meet this")]
    [TestCase("{ approvals: 100, from: anyone }", null)]
    [TestCase("{ approvals: 1, from: team }", null)]
    [TestCase("{ approvals: 5, from: team }", "warning: gate \"tall\": it asks for 5 approvals from team, and only 1 of its members are named here, the others are a team's: see on the forge that there are so many")]
    [TestCase("{ vote: { label: QA, at-least: 1, count: 2 }, from: lead }", "error: gate \"tall\": it asks for 2 votes of QA from lead, and lead has 1 member: nobody can meet this")]
    [TestCase("{ all: [{ approvals: 3, from: core }, { approvals: 1, from: all }], different-people: true }", null)]
    [TestCase("{ all: [{ approvals: 3, from: core }, { approvals: 2, from: all }], different-people: true }", "error: gate \"tall\": it asks for 5 different people from core, all, and there are not so many: nobody can meet this")]
    [TestCase("{ any: [{ approvals: 9, from: core }, { approvals: 1, from: lead }] }", "warning: gate \"tall\": it asks for 9 approvals from core, and core has 3 members: nobody can meet this")]
    [TestCase("{ go-ahead: [none] }", "error: gate \"tall\": it waits for none to say go, and there is nobody in it: nobody can meet this", "may: { land: none }\n")]
    [TestCase("{ all: [{ labels: [go] }, { no-labels: [go] }] }", "error: gate \"tall\": the label go must be there and must be absent: nobody can meet this")]
    [TestCase("{ all: [{ labels: [kind/bug] }, { no-labels: [\"kind/*\"] }] }", "error: gate \"tall\": the label kind/bug must be there and must be absent: nobody can meet this")]
    [TestCase("{ any: [{ labels: [go] }, { no-labels: [go] }] }", null)]
    [TestCase("{ all: [{ labels: [\"kind/*\"] }, { no-labels: [kind/bug] }] }", null)]
    [TestCase("{ owners: CODEOWNERS, unowned: none }", "warning: gate \"tall\": paths without an owner wait for none, which has no members: nobody can meet this there")]
    public void What_nobody_can_ever_meet_is_named_with_its_line(string requirement, string? problem, string more = "") =>
        Assert.That(Said(requirement, more).Select(said => said[(said.IndexOf(' ', StringComparison.Ordinal) + 1)..]), Is.EqualTo(problem is null ? Array.Empty<string>() : [problem]));

    [Test]
    public void It_is_an_error_only_where_nothing_at_all_could_land()
    {
        var loaded = RulesLoader.Load($"""
            {Groups}
            may:
              override: {"{"} from: lead, second: lead {"}"}
            gates:
              - name: tall
                require:
                  all:
                    - approvals: 1
                      from: core
                    - approvals: 5
                      from: core
            """);

        Assert.That(loaded.Rules, Is.Not.Null);
        Assert.That(loaded.Problems.Select(problem => $"{problem}").Where(problem => problem.Contains("nobody", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            "9:13: warning: an override needs one of lead and another of lead, and there are no two such people: nobody can lift a gate",
            "16:22: warning: gate \"tall\": it asks for 5 approvals from core, and core has 3 members: nobody can meet this",
        }));
    }

    [TestCase("when: { authors: core }\n    require: { approvals: 3, from: core, lifted-by: core }", "it is for changes of core alone, who do not approve their own: only 2 of core is left for 3: nobody can meet this")]
    [TestCase("when: { authors: lead }\n    require: { approvals: 1, from: lead, lifted-by: core }", "it is for changes of lead alone, who do not approve their own: nobody else of lead is left for 1: nobody can meet this")]
    [TestCase("when: { authors: core }\n    require: { approvals: 2, from: core, lifted-by: core }", null)]
    [TestCase("when: { authors: core }\n    require: { approvals: 3, from: core, lifted-by: core, self: true }", null)]
    [TestCase("when: { authors: { outside: core } }\n    require: { approvals: 3, from: core, lifted-by: core }", null)]
    [TestCase("require: { approvals: 1, from: core, lifted-by: none }", "lifted-by names none, which has no members: nobody can lift a veto")]
    [TestCase("require: { no-veto-from: core, lifted-by: none }", "lifted-by names none, which has no members: nobody can lift a veto")]
    [TestCase("when: { trunks: [mian] }\n    require: { approvals: 1, from: core, lifted-by: core }", "it is for mian alone, which is no trunk of this file (trunks: main), so it never applies")]
    [TestCase("when: { trunks: [main, \"release/*\"] }\n    require: { approvals: 1, from: core, lifted-by: core }", null)]
    public void Gates_for_some_changes_are_looked_at_with_what_they_are_for(string gate, string? warning) =>
        Assert.That(
            RulesLoader.Load($"{Groups}\ngates:\n  - name: tall\n    {gate}\n").Problems.Select(problem => $"{problem}"[($"{problem}".IndexOf(' ', StringComparison.Ordinal) + 1)..]),
            Is.EqualTo(warning is null ? Array.Empty<string>() : [$"warning: gate \"tall\": {warning}"]));

    [Test]
    public void Gates_that_ask_for_opposite_labels_are_named() =>
        Assert.That(
            RulesLoader.Load($"{Groups}\ngates:\n  - {"{"} name: one, require: {"{"} labels: [go] {"}"} {"}"}\n  - {"{"} name: two, require: {"{"} no-labels: [go] {"}"} {"}"}\n").Problems.Select(problem => $"{problem}"),
            Has.One.Contains("warning: gates \"one\", \"two\": the label go must be there and must be absent: nobody can meet this"));

    [Test]
    public void Warnings_point_at_what_they_speak_of()
    {
        var loaded = RulesLoader.Load("""
            version: 1
            groups:
              core: { users: [bob] }
              around: { groups: [around] }
            tests:
              lint: { run: make lint }
            gates:
              - name: one
                require: { approvals: 1, from: core }
            """);

        Assert.That(loaded.Problems.Select(problem => $"{problem}"), Is.EqualTo(new[]
        {
            "4:3: error: group around includes itself",
            "6:3: warning: no gate requires test lint: it is run and shown, and changes land without it",
            "9:27: warning: gate \"one\": a veto of core that somebody else removes stands for ever; lifted-by would say who may lift it",
        }));
    }

    [TestCase("groups:\n\tcore: { users: [bob] }\n", "2:1")]
    [TestCase("groups:\n  core:\n\t  users: [bob]\n", "3:1")]
    [TestCase("groups:\n  core:\n  \tusers: [bob]\n", "3:3")]
    [TestCase("gates:\n\t- name: one\n", "2:1")]
    [TestCase("gates:\n  - name: one\n\trequire: { tests: all }\n", "3:1")]
    [TestCase("groups: { core: { users: [bob] } }\ntests:\n  unit:\n    run: make\n\ttimeout: 3m\n", "5:1")]
    public void A_tab_that_indents_is_reported_where_it_is(string text, string place) =>
        Assert.That($"{RulesLoader.Load(text).Errors.First()}", Does.StartWith($"{place}: error: a tab stands here; indent with spaces"));

    [Test]
    public void A_tab_within_a_text_is_a_tab() =>
        Assert.That(RulesLoader.Load("version: 1\ntests:\n  unit:\n    run: |\n      make\n      \tit\n    env: { A: \"\tb\" }\ngates: [{ name: t, require: { tests: all } }]\n").Errors, Is.Empty);

    [Test]
    public void Where_too_few_are_left_who_did_not_make_the_change_it_says_that_nobody_can_meet_it()
    {
        var rules = Make.Rules($"{Groups}\ngates: [{{ name: tall, require: {{ approvals: 3, from: core, lifted-by: lead }} }}]");

        var verdict = rules.Judged(Make.Change(author: "bob").Approved("carol")).Gates.Single();

        Assert.That(verdict.Reason, Is.EqualTo("1 of 3 approvals from core (carol); nobody can meet this: core has 3 members, and only 2 of them may vote here (bob is the author)"));
        Assert.That(verdict.Cures, Is.Empty);
        Assert.That(rules.Judged(Make.Change().Approved("carol")).Gates.Single().Reason, Is.EqualTo("1 of 3 approvals from core (carol)"));
    }
}
