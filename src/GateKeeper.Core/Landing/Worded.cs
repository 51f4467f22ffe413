using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>Tells whether candidates say what is so now. One that does not is made anew.</summary>
internal sealed class Worded(Snapshot now)
{
    private const int MostTried = 50;
    private readonly Dictionary<(ChangeId, CommitSha), bool> known = [];

    /// <summary>Whether something that is required belongs to the very commit, so that with another one it would have to be tested anew.</summary>
    private readonly bool isDear = now.Rules.Landing.NamesApprovers && now.Rules.Required.Any(test => test.Check is { OnRevision: false } || test.Network);

    /// <param name="change">What would land.</param>
    /// <param name="built">As what.</param>
    /// <param name="judge">Judges it as it would land, if every test passed.</param>
    public bool Fits(Change change, CandidateFacts.Built built, Func<Judgement> judge)
    {
        if (!known.TryGetValue((change.Id, built.Commit), out var fits))
            known[(change.Id, built.Commit)] = fits = Now(change, judge) == built.Words || (isDear && WasSo(change, built));
        return fits;
    }

    private string Now(Change change, Func<Judgement> judge) =>
        now.Rules.May.Override is null && !now.Rules.Landing.NamesApprovers ? Wording.Of(now.Rules, change, []).Digest : Digest(change, judge());

    private string Digest(Change change, Judgement judged) => Wording.Of(now.Rules, change, judged.Overridden, judged.Approvers).Digest;

    /// <summary>
    /// Whether it names those who approved before the last approvals were given: they approve still, and they were enough. Nobody's tests
    /// begin anew because one more person approves.
    /// </summary>
    private bool WasSo(Change change, CandidateFacts.Built built)
    {
        var earlier = change;
        foreach (var last in change.Votes.Where(vote => vote.Value is VoteValue.Approval || vote.Label is not null).OrderByDescending(vote => vote.At).ThenByDescending(vote => vote.Order ?? 0).Take(MostTried))
        {
            earlier = earlier with { Votes = [.. earlier.Votes.Where(vote => !ReferenceEquals(vote, last))] };
            var judged = Judge.Of(now.Rules, now.Around(earlier) with { AssumeTests = true, CandidatePaths = built.Paths });
            if (!judged.Passes)
                return false;
            if (Digest(change, judged) == built.Words)
                return true;
        }

        return false;
    }
}
