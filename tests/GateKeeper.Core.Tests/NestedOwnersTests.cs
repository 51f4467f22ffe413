using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>Owners files of one name in many directories: the deepest that has a line for a path decides.</summary>
public sealed class NestedOwnersTests
{
    private static readonly Ruleset Rules = Make.Rules("""
        version: 1
        groups: { core: { users: [bob, carol] } }
        gates: [{ name: g, require: { owners: { file: OWNERS, nested: true } } }]
        """);

    private static readonly OwnersPart[] Parts =
    [
        new("a/b/OWNERS", "*.h deep\n/only/ deep2\n"),
        new("OWNERS", "* root\n*.md writer\n"),
        new("a/OWNERS", "*.c alice\n/x anna\nsub/y axel\nfree/\n"),
        new("{c}/OWNERS", "* braces\n"),
        new("a.b/OWNERS", "* dot\n"),
    ];

    [TestCase("README", "root", "OWNERS", 1)]
    [TestCase("docs/a.md", "writer", "OWNERS", 2)]
    [TestCase("a/x.c", "alice", "a/OWNERS", 1)]
    [TestCase("a/deep/er/x.c", "alice", "a/OWNERS", 1, TestName = "A pattern without a slash is for any depth below its file")]
    [TestCase("b/x.c", "root", "OWNERS", 1, TestName = "And for nothing beside it")]
    [TestCase("a/x", "anna", "a/OWNERS", 2)]
    [TestCase("a/b/x", "root", "OWNERS", 1, TestName = "A leading slash is the directory of the file")]
    [TestCase("x", "root", "OWNERS", 1)]
    [TestCase("a/sub/y/z", "axel", "a/OWNERS", 3)]
    [TestCase("a/b/sub/y", "root", "OWNERS", 1)]
    [TestCase("a/b/x.h", "deep", "a/b/OWNERS", 1)]
    [TestCase("a/b/x.c", "alice", "a/OWNERS", 1, TestName = "Without a line in the nearest file the next one up is asked")]
    [TestCase("a/b/x.md", "writer", "OWNERS", 2, TestName = "And the one above that")]
    [TestCase("a/b/only/x.c", "deep2", "a/b/OWNERS", 2, TestName = "The deeper file goes before the later line")]
    [TestCase("a/free/x.c", "", "a/OWNERS", 4, TestName = "A line without owners in the deeper file clears")]
    [TestCase("{c}/x", "braces", "{c}/OWNERS", 1, TestName = "A directory's name is no pattern")]
    [TestCase("c/x", "root", "OWNERS", 1)]
    [TestCase("aXb/x", "root", "OWNERS", 1)]
    [TestCase("a/OWNERS", "root", "OWNERS", 1, TestName = "The files themselves are paths like others")]
    public void The_deepest_file_with_a_line_decides(string path, string owner, string file, int line) =>
        Assert.That(OwnersFile.Of(Parts).For(path) is { } found ? (string.Join(' ', found.Owners), found.File, found.Number) : default, Is.EqualTo((owner, (string?)file, line)));

    [Test]
    public void Above_the_first_file_and_beside_all_of_them_nothing_is_owned()
    {
        var file = OwnersFile.Of([new("a/OWNERS", "* alice\n"), new("a/b/OWNERS", "# nobody yet\n")]);

        Assert.That((file.For("b/x"), file.For("x"), file.For("a/b/x")?.File), Is.EqualTo(((OwnersLine?)null, (OwnersLine?)null, "a/OWNERS")));
    }

    [Test]
    public void The_verdict_names_the_file_and_the_line()
    {
        Assert.That(Judged(Parts, "a/b/x.h").Whole.Reason, Is.EqualTo("a/b/x.h needs an approval by an owner: deep (a/b/OWNERS, line 1)"));
        Assert.That(Judged([new("a/OWNERS", "\n* @gone\n")], "a/x").Whole.Reason, Is.EqualTo("a/x: a/OWNERS, line 2, names @gone: the group gone is not known"));
        Assert.That(Judged([new("a/OWNERS", "* @core\n"), new("b\n/OWNERS", "!x bob\n"), new("c/OWNERS", "", "it is no regular file")], "a/x", "bob").Whole.Reason,
            Is.EqualTo(@"OWNERS cannot be read: b\u000a/OWNERS, line 1: a pattern that begins with ! is none here: write a later line for what others own; c/OWNERS: it is no regular file"));
        Assert.That(Rules.Judged(Make.Change()).Whole.Reason, Is.EqualTo("the trunk has no OWNERS in any directory"));
        Assert.That(Judged(Parts, "a/x.c", "alice").Passes);
        Assert.That(Judged(Parts, "a/x.c", "root").Passes, Is.False, "who owns what is above is not asked");
    }

    [Test]
    public void Too_many_files_or_too_much_in_them_decides_nothing()
    {
        Assert.That(Judged([.. Enumerable.Range(0, 20_001).Select(at => new OwnersPart($"{at}/OWNERS", "* bob\n"))], "a").Whole.Reason, Does.Contain("the trunk has more than 20,000 files of that name"));
        Assert.That(Judged([.. Enumerable.Range(0, 4).Select(at => new OwnersPart($"{at}/OWNERS", new('#', 2 << 20)))], "a").Whole.Reason, Does.Contain("come to more than 6 MiB"));
        Assert.That(Judged([new("a/OWNERS", new('#', (3 << 20) + 1))], "a").Whole.Reason, Does.Contain("a/OWNERS: it is larger than 3 MiB"));
        Assert.That(Judged([.. Enumerable.Range(0, 1000).Select(at => new OwnersPart($"{at}/OWNERS", "![x] bob\n![y] bob\n"))], "a").Whole.Reason.Length, Is.LessThan(4000));
    }

    [Test]
    public void Many_files_cost_as_much_as_one_of_all_their_lines()
    {
        OwnersPart[] parts = [.. Enumerable.Range(0, 2000).Select(at => new OwnersPart($"services/area-{at % 50}/component-{at}/OWNERS", "* @core dora\n*.c bob\n/generated/\n/api/*.json carol\n**/test/ @core\n"))];
        _ = Spent(parts[..200]);
        var (few, many) = (Spent(parts[..500]), Spent(parts));

        Assert.That(many, Is.LessThan(Math.Min(few * 8, 40_000_000)), $"{few:N0} bytes for 2,500 lines, {many:N0} for 10,000");

        static long Spent(OwnersPart[] parts)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(OwnersFile.Of(parts).For("services/area-7/component-7/a/b.c")?.Number, Is.EqualTo(2));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Test]
    public void It_reads_all_files_of_that_very_name()
    {
        var owners = new OwnersApprove("OWNERS") { Nested = true };

        Assert.That(new[] { "OWNERS", "a/OWNERS", "a/b/OWNERS", "a/XOWNERS", "XOWNERS", "OWNERS/a", "a/OWNERS.md", "a/owners", "WNERS" }.Where(owners.Reads), Is.EqualTo(new[] { "OWNERS", "a/OWNERS", "a/b/OWNERS" }));
    }

    private static Judgement Judged(OwnersPart[] parts, string path, params string[] by) =>
        Rules.Judged(Make.Change().Approved(by) with { Paths = [path] }, now => now with { Owners = new Dictionary<string, OwnersFile> { ["**/OWNERS"] = OwnersFile.Of(parts) } });
}
