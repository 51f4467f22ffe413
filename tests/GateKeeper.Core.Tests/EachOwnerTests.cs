using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>Where each owner whom a line names must approve, and not any one of them.</summary>
public sealed class EachOwnerTests
{
    private const string Groups = "groups: { core: { users: [bob, carol] }, docs: { users: [carol, dora] }, none: { users: [bob], except: [bob] } }";

    private static readonly Ruleset Rules = Make.Rules($"version: 1\n{Groups}\ngates: [{{ name: g, require: {{ owners: {{ file: CODEOWNERS, each: true }}, unowned: core }} }}]");

    [TestCase("* bob dora", "bob", false)]
    [TestCase("* bob dora", "bob dora", true)]
    [TestCase("* bob bob", "bob", true, TestName = "A name that stands there twice is one owner")]
    [TestCase("* @core @docs", "bob", false)]
    [TestCase("* @core @docs", "bob dora", true)]
    [TestCase("* @core @docs", "carol", true, TestName = "Who belongs to two groups may approve for both")]
    [TestCase("* @core carol", "bob", false, TestName = "An account is that very person")]
    [TestCase("* @core carol", "carol", true)]
    [TestCase("* bob dora\nsrc/ carol", "carol", true, TestName = "Only the line that decides names them")]
    [TestCase("* bob dora\nsrc/", "bob", true, TestName = "What nobody owns needs one of the group for that")]
    [TestCase("* bob dora\nsrc/", "dora", false)]
    public void Each_of_them_must_approve(string file, string by, bool passes)
    {
        var judged = Judged(file, Make.Change().Approved(by.Split(' ')));

        Assert.That(judged.Passes, Is.EqualTo(passes), judged.Whole.Reason);
    }

    [Test]
    public void The_verdict_says_for_each_path_whose_approval_is_missing()
    {
        var change = Make.Change().Approved("bob") with { Paths = ["docs/a", "docs/b", "src/a"] };
        var missing = Judged("* bob dora\ndocs/ @core @docs dora\n", change).Missing.ToList();

        Assert.That(missing.Select(verdict => verdict.Reason), Is.EqualTo(new[]
        {
            "docs/a and 1 more needs an approval by each of its owners: @core @docs dora; missing: @docs dora",
            "src/a needs an approval by each of its owners: bob dora; missing: dora",
        }));
        Assert.That(missing[0].Cures, Is.EqualTo(new[] { "carol", "dora" }));
        Assert.That(Judged("* bob dora\n", Make.Change()).Missing.Single().Reason, Is.EqualTo("src/1.c needs an approval by each of its owners: bob dora"));
        Assert.That(Judged("* bob dora\n", Make.Change().Approved("bob", "dora")).Whole.Reason, Does.Contain("src/1.c: approved by each of its owners: bob dora"));
        Assert.That(Judged("* bob dora\n", Make.Change().Approved("bob", "dora").Pushed(7)).Missing.Single().Uncounted, Has.Count.EqualTo(2), "why those that were given do not count");
    }

    [Test]
    public void An_owner_who_made_the_change_can_never_approve_and_that_is_said()
    {
        Assert.That(Judged("* bob dora\n", Make.Change(author: "dora").Approved("bob")).Missing.Single() is { Cures.Count: 0, Reason: var why } ? why : "",
            Is.EqualTo("src/1.c needs an approval by each of its owners: bob dora; missing: dora; nobody can meet this: of dora nobody may approve it (dora is the author)"));
        Assert.That(Judged("* bob @none\n", Make.Change().Approved("bob")).Missing.Single().Reason, Does.EndWith("nobody can meet this: @none has no members"));
        Assert.That(Judged("* bob @docs\n", Make.Change(author: "dora").Approved("bob")).Missing.Single().Reason, Does.Not.Contain("nobody"), "carol can");
    }

