using System.Diagnostics;
using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Tests;

/// <summary>What of a description does not land: what its readers did not see, and what the rules mark.</summary>
public sealed class LeftOutTests
{
    [TestCase("words", "words")]
    [TestCase("<!-- Describe your change. -->\n\nIt mends the lamp.", "It mends the lamp.")]
    [TestCase("one\n\n<!-- two\n\nthree -->\n\nfour", "one\n\nfour")]
    [TestCase("one <!-- two --> three", "one three")]
    [TestCase("one <!-- two\nthree --> four", "one four")]
    [TestCase("one<!-- two -->, three <!-- four -->", "one, three")]
    [TestCase("- [ ] <!-- how? --> tested", "- [ ] tested")]
    [TestCase("## What\n<!-- why -->\n## How\n\n- by hand <!-- or not -->\n", "## What\n## How\n\n- by hand\n")]
    [TestCase("one\r\n\r\n<!-- two -->\r\n\r\nthree", "one\r\n\r\nthree")]
    [TestCase("<!-- a --> b <!-- c -->", "b")]
    [TestCase("<!---->one<!-->two<!--->three", "onetwothree")]
    [TestCase("a <!---->one<!-->two<!--->three", "a onetwothree")]
    [TestCase("> <!-- a\n> b -->\n> c", "> c")]
    [TestCase("one <!-- two -- three --> four", "one four")]
    [TestCase("one <!--> two -->", "one two -->")]
    [TestCase("<details><!-- a -- b -->\nwords\n</details>", "<details>\nwords\n</details>")]
    public void Comments_that_nobody_sees_do_not_land(string description, string landed) => Assert.That(Comments(description), Is.EqualTo(landed));

    [TestCase("```\n<!-- code -->\n```")]
    [TestCase("~~~ html\n<!-- code -->\n``` \n~~~~")]
    [TestCase("1. step\n\n   ```html\n   <!-- code -->\n   ```\n")]
    [TestCase("> ```\n> <!-- code -->")]
    [TestCase("see\n\n    <!-- code -->\n")]
    [TestCase("write `<!-- why -->` there")]
    [TestCase("write ``<!-- ` -->`` there")]
    [TestCase("write \\<!-- why --> there")]
    [TestCase("one <!-- two")]
    [TestCase("one <!-- two\n\nthree -->")]
    [TestCase("a <!- b -->")]
    public void Comments_that_are_shown_land(string description) => Assert.That(Comments(description), Is.EqualTo(description));

    [TestCase("one\n<!-- two\n\nthree\n```\nfour", "one\n")]
    [TestCase("- one\n- <!-- two\n\nthree", "- one\n-")]
    [TestCase("one\n\n<!-- a --> b <!-- c\n\nthree", "one\n\nb")]
    [TestCase("one\n<div><!-- a\n\n`x` -->\n\n</div> --> b", "one\n<div> b")]
    public void A_comment_that_is_not_closed_hides_what_its_reader_does_not_see(string description, string landed) => Assert.That(Comments(description), Is.EqualTo(landed));

    [TestCase("```\na\n```\n<!-- b -->\n", "```\na\n```\n")]
    [TestCase("    a\n<!-- b -->", "    a\n")]
    [TestCase("- a\n\n    <!-- b -->\n", "- a\n\n")]
    [TestCase("1. a\n2. <!-- b -->c", "1. a\n2. c")]
    [TestCase("`a\n\n<!-- b -->\n\n`", "`a\n\n`")]
    [TestCase("`` a ` <!-- b --> `", "`` a ` <!-- b --> `")]
    [TestCase("* * *\n<!-- b -->", "* * *\n")]
    [TestCase("\t<!-- a -->", "\t<!-- a -->")]
    [TestCase("words\n\t<!-- a -->", "words\n")]
    public void What_is_code_ends_where_its_reader_sees_it_end(string description, string landed) => Assert.That(Comments(description), Is.EqualTo(landed));

    [Test]
    public void A_marked_block_is_left_out_with_its_marks()
    {
        var rules = Rules("without-block: { from: '<!-- notes -->', to: '<!-- /notes -->' }");

        Assert.That(rules.Of("one\n\n<!-- notes -->\ntwo\n<!-- /notes -->\n\nthree\n<!-- notes -->  \r\nfour\n<!-- /notes -->"), Is.EqualTo("one\n\nthree\n"));
        Assert.That(rules.Of("one\n<!-- notes --> two\n<!-- /notes -->"), Is.EqualTo("one\n<!-- notes --> two\n<!-- /notes -->"), "a line that says more is no mark");
        Assert.That(rules.Of("one\n<!-- notes -->\ntwo"), Is.EqualTo("one\n<!-- notes -->\ntwo"), "a block that is not ended stays");
    }

