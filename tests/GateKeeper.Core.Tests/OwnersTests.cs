using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>Owners files, as plain git reads them and as GitHub does.</summary>
public sealed class OwnersTests
{
    private static readonly Ruleset Rules = Make.Rules("""
        version: 1
        groups: { core: { users: [bob, carol] } }
        gates: [{ name: g, require: { owners: CODEOWNERS } }]
        """);

    [Test]
    public void Without_a_forge_that_reads_it_otherwise_a_name_is_an_account_and_one_with_an_at_a_group_of_the_rules()
    {
        Judgement Judged(string file, string by) => Of(OwnersFile.Parse(file).Known(name => name), Make.Change().Approved(by));

        Assert.That(Judged("* dora\n", "dora").Passes);
        Assert.That(Judged("* @core\n", "carol").Passes);
        Assert.That(Judged("* @core\n", "dora").Whole.Reason, Does.Contain("src/1.c needs an approval by an owner: @core"));
        Assert.That(Judged("* @cure\n", "carol").Whole.Reason, Is.EqualTo("src/1.c: CODEOWNERS, line 1, names @cure: the group cure is not known"));
    }

    [Test]
    public void On_GitHub_a_name_with_an_at_is_an_account_and_one_with_a_slash_a_team()
    {
        Assert.That(OnGitHub("* @Dora\n", "dora").Passes);
        Assert.That(OnGitHub("* @core\n", "carol").Whole.Reason, Does.Contain("needs an approval by an owner: @core"), "the rules' group of that name is not meant");
        Assert.That(OnGitHub("* @acme/storage\n", "erin").Passes);
        Assert.That(OnGitHub("* @acme/storage\n", "dora").Missing.Single().Cures, Is.EquivalentTo(new[] { "erin", "frank" }));
        Assert.That(OnGitHub("* dora@example.org\n", "dora").Passes);
        Assert.That(OwnersFile.Parse("* @acme/storage @dora\n/docs/ @acme/writers\n").Teams, Is.EqualTo(new[] { "acme/storage", "acme/writers" }));
    }

    [TestCase("\n* @acme/gone\n", "line 2, names @acme/gone: the team acme/gone could not be read")]
    [TestCase("* @dora @acme/gone\n", "line 1, names @acme/gone: the team acme/gone could not be read")]
    [TestCase("* who@example.org\n", "line 1, names who@example.org: whose the address who@example.org is, the forge does not say: write @account")]
    [TestCase("* dora\n", "line 1, names dora: dora is neither @account, @organization/team nor an address")]
    public void An_owner_on_GitHub_of_whom_nobody_knows_who_it_is_makes_its_paths_wait(string file, string why) =>
        Assert.That(OnGitHub(file, "dora").Whole.Reason, Is.EqualTo($"src/1.c: CODEOWNERS, {why}"));

    [Test]
    public void The_group_for_what_nobody_owns_is_the_rules_own_on_every_forge()
    {
        var rules = Make.Rules("version: 1\ngroups: { core: { users: [bob] } }\ngates: [{ name: g, require: { owners: CODEOWNERS, unowned: core } }]");
        Judgement Judged(string by) => rules.Judged(Make.Change().Approved(by), now => now with { Owners = Files(GitHub("* @core\nsrc/\n")) });

        Assert.That(Judged("bob").Passes);
        Assert.That(Judged("core").Whole.Reason, Does.Contain("needs an approval by an owner: @core"));
    }

    [TestCase("docs/*", "docs/a.md", true)]
    [TestCase("docs/*", "docs/a/b.md", false)]
    [TestCase("/*", "README", true)]
    [TestCase("/*", "src/a.c", false)]
    [TestCase("*", "src/a.c", true)]
    [TestCase("*.c", "src/deep/a.c", true)]
    [TestCase("apps/", "src/apps/a/b", true)]
    [TestCase("apps/", "apps", false)]
    [TestCase("/apps/", "src/apps/a", false)]
    [TestCase("/apps/github", "apps/github/x/y", true)]
    [TestCase("/apps/github", "apps/github", true)]
    [TestCase("src/**/test", "src/a/b/test/c", true)]
    [TestCase(@"my\ docs/", "my docs/a.md", true)]
    [TestCase("{a,b}/", "{a,b}/c", true)]
    [TestCase("{a,b}/", "a/c", false)]
    [TestCase("Docs/", "docs/a", false)]
    public void Patterns_are_those_of_CODEOWNERS(string pattern, string path, bool matches) =>
        Assert.That(OwnersFile.Parse($"{pattern} bob # who knows\n").For(path) is not null, Is.EqualTo(matches));

