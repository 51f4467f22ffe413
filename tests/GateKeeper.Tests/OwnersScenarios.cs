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
