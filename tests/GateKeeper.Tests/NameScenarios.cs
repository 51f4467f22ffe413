using GateKeeper.Forges.PlainGit;
using GateKeeper.Status;

namespace GateKeeper.Tests;

/// <summary>People call changes by whatever name they have before them; one that means nothing, or means two, is told.</summary>
public sealed class NameScenarios
{
    [Test]
    public async Task A_dependency_is_named_as_commands_name_changes()
    {
        await using var world = await World.StartAsync();
        var first = await world.ProposeAsync("first/of-all", "first.txt");
        string[] names = [first[..12], first[..7], "first/of-all", $"tool/{first}", $"{first[..12]} (the first one)."];
        var others = new List<string>();
        foreach (var (number, name) in names.Index())
        {
            world.People.Push($"other{number}", "ann", $"Add {number}", new Dictionary<string, string?> { [$"{number}.txt"] = "x\n" });
            others.Add(await world.People.ProposeAsync($"other{number}", "ann", default, description: $"Add {number}\n\nDepends-On: {name}\n"));
            await world.ApproveAsync(others[^1]);
        }

        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        foreach (var other in others)
            Assert.That(world.Status(other).Judgement.Whole.Reason, Is.EqualTo($"depends on {first[..10]}, which is not ready to land"));

        await world.ApproveAsync(first);
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Has.Count.EqualTo(names.Length + 2));
    }

    [Test]
    public async Task What_reads_like_a_dependency_and_is_none_is_told()
    {
        await using var world = await World.StartAsync();
        world.People.Push("one", "ann", "Add one\n\n- Depends-On: first", new Dictionary<string, string?> { ["one.txt"] = "x\n" });
        var change = await world.People.ProposeAsync("one", "ann", default);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.CommentsAsync(change), Has.One.EqualTo("not taken for a dependency: \"- Depends-On: first\". A dependency is a line of its own: Depends-On: NAME"));
    }

    [Test]
    public async Task A_second_proposal_of_one_commit_takes_the_place_of_the_first_only_where_that_is_meant()
    {
        await using var world = await World.StartAsync();
        await world.GitAsync("branch", "stable", "main");
        var change = await world.ProposeAsync("one", "one.txt");
        await world.GitAsync("branch", "two", "one");
        var client = await world.People.ClientAsync("ann", default);

        Assert.That(() => client.ProposeAsync("one", "stable", null, [], default), Throws.TypeOf<ReviewException>().With.Message.Contains($"{change[..12]} is proposed already, from one for main").And.Message.Contains("--move"));
        Assert.That(() => client.ProposeAsync("two", "main", null, [], default), Throws.TypeOf<ReviewException>().With.Message.Contains("from one for main"));
        Assert.That(client.Find("one").Target, Is.EqualTo("refs/heads/main"));

        await client.ProposeAsync("one", "main", "Add one, in other words", [], default);
        await client.ProposeAsync("two", "stable", null, [], default, moves: true);
        Assert.That(client.Find("two").Target, Is.EqualTo("refs/heads/stable"));
    }

    [Test]
    public async Task A_review_that_was_left_behind_by_an_amended_branch_is_told_with_the_way_out()
    {
        await using var world = await World.StartAsync();
        var old = await world.ProposeAsync("one", "one.txt");
        await world.GitAsync("update-ref", "refs/heads/one", "main");
        var anew = await world.ProposeAsync("one", "two.txt");

        await world.SettleAsync();

        Assert.That(world.Status(old).Judgement.Whole.Reason, Does.Contain($"gatekeeper abandon {old[..10]}"));
        var client = await world.People.ClientAsync("ann", default);
        Assert.That(client.LeftBehind("one").Select(review => review.Id), Is.EqualTo(new[] { old }));
        await client.AbandonAsync(old, default);
        Assert.That(client.LeftBehind("one"), Is.Empty);
        Assert.That(client.Find("one").Id, Is.EqualTo(anew));
    }

    [TestCase("#5", null, "5")]
    [TestCase("5", null, "5")]
    [TestCase("widgets/5", "widgets", "5")]
    [TestCase("#five", null, "#five")]
    [TestCase("feature/parser", "feature", "parser")]
    [TestCase("refs/heads/feature/parser", null, "refs/heads/feature/parser")]
    [TestCase("4F1C2AB09D", null, "4f1c2ab09d")]
    [TestCase("acme/widgets#5", null, "5")]
    [TestCase("https://host.example/acme/widgets/pull/5", null, "5")]
    [TestCase("https://host.example/acme/widgets/pull/5/files#diff-1", null, "5")]
    [TestCase("https://review.example.org/c/acme/tool/+/5/3", null, "5")]
    [TestCase("https://gate.example.org/change/tool/4f1c2ab09d", "tool", "4f1c2ab09d")]
    [TestCase("http://127.0.0.1:8380/change/tool/4f1c2ab09d/?still", "tool", "4f1c2ab09d")]
    public void A_number_may_bear_its_sign(string text, string? repository, string id) => Assert.That(ChangeName.Parse(text), Is.EqualTo(new ChangeName(repository, id)));

    [Test]
    public async Task What_a_command_takes_explain_takes()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("feature/parser", "one.txt");
        await world.SettleAsync();

        foreach (var name in (string[])[change, change[..12], change[..4], "feature/parser", "refs/heads/feature/parser", $"tool/{change}", $"tool/{change[..12]}"])
        {
            Assert.That(Finding.Of(world.House.Pictures, world.House.Notebook, ChangeName.Parse(name)), Is.TypeOf<Found.Open>(), name);
            Assert.That((await world.People.ClientAsync("ann", default)).Find(name).Id, Is.EqualTo(change), name);
        }

        await world.ApproveAsync(change);
        await world.SettleAsync();
        foreach (var name in (string[])[change, change[..12], change.ToUpperInvariant(), "feature/parser", "tool/feature/parser"])
            Assert.That(Finding.Of(world.House.Pictures, world.House.Notebook, ChangeName.Parse(name)), Is.TypeOf<Found.Landed>(), name);
    }

    [Test]
    public async Task A_branch_that_was_amended_means_what_it_holds_now()
    {
        await using var world = await World.StartAsync();
        var old = await world.ProposeAsync("one", "one.txt");
        await world.GitAsync("update-ref", "refs/heads/one", "main");
        var anew = await world.ProposeAsync("one", "two.txt");
        world.People.Push("two", "ann", "Add three", new Dictionary<string, string?> { ["three.txt"] = "x\n" });
        var above = await world.People.ProposeAsync("two", "ann", default, description: "Add three\n\nDepends-On: one\n");
        await world.ApproveAsync(above);
        await world.SettleAsync();

        Assert.That((await world.People.ClientAsync("ann", default)).Find("one").Id, Is.EqualTo(anew));
        Assert.That(Finding.Of(world.House.Pictures, world.House.Notebook, new(null, "one")), Is.InstanceOf<Found.Open>().And.Property(nameof(Found.Open.Status)).SameAs(world.Status(anew)));
        Assert.That(world.Status(above).Judgement.Whole.Reason, Is.EqualTo($"depends on {anew[..10]}, which is not ready to land"));
        Assert.That((await world.People.ClientAsync("ann", default)).Find(old[..12]).Id, Is.EqualTo(old));
    }
}
