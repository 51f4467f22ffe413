using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>What whoever proposes a change chooses alone lets nothing through; the error says what to write.</summary>
public sealed class LooseningTests
{
    private const string Title = "\"title\" alone must not loosen anything, for whoever proposes a change chooses its title: let \"authors\", or \"labels\" with \"set-by\", stand beside it in the same condition";
    private const string Branch = "\"source-branches\" alone must not loosen anything, for whoever proposes a change chooses its branch: let \"authors\", or \"labels\" with \"set-by\", stand beside it in the same condition";
    private const string Author = "\"author\" alone must not loosen anything, for somebody else may have pushed to the change: write \"authors: bots\", which asks for all who made it, or let \"authors\", or \"labels\" with \"set-by\", stand beside it in the same condition";
    private const string Label = "a label that loosens something needs \"set-by\": the group whose members may set it";

    [TestCase("{ title: '^docs: ' }", Title)]
    [TestCase("{ source-branches: [\"renovate/**\"] }", Branch)]
    [TestCase("{ author: bots }", Author)]
    [TestCase("{ labels: [docs] }", Label)]
    [TestCase("{ title: '^docs: ', only-paths: [\"docs/**\"] }", Title)]
    [TestCase("{ title: '^docs: ', author: bots }", Title, Author)]
    [TestCase("{ title: '^docs: ', authors: { outside: core } }", Title)]
    [TestCase("{ title: '^docs: ', authors: anyone }", Title)]
    [TestCase("{ any: [{ authors: bots }, { title: '^docs: ' }] }", Title)]
    [TestCase("{ all: [{ paths: [a] }, { any: [{ source-branches: [x] }] }] }", Branch)]
    [TestCase("{ not: { not: { title: '^docs: ' } } }", Title)]
    [TestCase("{ authors: core, not: { not: { title: '^docs: ' } } }", Title)]
    [TestCase("{ title: '^docs: ', authors: core }")]
    [TestCase("{ source-branches: [\"renovate/**\"], authors: bots }")]
    [TestCase("{ author: bots, labels: [deps], set-by: core }")]
    [TestCase("{ authors: core, any: [{ title: '^docs: ' }, { source-branches: [docs] }] }")]
    [TestCase("{ not: { title: '^feat' } }")]
    [TestCase("{ trunks: [main], repositories: [acme/docs] }")]
    public void Where_a_condition_makes_an_exception_somebodys_word_stands_beside_what_the_author_chooses(string condition, params string[] problems)
    {
        Assert.That(Problems($"gates: [{Two}, {{ name: one, instead-of: two, when: {condition}, require: {{ linear: true }} }}]"), Is.EqualTo(problems), "instead-of");
        Assert.That(Problems($"gates: [{Two}]\nlanding: {{ priority: [{{ when: {condition}, value: 9 }}] }}"), Is.EqualTo(problems), "priority");
        Assert.That(Problems($"gates: [{Two}]\nfreezes: [{{ name: f, weekly: {{ from: Fri 17:00, to: Mon 08:00, zone: Etc/UTC }}, except: {condition} }}]"), Is.EqualTo(problems), "a freeze");
    }

    [TestCase("{ title: '^docs: ' }")]
    [TestCase("{ source-branches: [\"renovate/**\"] }")]
    [TestCase("{ author: bots }")]
    [TestCase("{ labels: [docs] }")]
    [TestCase("{ not: { title: '^docs: ' } }", Title)]
    [TestCase("{ not: { source-branches: [\"renovate/**\"] } }", Branch)]
    [TestCase("{ not: { author: bots } }", Author)]
    [TestCase("{ not: { labels: [docs] } }", Label)]
    [TestCase("{ authors: core, not: { title: '^docs: ' } }", Title)]
    [TestCase("{ not: { title: '^docs: ', authors: core } }")]
    [TestCase("{ not: { not: { title: '^docs: ' } } }")]
    public void Where_a_gate_asks_for_more_not_turns_it_round(string condition, params string[] problems)
    {
        Assert.That(Problems($"gates: [{{ name: g, when: {condition}, require: {{ linear: true }} }}]"), Is.EqualTo(problems), "when");
        Assert.That(Problems($"gates: [{{ name: g, require: {{ not: {condition} }} }}]"), Is.EqualTo(problems), "require");
    }

    [Test]
    public void That_others_get_round_what_asks_for_the_author_alone_is_warned_of_and_in_an_exception_an_error()
    {
        const string words = "\"author\" asks for the author alone: what somebody outside of core pushes to a change of core gets round this; \"authors: { outside: core }\" asks for all who made it";

        Assert.That(Load("gates: [{ name: g, when: { author: { outside: core } }, require: { linear: true } }]").Problems.Select(problem => (problem.IsWarning, problem.Message)), Is.EqualTo(new[] { (true, words) }));
        Assert.That(Problems($"gates: [{Two}, {{ name: one, instead-of: two, when: {{ not: {{ author: {{ outside: core }} }} }}, require: {{ linear: true }} }}]"), Is.EqualTo(new[] { words }));
        Assert.That(Problems($"gates: [{Two}, {{ name: one, instead-of: two, when: {{ author: {{ outside: core }} }}, require: {{ linear: true }} }}]").Single(), Does.StartWith("\"author\" alone must not loosen anything"));
    }

