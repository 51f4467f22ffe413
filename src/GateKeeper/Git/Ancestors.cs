using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>Says which commit lies below which, and remembers it: of two commits that never changes.</summary>
internal sealed class Ancestors(Repository repository)
{
    private readonly Dictionary<(string, string), bool> known = [];

    /// <exception cref="ObjectMissingException">One of them is not there.</exception>
    public bool IsAncestor(string old, string young)
    {
        if (old == young)
            return true;
        if (!known.TryGetValue((old, young), out var answer))
            known[(old, young)] = answer = repository.ObjectDatabase.FindMergeBase(repository.Commit(old), repository.Commit(young))?.Sha == old;
        return answer;
    }
}
