using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Git;
using GateKeeper.Runs;
using GateKeeper.Store;
using LibGit2Sharp;
using Microsoft.Extensions.Logging.Abstractions;

namespace GateKeeper.Tests;

/// <summary>How a run ended, and what it printed.</summary>
internal sealed record Ran(string Outcome, string Summary, string Log, RunRecord Record);

/// <summary>A room in which single runs are made, in the sandbox or, by word, without one.</summary>
internal sealed class RunRoom : IAsyncDisposable
{
    public static RunLimits Limits { get; } = new(256L << 20, 32L << 20, 40, 256 << 10, Network: true);

    private readonly Database database;
    private readonly Scratch scratch;
    private readonly string mirror;
    private long keys;
    private int mirrors;

    public RunRoom(IReadOnlyList<string>? mounts = null, bool sandboxed = true, RunLimits? limits = null)
    {
        limits ??= Limits;
        GitLibrary.Prepare();
        mirror = Repository.Init(Path.Combine(Folder, "mirror.git"), isBare: true);
        database = Database.Open(Path.Combine(Folder, "store.db"));
        Results = new(database, TimeProvider.System);
        scratch = Scratch.Open(Work);
        ISandbox sandbox = sandboxed ? Sandbox.Find(Work, scratch.Path, limits, mounts ?? [], out var problem) ?? throw new InvalidOperationException(problem) : new NoSandbox(limits);
        sandbox = new ExactTrees(sandbox);
        Runner = new(sandbox, new(Path.Combine(Work, "layers"), Path.Combine(scratch.Path, "layers"), sandbox.Overlays, sandbox.Owner), Results, limits, Work, scratch.Path, TimeProvider.System, NullLogger<Runner>.Instance);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("gatekeeper-room-").FullName;

    public string Work => Path.Combine(Folder, "work");

    public Results Results { get; }

    public Runner Runner { get; }

    /// <summary>The tests of which something was seen to fail and then pass.</summary>
    public IReadOnlyList<string> Flakes => database.Read("SELECT test FROM flakes", row => row.GetString(0));

    public IEnumerable<string> Kept => Directory.Exists(Path.Combine(Work, "prepared")) ? Directory.GetFileSystemEntries(Path.Combine(Work, "prepared")) : [];

    /// <summary>Runs a test on a tree with a file, a tool and a link, and what a story changes in it.</summary>
    public Task<Ran> RunAsync(TestDefinition test, RunPurpose purpose = RunPurpose.Gate, Action<Repository, TreeDefinition>? change = null) =>
        RunAsync(test, mirror, Usual(change), purpose);

    /// <summary>Begins a run that the story ends itself; answers its number.</summary>
    public long Begin(string command, PrepareDefinition? prepare = null) =>
        Start(new() { Name = "long", Run = command, Timeout = TimeSpan.FromMinutes(2), Prepare = prepare }, mirror, Usual(null), RunPurpose.Gate);

    public string LogOf(long id) => File.Exists(Runner.LogOf(id)) ? File.ReadAllText(Runner.LogOf(id)) : "";

    private string Usual(Action<Repository, TreeDefinition>? change)
    {
        using var repository = new Repository(mirror);
        var definition = new TreeDefinition();
        definition.Add("dir/plain", repository.ObjectDatabase.CreateBlob(new MemoryStream("content\n"u8.ToArray())), Mode.NonExecutableFile);
        definition.Add("tool", repository.ObjectDatabase.CreateBlob(new MemoryStream("#!/bin/sh\n"u8.ToArray())), Mode.ExecutableFile);
        definition.Add("link", repository.ObjectDatabase.CreateBlob(new MemoryStream("dir/plain"u8.ToArray())), Mode.SymbolicLink);
        change?.Invoke(repository, definition);
        return repository.ObjectDatabase.CreateTree(definition).Sha;
    }

    /// <summary>Another repository that the same worker looks after.</summary>
    public string Mirror() => Repository.Init(Path.Combine(Folder, $"{++mirrors}", "mirror.git"), isBare: true);

    public static string Tree(string into, Dictionary<string, string> files)
    {
        using var repository = new Repository(into);
        var definition = new TreeDefinition();
        foreach (var (path, content) in files)
            definition.Add(path, repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content))), Mode.NonExecutableFile);
        return repository.ObjectDatabase.CreateTree(definition).Sha;
    }

    /// <summary>Takes some objects out of a repository, or all of them.</summary>
    public static void Lose(string mirror, params string[] ids)
    {
        if (ids.Length == 0)
            ids = [.. Directory.GetFiles(Path.Combine(mirror, "objects"), new string('?', 38), SearchOption.AllDirectories).Select(file => Path.GetFileName(Path.GetDirectoryName(file)) + Path.GetFileName(file))];
        foreach (var id in ids)
            File.Delete(Path.Combine(mirror, "objects", id[..2], id[2..]));
    }

    /// <summary>Takes packs apart, so that each object has a file of its own; answers that of one.</summary>
    public static string Loosen(string mirror, string id)
    {
        var away = Directory.CreateDirectory(Path.Combine(mirror, "objects", "away")).FullName;
        foreach (var pack in Directory.GetFiles(Path.Combine(mirror, "objects", "pack"), "*.pack"))
        {
            var moved = Path.Combine(away, Path.GetFileName(pack));
            File.Move(pack, moved);
            File.Delete(Path.ChangeExtension(pack, ".idx"));
            using var git = System.Diagnostics.Process.Start("sh", ["-c", """git -C "$1" unpack-objects -q < "$2" """, "sh", mirror, moved]);
            git.WaitForExit();
        }

        Directory.Delete(away, recursive: true);
        return Path.Combine(mirror, "objects", id[..2], id[2..]);
    }

    /// <summary>Runs a test on a tree of some repository.</summary>
    public async Task<Ran> RunAsync(TestDefinition test, string mirror, string tree, RunPurpose purpose = RunPurpose.Gate)
    {
        var id = 0L;
        var ended = new TaskCompletionSource();
        void End()
        {
            if (Volatile.Read(ref id) is > 0 and var mine && Runner.Of("t").All(run => run.Id != mine))
                ended.TrySetResult();
        }

        Runner.Ended += End;
        Volatile.Write(ref id, Start(test, mirror, tree, purpose));
        End();
        await ended.Task;
        Runner.Ended -= End;
        var run = Results.Last(100).Single(run => run.Id == id);
        return new(run.Outcome!, run.Summary, LogOf(run.Id), run);
    }

    private long Start(TestDefinition test, string mirror, string tree, RunPurpose purpose)
    {
        var zero = new CommitSha(new string('0', 40));
        Runner.Start(new(test, $"key-{++keys}", new(zero, new(new("1"), zero)), zero, purpose, new("ann")), new("t", test, mirror, tree, test.Prepare is null ? null : tree));
        return Results.Last(1)[0].Id;
    }

    public async ValueTask DisposeAsync()
    {
        await Runner.DisposeAsync();
        database.Dispose();
        scratch.Dispose();
        Files.Delete(Folder);
    }
}
