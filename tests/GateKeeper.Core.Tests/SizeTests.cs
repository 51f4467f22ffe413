using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>How large a change is, with files left out and files renamed, as a requirement and as a condition.</summary>
public sealed class SizeTests
{
    private const string Limit = "size: { max-lines: 10, max-files: 2, except: [\"**/*.lock\", \"gen/**\", \"!gen/README\"] }";

    private static readonly Ruleset Required = Make.Rules($"version: 1\ngates: [{{ name: g, require: {{ {Limit} }} }}]");

    private static readonly Ruleset Loose = Make.Rules($$"""
        version: 1
        groups: { core: { users: [bob] } }
        gates:
          - { name: reviewed, require: { approvals: 1, from: core } }
          - { name: small, when: { {{Limit}} }, instead-of: reviewed, require: { commits: { max: 9 } } }
        """);

    [TestCase("src/a.c:10", true, TestName = "Ten lines are ten lines")]
    [TestCase("src/a.c:11", false, TestName = "Eleven lines are more")]
    [TestCase("src/a.c:10 yarn.lock:9000 sub/x.lock:1 gen/deep/x.c:9000 gen/y.c:1", true, TestName = "What is left out counts neither as lines nor as files")]
    [TestCase("src/a.c:1 src/b.c:1 src/c.c:1", false, TestName = "Three files are more than two")]
    [TestCase("src/a.c:9 gen/README:2", false, TestName = "The last pattern that matches decides")]
    [TestCase("gen/x.c:9000 a.lock:9000", true, TestName = "Nothing that counts is small")]
    [TestCase("src/a.c:?", false, TestName = "What is not known is not small")]
    [TestCase("gen/a.c:?", true, TestName = "What is left out need not be known")]
    [TestCase("src/a.c:2147483647", false, TestName = "More than can be counted is too much")]
    [TestCase("src/a.c:2147483647 src/b.c:2147483647", false, TestName = "And twice that does not turn around")]
    [TestCase("src/a.c:1 src/new.c:3<src/old.c", true, TestName = "A renamed file is one file, and its edited lines")]
    [TestCase("src/a.c:1 src/b.c:1 src/new.c:0<src/old.c", false, TestName = "It is one all the same")]
    [TestCase("src/a.c:1 gen/new.c:5000<gen/old.c", true, TestName = "What moves within what is left out is left out")]
    [TestCase("src/new.c:0<gen/old.c", false, TestName = "What moves out of what is left out is new there, however many lines it has")]
    [TestCase("src/new.c:0<gen/old.c:3:9", true, TestName = "What moves out of what is left out counts its lines there")]
    [TestCase("src/new.c:0<gen/old.c:3:11", false, TestName = "And may be too large")]
    [TestCase("gen/new.c:0<src/old.c:11:3", false, TestName = "What moves into what is left out is gone from where it was")]
    [TestCase("src/new.c:0<gen/old.c:0:2147483647", false, TestName = "And may be more than can be counted")]
    [TestCase("src/new.c:40<gen/old.c:0:3", false, TestName = "Never fewer lines than were edited")]
    public void Size(string files, bool small)
    {
        var change = Make.Change().Edited([.. files.Split(' ').Select(File)]);

        Assert.That(Required.Judged(change).Passes, Is.EqualTo(small), Required.Judged(change).Whole.Reason);
        Assert.That(Loose.Judged(change).Passes, Is.EqualTo(small), Loose.Judged(change).Whole.Reason);
    }

