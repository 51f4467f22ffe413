using GateKeeper.Core.Changes;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using GateKeeper.Reconcile;

namespace GateKeeper.Tests;

/// <summary>What a landing rests on must still be so when it begins, whoever fetched what moved.</summary>
public sealed class LookoutTests
{
    [Test]
    public async Task A_veto_that_was_fetched_for_another_purpose_makes_the_observation_old()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        using var mirror = await MirrorOf(world);
        var lookout = new Lookout(mirror, Forge(world, mirror), () => []);
        await lookout.LookAsync(default);
        await lookout.ObserveAsync(() => Question(mirror));
        Assert.That(await lookout.IsStillSoAsync([], default), Is.True);

        await world.People.VoteAsync(change, "carol", false, "wait", default);
        await mirror.RefreshOneAsync(Notes.Discuss, default);

        Assert.That(await lookout.IsStillSoAsync([], default), Is.False);
        var seen = await lookout.ObserveAsync(() => Question(mirror));
        Assert.That(seen.Proposals.Single().Change.Votes.Select(vote => vote.Value), Has.Member(VoteValue.Veto));
        Assert.That(await lookout.IsStillSoAsync([], default), Is.True);
    }

    [Test]
    public async Task The_landing_of_one_trunk_does_not_look_at_what_the_gate_is_pushing_to_another()
    {
        await using var world = await World.StartAsync();
        using var mirror = await MirrorOf(world);
        var moving = new List<string>();
        var lookout = new Lookout(mirror, Forge(world, mirror), () => moving);
        await lookout.LookAsync(default);
        await lookout.ObserveAsync(() => Question(mirror));
        var before = mirror.Refs["refs/heads/main"];

        moving.Add("refs/heads/main");
        world.People.Push("main", "erin", "In flight", new Dictionary<string, string?> { ["x"] = "x" });

        Assert.That(await lookout.IsStillSoAsync([], default), Is.True);
        Assert.That(mirror.Refs["refs/heads/main"], Is.EqualTo(before));
    }

    private static Task<Mirror> MirrorOf(World world) =>
        Mirror.OpenAsync(Path.Combine(world.People.Directory, "looking.git"), world.Url, Path.Combine(world.People.Directory, "home"), null, default);

    private static PlainGitForge Forge(World world, Mirror mirror) => new(mirror, new("gatekeeper", "gatekeeper@localhost"), trusted: true, null, world.Time);

    private static Task<Forges.ForgeQuestion> Question(Mirror mirror) => Task.FromResult(new Forges.ForgeQuestion(
        new Dictionary<string, Forges.TrunkView> { ["main"] = new("main", new(mirror.Refs["refs/heads/main"]), _ => false, (_, _) => false) }, _ => default));
}