    [Test]
    public void The_last_line_that_matches_decides_and_one_without_owners_clears()
    {
        Assert.That(OnGitHub("* @acme/storage\n*.c @dora\n", "erin").Passes, Is.False);
        Assert.That(OnGitHub("* @acme/storage\n*.c @dora\n", "dora").Passes);
        Assert.That(OnGitHub("* @acme/storage\n*.c   # everybody's\n", "nobody").Passes);
    }

    [TestCase("!src/ @dora", "a pattern that begins with !")]
    [TestCase("src/[ab]/ @dora", "patterns have no [ ] here")]
    [TestCase("[Section] @dora", "patterns have no [ ] here")]
    [TestCase(@"\#src/ @dora", "nothing else may hold one")]
    [TestCase("c#/ @dora", "nothing else may hold one")]
    [TestCase(@"src\a @dora", @"\ stands before a space")]
    [TestCase("src/a**b @dora", "** stands for whole directories")]
    [TestCase("/ @dora", "it names no path")]
    public void A_line_that_cannot_be_read_makes_all_of_it_wait(string line, string why) =>
        Assert.That(OnGitHub($"* @dora\n{line}\n", "dora").Whole.Reason, Does.StartWith("CODEOWNERS cannot be read: line 2: ").And.Contain(why));

    [Test]
    public void A_long_file_costs_as_much_as_it_is_long_and_one_that_is_larger_than_GitHub_reads_makes_all_of_it_wait()
    {
        _ = Spent(500);
        var (small, large) = (Spent(2500), Spent(10_000));

        Assert.That(large, Is.LessThan(small * 8), $"{small:N0} bytes were needed for 2,500 lines, {large:N0} for 10,000");
        Assert.That(large, Is.LessThan(40_000_000));
        Assert.That(OnGitHub(new string('a', 3 << 20), "dora").Whole.Reason, Does.Contain("a pattern is longer than"), "of 3 MiB each line is read");
        Assert.That(OnGitHub($"* @dora\n{new string('#', 3 << 20)}", "dora").Whole.Reason, Is.EqualTo("CODEOWNERS cannot be read: it is larger than 3 MiB"));
        Assert.That(OnGitHub(string.Concat(Enumerable.Repeat("![x] @dora\n", 5000)), "dora").Whole.Reason.Length, Is.LessThan(4000));

        static string Lines(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"/src/part-{i}/ @dora\n*.x{i} @carol # and others\n").Take(count / 2));

        static long Spent(int count)
        {
            var text = Lines(count);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(OwnersFile.Parse(text).For("src/part-7/a.c")?.Number, Is.EqualTo(15));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Test]
    public void Its_people_are_named_anew_without_a_look_at_its_lines()
    {
        var file = OwnersFile.Parse(string.Concat(Enumerable.Range(0, 10_000).Select(i => $"/src/part-{i}/ dora @core\n")));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var named = file.Known(name => $"{name}@example.org");
        var spent = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(named.For("src/part-7/a.c")!.Owners, Is.EqualTo(new[] { "dora@example.org", "@core" }));
        Assert.That(file.For("src/part-7/a.c")!.Owners, Is.EqualTo(new[] { "dora", "@core" }));
        Assert.That(spent, Is.LessThan(10_000));
    }

    private static Judgement OnGitHub(string file, string by) => Of(GitHub(file), Make.Change().Approved(by));

    private static Judgement Of(OwnersFile file, Change change) => Rules.Judged(change, now => now with { Owners = Files(file) });

    private static Dictionary<string, OwnersFile> Files(OwnersFile file) => new() { ["CODEOWNERS"] = file };

    private static OwnersFile GitHub(string file)
    {
        var teams = new Dictionary<string, GroupMembers> { ["acme/storage"] = new([new("erin"), new("frank")]) };
        return OwnersFile.Parse(file).ByAt(name => new(name.ToLowerInvariant()), team => People.Team(teams, team), address => address == "dora@example.org" ? new("dora") : null);
    }
}
