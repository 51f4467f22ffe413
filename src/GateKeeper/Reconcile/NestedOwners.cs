using GateKeeper.Core.Gates;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Reconcile;

/// <summary>
/// The owners files of one name in all directories of a trunk. The first tree is walked; of each next one only what differs is looked at, and
/// while none of those files changes, what was read stays as it is.
/// </summary>
/// <param name="repository">The mirror.</param>
/// <param name="name">What the files are called.</param>
/// <param name="like">Those of another trunk of the repository, which probably holds most of the same; null for the first.</param>
internal sealed class NestedOwners(Repository repository, string name, NestedOwners? like = null)
{
    private readonly Dictionary<string, (Mode Mode, string Id)> places = new(like?.places ?? [], StringComparer.Ordinal);
    private readonly string below = $"/{name}";
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
        var (parts, bytes) = (new List<OwnersPart>(), 0L);
        foreach (var (path, (mode, id)) in places)
        {
            var unread = mode is not (Mode.NonExecutableFile or Mode.ExecutableFile) ? "it is no regular file" : repository.SizeOf(id) is var size && size > OwnersFile.MostBytes ? OwnersFile.TooLarge : null;
            if (unread is null && (bytes += repository.SizeOf(id)) > OwnersFile.MostBytesInAll)
                return OwnersFile.Unreadable(OwnersFile.TooLargeInAll);
            parts.Add(new(path, unread is null ? repository.Blob(id).GetContentText() : "", unread));
        }

        return OwnersFile.Of(parts);
    }
}
