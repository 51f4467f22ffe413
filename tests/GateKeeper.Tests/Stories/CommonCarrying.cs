namespace GateKeeper.Tests.Stories;

/// <summary>Where <c>carry-approvals: same-diff</c> lets an approval follow a new revision, and where it must not.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonCarrying(string forge)
{
    private const string Carry = "carry-approvals: same-diff";
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task A_vetoed_change_does_not_land_inside_the_approved_one_above_it()
    {
        await using var world = await ForgeWorld.StartAsync(forge, Carry);
        var parent = await world.ProposeAsync("parent");
        var child = await world.ProposeAsync("child", below: parent);
        await world.VetoAsync(parent, "carol");
        await world.ApproveAsync(child);
        await world.SettleAsync();
        await world.JoinAsync(child, parent);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(child), Does.Contain($"{world.Called("bob")} approved").And.Contain("now it is"));
    }

    [Test]
    public async Task An_approval_stays_on_an_unchanged_change_above_an_amended_one()
    {
        await using var world = await ForgeWorld.StartAsync(forge, Carry);
        var parent = await world.ProposeAsync("parent");
        var child = await world.ProposeAsync("child", below: parent);
        await world.SettleAsync();
        await world.ApproveAsync(child);
        await world.SettleAsync();
        await world.AmendAsync(parent, "more.txt");
        await world.RestackAsync(child, parent);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning), "what is below has no approval yet");

        await world.ApproveAsync(parent);
        await world.SettleAsync();

        Assert.That((await world.TrunkLogAsync())[^1], Is.EqualTo("Add child"));
    }

    [TestCase("merge")]
    [TestCase("squash")]
    [TestCase("rebase")]
    public async Task An_approval_stays_on_an_unchanged_change_that_is_rebased_after_the_one_below_it_landed(string method)
    {
        await using var world = await ForgeWorld.StartAsync(forge, $"{Carry}\nlanding: {{ method: {method} }}");
        var parent = await world.ProposeAsync("parent");
        var child = await world.ProposeAsync("child", below: parent);
        await world.SettleAsync();
        await world.ApproveAsync(child);
        await world.SayAsync(child, "ana", "/gatekeeper hold");
        await world.ApproveAsync(parent);
        await world.SettleAsync();
        Assert.That((await world.TrunkLogAsync())[^1], Is.EqualTo("Add parent"));

        await world.RestackAsync(child);
        await world.SayAsync(child, "ana", "/gatekeeper unhold");
        await world.SettleAsync();

        Assert.That((await world.TrunkLogAsync())[^1], Is.EqualTo("Add child"), string.Join("; ", world.Open.Select(status => status.Judgement.Whole.Reason)));
    }

    [TestCase("other.txt", "x\n", null, true, TestName = "An approval stays when the trunk is merged into the change")]
    [TestCase("long.txt", "A\nb\nc\nd\ne\nf\ng\n", null, true, TestName = "Also where both touched one file in different places")]
    [TestCase("other.txt", "x\n", "sneaked.txt", false, TestName = "But not when the merge brings a file that neither had")]
    [TestCase("other.txt", "x\n", "a.txt", false, TestName = "Nor when it brings another text for a file of the trunk")]
    [TestCase("other.txt", "x\n", "long.txt", false, TestName = "Nor another for one of the change")]
    public async Task Merges_of_the_trunk(string file, string text, string? sneaked, bool lands)
    {
        await using var world = await ForgeWorld.StartAsync(forge, Carry);
        world.Needs(Trait.Commits);
        var first = await world.ProposeAsync("first", "long.txt", text: "a\nb\nc\nd\ne\nf\ng\n");
        await world.ApproveAsync(first);
        await world.SettleAsync();
        var change = await world.ProposeAsync("feature", "long.txt", text: "a\nb\nc\nd\ne\nf\nG\n");
        await world.SettleAsync();
        await world.ApproveAsync(change);
        await world.PushTrunkAsync(file, text);
        await world.UpdateAsync(change, sneaked);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), lands ? Has.Member("Add feature") : Has.No.Member("Add feature"));
        if (!lands)
            Assert.That(world.Why(change), Does.Contain("now it is"));
    }

    [Test]
    public async Task What_is_added_and_taken_out_again_in_two_commits_was_approved_by_nobody()
    {
        await using var world = await ForgeWorld.StartAsync(forge, $"{Carry}\nlanding: {{ method: rebase }}");
        world.Needs(Trait.Commits);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.VetoAsync(change, "carol");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        await world.GoOnAsync(change, "ana", "secret.txt", "hunter2\n");
        await world.GoOnAsync(change, "ana", "secret.txt", null, message: "Add feature");
        await world.WithdrawAsync(change, "carol");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(change), Does.Contain("now it is"));
    }
}
