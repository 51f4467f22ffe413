using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>What people propose is fetched alone, held to bounds before it is opened, and beside the loop where it takes long.</summary>
public sealed class FetchScenarios
{
    [Test]
    public async Task What_comes_to_too_much_unpacked_is_one_branchs_trouble()
    {
        await using var world = await World.StartAsync();
        using var mirror = await OpenAsync(world);
        mirror.Fetcher.Most = 1 << 20;
        await mirror.RefreshAsync(_ => true, default);
        world.People.Push("zeros", "ann", "Many zeros", new Dictionary<string, string?> { ["zeros"] = new string('0', 2 << 20) });
        var small = world.People.Push("small", "ann", "Add small", new Dictionary<string, string?> { ["x"] = "x\n" });

        await mirror.RefreshAsync(_ => true, default);

        Assert.That(mirror.Refs["refs/heads/small"], Is.EqualTo(small.Hex));
        Assert.That(mirror.Refs.Keys, Has.No.Member("refs/heads/zeros"));
        Assert.That(mirror.Unfetchable["refs/heads/zeros"].Why, Does.StartWith("it brings 2 MiB, more than 1 MiB"));
        using var again = await OpenAsync(world);
        Assert.That(again.Refs.Keys, Has.No.Member("refs/heads/zeros"), "nor is it there for the next worker");
    }

    [Test]
    public async Task What_a_worker_was_killed_over_before_it_was_looked_through_is_not_there_for_the_next()
    {
        await using var world = await World.StartAsync();
        var small = world.People.Push("small", "ann", "Add small", new Dictionary<string, string?> { ["x"] = "x\n" });
        using (var killed = await OpenAsync(world))
        {
            await killed.RefreshAsync(_ => true, default);
            Assert.That(File.Exists(Path.Combine(killed.Path, "unseen")), Is.False, "what was looked through is not noted any more");
            world.People.Push("words", "ann", $"Words\n\n{new string('w', 2 << 20)}", new Dictionary<string, string?> { ["w"] = "w\n" });
            await killed.Git.NeedAsync(["fetch", "--quiet", world.Url, "+refs/heads/words:refs/forge/heads/words"], default);
            new Unseen(killed.Path).Begin(["refs/heads/words"]);
        }

        using var mirror = await OpenAsync(world);

        Assert.That(mirror.Refs["refs/heads/small"], Is.EqualTo(small.Hex));
        Assert.That(mirror.Refs.Keys, Has.No.Member("refs/heads/words"));
        await mirror.RefreshAsync(_ => true, default);
        Assert.That(mirror.Unfetchable["refs/heads/words"].Why, Is.EqualTo("a commit of it is larger than 1 MiB"));
    }

    [Test]
    public async Task What_was_not_fetched_for_the_servers_fault_is_fetched_from_the_same_list_when_that_is_over()
    {
        await using var world = await World.StartAsync();
        foreach (var name in (string[])["one", "two"])
            world.People.Push(name, "ann", $"Add {name}", new Dictionary<string, string?> { [name] = "x\n" });
        using var mirror = await OpenAsync(world);
        var (listed, wanted, none) = (await mirror.ListAsync(default), new HashSet<string> { "refs/heads/main" }, new HashSet<string>());
        Func<string, bool> isWanted = wanted.Contains;
        await mirror.BringAsync(listed, isWanted, none, default);
        await mirror.BringAsync(listed, isWanted, none, default);
        wanted.UnionWith(["refs/heads/one", "refs/heads/two"]);
        Directory.Move(world.Url, world.Url + ".away");
        await Assert.ThrowsAsync<GitException>(() => mirror.BringAsync(listed, isWanted, none, default, anew: true));
        Directory.Move(world.Url + ".away", world.Url);

        await mirror.BringAsync(listed, isWanted, none, default);

        Assert.That(mirror.Refs.Keys, Is.EquivalentTo(wanted));
    }

    [Test]
    public async Task A_branch_that_is_refused_is_said_to_be_refused_and_nothing_else()
    {
        await using var world = await World.StartAsync();
        world.People.Push("words", "ann", $"Words\n\n{new string('w', 2 << 20)}", new Dictionary<string, string?> { ["words.txt"] = "w\n" });
        var change = await world.People.ProposeAsync("words", "ann", default, description: "Add words");

        await world.SettleAsync();

        Assert.That(world.Status(change).Change.Unknowns, Is.EqualTo(new[] { "refs/heads/words cannot be fetched: a commit of it is larger than 1 MiB" }));
    }

