using GateKeeper.Core.Changes;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>People, each with a clone of their own, pushing through the hooks under their accounts.</summary>
internal sealed class People(World world) : IDisposable
{
    private const string Known = """{"ann": {"emails": ["ann@example.org"]}, "bob": {"emails": ["bob@example.org"]}, "carol": {"emails": ["carol@example.org"]}, "erin": {"emails": ["erin@example.org"]}}""";
    private readonly string directory = Directory.CreateTempSubdirectory("gatekeeper-people-").FullName;
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "gatekeeper");
    private readonly Dictionary<string, Mirror> clones = [];

    public async Task GuardAsync(string known = Known)
    {
        var accounts = Path.Combine(directory, "accounts.json");
        await File.WriteAllTextAsync(accounts, known);
        await new Guard(world.Url, TimeProvider.System).InstallAsync(new("gatekeeper", ["main"], []), accounts, Program, default);
        world.Time.Pass(TimeProvider.System.GetUtcNow() - world.Time.GetUtcNow());
    }

    public void Push(string account, string branch, string file, string? author = null)
    {
        var clone = Clone(account);
        clone.RefreshAsync(_ => true, default).GetAwaiter().GetResult();
        var commit = Commits.On(clone, clone.Refs.GetValueOrDefault($"refs/heads/{branch}") ?? clone.Refs["refs/heads/main"], author ?? account, $"Add {branch}", file);
        var old = clone.Refs.TryGetValue($"refs/heads/{branch}", out var hex) ? new CommitSha(hex) : (CommitSha?)null;
        var answer = clone.PushAsync($"refs/heads/{branch}", old, commit, TimeSpan.FromSeconds(30), default).GetAwaiter().GetResult();
        Assert.That(answer, Is.TypeOf<PushAnswer.Done>(), $"{answer}");
    }

    /// <summary>A commit that lies in somebody's own clone alone.</summary>
    public async Task<string> CommitAsync(string account, string? below, string file, string author)
    {
        var clone = Clone(account);
        await clone.RefreshAsync(_ => true, default);
        return Commits.On(clone, below ?? clone.Refs["refs/heads/main"], author, $"Add {file}", file).Hex;
    }

    public async Task<string> ProposeAsync(string account, string branch, string target = "main")
    {
        var client = await ClientAsync(account, account);
        return await client.ProposeAsync(branch, target, null, [], default);
    }

    public async Task VoteAsync(string account, string change, string speaksAs) =>
        await (await ClientAsync(account, speaksAs)).CommentAsync(change, true, "fine", null, default);

    public async Task AskAsync(string account, string change, string words) =>
        await (await ClientAsync(account, account)).CommentAsync(change, null, words, null, default);

    /// <summary>Pushes as git does, past every client; answers why the server would not have it, or null.</summary>
    public async Task<string?> PushAsync(string account, params string[] specs)
    {
        var clone = Clone(account);
        await clone.RefreshAsync(_ => true, default);
        var answer = await clone.Git.RunAsync(["push", "--force", "--", world.Url, .. specs], default);
        return answer.Ok ? null : answer.Error;
    }

    public async Task MoveAsync(string account, string to, string from)
    {
        var clone = Clone(account);
        await clone.RefreshAsync(_ => true, default);
        CommitSha? old = clone.Refs.TryGetValue(to, out var hex) ? new(hex) : null;
        if (await clone.PushAsync(to, old, new(clone.Refs[from]), TimeSpan.FromSeconds(30), default) is PushAnswer.Refused refused)
            throw new GitException(refused.Why);
    }

    /// <summary>Says something by hand, as a line of the note; answers why the server would not have it, or null.</summary>
    public Task<string?> SayAsync(string account, string reference, string key, params string[] lines) =>
        PushNotesAsync(account, reference, (repository, tree) => Notes.With(repository, tree, [KeyValuePair.Create(
            key, repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(
                (tree?[key] is { } known ? known.Target.Peel<Blob>().GetContentText() : "") + string.Concat(lines.Select(line => line + "\n"))))))]).Sha);

    /// <summary>Pushes a tree that somebody made of a notes ref by hand; answers why the server would not have it, or null.</summary>
    public async Task<string?> PushNotesAsync(string account, string reference, Func<Repository, Tree?, string> make)
    {
        var clone = Clone(account);
        await clone.RefreshAsync(_ => true, default);
        var old = clone.Refs.GetValueOrDefault(reference);
        var parent = old is null ? null : clone.Repository.Lookup<Commit>(old);
        var made = make(clone.Repository, parent?.Tree);
        var signature = Demo.DemoWorld.Person(account).Sign(TimeProvider.System.GetUtcNow());
        var to = clone.Repository.Lookup<Tree>(made) is { } tree
            ? clone.Repository.ObjectDatabase.CreateCommit(signature, signature, "notes\n", tree, parent is null ? [] : [parent], prettifyMessage: false).Sha
            : made;
        return await clone.PushAsync(reference, old is null ? null : new(old), new(to), TimeSpan.FromSeconds(30), default) is PushAnswer.Refused refused ? refused.Why : null;
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

internal static class Commits
{
    public static CommitSha On(Mirror clone, string below, string author, string message, string file)
    {
        var parent = LibGit2Sharp.RepositoryExtensions.Lookup<LibGit2Sharp.Commit>(clone.Repository, below);
        var tree = LibGit2Sharp.TreeDefinition.From(parent);
        tree.Add(file, clone.Repository.ObjectDatabase.CreateBlob(new MemoryStream("x\n"u8.ToArray())), LibGit2Sharp.Mode.NonExecutableFile);
        var signature = Demo.DemoWorld.Person(author).Sign(TimeProvider.System.GetUtcNow());
        return new(clone.Repository.ObjectDatabase.CreateCommit(signature, signature, message + "\n", clone.Repository.ObjectDatabase.CreateTree(tree), [parent], prettifyMessage: false).Sha);
    }
}
