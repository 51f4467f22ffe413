using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>The guard on a real repository, pushed to by real people with real hooks.</summary>
public sealed class GuardScenarios
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "gatekeeper");

    [Test]
    public async Task Behind_the_guard_votes_are_who_pushed_them_and_only_the_gate_moves_the_trunk()
    {
        await using var world = await World.StartAsync(World.Rules.Replace("@example.org", "", StringComparison.Ordinal), trusted: false);
        using var people = new People(world);
        await people.GuardAsync();

        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        Assert.That(async () => await people.MoveAsync("ann", "refs/heads/main", "refs/heads/feature"), Throws.TypeOf<GitException>().With.Message.Contains("only the gate (gatekeeper) moves a trunk"));
        Assert.That(async () => await people.VoteAsync("ann", change, speaksAs: "bob"), Throws.TypeOf<GitException>().With.Message.Contains("ann may not speak as"));
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));

        await people.VoteAsync("bob", change, speaksAs: "bob");
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(await world.GitAsync("log", "-1", "--format=%an|%cn", "main"), Is.EqualTo("ann|gatekeeper"));
        Assert.That(await world.GitAsync("log", "--format=%B", PushLog.Ref), Does.Contain("\tbob\t").And.Contain("\tgatekeeper\t"));
    }

    [Test]
    public async Task A_reviewer_who_pushed_to_the_branch_may_not_approve_it()
    {
        await using var world = await World.StartAsync(World.Rules.Replace("@example.org", "", StringComparison.Ordinal), trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        people.Push("bob", "feature", "more.txt", author: "ann");
        await people.VoteAsync("bob", change, speaksAs: "bob");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("bob pushed this revision"));
    }

    /// <summary>People, each with a clone of their own, pushing through the hooks under their accounts.</summary>
    private sealed class People(World world) : IDisposable
    {
        private readonly string directory = Directory.CreateTempSubdirectory("gatekeeper-people-").FullName;
        private readonly Dictionary<string, Mirror> clones = [];

        public async Task GuardAsync()
        {
            var accounts = Path.Combine(directory, "accounts.json");
            await File.WriteAllTextAsync(accounts, """{"ann": {"emails": ["ann@example.org"]}, "bob": {"emails": ["bob@example.org"]}, "carol": {"emails": ["carol@example.org"]}, "erin": {"emails": ["erin@example.org"]}}""");
            await new Guard(world.Url, TimeProvider.System).InstallAsync(new("gatekeeper", ["main"], []), accounts, Program, default);
            world.Time.Pass(TimeProvider.System.GetUtcNow() - world.Time.GetUtcNow());
        }

        public void Push(string account, string branch, string file, string? author = null)
        {
            var clone = Clone(account);
            clone.RefreshAsync(_ => true, default).GetAwaiter().GetResult();
            var commit = Commits.On(clone, clone.Refs.GetValueOrDefault($"refs/heads/{branch}") ?? clone.Refs["refs/heads/main"], author ?? account, $"Add {branch}", file);
            var old = clone.Refs.TryGetValue($"refs/heads/{branch}", out var hex) ? new Core.Changes.CommitSha(hex) : (Core.Changes.CommitSha?)null;
            var answer = clone.PushAsync($"refs/heads/{branch}", old, commit, TimeSpan.FromSeconds(30), default).GetAwaiter().GetResult();
            Assert.That(answer, Is.TypeOf<PushAnswer.Done>(), $"{answer}");
        }

        public async Task<string> ProposeAsync(string account, string branch)
        {
            var client = await ClientAsync(account, account);
            return await client.ProposeAsync(branch, "main", null, [], default);
        }

        public async Task VoteAsync(string account, string change, string speaksAs) =>
            await (await ClientAsync(account, speaksAs)).CommentAsync(change, true, "fine", null, default);

        public async Task MoveAsync(string account, string to, string from)
        {
            var clone = Clone(account);
            await clone.RefreshAsync(_ => true, default);
            if (await clone.PushAsync(to, new(clone.Refs[to]), new(clone.Refs[from]), TimeSpan.FromSeconds(30), default) is PushAnswer.Refused refused)
                throw new GitException(refused.Why);
        }

        public void Dispose()
        {
            foreach (var clone in clones.Values)
                clone.Dispose();
            Runs.Files.Delete(directory);
        }

        private async Task<ReviewClient> ClientAsync(string account, string speaksAs)
        {
            var client = new ReviewClient(Clone(account), Demo.DemoWorld.Person(speaksAs), TimeProvider.System);
            await client.RefreshAsync(default);
            return client;
        }

        private Mirror Clone(string account)
        {
            if (!clones.TryGetValue(account, out var clone))
                clones[account] = clone = Mirror.OpenAsync(Path.Combine(directory, $"{account}.git"), world.Url, Path.Combine(directory, "home"), null, default, account).GetAwaiter().GetResult();
            return clone;
        }
    }
}

internal static class Commits
{
    public static Core.Changes.CommitSha On(Mirror clone, string below, string author, string message, string file)
    {
        var parent = LibGit2Sharp.RepositoryExtensions.Lookup<LibGit2Sharp.Commit>(clone.Repository, below);
        var tree = LibGit2Sharp.TreeDefinition.From(parent);
        tree.Add(file, clone.Repository.ObjectDatabase.CreateBlob(new MemoryStream("x\n"u8.ToArray())), LibGit2Sharp.Mode.NonExecutableFile);
        var signature = Demo.DemoWorld.Person(author).Sign(TimeProvider.System.GetUtcNow());
        return new(clone.Repository.ObjectDatabase.CreateCommit(signature, signature, message + "\n", clone.Repository.ObjectDatabase.CreateTree(tree), [parent], prettifyMessage: false).Sha);
    }
}