    [TestCase("{ not: { title: '^feat' } }", "title")]
    [TestCase("{ not: { labels: [big] } }", "labels")]
    [TestCase("{ not: { source-branches: [next], authors: core } }", "source-branches")]
    [TestCase("{ paths: [a], not: { any: [{ title: '^feat' }] } }", "title")]
    [TestCase("{ authors: core, not: { title: '^feat', labels: [big] } }", null)]
    [TestCase("{ authors: core, any: [{ not: { title: '^feat' } }] }", null)]
    [TestCase("{ authors: core, not: { author: { outside: core } } }", null)]
    [TestCase("{ not: { paths: [\"src/**\"] } }", null)]
    public void That_what_is_absent_makes_an_exception_is_warned_of(string condition, string? key)
    {
        var problems = Load($"gates: [{Two}, {{ name: one, instead-of: two, when: {condition}, require: {{ linear: true }} }}]").Problems;

        Assert.That(problems.Select(problem => (problem.IsWarning, problem.Message)), Is.EqualTo(key is null ? [] : new[] { (true, $"whoever proposes a change can see to it that \"{key}\" does not hold, and that makes this exception: let \"authors\", or \"labels\" with \"set-by\", stand beside the \"not\"") }));
        Assert.That(Load($"gates: [{{ name: g, when: {{ not: {{ not: {{ title: a }} }} }}, require: {{ linear: true }} }}]").Problems, Is.Empty);
    }

    [Test]
    public void A_label_that_everybody_may_set_vouches_for_nothing()
    {
        Assert.That(Problems($"gates: [{Two}, {{ name: one, instead-of: two, when: {{ title: a, labels: [x], set-by: anyone }}, require: {{ linear: true }} }}]"), Is.EqualTo(new[] { Title }));
        Assert.That(Load($"gates: [{Two}, {{ name: one, instead-of: two, when: {{ labels: [x], set-by: anyone }}, require: {{ linear: true }} }}]").Problems.Single().Message, Does.StartWith("everybody may set this label, and it loosens something"));
    }

    [TestCase("when: { titel: a }", "a condition has no \"titel\"; did you mean \"title\"?")]
    [TestCase("when: { source-branch: [a] }", "a condition has no \"source-branch\"; did you mean \"source-branches\"?")]
    [TestCase("when: { repository: [a] }", "a condition has no \"repository\"; did you mean \"repositories\"?")]
    [TestCase("when: { auther: core }", "a condition has no \"auther\"; did you mean \"author\"?")]
    [TestCase("when: { labls: [a] }", "a condition has no \"labls\"; did you mean \"labels\"?")]
    [TestCase("when: { message: { matches: a } }", "\"message\" is a requirement, and here stands a condition: for the title, write title: ...")]
    [TestCase("when: { no-labels: [a] }", "\"no-labels\" is a requirement, and here stands a condition: write not: { labels: [...] }")]
    [TestCase("when: { tests: all }", "\"tests\" is a requirement, and here stands a condition: paths, only-paths, authors, author, trunks, source-branches, repositories, title, draft, size, labels, any, all and not are known")]
    [TestCase("when: { set-by: core, draft: true }", "\"set-by\" is not at its place: it says whose labels count, beside \"labels\"")]
    [TestCase("when: { title: '(' }", "\"title\": \"(\" is no regular expression here")]
    [TestCase("when: { source-branches: [\"octo cat:x\"] }", "\"octo cat:x\" is no branch of a fork, such as octocat:fix or *:**: before the colon stands whose fork it is")]
    [TestCase("when: { source-branches: [\"**:x\"] }", "\"**:x\" is no branch of a fork")]
    [TestCase("when: { source-branches: [\"octocat:a:b\"] }", "\"octocat:a:b\" is no pattern: it holds \":\", and no branch does")]
    [TestCase("when: { source-branches: [refs/heads/x] }", "branches have short names here")]
    [TestCase("when: { source-branches: [main, \"!octocat:x\"] }", "\"!octocat:x\" comes first in its list")]
    [TestCase("when: { repositories: [\"acme/[ab]\"] }", "which no pattern of repositories has")]
    [TestCase("when: { author: nobody }", "there is no group \"nobody\"")]
    [TestCase("when: { author: { outsid: core } }", "\"author\" has no \"outsid\"; did you mean \"outside\"?")]
    public void What_is_misspelt_is_said_with_what_was_probably_meant(string when, string problem) =>
        Assert.That(Problems($"gates: [{{ name: g, {when}, require: {{ linear: true }} }}]"), Has.Some.Contains(problem));