    [Test]
    public async Task A_commit_with_a_message_beyond_all_reading_is_not_opened()
    {
        await using var world = await World.StartAsync();
        using var mirror = await OpenAsync(world);
        await mirror.RefreshAsync(_ => true, default);
        for (var commits = 0; commits < 3; commits++)
            world.People.Push("words", "ann", $"Words\n\n{new string('w', 2 << 20)}", new Dictionary<string, string?> { [$"w{commits}"] = "w\n" });

        await mirror.RefreshAsync(_ => true, default);

        Assert.That(mirror.Unfetchable["refs/heads/words"].Why, Is.EqualTo("a commit of it is larger than 1 MiB"));
    }

    [Test]
    public async Task Several_that_may_not_be_opened_are_each_their_own_trouble_and_the_server_is_not_to_blame()
    {
        await using var world = await World.StartAsync();
        using var mirror = await OpenAsync(world);
        await mirror.RefreshAsync(_ => true, default);
        foreach (var branch in (string[])["one", "two"])
            world.People.Push(branch, "mallory", $"Words\n\n{new string('w', 2 << 20)}", new Dictionary<string, string?> { [branch] = "w\n" });

        for (var looks = 0; looks < 6; looks++)
            await mirror.RefreshAsync(_ => true, default);

        Assert.That(mirror.Unfetchable.Keys, Is.EquivalentTo(new[] { "refs/heads/one", "refs/heads/two" }));
        Assert.That(mirror.Refs.Keys, Has.Member("refs/heads/main"));
    }

    [Test]
    public async Task What_takes_long_goes_on_beside_and_is_there_when_it_has_come()
    {
        await using var world = await World.StartAsync();
        using var mirror = await OpenAsync(world);
        await mirror.RefreshAsync(_ => true, default);
        mirror.Fetcher.Patience = TimeSpan.Zero;
        var ended = new TaskCompletionSource();
        mirror.Fetcher.Ended += () => ended.TrySetResult();
        var slow = world.People.Push("slow", "ann", "Add slow", new Dictionary<string, string?> { ["x"] = "x\n" });
        var trunk = world.People.Push("main", "ann", "Grow", new Dictionary<string, string?> { ["y"] = "y\n" });

        await mirror.RefreshAsync(_ => true, default);

        Assert.That(mirror.Refs["refs/heads/main"], Is.EqualTo(trunk.Hex), "the trunk waits for no proposal");
        Assert.That(mirror.Unfetchable["refs/heads/slow"].Why, Is.EqualTo("it is large, and is being fetched"));
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(await mirror.RefreshAsync(_ => true, default), "it has come");
        Assert.That(mirror.Refs["refs/heads/slow"], Is.EqualTo(slow.Hex));
        Assert.That(mirror.Unfetchable, Is.Empty);
        Assert.That(await mirror.RefreshAsync(_ => true, default), Is.False);
    }

    [Test]
    public async Task A_branch_that_nobody_proposes_is_not_fetched()
    {
        await using var world = await World.StartAsync();
        var unproposed = world.People.Push("private", "erin", "Nobody asked", new Dictionary<string, string?> { ["zeros"] = new string('0', 1 << 20) });
        await world.ProposeApprovedAsync("feature", "feature.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
        using var git = new LibGit2Sharp.Repository(Path.Combine(world.Settings.Work, "mirrors", "tool.git"));
        Assert.That(git.Lookup(unproposed.Hex), Is.Null);
        var change = await world.People.ProposeAsync("private", "erin", default);
        world.Time.Pass(TimeSpan.FromSeconds(61));
        await world.SettleAsync();
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("0 of 1 approvals"));
    }

    private static async Task<Mirror> OpenAsync(World world)
    {
        var mirror = await Mirror.OpenAsync(Path.Combine(world.People.Directory, "mirror.git"), world.Url, Path.Combine(world.People.Directory, "home"), null, default);
        mirror.IsProposed = name => name.StartsWith("refs/heads/", StringComparison.Ordinal) && name != "refs/heads/main";
        return mirror;
    }
}
