using GateKeeper.Git;

namespace GateKeeper.Forges.PlainGit;

/// <summary>The branches of a repository that gets a guard: a trunk that is named otherwise than they are is guarded for nothing.</summary>
internal sealed class GuardedBranches(string directory, GitProgram git)
{
    private const string Main = "main";
    private const int MostNamed = 5;

    /// <summary>The branch that people get who clone the repository; main where there is none yet.</summary>
    public async Task<string> FirstAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(directory))
            return Main;
        var head = (await git.RunAsync(["symbolic-ref", "--quiet", "--short", "HEAD"], cancellation)).Text.Trim();
        return (await AllAsync(cancellation)).Contains(head) ? head : Main;
    }

    /// <summary>Answers what to tell of trunks that are no branches yet, which may be misspelt.</summary>
    public async Task<IEnumerable<string>> MissingAsync(IReadOnlyList<string> trunks, CancellationToken cancellation)
    {
        var all = await AllAsync(cancellation);
        return trunks.Where(name => all.Count > 0 && !IsPattern(name) && !all.Contains(name))
            .Select(name => $"there is no branch {name} yet; there is {string.Join(", ", all.Take(MostNamed))}{(all.Count > MostNamed ? " ..." : "")}");
    }

    /// <summary>A new repository may call its first branch otherwise than the trunk: whoever clones it would then get no files.</summary>
    public async Task LeadAsync(IReadOnlyList<string> trunks, CancellationToken cancellation)
    {
        if ((await AllAsync(cancellation)).Count == 0 && trunks.FirstOrDefault(name => !IsPattern(name)) is { } trunk)
            await git.NeedAsync(["symbolic-ref", "HEAD", $"refs/heads/{trunk}"], cancellation);
    }

    private async Task<IReadOnlyList<string>> AllAsync(CancellationToken cancellation) =>
        (await git.NeedAsync(["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"], cancellation)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static bool IsPattern(string name) => name.Contains('*', StringComparison.Ordinal);
}
