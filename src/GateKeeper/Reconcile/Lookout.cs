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

    /// <summary>Looks at the forge; answers whether anything moved.</summary>
    public Task<bool> LookAsync(CancellationToken cancellation) => mirror.RefreshAsync(forge.OfInterest, cancellation, moving().ToHashSet());

    /// <summary>Reads what is under review; the question, too, is asked of what was fetched up to this moment.</summary>
    public ForgeView Observe(Func<ForgeQuestion> question)
    {
        seen = mirror.Refs;
        return forge.Observe(question());
    }

    /// <summary>Whether the forge is still as it was observed. If not, nothing may be decided by that observation any more.</summary>
    public async Task<bool> IsStillSoAsync(CancellationToken cancellation) => !await LookAsync(cancellation) && ReferenceEquals(seen, mirror.Refs);
}
