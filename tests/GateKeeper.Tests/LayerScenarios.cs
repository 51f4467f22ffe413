using GateKeeper.Core.Rules;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>
/// What a run sees where trees of several repositories follow each other, and where objects are not there. That each run sees exactly its
/// tree is looked at in each of them (<see cref="ExactTrees"/>).
/// </summary>
[NonParallelizable]
public sealed class LayerScenarios
{
    [Test]
    public async Task A_layer_of_a_tree_that_has_been_pruned_since_is_not_used()
    {
        await using var room = new RunRoom();
        var mirror = room.Mirror();
        var old = RunRoom.Tree(mirror, new() { ["old"] = "old\n", ["dir/old"] = "old\n" });
        Assert.That((await room.RunAsync(Test("test -e old"), mirror, old)).Outcome, Is.EqualTo("Passed"));
        RunRoom.Lose(mirror, old);

        var run = await room.RunAsync(Test("! test -e old && ! test -e dir && test -e new"), mirror, RunRoom.Tree(mirror, new() { ["new"] = "new\n" }));

        Assert.That(run.Outcome, Is.EqualTo("Passed"), run.Summary);
        Assert.That((await room.RunAsync(Test("true"), mirror, old)).Summary, Does.Contain($"the tree {old} is missing in mirror.git"), "nor is it used for that tree itself");
    }

    [TestCase("dir/sub", "tree", TestName = "A directory that is missing is not an empty one")]
    [TestCase("dir/sub/file", "blob", TestName = "A file that is missing is named")]
    public async Task What_is_missing_is_named_and_nothing_passes_without_it(string path, string kind)
    {
        await using var room = new RunRoom();
        var mirror = room.Mirror();
        await room.RunAsync(Test("true"), mirror, RunRoom.Tree(mirror, new() { ["dir/sub/file"] = "old\n", ["dir/sub/bad"] = "bad\n" }));
        var tree = RunRoom.Tree(mirror, new() { ["dir/sub/file"] = "new\n", ["dir/sub/bad"] = "bad\n" });
        string lost;
        using (var repository = new Repository(mirror))
            lost = repository.Lookup<Tree>(tree)[path].Target.Sha;
        RunRoom.Lose(mirror, lost);

        var run = await room.RunAsync(Test("test ! -e dir/sub/bad"), mirror, tree);

        Assert.That((run.Outcome, run.Summary), Is.EqualTo(("Lost", $"the runner failed: the {kind} {lost} is missing in mirror.git")));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Whatever_trees_of_whatever_repositories_follow_each_other_each_run_sees_its_own(int seed)
    {
        await using var room = new RunRoom();
        var random = new Random(seed);
        var mirrors = Enumerable.Range(0, 3).Select(_ => room.Mirror()).ToArray();
        var trees = mirrors.Select(_ => new Dictionary<string, string> { ["begin"] = "x\n" }).ToArray();
        string[] places = ["a", "b", "dir/a", "dir/b", "dir/deep/a", "dir/deep/b", "other/a", "other"];
        for (var step = 0; step < 40; step++)
        {
            var one = random.Next(mirrors.Length);
            if (random.Next(4) == 0)
                trees[one] = new(trees[random.Next(trees.Length)]); // equal trees in two repositories
            var place = places[random.Next(places.Length)];
            foreach (var taken in trees[one].Keys.Where(path => path == place || path.StartsWith(place + "/", StringComparison.Ordinal) || place.StartsWith(path + "/", StringComparison.Ordinal)).ToList())
                trees[one].Remove(taken);
            if (random.Next(3) > 0)
                trees[one][place] = $"{random.Next(3)}\n";
            if (random.Next(8) == 0)
                RunRoom.Lose(mirrors[one]);

            var run = await room.RunAsync(Test("true"), mirrors[one], RunRoom.Tree(mirrors[one], trees[one]));

            Assert.That(run.Outcome, Is.EqualTo("Passed"), $"step {step} of seed {seed}: {run.Summary}");
        }
    }

    private static TestDefinition Test(string command) => new() { Name = "unit", Run = command, Timeout = TimeSpan.FromSeconds(30) };
}
