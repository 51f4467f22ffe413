using GateKeeper.Core.Gates;

namespace GateKeeper.Reconcile;

/// <summary>
/// The owners files that were read lately, by the id of their blobs: one is read once, for all trunks, and a landing that leaves it as it is
/// costs nothing.
/// </summary>
internal sealed class OwnersShelf
{
    private const int MostKept = 20;
    private readonly Dictionary<string, OwnersFile> files = [];
    private readonly Queue<string> order = new();

    /// <summary>Those in directories, by their name, as the trunk has them that asked for them last.</summary>
    public Dictionary<string, NestedOwners> Nested { get; } = [];

    public OwnersFile Read(string blob, Func<string> content)
    {
        if (files.TryGetValue(blob, out var known))
            return known;
        var file = OwnersFile.Parse(content());
        files.Add(blob, file);
        order.Enqueue(blob);
        if (files.Count > MostKept)
            files.Remove(order.Dequeue());
        return file;
    }
}
