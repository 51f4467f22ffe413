using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Every commit of the change carries a signature that is known to be good, by a member of a group where one is named.</summary>
public sealed record SignedCommits(string? By, bool WithoutMerges) : Requirement
{
    private const int MostNamed = 10;

    public override IEnumerable<string> Groups => new[] { By }.OfType<string>();

    public override Verdict Judge(Circumstances now)
    {
        var name = By is null ? "signatures" : $"signatures by {By}";
        if (now.Change.Commits.Count == 0)
            return Verdict.Wait(name, "the commits are not known");
        if (Unreadable(name, now, By) is { } unreadable)
            return unreadable;

        // What the gate itself made elsewhere answers to the gates there.
        var asked = now.Change.Commits.Where(commit => !commit.ByGate && !(WithoutMerges && commit.Parents > 1)).ToList();
        var wrong = asked.Select(commit => (commit.Sha, Why: Wrong(commit.Signature, now))).Where(item => item.Why is not null).Select(item => $"{item.Sha} {item.Why}").ToList();
        if (wrong.Count > 0)
            return Verdict.Block(name, Some(wrong));
        var unknown = asked.Select(commit => commit.Signature).OfType<CommitSignature.Unknown>().Select(signature => signature.Why).Distinct().ToList();
        return unknown.Count > 0 ? Verdict.Unknown(name, Some(unknown))
            : asked.Count == 0 ? Verdict.Pass(name, "it has no commits but merges")
            : Verdict.Pass(name, $"signed by {Some([.. asked.Select(commit => commit.Signature).OfType<CommitSignature.Good>().Select(signature => signature.Signer).Distinct()], ", ")}");
    }

    private string? Wrong(CommitSignature signature, Circumstances now) => signature switch
    {
        CommitSignature.None => "is not signed",
        CommitSignature.Bad bad => bad.Why,
        CommitSignature.Good good when By is { } group && (good.By is not { } account || !now.People.Has(group, account)) =>
            good.By is null ? $"is signed by {Harmless.Line(good.Signer)}, and the forge knows no one account of that name" : $"is signed by {Harmless.Line(good.Signer)}, who is not in {group}",
        _ => null,
    };

    private static string Some(List<string> words, string between = "; ") =>
        string.Join(between, words.Take(MostNamed).Select(Harmless.Line)) + (words.Count > MostNamed ? $" and {words.Count - MostNamed} more" : "");
}