    [TestCase("{ nott: { draft: true } }", "\"require\" has no \"nott\"; did you mean \"not\"?")]
    [TestCase("{ aprovals: 1 }", "\"require\" has no \"aprovals\"; did you mean \"approvals\"?")]
    [TestCase("{ title: '^x' }", "\"title\" is a condition, and no requirement: it stands in \"when\" of the gate, or in not: { title: ... }, which forbids it")]
    [TestCase("{ not: { approvals: 1, from: core } }", "\"approvals\" is a requirement, and here stands a condition: for who made the change, write authors: ...")]
    [TestCase("{ message: { matches: a, in: [commits] }, without-merges: true }", "\"without-merges\" is not at its place: here it stands inside of \"message\"")]
    [TestCase("{ message: { in: [commits] }, not-matches: a }", "\"not-matches\" is not at its place: here it stands inside of \"message\"")]
    [TestCase("{ trailer: X, not-matches: a }", "\"not-matches\" is not at its place: only a \"message\" has it")]
    [TestCase("{ not: {} }", "a condition is empty")]
    [TestCase("{ not: [draft] }", "\"not\" must be a mapping")]
    [TestCase("{ not: { draft: true }, linear: true }", "one requirement at a time: put linear and not into all: [...]")]
    [TestCase("{ message: { in: [title] } }", "\"message\" needs matches or not-matches")]
    [TestCase("{ message: { not-match: a } }", "\"message\" has no \"not-match\"; did you mean \"not-matches\"?")]
    [TestCase("{ message: { matches: a, without-merges: true } }", "\"without-merges\" asks for nothing here: it is for in: [commits]")]
    [TestCase("{ trailer: X, without-merge: true }", "\"require\" has no \"without-merge\"; did you mean \"without-merges\"?")]
    public void A_requirement_that_is_misspelt_is_said_with_what_was_probably_meant(string require, string problem) =>
        Assert.That(Problems($"gates: [{{ name: g, require: {require} }}]"), Has.Some.Contains(problem));

    [TestCase("{ message: { matches: '^docs: ' } }", true)]
    [TestCase("{ not: { title: '^feat' } }", true)]
    [TestCase("{ not: { labels: [big] } }", true)]
    [TestCase("{ not: { title: '^feat', paths: [\"src/**\"] } }", true)]
    [TestCase("{ all: [{ trailer: Trivial }, { not: { source-branches: [x] } }] }", true)]
    [TestCase("{ not: { any: [{ title: '^feat' }, { paths: [\"src/**\"] }] } }", false)]
    [TestCase("{ all: [{ trailer: Trivial }, { size: { max-lines: 3 } }] }", false)]
    [TestCase("{ not: { authors: { outside: core } } }", false)]
    public void That_words_alone_take_the_place_of_an_approval_is_warned_of(string other, bool warned) =>
        Assert.That(Load($"gates: [{{ name: g, require: {{ any: [{{ approvals: 1, from: core, lifted-by: core }}, {other}] }} }}]").Problems.Select(problem => (problem.IsWarning, problem.Message)),
            Is.EqualTo(warned ? new[] { (true, "gate \"g\": one way of \"any\" asks for words alone, which whoever proposes a change chooses, so that nobody else has to do anything") } : []));

    [Test]
    public void The_limits_hold_for_the_new_patterns_too()
    {
        Assert.That(Problems($"gates: [{{ name: g, when: {{ source-branches: [{string.Join(", ", Enumerable.Range(0, 3000).Select(n => $"a{n}"))}], repositories: [{string.Join(", ", Enumerable.Range(0, 3000).Select(n => $"a{n}"))}] }}, require: {{ linear: true }} }}]"), Has.Some.Contains("the file holds more than 5,000 path patterns"));
        Assert.That(Problems("gates: [{ name: g, when: { title: '(a{1,100}){1,100}' }, require: { linear: true } }]"), Has.Some.Contains("steps"));
        Assert.That(Problems($"gates: [{string.Join(", ", Enumerable.Range(0, 40).Select(n => $"{{ name: g{n}, require: {{ message: {{ not-matches: '[a-f]{{3{n % 10}0}}x{n}' }} }} }}"))}]"), Has.Some.Contains("steps together"));
    }

    private const string Two = "{ name: two, require: { commits: { max: 5 } } }";

    private static LoadedRules Load(string rest) => RulesLoader.Load($"version: 1\ngroups: {{ core: {{ users: [bob] }}, bots: {{ users: [dependabot] }} }}\n{rest}\n");

    private static IEnumerable<string> Problems(string rest) => Load(rest).Errors.Select(problem => problem.Message);
}
