using GateKeeper.Core.Changes;
using GateKeeper.Forges;
using GateKeeper.Git;

namespace GateKeeper.Reconcile;

/// <summary>Puts together what the forge says of the changes of one trunk and what git says of their commits.</summary>
/// <param name="reader">What git says of commits.</param>
/// <param name="lines">How large they are.</param>
/// <param name="signatures">Whose keys signed them, where the forge does not tell.</param>
/// <param name="history">What the trunk says of landings.</param>
/// <param name="ancestry">What the trunk holds.</param>
/// <param name="carrying">Which revisions are the same.</param>
/// <param name="takenBack">What is not on it any more.</param>
/// <param name="repository">What the operator calls the repository: people name its changes as the page does, REPOSITORY/ID.</param>
/// <param name="elsewhere">Whether another trunk that the gate guards holds a commit: there it came through the gate.</param>
internal sealed class Assembler(ChangeReader reader, ChangedLines lines, SshSignatures signatures, TrunkHistory history, Ancestry ancestry, Carrying carrying, TakenBack takenBack, string repository, Func<CommitSha, bool> elsewhere)
{
    private const int MostNearMisses = 3;
    private (long Version, CommitSha Tip, bool Carry, ValueList<PatternList>? Measure, long? Signed) made;
    private ValueList<Change> changes = [];

    /// <summary>What of the open changes is not in the mirror.</summary>
    public IReadOnlyList<string> Missing { get; private set; } = [];

    /// <param name="view">What the forge says.</param>
    /// <param name="trunk">The trunk.</param>
    /// <param name="tip">Its tip.</param>
    /// <param name="carry">Whether it matters which earlier revisions were the same.</param>
    /// <param name="measure">What the sizes of changes leave out; null where no size matters.</param>
    /// <param name="sign">Whether it matters who signed commits.</param>
    public ValueList<Change> Assemble(ForgeView view, string trunk, CommitSha tip, bool carry, ValueList<PatternList>? measure, bool sign)
    {
        var signed = !sign ? (long?)null : view.Signatures is null ? signatures.Look() : 0;
        if (made == (view.Version, tip, carry, measure, signed))
            return changes;

        // A list that moved while it was read may name one twice.
        var proposals = view.Proposals.DistinctBy(proposal => proposal.Change.Id).ToList();
        var open = proposals.Where(proposal => proposal.Trunk == trunk && (proposal.Again || !HasLanded(proposal.Change))).Select(proposal => proposal.Change.Id).ToHashSet();
        var all = proposals.ToDictionary(proposal => proposal.Change.Id);
        var heads = proposals.GroupBy(proposal => proposal.Change.Current.Commit.Hex).ToDictionary(group => group.Key, group => group.First().Change.Id);
        var failed = false;
        Missing = [];
        carrying.Remember(proposals);
        changes = [.. proposals.Where(proposal => open.Contains(proposal.Change.Id)).Select(Try)];
        lines.KeepAsked();
        if (signed is not null)
            signatures.Verify();
        made = failed ? default : (view.Version, tip, carry, measure, signed);
        return changes;

        // What one change brings stops nobody else; it is read again by the next tick, for it may have been the machine's fault.
        Change Try(Proposal proposal)
        {
            try
            {
                return One(proposal);
            }
            catch (Exception error) when (Objects.IsMissing(error))
            {
                failed = true;
                Missing = [.. Missing, error.Message];
                return proposal.Change with { Unknowns = [.. proposal.Change.Unknowns, $"its commits cannot be read: {error.Message}"] };
            }
            catch (Exception error) when (Signatures.IsContent(error))
            {
                failed = true;
                return proposal.Change with { Obstacles = [.. proposal.Change.Obstacles, $"its commits cannot be read: {error.Message}"] };
            }
            catch (Exception error)
            {
                failed = true;
                return proposal.Change with { Unknowns = [.. proposal.Change.Unknowns, $"its commits could not be read, which is tried again: {error.Message}"] };
            }
        }

        // What is still being counted is looked at again.
        ValueList<EditedFile>? Measured(string from, string to, ValueList<PatternList> apart)
        {
            var files = lines.Between(from, to, apart);
            failed |= files is null;
            return files;
        }

        IEnumerable<CommitFacts> Signed(Change change, IEnumerable<CommitFacts> commits)
        {
            if (signed is null)
                return commits;
            var all = commits.ToList();
            var told = view.Signatures is { } tell ? tell(change) : signatures.Of(all.ConvertAll(commit => commit.Sha), view.AccountOf);
            return all.Select(commit => commit with { Signature = told.GetValueOrDefault(commit.Sha) ?? CommitSignature.NotTold });
        }

        Change One(Proposal proposal)
        {
            var change = proposal.Change;
            if (change.Unknowns.Count > 0)
                return change;

            var stacked = proposal.StackedOn is { } below && open.Contains(below) ? all[below].Change : null;
            var own = reader.Read(tip, change.Current.Commit, stacked?.Current.Commit, view.AccountOf);

            // A commit that is another open change's revision makes this one depend on it, whatever its request says.
            var parent = own.Commits.LastOrDefault(commit => commit.Sha != change.Current.Commit && heads.TryGetValue(commit.Sha.Hex, out var other) && other != change.Id && open.Contains(other));
            if (stacked is null && parent is not null)
            {
                stacked = all[heads[parent.Sha.Hex]].Change;
                own = reader.Read(tip, change.Current.Commit, stacked.Current.Commit, view.AccountOf);
            }

            // A squash or a rebase leaves the revision that landed outside the trunk: what was below it has landed all the same.
            var landed = stacked is null ? own.Commits.Where(commit => commit.Sha != change.Current.Commit && history.Of(commit.Sha) is not null).Select(commit => commit.Sha).ToList() : [];
            if (landed.Count > 0)
                own = reader.Read(tip, change.Current.Commit, landed[^1], view.AccountOf);

            // What one that landed above it did to the same files is no revert of it.
            var undone = Baggage.Undone(landed.Where(revision => !landed.Exists(other => other != revision && ancestry.IsAncestor(revision, other))).Select(revision => (history.Of(revision)!.Commit, takenBack.Path(revision, tip))), trunk);
            var fresh = own.Commits.Where(commit => !landed.Exists(revision => ancestry.IsAncestor(commit.Sha, revision))).ToList();

            // What came through the gate on another trunk is known there.
            var known = own.Commits.Select(commit => commit.Sha).Where(elsewhere).ToHashSet();
            fresh.RemoveAll(commit => known.Contains(commit.Sha));
            var forged = Baggage.Forged(own.InGatesName.Where(commit => !known.Contains(commit)));
            var strangers = Baggage.Strange(fresh.Where(commit => view.BelongsElsewhere(change, commit.Sha)).Select(commit => commit.Sha));
            var unseen = proposal.OnBranch is { } branch
                ? Baggage.Unseen(fresh.Where(commit => branch.HadOnce(commit.Sha) || (stacked is null && IsBelow(commit.Sha, branch))).Select(commit => commit.Sha), branch.Name, trunk)
                : [];
            var words = own.Commits.Where(commit => !known.Contains(commit.Sha)).Select(commit => commit.Message).Concat(view.DescribesDependencies ? [change.Title, change.Description] : []).ToList();
            var onto = stacked?.Current.Commit ?? (landed.Count > 0 ? landed[^1] : tip);
            return change with
            {
                Commits = [.. Signed(change, Pushed(view, change, own.Commits, known)).Select(commit => known.Contains(commit.Sha) && own.InGatesName.Contains(commit.Sha) ? commit with { ByGate = true } : commit)],
                CoAuthors = ChangeReader.CoAuthorsIn(change.Description, view.AccountOf),
                Paths = own.Paths,
                Edits = measure is not null && own.Trees is var (from, to) ? Measured(from, to, measure) : null,
                Obstacles = [.. change.Obstacles, .. own.Obstacles, .. undone, .. forged, .. strangers, .. unseen],
                DependsOn = [.. Dependencies(view, change, stacked, words), .. landed.TakeLast(1).Select(revision => Landed(history.Of(revision)!))],
                NearMisses = [.. words.SelectMany(DependsOnLines.NearMisses).Distinct().Take(MostNearMisses)],
                SameDiffAs = carry ? [.. carrying.SameAs(view, change, tip, stacked is null ? null : all[stacked.Id], onto)] : [],
            };
        }
    }