    [Test]
    public void Where_the_author_counts_the_authors_part_is_met()
    {
        var rules = Make.Rules($"version: 1\n{Groups}\ngates: [{{ name: g, require: {{ owners: {{ file: CODEOWNERS, each: true }}, author-counts: true }} }}]");
        Judgement By(string author, params string[] by) => rules.Judged(Make.Change(author: author).Approved(by), now => now with { Owners = Files("* bob @docs\n") });

        Assert.That(By("dora", "bob").Passes);
        Assert.That(By("bob", "dora").Passes);
        Assert.That(By("bob").Missing.Single().Reason, Does.EndWith("missing: @docs"));
        Assert.That(By("ann", "bob").Passes, Is.False);
    }

    [TestCase("owners: CODEOWNERS")]
    [TestCase("owners: { file: CODEOWNERS, each: true }")]
    public void The_authors_own_word_is_about_what_the_author_pushed_or_asked_to_land(string owners)
    {
        var rules = Make.Rules($"version: 1\n{Groups}\ngates: [{{ name: g, require: {{ {owners}, author-counts: true }} }}]");
        Judgement Judged(Change change) => rules.Judged(change, now => now with { Owners = Files("* dora\n") });
        var change = Make.Change(author: "dora");

        Assert.That(Judged(change).Passes);
        Assert.That(Judged(change with { Uploader = new("mallory") }).Missing.Single() is { Cures: ["dora"], Reason: var why } ? why : "",
            Does.EndWith("; dora owns it, which counts once dora asks to land this revision (/gatekeeper land): mallory pushed it").And.Not.Contain("nobody can meet"));
        Assert.That(Judged(change with { Uploader = null }).Whole.Reason, Does.EndWith("(/gatekeeper land): nobody knows who pushed it"));
        Assert.That(Judged((change with { Uploader = new("mallory") }).Asked(RequestKind.Land, "dora")).Passes);
        Assert.That(Judged((change with { Uploader = new("mallory") }).Asked(RequestKind.Land, "mallory")).Passes, Is.False);
    }

    [Test]
    public void An_owner_of_whom_nobody_knows_who_it_is_waits_and_the_others_are_asked_all_the_same()
    {
        var judged = Judged("* bob @nobody dora\n", Make.Change().Approved("bob"));

        Assert.That(judged.Missing.Select(verdict => verdict.Reason), Is.EqualTo(new[]
        {
            "src/1.c: CODEOWNERS, line 1, names @nobody: the group nobody is not known",
            "src/1.c needs an approval by each of its owners: bob @nobody dora; missing: dora",
        }));
        Assert.That(Judged("* bob @nobody dora\n", Make.Change().Approved("bob", "dora")).Passes, Is.False);
    }

    [TestCase("{ file: OWNERS, each: true, unowned: core }", "\"unowned\" stands beside \"owners\", not within it")]
    [TestCase("{ file: OWNERS, author-counts: true }", "\"author-counts\" stands beside \"owners\", not within it")]
    [TestCase("{ each: true }", "\"file\" is missing")]
    [TestCase("{ file: OWNERS, eech: true }", "\"owners\" has no \"eech\"; did you mean \"each\"?")]
    [TestCase("{ file: OWNERS, each: yes }", "\"each\" must be true or false")]
    [TestCase("{ file: src/OWNERS, nested: true }", "\"src/OWNERS\": with nested: true, \"file\" is a name without a slash")]
    [TestCase("{ file: '**/OWNERS', nested: true }", "is no path from the root of the trunk")]
    [TestCase("[OWNERS]", "\"owners\" must be a text")]
    public void What_is_wrong_in_it_is_said(string owners, string problem) =>
        Assert.That(RulesLoader.Load($"version: 1\n{Groups}\ngates: [{{ name: g, require: {{ owners: {owners} }} }}]").Errors.First().Message, Does.Contain(problem));

    [Test]
    public void Different_people_goes_with_no_owners() =>
        Assert.That(RulesLoader.Load($"version: 1\n{Groups}\ngates: [{{ name: g, require: {{ all: [{{ owners: {{ file: A, each: true }} }}, {{ approvals: 1, from: core }}], different-people: true }} }}]").Errors.Single().Message, Does.Contain("different-people does not go with owners"));

    private static Judgement Judged(string file, Change change) => Rules.Judged(change, now => now with { Owners = Files(file) });

    private static Dictionary<string, OwnersFile> Files(string file) => new() { ["CODEOWNERS"] = OwnersFile.Parse(file) };
}
