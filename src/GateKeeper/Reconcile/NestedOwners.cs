using GateKeeper.Core.Gates;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Reconcile;

/// <summary>
/// The owners files of one name in all directories of a trunk. The first tree is walked; of each next one only what differs is looked at. While
/// none of those files changes, what was read stays as it is, and where one does, it alone is fetched from the repository.
/// </summary>
/// <param name="repository">The mirror.</param>
/// <param name="name">What the files are called.</param>
/// <param name="like">Those of another trunk of the repository, which probably holds most of the same; null for the first.</param>
internal sealed class NestedOwners(Repository repository, string name, NestedOwners? like = null)
{
    private readonly Dictionary<string, (Mode Mode, string Id)> places = new(like?.places ?? [], StringComparer.Ordinal);
    private readonly string below = $"/{name}";
    private Dictionary<string, string> texts = like?.texts ?? [];
    private string? walked = like?.walked;
    private OwnersFile? read = like?.read;
    private bool isRead = like?.isRead == true;

    /// <summary>Null where the tree has none.</summary>
    /// <exception cref="ObjectMissingException">Not all of the tree is there.</exception>
    public OwnersFile? In(string tree)
    {
        var changes = TreeDiff.Between(repository, walked, tree).Where(change => change.Path == name || change.Path.EndsWith(below, StringComparison.Ordinal)).ToList();
        foreach (var change in changes)
        {
            if (change.NewId.Length == 0)
                places.Remove(change.Path);
            else
                places[change.Path] = (change.NewMode, change.NewId);
        }

        (walked, isRead) = (tree, isRead && changes.Count == 0);
        if (!isRead)
            (read, isRead) = (Read(), true);
        return read;
    }

    private OwnersFile? Read()
    {
        if (places.Count is 0 or > OwnersFile.MostFiles)
            return places.Count == 0 ? null : OwnersFile.Of([.. places.Keys.Select(path => new OwnersPart(path, ""))]);
        var (parts, kept, bytes) = (new List<OwnersPart>(), new Dictionary<string, string>(), 0L);
        foreach (var (path, (mode, id)) in places)
        {
            if (mode is not (Mode.NonExecutableFile or Mode.ExecutableFile))
            {
                parts.Add(new(path, "", "it is no regular file"));
                continue;
            }

            if (!texts.TryGetValue(id, out var text) && !kept.TryGetValue(id, out text))
            {
                var size = repository.SizeOf(id);
                if (size <= OwnersFile.MostBytes && bytes + size > OwnersFile.MostBytesInAll)
                    return OwnersFile.Unreadable(OwnersFile.TooLargeInAll);
                text = size <= OwnersFile.MostBytes ? repository.Blob(id).GetContentText() : null;
            }

            parts.Add(text is null ? new(path, "", OwnersFile.TooLarge) : new(path, text));
            if (text is null)
                continue;
            kept[id] = text;
            bytes += text.Length;
        }

        texts = kept;
        return OwnersFile.Of(parts);
    }
}
