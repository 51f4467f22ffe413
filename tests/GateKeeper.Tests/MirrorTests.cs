using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>The gate's own copy of a repository, where the server or the gate itself had a bad moment.</summary>
public sealed class MirrorTests
{
    [Test]
    public async Task What_could_not_be_fetched_is_fetched_when_it_can_be()
    {
        await using var world = await World.StartAsync();
        using var mirror = await OpenAsync(world);
        await mirror.RefreshAsync(_ => true, default);
        var commit = world.People.Push("feature", "ann", "Add feature", new Dictionary<string, string?> { ["x"] = "x\n" });
        var lost = Path.Combine(world.Url, "objects", commit.Hex[..2], commit.Hex[2..]);
        File.Move(lost, lost + ".away");

        Assert.That(await mirror.RefreshAsync(_ => true, default), "there is something new to tell");
        Assert.That(mirror.Unfetchable.Keys, Is.EqualTo(new[] { "refs/heads/feature" }));
        Assert.That(await mirror.RefreshAsync(_ => true, default), Is.False, "and then nothing more");

        File.Move(lost + ".away", lost);
        for (var looks = 0; looks < 3; looks++)
            await mirror.RefreshAsync(_ => true, default);
        Assert.That(mirror.Unfetchable, Is.Empty);
        Assert.That(mirror.Refs["refs/heads/feature"], Is.EqualTo(commit.Hex));
    }

    [Test]
    public async Task A_branch_takes_the_place_of_another_whose_name_begins_alike()
    {
        await using var world = await World.StartAsync();
        using var mirror = await OpenAsync(world);
        world.People.Push("a", "ann", "Add a", new Dictionary<string, string?> { ["x"] = "x\n" });
        await mirror.RefreshAsync(_ => true, default);
        await world.GitAsync("branch", "-D", "a");
        world.People.Push("a/b", "ann", "Add b", new Dictionary<string, string?> { ["x"] = "x\n" });

        await mirror.RefreshAsync(_ => true, default);

        Assert.That(mirror.Refs.Keys, Does.Contain("refs/heads/a/b").And.Not.Contain("refs/heads/a"));
        Assert.That(mirror.Unfetchable, Is.Empty);
    }

    [Test]
    public async Task A_mirror_that_is_opened_again_knows_what_it_has_and_is_held_up_by_no_lock()
    {
        await using var world = await World.StartAsync();
        world.People.Push("a", "ann", "Add a", new Dictionary<string, string?> { ["x"] = "x\n" });
        using (var mirror = await OpenAsync(world))
            await mirror.RefreshAsync(_ => true, default);
        await File.WriteAllTextAsync(Path.Combine(world.People.Directory, "mirror.git", "refs/forge/heads/main.lock"), "");
        await world.GitAsync("branch", "-D", "a");
        var commit = world.People.Push("main", "ann", "Grow", new Dictionary<string, string?> { ["a"] = "y\n" });
        world.People.Push("a/b", "ann", "Add b", new Dictionary<string, string?> { ["x"] = "x\n" });

        using var again = await OpenAsync(world);
        Assert.That(again.Refs.Keys, Does.Contain("refs/heads/a"));
        await again.RefreshAsync(_ => true, default);

        Assert.That(again.Refs["refs/heads/main"], Is.EqualTo(commit.Hex));
        Assert.That(again.Refs.Keys, Does.Contain("refs/heads/a/b").And.Not.Contain("refs/heads/a"));
    }

    [Test]
    public async Task A_fetch_that_ends_well_and_makes_no_ref_is_not_believed()
    {
        await using var world = await World.StartAsync();
        var tip = world.People.Push("main", "ann", "Grow", new Dictionary<string, string?> { ["x"] = "x\n" });
        await File.WriteAllTextAsync(Path.Combine(world.Url, "shallow"), tip.Hex + "\n");
        using var mirror = await OpenAsync(world);

        await mirror.RefreshAsync(_ => true, default);

        Assert.That(mirror.Refs, Is.Empty);
        Assert.That(mirror.Unfetchable["refs/heads/main"].Why, Does.Contain("made no ref"));
        Assert.That(() => mirror.RefreshOneAsync("refs/heads/main", default), Throws.TypeOf<GitException>().With.Message.Contains("made no ref"));
    }

    private static Task<Mirror> OpenAsync(World world) =>
        Mirror.OpenAsync(Path.Combine(world.People.Directory, "mirror.git"), world.Url, Path.Combine(world.People.Directory, "home"), null, default);
}
