using System.Globalization;
using GateKeeper.Demo;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Settings;
using LibGit2Sharp;

namespace GateKeeper.Benchmarks;

/// <summary>A repository with many files and many proposals, written in bulk.</summary>
internal sealed class BenchWorld : IDisposable
{
    private const string Rules = """
        version: 1
        groups: { core: { users: [bob@example.org] } }
        tests: { unit: { run: "true" } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: tests, require: { tests: all } }
        landing: { window: 20 }
        """;

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("gatekeeper-bench-").FullName;

    public string Url => Path.Combine(Directory, "trunk.git");

    public IReadOnlyList<string> Branches { get; private set; } = [];

    /// <param name="files">How many files the trunk has.</param>
    /// <param name="changes">How many changes are open.</param>
    /// <param name="approved">Whether each has the approval that it needs.</param>
    public static async Task<BenchWorld> MakeAsync(int files, int changes, bool approved)
    {
        var world = new BenchWorld();
        var random = new Random(1);
        var project = new Dictionary<string, string?> { ["rules.yaml"] = Rules };
        for (var i = 0; i < files; i++)
            project[$"src/{i % 70:d2}/{i / 70 % 10}/file{i:d5}.txt"] = string.Concat(Enumerable.Range(0, 40).Select(line => $"{i} {line} {random.Next()}\n"));
        using (await DemoWorld.CreateAsync(world.Directory, project, TimeProvider.System, default))
            world.Propose([.. project.Keys.Where(path => path != "rules.yaml")], changes, approved);
        Report.Run(world.Url, "git", "gc", "--quiet");
        return world;
    }

    public GateSettings Settings() => new()
    {
        Repositories = [new() { Name = "bench", Forge = "git", Url = Url, Trusted = true }],
        Runs = new() { Slots = 4, Disk = 256L << 20, Memory = 256L << 20, Processes = 100 },
        Store = Path.Combine(Directory, "store.db"),
        Work = Path.Combine(Directory, "work"),
        Page = new("http://127.0.0.1:0", null, null),
    };

    public string TrunkTree()
    {
        using var repository = new Repository(Url);
        return repository.Branches["main"].Tip.Tree.Sha;
    }

    public void Dispose() => Runs.Files.Delete(Directory);

    private void Propose(List<string> paths, int changes, bool approved)
    {
        using var repository = new Repository(Url);
        var main = repository.Branches["main"].Tip;
        var begin = TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(1);
        var (reviews, discuss) = (new TreeDefinition(), new TreeDefinition());
        var (branches, refs) = (new List<string>(), new List<string>());
        for (var i = 0; i < changes; i++)
        {
            // Each change edits two files of its own, as most do.
            var tree = TreeDefinition.From(main);
            foreach (var path in new[] { paths[i * 2 % paths.Count], paths[((i * 2) + 1) % paths.Count] })
                tree.Add(path, repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"change {i}\n"))), Mode.NonExecutableFile);
            var signature = DemoWorld.Person($"ann{i % 20}").Sign(begin);
            var commit = repository.ObjectDatabase.CreateCommit(signature, signature, $"Change {i}\n", repository.ObjectDatabase.CreateTree(tree), [main], prettifyMessage: false);
            refs.Add($"{commit.Sha} refs/heads/change-{i}\n");
            branches.Add($"change-{i}");
            var time = (begin.ToUnixTimeSeconds() + i).ToString(CultureInfo.InvariantCulture);
            Add(reviews, commit.Sha, GoJson.Canonical(new RequestLine { Timestamp = time, ReviewRef = $"refs/heads/change-{i}", TargetRef = "refs/heads/main", Requester = signature.Email, Description = $"Change {i}" }) + "\n");
            if (approved)
                Add(discuss, commit.Sha, GoJson.Canonical(new CommentLine { Timestamp = time, Author = "bob@example.org", Location = new(commit.Sha, null, null), Description = "fine", Resolved = true }) + "\n");
        }

        Write(repository, Notes.Reviews, repository.ObjectDatabase.CreateTree(reviews));
        if (approved)
            Write(repository, Notes.Discuss, repository.ObjectDatabase.CreateTree(discuss));
        Branches = branches;
        File.WriteAllText(Path.Combine(Url, "packed-refs"), string.Concat(refs.OrderBy(line => line[41..], StringComparer.Ordinal).Prepend("# pack-refs with: peeled fully-peeled sorted \n")));

        void Add(TreeDefinition notes, string key, string text) =>
            notes.Add(key, repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text))), Mode.NonExecutableFile);
    }

    private static void Write(Repository repository, string reference, Tree tree)
    {
        var signature = DemoWorld.Person("bob").Sign(TimeProvider.System.GetUtcNow());
        repository.Refs.Add(reference, repository.ObjectDatabase.CreateCommit(signature, signature, "notes\n", tree, [], prettifyMessage: false).Id, allowOverwrite: true);
    }
}
