namespace GateKeeper.Tests.Stories;

/// <summary>Who had a hand in a change is no second pair of eyes on it, however he had it.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonMakers(string forge)
{
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task Who_committed_what_another_is_said_to_have_written_may_not_approve_it()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature");
        await world.GoOnAsync(change, "bob", "bobs.txt", author: "ana");
        await world.SettleAsync();
        await world.GoOnAsync(change, "ana", "anas.txt");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain($"{world.Called("bob")} committed").Or.Contain($"{world.Called("bob")} pushed"));

        await world.ApproveAsync(change, "carol");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Who_pushed_a_commit_first_may_not_approve_it_in_whosever_name_it_is()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.Pushers);
        var change = await world.ProposeAsync("feature");
        await world.GoOnAsync(change, "bob", "bobs.txt", author: "ana", committer: forge.Contains("Gerrit", StringComparison.Ordinal) ? null : "ana");
        await world.SettleAsync();
        await world.GoOnAsync(change, "ana", "anas.txt");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("bob pushed"));

        await world.ApproveAsync(change, "carol");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Count.EqualTo(2));
    }

    [TestCase("Co-authored-by: Bob <{0}>\n(cherry picked from commit 0123456789012345678901234567890123456789)", TestName = "A co-author beside a cherry-pick line")]
    [TestCase("Co-authored-by: Bob <{1}>", TestName = "A co-author whose address is in capitals")]
    [TestCase("Co-authored-by: Bob\n <{0}>", TestName = "A co-author on two lines")]
    [TestCase("Co-authored-by:Bob <{0}>", TestName = "A co-author without a space")]
    [TestCase("CO-AUTHORED-BY : Bob <{0}>", TestName = "A co-author in other letters")]
    [TestCase("Signed-off-by: Ana <ana@example.org>\n[bob: tidied up]\nCo-authored-by: Bob <{0}>", TestName = "A co-author below a note")]
    [TestCase("Fixes #12\nCo-authored-by: Bob <{0}>", TestName = "A co-author in a paragraph that is none of trailers")]
    [TestCase("Co-authored-by: Ana <ana@example.org>, Bob <{0}>", TestName = "Two co-authors on one line")]
    [TestCase("Co-authored-by: Bob <{0}>\n\n# Conflicts:\n#\ta.txt", TestName = "A co-author above what git says of conflicts")]
    [TestCase("Co-authored-by: Bob <{0}>\n\nSigned-off-by: Ana <ana@example.org>", TestName = "A co-author in the paragraph before the last")]
    public async Task A_co_author_may_not_approve(string body)
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature", body: string.Format(System.Globalization.CultureInfo.InvariantCulture, body, world.Address("bob"), world.Address("bob").ToUpperInvariant()));
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        await world.ApproveAsync(change, "carol");
        await world.SettleAsync();
        if ((await world.TrunkLogAsync()).Count == 1)
            Assert.That(world.Why(change), Does.Contain("GitHub does not say whose the address").And.Contain("write it as GitHub reads it"), "and then only where the forge itself does not read such a line");
    }

    [Test]
    public async Task A_co_author_whom_only_the_description_names_may_not_approve()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.Retitling);
        var change = await world.ProposeAsync("feature");
        await world.RetitleAsync(change, "Add feature", $"With much help.\n\nCo-authored-by: Bob <{world.Address("bob")}>");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("is a co-author").Or.Contain("GitHub does not say whose the address").And.Contain("or take the line out"));

        await world.ApproveAsync(change, "carol");
        await world.RetitleAsync(change, "Add feature", "With much help.");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Count.EqualTo(2));
    }
}
