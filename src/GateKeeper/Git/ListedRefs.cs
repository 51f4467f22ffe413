using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>Reads what <c>git ls-remote</c> listed.</summary>
internal static class ListedRefs
{
    private const int MostShown = 200;
    private const int Sha256Length = 64;

    /// <summary>Each ref's commit by its full name. A line of another shape makes it no answer at all: what it stands for might be anything.</summary>
    public static Dictionary<string, string> Read(GitAnswer answer, string url = "the server")
    {
        var refs = new Dictionary<string, string>();
        foreach (var line in answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(LocalRefs.IsText))
        {
            if (line.Split('\t') is not [var id, var name])
                throw Unknown(line);
            if (id.Length == Sha256Length && id.All(char.IsAsciiHexDigit))
                throw ServerKind.Sha256(url);
            if (!CommitSha.TryParse(id, out var commit))
                throw Unknown(line);
            refs[name] = commit.Hex;
        }

        return refs;
    }

    private static GitException Unknown(string line) => new($"git listed refs in a way that is not known: {line[..Math.Min(line.Length, MostShown)]}");
}