    /// <summary>With who pushed what first, but for what came through the gate elsewhere.</summary>
    private static IEnumerable<CommitFacts> Pushed(ForgeView view, Change change, ValueList<CommitFacts> commits, HashSet<CommitSha> known)
    {
        var first = view.FirstPushed(change, [.. commits.Select(commit => commit.Sha)]);
        return commits.Select(commit => !known.Contains(commit.Sha) && first.TryGetValue(commit.Sha, out var pushers) ? commit with { PushedBy = pushers.Who, PusherIsKnown = pushers.AreKnown } : commit);
    }

    private bool IsBelow(CommitSha commit, TargetBranch branch) =>
        (branch.Head is { } head && ancestry.IsAncestor(commit, head)) || (commit != branch.First && ancestry.IsAncestor(commit, branch.First));

    private static Dependency Landed(TrunkLanding landing) => new(landing.Change, landing.Revision, landing.Change.ToString(), Landed: true);

    /// <summary>What another change landed as is no landing of this one: it may have been taken back since.</summary>
    private bool HasLanded(Change change) => history.Of(change.Id, change.Current.Commit) is not null || ancestry.Contains(change.Current.Commit);

    private IEnumerable<Dependency> Dependencies(ForgeView view, Change change, Change? stacked, IEnumerable<string> words)
    {
        if (stacked is not null)
            yield return new(stacked.Id, stacked.Current.Commit, $"{stacked.Id} ({stacked.Title})", Landed: false);

        foreach (var name in words.SelectMany(DependsOnLines.Names).Distinct())
        {
            var (other, commit) = Meant(view, change, name);
            var landed = (commit is { } meant && (history.Of(meant) is not null || ancestry.Contains(meant))) || history.Landings.Any(landing => landing.Change == other || landing.Revision.Hex == other.Value) || (CommitSha.TryParse(other.Value, out var sha) && ancestry.Contains(sha));
            if (other != change.Id)
                yield return new(other, null, name, landed);
        }
    }

    private (ChangeId Change, CommitSha? Commit) Meant(ForgeView view, Change change, string name)
    {
        if (view.Means(change, name) is { } meant)
            return meant;
        var id = name.StartsWith($"{repository}/", StringComparison.Ordinal) ? name[(repository.Length + 1)..] : name;
        return view.Means(change, id) ?? (new(id), null);
    }
}
