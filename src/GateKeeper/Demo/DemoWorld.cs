using GateKeeper.Core.Changes;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Demo;

/// <summary>A bare repository on this machine in which people propose and vote: for the demo, for tests and for benchmarks.</summary>
internal sealed class DemoWorld : IDisposable
{
    private readonly TimeProvider time;
    private readonly Mirror mirror;

    private DemoWorld(string directory, Mirror mirror, TimeProvider time) => (Directory, this.mirror, this.time) = (directory, mirror, time);

    /// <summary>The folder of the world.</summary>
    public string Directory { get; }

    public string Url => Path.Combine(Directory, "trunk.git");

    public string Secret => Path.Combine(Directory, "credential");

    public static async Task<DemoWorld> CreateAsync(string directory, IReadOnlyDictionary<string, string?> project, TimeProvider time, CancellationToken cancellation)
    {
        GitLibrary.Prepare();
        System.IO.Directory.CreateDirectory(directory);
        var url = Path.Combine(directory, "trunk.git");
        var home = Path.Combine(directory, "home");
        System.IO.Directory.CreateDirectory(url);
        await new GitProgram(url, home).NeedAsync(["init", "--quiet", "--bare", "--template=", "--initial-branch=main", "."], cancellation);
        await File.WriteAllTextAsync(Path.Combine(directory, "credential"), "the-key-to-the-trunk\n", cancellation);
        using (var repository = new Repository(url))
        {
            var commit = Commit(repository, null, project, Person("erin"), "The beginning", time);
            repository.Refs.Add("refs/heads/main", new ObjectId(commit.Hex), allowOverwrite: true);
        }

        return new(directory, await Mirror.OpenAsync(Path.Combine(directory, "people.git"), url, home, null, cancellation), time);
    }

    public static GateIdentity Person(string name) => new(name, $"{name}@example.org");

    /// <summary>Pushes a commit with these files to a branch: on the branch itself, on another, or on main.</summary>
    public CommitSha Push(string branch, string author, string message, IReadOnlyDictionary<string, string?> files, string? on = null)
    {
        using var repository = new Repository(Url);
        var name = $"refs/heads/{branch}";
        var below = repository.Refs[name] ?? repository.Refs[$"refs/heads/{on ?? "main"}"];
        var commit = Commit(repository, repository.Commit(below.TargetIdentifier), files, Person(author), message, time);
        repository.Refs.Add(name, new ObjectId(commit.Hex), allowOverwrite: true);
        return commit;
    }

    /// <summary>Proposes a branch; answers the change's id.</summary>
    public async Task<string> ProposeAsync(string branch, string author, CancellationToken cancellation, string target = "main", string? description = null, bool moves = false)
    {
        var client = await ClientAsync(author, cancellation);
        return await client.ProposeAsync(branch, target, description, [], cancellation, moves);
    }

    public async Task VoteAsync(string change, string by, bool? resolved, string words, CancellationToken cancellation, string? revision = null) =>
        await (await ClientAsync(by, cancellation)).CommentAsync(change, resolved, words, revision, cancellation);

    public async Task<ReviewClient> ClientAsync(string name, CancellationToken cancellation)
    {
        var client = new ReviewClient(mirror, Person(name), time);
        await client.RefreshAsync(cancellation);
        return client;
    }

    /// <summary>The trunk's own line, the oldest first, as its subjects.</summary>
    public IReadOnlyList<string> TrunkLog(string trunk = "main")
    {
        using var repository = new Repository(Url);
        var subjects = new List<string>();
        for (var commit = repository.Commit(repository.Refs[$"refs/heads/{trunk}"].TargetIdentifier); commit is not null; commit = repository.Below(commit))
            subjects.Insert(0, commit.MessageShort.Trim());
        return subjects;
    }

    public void Dispose() => mirror.Dispose();

    private static CommitSha Commit(Repository repository, Commit? below, IReadOnlyDictionary<string, string?> files, GateIdentity author, string message, TimeProvider time)
    {
        var tree = below is null ? new TreeDefinition() : TreeDefinition.From(below);
        foreach (var (path, content) in files)
        {
            if (content is null)
                tree.Remove(path);
            else
                tree.Add(path, repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content))), Mode.NonExecutableFile);
        }

        var signature = author.Sign(time.GetUtcNow());
        var parents = below is null ? Array.Empty<Commit>() : [below];
        return new(repository.ObjectDatabase.CreateCommit(signature, signature, message + "\n", repository.ObjectDatabase.CreateTree(tree), parents, prettifyMessage: false).Sha);
    }
}