    [Test]
    public void Without_an_end_a_block_goes_to_the_end_and_there_may_be_several()
    {
        var rules = Rules("without-comments: true, without-block: [{ from: '---' }, { from: '## Checklist', to: '## Notes' }]");

        Assert.That(rules.Of("one\n## Checklist\n- [x] done\n## Notes\ntwo <!-- x -->\n---\nthree"), Is.EqualTo("one\ntwo\n"));
    }

    [TestCase("<!-- a", 150_000)]
    [TestCase("x <!-- a\n", 100_000)]
    [TestCase("<!-- a -->", 100_000)]
    [TestCase("x <!-- a -->", 80_000)]
    [TestCase("`", 1_000_000)]
    [TestCase("` `` ", 200_000)]
    [TestCase("a `<!-- b\n", 100_000)]
    [TestCase(">", 1_000_000)]
    [TestCase("> - ", 250_000)]
    [TestCase("- - - a\n", 60_000)]
    [TestCase("\t", 1_000_000)]
    [TestCase("\n", 500_000)]
    [TestCase("<div><!--\n", 100_000)]
    [TestCase("<!-- notes -->\n", 70_000)]
    [TestCase("\\<", 500_000)]
    public void A_hostile_description_costs_no_more_than_its_length(string part, int times)
    {
        var description = string.Concat("<!-- -->\nx <!-- y\n", string.Concat(Enumerable.Repeat(part, times)));
        var rules = new LeftOut(true, [new("<!-- notes -->", "<!-- /notes -->"), new("nowhere", null)]);
        var clock = Stopwatch.StartNew();

        _ = rules.Of(description);
        _ = rules.Of(description[..(1 << 16)]);

        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public void A_description_that_is_longer_than_GitHub_takes_lands_with_its_comments()
    {
        var (most, longer) = ($"<!-- x -->{new string('y', (1 << 16) - 10)}", $"<!-- x -->{new string('y', (1 << 16) - 9)}");

        Assert.That(Comments(most), Is.EqualTo(most[10..]));
        Assert.That(Comments(longer), Is.EqualTo(longer));
    }

    [Test]
    public void What_is_left_over_forges_no_trailer_and_switches_off_no_ci()
    {
        var rules = Make.Rules(Yaml("without-comments: true"));
        var change = Make.Change() with { Description = "words\n\nCha<!-- x -->nge: 9\nRevision<!-- x -->: y\n--<!-- -->-\n[skip<!-- x --> ci]\n<!-- hidden" };

        Assert.That(Landing.Wording.Of(rules, change, []).Message, Is.EqualTo($"change 1 (1)\n\nwords\n\nChange: 9\nRevision: y\n ---\n(skip ci)\n\nChange: 1\nRevision: {Make.Sha(1).Hex}\n"));
    }

    [TestCase("without-block: { from: \"a\\nb\" }", "\"from\" must be one line")]
    [TestCase("without-block: { to: b }", "\"from\" is missing")]
    [TestCase("without-block: []", "empty list")]
    [TestCase("without-block: [a]", "must be a mapping")]
    [TestCase("without-block: { from: a, until: b }", "a block that is left out has no \"until\"")]
    [TestCase("without-coments: true", "did you mean \"without-comments\"")]
    [TestCase("without-comments: sometimes", "must be true or false")]
    [TestCase("subject: '{titel}'", "there is no {titel} to fill in; did you mean \"title\"?: title, number, description, author, revision, approvers, url are known")]
    [TestCase("body: '{url}', without-comments: true", "nothing is left out: neither subject nor body has {description}")]
    public void What_cannot_be_meant_is_said(string message, string said) =>
        Assert.That(Core.Rules.RulesLoader.Load(Yaml(message)).Problems.Select(problem => problem.Message), Has.Some.Contains(said));

    private static string Comments(string description) => new LeftOut(true, []).Of(description);

    private static LeftOut Rules(string message) => Make.Rules(Yaml(message)).Landing.LeftOut;

    private static string Yaml(string message) => $$"""
        version: 1
        groups: { core: { users: [bob] } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
        landing: { method: squash, message: { {{message}} } }
        """;
}
