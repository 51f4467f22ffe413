using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;
using GateKeeper.Git;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Reconcile;

/// <summary>The rules that judge on a trunk at one tip.</summary>
/// <param name="Rules">Null when there are none that could judge.</param>
/// <param name="Problem">Why the file at the tip itself does not judge; null when it does.</param>
/// <param name="Blob">The id of the file that judges, or a word for where it comes from.</param>
/// <param name="Owners">The owners files that the rules name, by their keys there.</param>
internal sealed record RulesAtTip(Ruleset? Rules, string? Problem, string Blob, IReadOnlyDictionary<string, OwnersFile> Owners);

/// <summary>Reads the rules from the trunk's tip, by commit id, and from nowhere else.</summary>
internal sealed class TrunkRules(Repository repository, string path, string? initial, RulesShelf shelf)
{
    private const int MostSteps = 1000;
    private readonly Dictionary<string, NestedOwners> nested = [];
    private (string Tip, RulesAtTip Rules)? last;

    public string Path => path;

    public RulesAtTip At(CommitSha tip)
    {
        if (last is { } known && known.Tip == tip.Hex)
            return known.Rules;
        var rules = Read(tip);
        last = (tip.Hex, rules);
        return rules;
    }

    /// <summary>Which file of rules a commit holds; null for none.</summary>
    public string? BlobAt(CommitSha commit) => repository.Commit(commit)[path]?.Target.Sha;

    /// <summary>Has the rules file of a tree read beside the loop, which says what it comes to, or what is wrong with it.</summary>
    public Task<(Ruleset? Rules, string? Problem)> Beside(Tree tree)
    {
        var (blob, problem) = Find(tree);
        return blob is null ? Task.FromResult<(Ruleset?, string?)>((null, problem)) : OfAsync(shelf.ReadBeside(blob.Sha, blob.Bytes));

        static async Task<(Ruleset?, string?)> OfAsync(Task<LoadedRules> reading) => await reading is var loaded && loaded.Rules is { } rules ? (rules, null) : (null, loaded.Said);
    }

    private RulesAtTip Read(CommitSha tip)
    {
        var commit = repository.Commit(tip);
        var problem = ProblemOf(commit.Tree);
        if (problem is null)
            return Of(commit, null);
        // The nearest valid file on the trunk's own line judges, and only a change that mends the tip's may land.
        var older = repository.Below(commit);
        for (var steps = 0; older is not null && steps < MostSteps; steps++, older = repository.Below(older))
        {
            if (ProblemOf(older.Tree) is null)
                return Of(older, problem);
        }

        // Only a trunk that never had any is judged by the operator's: taking the file away does not bring those back.
        return initial is not null && commit[path] is null ? Initial(initial) : new(null, problem, "", new Dictionary<string, OwnersFile>());
    }

    private RulesAtTip Initial(string file)
    {
        var loaded = RulesLoader.Load(File.ReadAllBytes(file));
        return new(loaded.Rules, loaded.Rules is null ? $"{file}: {loaded.Said}" : $"the trunk has no {path} yet; {file} judges", file, new Dictionary<string, OwnersFile>());
    }

    private RulesAtTip Of(Commit commit, string? problem)
    {
        var (loaded, blob) = Load(commit.Tree)!.Value;
        var wanted = loaded.Rules!.Gates.SelectMany(gate => gate.Require.Flatten()).OfType<OwnersApprove>().DistinctBy(owners => owners.Key).ToList();
        foreach (var old in nested.Keys.Except(wanted.Where(owners => owners.Nested).Select(owners => owners.File)).ToList())
            nested.Remove(old);
        return new(loaded.Rules, problem, blob, wanted.Select(owners => (owners.Key, Owners: owners.Nested ? Nested(commit.Tree, owners.File) : Owners(commit.Tree, owners.File)))
            .Where(item => item.Owners is not null).ToDictionary(item => item.Key, item => item.Owners!));
    }

    private OwnersFile? Nested(Tree tree, string name)
    {
        if (!nested.TryGetValue(name, out var owners))
            nested[name] = shelf.Owners.Nested[name] = owners = new(repository, name, shelf.Owners.Nested.GetValueOrDefault(name));
        return owners.In(tree.Sha);
    }

    /// <summary>Null when the tree has none.</summary>
    private OwnersFile? Owners(Tree tree, string file) => tree[file] switch
    {
        null => null,
        { Mode: not (Mode.NonExecutableFile or Mode.ExecutableFile) } => OwnersFile.Unreadable("it is no regular file"),
        { Target: Blob { Size: <= OwnersFile.MostBytes } blob } => shelf.Owners.Read(blob.Sha, blob.GetContentText),
        _ => OwnersFile.Unreadable(OwnersFile.TooLarge),
    };

    private string? ProblemOf(Tree tree) =>
        Find(tree).Problem ?? (Load(tree) is var (loaded, _) && loaded.Rules is null ? loaded.Said : null);

    private (LoadedRules Loaded, string Blob)? Load(Tree tree) =>
        Find(tree).File is { } blob ? (shelf.Read(blob.Sha, blob.Bytes), blob.Sha) : null;

    private (Blob? File, string? Problem) Find(Tree tree)
    {
        if (tree[path] is not { } entry)
            return (null, $"there is no {path}");
        if (entry.Mode is not (Mode.NonExecutableFile or Mode.ExecutableFile))
            return (null, $"{path} is no regular file");
        return entry.Target is Blob { Size: <= 1 << 20 } blob ? (blob, null) : (null, $"{path} is larger than 1 MiB");
    }
}
