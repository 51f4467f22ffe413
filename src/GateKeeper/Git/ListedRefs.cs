using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>Reads what <c>git ls-remote</c> listed.</summary>
internal static class ListedRefs
{
    private const int MostShown = 200;

    /// <summary>Each ref's commit by its full name. A line of another shape makes it no answer at all: what it stands for might be anything.</summary>
    public static Dictionary<string, string> Read(GitAnswer answer)
    {
        var refs = new Dictionary<string, string>();
        foreach (var line in answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(LocalRefs.IsText))
        {
            if (line.Split('\t') is not [var id, var name] || !CommitSha.TryParse(id, out var commit))
                throw new GitException($"git listed refs in a way that is not known: {line[..Math.Min(line.Length, MostShown)]}");
            refs[name] = commit.Hex;
        }

        return refs;
    }
}
