using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Forges.PlainGit;

/// <summary>The branches that requests name, as what they propose or as where it shall go: of all others nothing is fetched.</summary>
internal sealed class ProposedBranches(Repository repository)
{
    private readonly Dictionary<string, string[]> named = [];
    private HashSet<string> all = [];
    private string? read;

    public bool Contains(string branch) => all.Contains(branch);

    /// <summary>Reads what moved in the notes that ask for reviews; answers whether other branches are named than before.</summary>
    public bool Read(string? notes)
    {
        if (notes is null || notes == read || repository.FindCommit(notes) is null)
            return false;
        foreach (var key in Notes.Moved(repository, read, notes))
            named[key] = [.. (Notes.LinesOrNull(repository, notes, key) ?? []).Select(NoteLines.Request).OfType<RequestLine>().SelectMany(request => new[] { request.ReviewRef, request.TargetRef }).OfType<string>().Distinct()];
        (read, var before) = (notes, all);
        all = [.. named.Values.SelectMany(names => names)];
        return !all.SetEquals(before);
    }
}
