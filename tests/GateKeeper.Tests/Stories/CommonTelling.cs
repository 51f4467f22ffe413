using GateKeeper.Store;

namespace GateKeeper.Tests.Stories;

/// <summary>What people are told, and how the forge's own sign stands, on every forge.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonTelling(string forge)
{
    [Test]
    public async Task A_change_that_failed_while_the_trunk_failed_too_is_told_so_and_its_sign_follows_the_last_word()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        await world.PushTrunkAsync("bad");
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        Assert.That(await SignAsync(world, change), Is.Null.Or.False);

        await world.ApproveAsync(change);
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.SaidAsync(change), Has.One.Contains("the trunk itself fails unit"));
        Assert.That(await SignAsync(world, change), Is.Null, "what the trunk fails too is not held against the change");
        await world.PushTrunkAsync("mended");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
        Assert.That(await SignAsync(world, change), world.Has(Trait.Signs) ? Is.True : Is.Null);
    }

    [Test]
    public async Task A_change_that_fails_while_the_trunk_is_known_to_be_red_is_told_both_at_once()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        await world.PushTrunkAsync("bad");
        await world.ApproveAsync(await world.ProposeAsync("first"));
        await world.SettleAsync();
        var change = await world.ProposeAsync("feature");

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.ShownAsync(change), Does.Contain("the trunk itself fails"));
        Assert.That(await SignAsync(world, change), Is.Null);
    }

    [Test]
    public async Task A_change_that_lands_without_a_proposal_result_has_its_sign_set()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.Signs);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.HasLandedAsync(change), Is.True);
        Assert.That(await world.SignAsync(change), Is.True);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_hold_outlives_the_comment_that_asked_for_it(bool deleted)
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(deleted ? Trait.Unsaying : Trait.Rewording);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.SayAsync(change, "carol", "/gatekeeper hold until I am back");
        await world.SettleAsync();

        await (deleted ? world.UnsayAsync(change, "/gatekeeper hold until I am back") : world.RewordAsync(change, "carol", "/gatekeeper hold until I am back", "never mind"));
        await world.SettleAsync();
        await world.ApproveAsync(change);
        await world.SettleAsync();
        await world.CloseAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Why(change), Does.Contain($"held by {world.Called("carol")}: until I am back"));
        if (deleted || world.Trunk == "widgets/main")
            Assert.That(await world.SaidAsync(change), Has.One.Contains("It stays held"));
        await world.SayAsync(change, "carol", "/gatekeeper unhold");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_opens_goes_with_its_comment_and_that_is_told(bool deleted)
    {
        await using var world = await ForgeWorld.StartAsync(forge, gates: "  - { name: somebody says go, require: { go-ahead: [author, core] } }");
        world.Needs(deleted ? Trait.Unsaying : Trait.Rewording);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.SayAsync(change, "ana", "/gatekeeper land");
        await world.SettleAsync();

        await (deleted ? world.UnsayAsync(change, "/gatekeeper land") : world.RewordAsync(change, "ana", "/gatekeeper land", "not yet"));
        await world.SettleAsync();
        await world.ApproveAsync(change);
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning" }));
        Assert.That(await world.SaidAsync(change), Has.One.Contains("the request to land it no longer counts"));
    }

    [Test]
    public async Task An_approval_that_does_not_count_is_told_once_and_why()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.Rewriting);
        var change = await world.ProposeAsync("feature");
        await world.PushTrunkAsync("other.txt");
        await world.RebaseAsync("bob", change);
        await world.SettleAsync();

        await world.ApproveAsync(change);
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.SaidAsync(change), Has.One.Match("(?s)bob pushed this revision.*can be met by carol"));
    }

    [Test]
    public async Task A_change_that_is_ready_and_kept_by_a_freeze_is_told_so_once()
    {
        await using var world = await ForgeWorld.StartAsync(forge, "may: { freeze: core }");
        var (one, two) = (await world.ProposeAsync("one"), await world.ProposeAsync("two"));
        await world.SettleAsync();
        await world.SayAsync(one, "carol", "/gatekeeper freeze we release");
        await world.SettleAsync();

        await world.ApproveAsync(two);
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.SaidAsync(two), Has.One.Contains($"frozen by {world.Called("carol")}: we release"));
    }

    [Test]
    public async Task A_change_that_is_ready_while_nothing_lands_is_told_so_once_and_not_at_once()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        new TrunkMemory(world.House.Tools.Database, world.Trunk, 20).Set(state => state with { Paused = "the disk is full" });
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.SaidAsync(change), Has.None.Contains("the disk is full"), "a moment's pause is nobody's business");

        world.Time.Pass(TimeSpan.FromMinutes(11));
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.SaidAsync(change), Has.One.Contains("the disk is full"));
    }

    [Test]
    public async Task A_landing_that_the_forge_refuses_is_told_to_its_author_too()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        world.Needs(Trait.RefusingTheGate);
        var change = await world.ProposeAsync("feature");
        await world.SettleAsync();
        await world.LetTheGatePushAsync(false);
        await world.ApproveAsync(change);

        await world.SettleAsync();
        world.Time.Pass(TimeSpan.FromHours(1));
        await world.SettleAsync();

        Assert.That(await world.SaidAsync(change), Has.One.Contains(world.WordsOfRefusal).And.One.Contains("tried again by itself"));
    }

    private static async Task<bool?> SignAsync(ForgeWorld world, string change) => world.Has(Trait.Signs) ? await world.SignAsync(change) : null;
}
