using GateKeeper.Core.Changes;
using GateKeeper.Forges;
using GateKeeper.Git;

namespace GateKeeper.Reconcile;

/// <summary>
/// What was last seen of a forge, and whether it is still so. Refs that the gate itself is moving, on whichever trunk, stay as they were
/// until it knows what came of that; whatever else moves, also what the gate fetched for another purpose, makes what was seen old.
/// </summary>
internal sealed class Lookout(Mirror mirror, IForge forge, Func<IEnumerable<string>> moving)
{
    private IReadOnlyDictionary<string, string>? seen;
    private bool isOld;

    /// <summary>Looks at the forge; answers whether anything moved.</summary>
    public async Task<bool> LookAsync(CancellationToken cancellation) => Moved(await forge.RefreshAsync(moving().ToHashSet(), cancellation));

    /// <summary>Reads what is under review; the question, too, is asked of what was fetched up to this moment.</summary>
    public async Task<ForgeView> ObserveAsync(Func<Task<ForgeQuestion>> question)
    {
        (seen, isOld) = (mirror.Refs, false);
        return forge.Observe(await question());
    }

    /// <summary>Whether what is to land is still as it was observed. If not, nothing may be decided by that observation any more.</summary>
    public async Task<bool> IsStillSoAsync(IReadOnlyList<Revision> landing, CancellationToken cancellation) =>
        !Moved(await forge.MovedAsync(landing, moving().ToHashSet(), cancellation)) && !isOld && ReferenceEquals(seen, mirror.Refs);

    /// <summary>What one trunk's last look found makes the observation old for all of them.</summary>
    private bool Moved(bool moved)
    {
        isOld |= moved;
        return moved;
    }
}
