using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>What is believed of git's merges, and what not.</summary>
[NonParallelizable]
public sealed class MergeTests
{
    private static readonly Signature Somebody = new("ann", "ann@example.org", DateTimeOffset.UnixEpoch);
    private string folder = "";
    private Mirror mirror = null!;
    private MergeProcess merge = null!;

    [SetUp]
    public async Task Open()
    {
        folder = Directory.CreateTempSubdirectory("gatekeeper-merge-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "attributes"));
        mirror = await Mirror.OpenAsync(Path.Combine(folder, "mirror.git"), "nowhere", Path.Combine(folder, "home"), null, default);
        merge = new(mirror, Path.Combine(folder, "attributes"));
    }

    [TearDown]
    public async Task Close()
    {
        await merge.DisposeAsync();
        mirror.Dispose();
        Runs.Files.Delete(folder);
    }

    [TestCase("", TestName = "A side whose whole tree is missing is not merged as an empty one")]
    [TestCase("dir", TestName = "A side of which a directory is missing is not merged as one without it")]
    [TestCase("dir/new", TestName = "A side of which a file is missing is not merged")]
    public async Task What_is_missing_is_not_merged(string path)
    {
        var fork = Commit(new() { ["dir/f"] = "1", ["keep/k"] = "k" });
        var ours = Commit(new() { ["dir/f"] = "1", ["keep/k"] = "k", ["main"] = "m" }, fork);
        var theirs = Commit(new() { ["dir/f"] = "1", ["dir/new"] = "2", ["keep/k"] = "k" }, fork);
        var lost = path.Length == 0 ? theirs.Tree.Sha : theirs.Tree[path].Target.Sha;
        RunRoom.Lose(mirror.Path, lost);

        // A handle may remember what is gone from the disk; then the loss itself is seen.
        using var fresh = await Mirror.OpenAsync(mirror.Path, "nowhere", Path.Combine(folder, "home"), null, default);
        await using var anew = new MergeProcess(fresh, merge.Attributes);
        Assert.That(() => anew.MergeAsync(ours.Sha, theirs.Sha, default), Throws.InstanceOf<ObjectMissingException>().With.Message.Contains(lost));
        if (path.Length == 0)
            Assert.That((await merge.MergeAsync(ours.Sha, theirs.Sha, default)).Refused, Does.Contain("which neither side removed"));
    }

    [Test]
    public void A_merge_that_lost_what_neither_side_removed_is_none()
    {
        var (before, ours, theirs) = (Tree(new() { ["dir/f"] = "1", ["keep/k"] = "k", ["gone"] = "g" }), Tree(new() { ["dir/f"] = "1", ["keep/k"] = "k", ["main"] = "m" }), Tree(new() { ["dir/f"] = "2", ["keep/k"] = "k", ["gone"] = "g" }));

        Assert.That(MergeLoss.Of(mirror.Repository, [before], ours, theirs, Tree(new() { ["main"] = "m" })), Is.AnyOf("dir/f", "keep/k"));
        Assert.That(MergeLoss.Of(mirror.Repository, [before], ours, theirs, Tree(new() { ["dir/f"] = "2", ["main"] = "m" })), Is.EqualTo("keep/k"));
        Assert.That(MergeLoss.Of(mirror.Repository, [before], ours, theirs, Tree(new() { ["dir/f"] = "2", ["keep/k"] = "k", ["main"] = "m" })), Is.Null);
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Whatever_git_merges_cleanly_is_not_taken_for_a_loss(int seed)
    {
        var random = new Random(seed);
        string[] places = ["a", "b", "dir/a", "dir/b", "dir/c", "dir/deep/a", "dir/deep/b", "two/a", "two/b", "moved/x"];
        var clean = 0;
        for (var round = 0; round < 60; round++)
        {
            var files = places.Where(_ => random.Next(3) > 0).ToDictionary(place => place, place => $"{string.Join('\n', Enumerable.Range(0, 20).Select(line => $"{place} {line} {round}"))}\n");
            var fork = Commit(files);
            var answer = await merge.MergeAsync(Commit(Changed(files, random), fork).Sha, Commit(Changed(files, random), fork).Sha, default);
            Assert.That(answer.Refused, Is.Null, $"round {round} of seed {seed}");
            clean += answer.Tree is null ? 0 : 1;
        }

        Assert.That(clean, Is.GreaterThan(10));
    }

    [TestCase("printf 'You may have to read this.\\n'; exec /usr/bin/git \"$@\"", TestName = "Words for people before an answer are no answer")]
    [TestCase("while read -r line; do printf '1\\0%040d\\0\\0' 0; done", TestName = "An answer to another question is not believed")]
    [TestCase("while read -r line; do printf '1\\0%040d\\0\\0and more' 0; done", TestName = "An answer with something behind it is not believed")]
    [TestCase("while read -r line; do printf '1\\0no tree\\0\\0'; done", TestName = "An answer without a tree is not believed")]
    [TestCase("while read -r line; do printf '1\\0%040d\\0a\\0b\\0\\0' 0; done", TestName = "A clean answer with conflicts is not believed")]
    public async Task What_a_living_process_says_is_believed_by_its_shape(string script)
    {
        var fork = Commit(new() { ["f"] = "1" });
        var (ours, theirs) = (Commit(new() { ["f"] = "1", ["a"] = "a" }, fork), Commit(new() { ["f"] = "1", ["b"] = "b" }, fork));
        var bin = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName;
        await File.WriteAllTextAsync(Path.Combine(bin, "git"), $"#!/bin/sh\ncase \"$*\" in *--stdin*) {script};; *) exec /usr/bin/git \"$@\";; esac\n");
        File.SetUnixFileMode(Path.Combine(bin, "git"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", $"{bin}:{path}");
        try
        {
            var answer = await merge.MergeAsync(ours.Sha, theirs.Sha, default);

            Assert.That(answer.Tree, Is.EqualTo(Tree(new() { ["f"] = "1", ["a"] = "a", ["b"] = "b" })));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    private static Dictionary<string, string> Changed(Dictionary<string, string> files, Random random)
    {
        var changed = new Dictionary<string, string>(files);
        switch (random.Next(4))
        {
            case 0 when files.Keys.Any(file => file.StartsWith("dir/", StringComparison.Ordinal)):
                // A whole directory moves, and what the other side adds to it goes along.
                foreach (var file in files.Keys.Where(file => file.StartsWith("dir/", StringComparison.Ordinal)))
                    changed.Remove(file, out var content);
                foreach (var (file, content) in files.Where(item => item.Key.StartsWith("dir/", StringComparison.Ordinal)))
                    changed[$"new{file}"] = content;
                break;
            case 1:
                foreach (var file in files.Keys.Where(_ => random.Next(3) == 0))
                    changed.Remove(file);
                break;
            default:
                changed[$"dir/added{random.Next(1000)}"] = $"{random.Next()}\n";
                break;
        }

        foreach (var file in changed.Keys.Where(_ => random.Next(4) == 0).ToList())
            changed[file] += $"{random.Next()}\n";
        return changed;
    }

    private Commit Commit(Dictionary<string, string> files, Commit? below = null) =>
        mirror.Repository.ObjectDatabase.CreateCommit(Somebody, Somebody, "x\n", mirror.Repository.Tree(Tree(files)), below is null ? [] : [below], prettifyMessage: false);

    private string Tree(Dictionary<string, string> files) => RunRoom.Tree(mirror.Path, files);
}
