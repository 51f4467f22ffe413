using GateKeeper.Runs;
using LibGit2Sharp;

namespace GateKeeper.Benchmarks;

/// <summary>A run's tree of 12,000 files, ready to be read, against a work tree made by git.</summary>
internal static class TreeBenchmark
{
    private const double Bar = 10;
    private const int Rounds = 7;

    public static async Task<int> RunAsync()
    {
        using var world = await BenchWorld.MakeAsync(12_000, Rounds + 1, approved: false);
        var limits = new RunLimits(1L << 30, 1L << 30, 100, 1 << 20);
        var work = Path.Combine(world.Directory, "work");
        using var memory = Runs.Scratch.Open(work);
        var sandbox = Sandbox.Find(work, memory.Path, limits, [], out var problem) ?? throw new InvalidOperationException(problem);
        var layers = new Layers(Path.Combine(work, "layers"), Path.Combine(memory.Path, "layers"), sandbox.Overlays, sandbox.Owner);
        using var repository = new Repository(world.Url);
        var trees = world.Branches.Select(branch => repository.Branches[branch].Tip.Tree.Sha).ToList();
        using (layers.Prepare(repository, repository.Branches["main"].Tip.Tree.Sha, new("tool", "all", MayHide: true), Scratch(work, "base")))
            Console.WriteLine($"overlays: {(sandbox.Overlays ? "yes" : "no, each run gets a tree of its own")}");

        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var i = 0; i < Rounds; i++)
        {
            ours.Add(await Report.SecondsAsync(() => RunAsync(sandbox, layers, repository, trees[i], Scratch(work, $"run{i}"), "test -e rules.yaml")));
            theirs.Add(await Report.SecondsAsync(() =>
            {
                Report.Run(world.Url, "git", "worktree", "add", "--quiet", "--detach", Path.Combine(world.Directory, $"tree{i}"), world.Branches[i]);
                return Task.CompletedTask;
            }));
        }

        var (mine, git) = (Median(ours), Median(theirs));
        Console.WriteLine($"a sandboxed run on a tree of 12,000 files, from its tree's id to its end: {mine * 1000:0} ms; git worktree add: {git * 1000:0} ms; {git / mine:0.0} times");
        return Report.End("tree", git / mine >= Bar, new { treeMs = Math.Round(mine * 1000), worktreeMs = Math.Round(git * 1000), ratio = Math.Round(git / mine, 1) }, new { ratio = Bar });
    }

    private static async Task RunAsync(Sandbox sandbox, Layers layers, Repository repository, string tree, string scratch, string command)
    {
        using var use = layers.Prepare(repository, tree, new("tool", "all", MayHide: true), scratch);
        using var process = sandbox.Start(new() { Command = command, Layers = use.Directories, Scratch = scratch, Environment = [] }, null);
        process.StandardInput.Close();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException(said);
    }

    private static string Scratch(string work, string name) => Directory.CreateDirectory(Path.Combine(work, name)).FullName;

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