    [Test]
    public void The_verdict_says_what_was_not_counted_and_waits_for_what_is_not_known()
    {
        var change = Make.Change();

        Assert.That(Required.Judged(change.Edited(new("src/a.c", 12), new("a.lock", 5))).Missing.Single().Reason, Is.EqualTo("12 lines changed, at most 10 are allowed (not counted: **/*.lock, gen/**, !gen/README)"));
        Assert.That(Required.Judged(change.Edited(new("a", 1), new("b", 1), new("c", 1), new("a.lock", 5))).Missing.Single().Reason, Does.StartWith("3 files changed, at most 2 are allowed"));
        Assert.That(Required.Judged(change with { Edits = null }).Missing.Single() is { Decision: Decision.Wait, Reason: "the size of the change is not known yet" });
        Assert.That(Loose.Judged(change with { Edits = null }).Missing.Select(verdict => verdict.Reason), Has.Some.Contain("it is not known whether this gate applies: the size"));
        Assert.That(Required.Judged(change with { Paths = null }).Passes, Is.False);
    }

    [Test]
    public void Files_that_only_the_merge_touches_count_too()
    {
        var change = Make.Change().Edited(new EditedFile("new.c", 1) { From = "old.c" });
        Judgement Judged(params string[] merged) => Required.Judged(change, now => now with { CandidatePaths = [.. merged] });

        Assert.That(Judged("new.c", "old.c", "moved.c", "gen/a").Passes);
        Assert.That(Judged("moved.c", "moved2.c", "old.c").Passes, Is.False);
    }

    [TestCase("{ max-files: 1, except: [] }", "\"except\" is an empty list")]
    [TestCase("{ max-files: 1, except: [\"!gen/**\"] }", "comes first in its list")]
    [TestCase("{ max-files: 1, except: [\"**\"] }", "leaves out every file")]
    [TestCase("{ except: [\"gen/**\"] }", "needs max-lines or max-files")]
    [TestCase("{ max-lines: 1, expect: [\"gen/**\"] }", "\"size\" has no \"expect\"; did you mean \"except\"?")]
    public void What_is_wrong_in_it_is_said(string size, string problem)
    {
        Assert.That(RulesLoader.Load($"version: 1\ngates: [{{ name: g, require: {{ size: {size} }} }}]").Errors.Single().Message, Does.Contain(problem));
        Assert.That(RulesLoader.Load($"version: 1\ngates: [{{ name: g, when: {{ size: {size} }}, require: {{ linear: true }} }}]").Errors.Single().Message, Does.Contain(problem));
    }

    [Test]
    public void What_must_be_measured_is_known_wherever_it_is_asked_for()
    {
        Assert.That(Make.Rules("version: 1\ngates: [{ name: g, require: { linear: true } }]").Measured, Is.Null);
        Assert.That(Make.Rules("version: 1\ngates: [{ name: g, require: { size: { max-files: 1 } } }]").Measured, Is.Empty);
        Assert.That(Make.Rules("""
            version: 1
            groups: { core: { users: [bob] } }
            gates:
              - { name: g, require: { any: [{ size: { max-files: 1, except: [a] } }, { approvals: 1, from: core }] } }
              - { name: h, when: { not: { any: [{ size: { max-lines: 1, except: [b] } }, { size: { max-lines: 2, except: [a] } }] } }, require: { linear: true } }
            landing: { priority: [{ when: { size: { max-lines: 1, except: [c] } }, value: 5 }] }
            freezes: [{ name: f, from: 2026-12-24 17:00, to: 2027-01-02 08:00, zone: Europe/Paris, except: { size: { max-lines: 1, except: [d] } } }]
            """).Measured!.SelectMany(list => list).Select(pattern => pattern.Pattern).Order(), Is.EqualTo(new[] { "a", "b", "c", "d" }));
    }

    /// <summary>"path:lines", and after a &lt; the old name, perhaps with all lines before and after.</summary>
    private static EditedFile File(string text)
    {
        var parts = text.Split('<');
        var (file, old) = (parts[0].Split(':'), parts.ElementAtOrDefault(1)?.Split(':'));
        return new(file[0], Number(file[1])) { From = old?[0], Before = old is [_, var before, _] ? Number(before) : null, After = old is [_, _, var after] ? Number(after) : null };

        static int? Number(string number) => number == "?" ? null : int.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
    }
}
