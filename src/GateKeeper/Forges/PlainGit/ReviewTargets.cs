using GateKeeper.Git;

namespace GateKeeper.Forges.PlainGit;

/// <summary>Where reviews belong: to which trunk, and on which other review.</summary>
internal sealed class ReviewTargets(Mirror mirror)
{
    public Ancestors Ancestors { get; } = new(mirror.Repository);

    /// <summary>A request for another request's branch belongs to that request's trunk, whether that one is open or has landed.</summary>
    public IEnumerable<TrunkView> Trunks(Review review, Dictionary<string, List<Review>> byBranch, ForgeQuestion question, HashSet<string> path)
    {
        var target = review.Target;
        if (target.StartsWith("refs/heads/", StringComparison.Ordinal) && question.Trunks.TryGetValue(target["refs/heads/".Length..], out var trunk))
            return [trunk];
        return path.Add(review.Id) && byBranch.GetValueOrDefault(target) is { } others
            ? others.Where(IsOnItsBranch).SelectMany(other => Trunks(other, byBranch, question, path))
            : [];
    }

    /// <summary>Anybody may name any branch in a request; it speaks for the branch only where the branch holds what it began with.</summary>
    public bool IsOnItsBranch(Review review) =>
        mirror.Refs.TryGetValue(review.Request!.ReviewRef!, out var head) ? mirror.Repository.FindCommit(review.Id) is not null && Ancestors.IsAncestor(review.Id, head) : !review.Request.IsAbandoned;

    /// <summary>The open review that this one lies on; null for none.</summary>
    public Review? Below(Review review, Dictionary<string, List<Review>> byBranch, TrunkView trunk) =>
        byBranch.GetValueOrDefault(review.Target)?.Find(other => other.Id != review.Id && other.Request is { IsAbandoned: false } && IsOnItsBranch(other) && !trunk.HasLanded(new(other.Start)));
}
