using GateKeeper.Core.Gates;
using GateKeeper.Forges;
using GateKeeper.Reconcile;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>Owners files as they lie on trunks: large, too large, and no files at all.</summary>
public sealed class OwnersScenarios
{
    private const string Rules = """
        version: 1
        groups: { core: { users: [bob@example.org, carol@example.org] } }
        gates: [{ name: owners, require: { owners: CODEOWNERS } }]
        """;

    [Test]
    public async Task An_owners_file_that_GitHub_reads_is_read_and_one_that_is_larger_or_no_file_says_so()
    {
        await using var world = await World.StartAsync(Rules);
        world.People.Push("main", "erin", "Take too many owners", new Dictionary<string, string?> { ["CODEOWNERS"] = $"* carol@example.org\n{new string('#', 3 << 20)}\n" });
        var change = await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        Assert.That(Why(), Is.EqualTo("CODEOWNERS cannot be read: it is larger than 3 MiB"));

        Link(world.Url, "CODEOWNERS", "a.txt");
        await world.SettleAsync();
        Assert.That(Why(), Is.EqualTo("CODEOWNERS cannot be read: it is no regular file"));

        world.People.Push("main", "erin", "Take many owners", new Dictionary<string, string?> { ["CODEOWNERS"] = $"{new string('#', (3 << 20) - 100)}\n* carol@example.org\n" });
        await world.SettleAsync();
        Assert.That(Why(), Is.EqualTo("one.txt needs an approval by an owner: carol@example.org"));

        string Why() => world.Status(change).Judgement.Missing.Single().Reason;
    }

    [Test]
    public async Task Owners_files_in_directories_are_the_trunks_and_what_cannot_be_read_of_one_makes_all_wait()
    {
        await using var world = await World.StartAsync("""
            version: 1
            groups: { core: { users: [bob@example.org, carol@example.org] } }
            gates: [{ name: owners, require: { owners: { file: OWNERS, nested: true, each: true }, unowned: core } }]
            """);
        world.People.Push("main", "erin", "Name owners", new Dictionary<string, string?> { ["OWNERS"] = "* erin@example.org\n", ["src/OWNERS"] = "*.c bob@example.org carol@example.org\n", ["src/a.c"] = "a\n" });
        var one = await world.ProposeAsync("one", "src/deep/one.c");
        var grab = await world.ProposeAsync("grab", "src/deep/OWNERS", "* ann@example.org\n");
        var top = await world.ProposeApprovedAsync("top", "top.txt");
        await world.SettleAsync();
        Assert.That(Why(one), Is.EqualTo("src/deep/one.c needs an approval by each of its owners: bob@example.org carol@example.org (src/OWNERS, line 1)"));
        Assert.That(Why(grab), Is.EqualTo("src/deep/OWNERS needs an approval by each of its owners: erin@example.org (OWNERS, line 1)"), "the trunk's files decide about one that the change brings");
        Assert.That(Why(top), Does.StartWith("top.txt needs an approval by each of its owners: erin@example.org"));

        Link(world.Url, "lib/OWNERS", "../OWNERS");
        await world.ApproveAsync(one, "bob", "carol");
        await world.SettleAsync();
        Assert.That(Why(one), Is.EqualTo("OWNERS cannot be read: lib/OWNERS: it is no regular file"));

        world.People.Push("main", "erin", "Take the link away", new Dictionary<string, string?> { ["lib/OWNERS"] = null });
        await world.ApproveAsync(grab, "erin");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Has.Some.Contain("one").And.Some.Contain("grab"));

        var two = await world.ProposeAsync("two", "src/deep/two.c");
        await world.SettleAsync();
        Assert.That(Why(two), Does.Contain("each of its owners: ann@example.org (src/deep/OWNERS, line 1); nobody can meet this"));

        string Why(string change) => world.Status(change).Judgement.Gates.Single().Reason;
    }

    [Test]
    public void Of_the_next_tree_only_what_differs_is_looked_at()
    {
        var directory = Directory.CreateTempSubdirectory("owners").FullName;
        Repository.Init(directory, isBare: true);
        using (var repository = new Repository(directory))
        {
            Dictionary<string, string> files = Enumerable.Range(0, 50).ToDictionary(at => $"d{at}/a/b/OWNERS", at => $"* owner-{at}\n");
            var nested = new NestedOwners(repository, "OWNERS");
            string? Owner(OwnersFile? file, string path) => file?.For(path)?.Owners.Single();

            var first = nested.In(Tree(files));
            Assert.That(Owner(first, "d7/a/b/c"), Is.EqualTo("owner-7"));
            files["d7/a/x.c"] = "x\n";
            Assert.That(nested.In(Tree(files)), Is.SameAs(first), "no such file changed");
            files["d7/a/OWNERS"] = "*.c somebody\n";
            files["d8/a/b/OWNERS"] = "* another\n";
            files.Remove("d9/a/b/OWNERS");
            var second = nested.In(Tree(files));
            Assert.That((Owner(second, "d7/a/c.c"), Owner(second, "d8/a/b/c"), second!.For("d9/a/b/c"), Owner(second, "d10/a/b/c")), Is.EqualTo(("somebody", "another", (OwnersLine?)null, "owner-10")));
            Assert.That(new NestedOwners(repository, "OWNERS", nested).In(Tree(files)), Is.SameAs(second), "another trunk that holds the same shares it");
            Assert.That(nested.In(Tree([])), Is.Null);
            Assert.That(Owner(nested.In(Tree(files)), "d7/a/c.c"), Is.EqualTo("somebody"));

            string Tree(Dictionary<string, string> texts)
            {
                var tree = new TreeDefinition();
                foreach (var (path, text) in texts)
                    tree.Add(path, repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text))), Mode.NonExecutableFile);
                return repository.ObjectDatabase.CreateTree(tree).Sha;
            }
        }

        Directory.Delete(directory, recursive: true);
    }

    [Test]
    public void A_landing_neither_reads_nor_names_an_owners_file_again_that_it_left_as_it_was()
    {
        var (shelf, read, view) = (new OwnersShelf(), 0, new ForgeView([], new Dictionary<string, GroupMembers>(), null) { Version = 7 });
        OwnersFile Read() => shelf.Read("1", () => $"* dora\n# {++read}");
        RulesAtTip Tip() => new(null, null, "", new Dictionary<string, OwnersFile> { ["CODEOWNERS"] = Read() });
        var owners = new NamedOwners(byAt: false);
        var first = owners.Of(Tip(), view)["CODEOWNERS"];

        Assert.That(owners.Of(Tip(), view)["CODEOWNERS"], Is.SameAs(first));
        Assert.That(owners.Of(Tip(), view with { Version = 8, Canonical = name => new($"{name}@example.org") })["CODEOWNERS"].For("a")!.Owners, Is.EqualTo(new[] { "dora@example.org" }));
        Assert.That(read, Is.EqualTo(1));
    }

    private static void Link(string url, string path, string target)
    {
        using var repository = new Repository(url);
        var tip = repository.Branches["main"].Tip;
        var tree = TreeDefinition.From(tip).Add(path, repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(target))), Mode.SymbolicLink);
        var commit = repository.ObjectDatabase.CreateCommit(tip.Author, tip.Author, "Link the owners\n", repository.ObjectDatabase.CreateTree(tree), [tip], prettifyMessage: false);
        repository.Refs.UpdateTarget("refs/heads/main", commit.Sha);
    }
}
