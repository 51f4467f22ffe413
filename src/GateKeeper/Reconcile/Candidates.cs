using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Git;

namespace GateKeeper.Reconcile;

/// <summary>
/// The candidates of one trunk: built, keyed and kept under the mirror's refs while they are in flight, so that a restart takes them up
/// again and people can look at them.
/// </summary>
internal sealed class Candidates(Mirror mirror, CandidateBuilder builder, TrunkRules rules, InputTree inputs, string repository, string trunk, string fingerprint, Action read, TimeProvider time)
{
    private const int MostBrought = 20;
    private static readonly TimeSpan TriedAgainAfter = TimeSpan.FromMinutes(1);
    private readonly Dictionary<Candidate, CandidateFacts> known = [];
    private readonly Dictionary<CommitSha, IReadOnlyDictionary<string, string>> grounds = [];
    private readonly Dictionary<Candidate, Unread> unread = [];
    private readonly Dictionary<Candidate, long> unknown = [];

    /// <summary>Under which names candidates are kept among the mirror's refs.</summary>
    private readonly Dictionary<Candidate, string> kept = [];
    private string? judging;

    public IReadOnlyDictionary<Candidate, CandidateFacts> Known => known;

    /// <summary>Whether a rules file that some candidate brings is being read beside the loop.</summary>
    public bool IsReading => unread.Values.Any(waiting => !waiting.Rules.IsCompleted);

    private string Prefix => $"in-flight/{trunk}/";

    /// <summary>Other rules may define other tests, so that what was keyed by the old ones is keyed anew.</summary>
    public void JudgeBy(RulesAtTip at)
    {
        foreach (var old in unknown.Where(item => time.GetElapsedTime(item.Value) > TriedAgainAfter).Select(item => item.Key).ToList())
        {
            unknown.Remove(old);
            if (known.GetValueOrDefault(old) is CandidateFacts.Unknown)
                known.Remove(old);
        }

        if (judging == at.Blob)
            return;
        var first = judging is null;
        judging = at.Blob;
        foreach (var old in known.Keys.ToList())
            Drop(old);
        grounds.Clear();
        if (first && at.Rules is { } ruleset)
            TakeUp(ruleset);
    }

    /// <summary>Takes up what was read beside the loop.</summary>
    public void Settle(Ruleset ruleset)
    {
        foreach (var (candidate, over) in unread.Where(item => item.Value.Rules.IsCompleted).ToList())
        {
            unread.Remove(candidate);
            try
            {
                known[candidate] = Built(over.Commit, over.Paths, over.Words, ruleset, over.Rules.GetAwaiter().GetResult());
            }
            catch (Exception error)
            {
                known[candidate] = new CandidateFacts.Refused($"the {rules.Path} it brings cannot be read: {error.Message}");
            }
        }
    }

    public async Task<CandidateFacts> BuildAsync(Candidate candidate, Change change, Judgement judged, Ruleset ruleset, MergeProcess merge, CancellationToken cancellation)
    {
        try
        {
            var words = Wording.Of(ruleset, change, judged.Overridden, judged.Approvers);
            var merged = await builder.BuildAsync(candidate, change, words, merge, cancellation);
            Drop(candidate);
            known[candidate] = merged switch
            {
                Merged.Conflict conflict => new CandidateFacts.Conflict([.. conflict.Files]),
                Merged.Refused refused => new CandidateFacts.Refused(refused.Why) { NeedsRebase = refused.NeedsRebase },
                Merged.Clean clean => Facts(candidate, clean.Commit, words.Digest, ruleset),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            if (merged is Merged.Clean made)
                mirror.Keep(kept[candidate] = Name(candidate, words.Digest), made.Commit);
        }
        catch (Exception error) when (Objects.IsMissing(error))
        {
            Drop(candidate);
            known[candidate] = new CandidateFacts.Unknown($"it cannot be merged onto {candidate.Base}: {error.Message}; it is tried again");
            unknown[candidate] = time.GetTimestamp();
        }
        catch (Exception error) when (Signatures.IsContent(error))
        {
            // One change's content is that change's failure, never the end of everybody's tick.
            Drop(candidate);
            known[candidate] = new CandidateFacts.Refused($"it cannot be merged onto {candidate.Base}: {error.Message}");
        }

        return known[candidate];
    }

    /// <summary>The tree that a test sees of a commit: its key's content.</summary>
    public string TreeFor(TestDefinition test, CommitSha commit) => inputs.Of(mirror.Repository, TreeOf(commit), test.Inputs);

    public string? PrepareTreeFor(TestDefinition test, CommitSha commit) =>
        test.Prepare is { } prepare ? inputs.Of(mirror.Repository, TreeOf(commit), prepare.Inputs) : null;

    /// <summary>The tests' keys on the tips on which something failed, which the trunk may have left behind.</summary>
    public IReadOnlyDictionary<CommitSha, IReadOnlyDictionary<string, string>> Grounds(IEnumerable<QueueRecord> records, Ruleset ruleset)
    {
        var wanted = records.Select(record => record.FailedOn).OfType<CommitSha>().Distinct().Where(commit => mirror.Repository.FindCommit(commit) is not null).ToHashSet();
        foreach (var gone in grounds.Keys.Where(commit => !wanted.Contains(commit)).ToList())
            grounds.Remove(gone);
        foreach (var fresh in wanted.Where(commit => !grounds.ContainsKey(commit)))
            grounds[fresh] = Keys(ruleset.Tests, fresh);
        return grounds.ToDictionary();
    }

    public Dictionary<string, string> Keys(IEnumerable<TestDefinition> tests, CommitSha commit) =>
        tests.Where(test => test.IsKeyed).ToDictionary(test => test.Name, test => Key(test.Check is null ? "run" : "check", test, commit));

    /// <summary>
    /// What a result belongs to: this repository's content, as this definition sees it, and who defined it. The trunk's tests and those that a
    /// change brings have nothing in common, so that no change's rules say anything of another change or of the trunk.
    /// </summary>
    private string Key(string whose, TestDefinition test, CommitSha commit) => test.Check is not null
        ? Runs.Keys.Of(whose, repository, test.Identity, TreeFor(test, commit))
        : Runs.Keys.Of(whose, repository, test.Identity, test.Network ? commit.Hex : TreeFor(test, commit), PrepareTreeFor(test, commit) ?? "", fingerprint);

    /// <summary>Keeps what open changes may still need: what is built on the tip, on candidates on it, or on a tip of a proposal.</summary>
    public void Prune(CommitSha tip, IEnumerable<Change> changes, IEnumerable<QueueRecord> records)
    {
        var current = changes.Select(change => change.Current).ToHashSet();
        var bases = records.SelectMany(record => new[] { record.ProposedOn, record.FailedOn }).OfType<CommitSha>().Append(tip).ToHashSet();
        var onProposal = bases.Count;
        for (var grown = true; grown;)
        {
            var before = bases.Count;
            bases.UnionWith(known.Where(item => bases.Contains(item.Key.Base) && current.Contains(item.Key.Revision)).Select(item => item.Value).OfType<CandidateFacts.Built>().Select(built => built.Commit));
            grown = bases.Count > before && before < onProposal + 10_000;
        }

        foreach (var old in known.Keys.Where(candidate => !current.Contains(candidate.Revision) || !bases.Contains(candidate.Base)).ToList())
            Drop(old);
    }

    private void Drop(Candidate candidate)
    {
        known.Remove(candidate);
        unread.Remove(candidate);
        if (kept.Remove(candidate, out var name))
            mirror.Forget(name);
    }

    private string TreeOf(CommitSha commit) => mirror.TreeOf(commit);

    private CandidateFacts Facts(Candidate candidate, CommitSha commit, string words, Ruleset ruleset)
    {
        var repository = mirror.Repository;
        var tree = repository.Commit(commit).Tree;
        ValueList<string> paths = [.. TreeDiff.Between(repository, TreeOf(candidate.Base), tree.Sha).Select(change => change.Path).Order(StringComparer.Ordinal)];
        if (!paths.Contains(rules.Path))
            return Built(commit, paths, words, ruleset, default);
        var reading = rules.Beside(tree);
        if (reading.IsCompleted)
            return Built(commit, paths, words, ruleset, reading.GetAwaiter().GetResult());
        unread[candidate] = new(commit, paths, words, reading);
        _ = reading.ContinueWith(_ => read(), TaskScheduler.Default);
        return new CandidateFacts.Reading(commit);
    }

    private CandidateFacts.Built Built(CommitSha commit, ValueList<string> paths, string words, Ruleset ruleset, (Ruleset? Rules, string? Problem) brings)
    {
        var keys = Keys(ruleset.Tests, commit);
        var (brought, problem) = brings;
        return new()
        {
            Commit = commit,
            Paths = paths,
            Keys = keys,
            Words = words,
            RulesProblem = problem,
            Brought = brought is null ? [] : [.. Brought(brought, ruleset, commit)],
        };
    }

    /// <summary>A candidate whose rules are being read, and what is known of it until then.</summary>
    private sealed record Unread(CommitSha Commit, ValueList<string> Paths, string Words, Task<(Ruleset? Rules, string? Problem)> Rules);

    /// <summary>Nobody has approved these yet, so they are few and take no longer than the trunk's own may.</summary>
    private IEnumerable<(TestDefinition, string)> Brought(Ruleset brought, Ruleset ruleset, CommitSha commit)
    {
        var longest = ruleset.Tests.Select(test => test.Timeout).DefaultIfEmpty(TimeSpan.FromHours(1)).Max();
        var tests = brought.Tests.Where(test => test is { Run: not null, AtProposal: true }).Take(MostBrought)
            .Select(test => test with { Timeout = Least(test.Timeout), Prepare = test.Prepare is { } prepare ? prepare with { Timeout = Least(prepare.Timeout) } : null }).ToList();
        return tests.Where(test => ruleset.Tests.FirstOrDefault(own => own.Name == test.Name) is not { } own || own.Identity != test.Identity || !own.Inputs.Equals(test.Inputs))
            .Select(test => (test, Key("brought", test, commit)));

        TimeSpan Least(TimeSpan asked) => asked < longest ? asked : longest;
    }

    /// <summary>Candidates that an earlier worker built are as good as new: what they are is in their names and in git.</summary>
    private void TakeUp(Ruleset ruleset)
    {
        foreach (var (name, commit) in mirror.Kept(Prefix).ToList())
        {
            var parts = name[Prefix.Length..].Split('/', '.');
            if (parts is not [var change, var hex, var @base, var words] || !CommitSha.TryParse(hex, out var revision) || !CommitSha.TryParse(@base, out var below) || !TakeUp(new(below, new(new(Unescape(change)), revision)), name, commit, words, ruleset))
                mirror.Forget(name);
        }
    }

    /// <summary>Answers false where not all of it is there any more, or can be read: it is made anew, and what is wrong is then one change's trouble.</summary>
    private bool TakeUp(Candidate candidate, string name, CommitSha commit, string words, Ruleset ruleset)
    {
        try
        {
            Drop(candidate);
            (known[candidate], kept[candidate]) = (Facts(candidate, commit, words, ruleset), name);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private string Name(Candidate candidate, string words) => $"{Prefix}{Escape(candidate.Revision.Change.Value)}/{candidate.Revision.Commit.Hex}.{candidate.Base.Hex}.{words}";

    // A ref's name bears no % beside its other marks, and the dot divides.
    private static string Escape(string id) => Uri.EscapeDataString(id).Replace(".", "%2E").Replace('%', '+');

    private static string Unescape(string name) => Uri.UnescapeDataString(name.Replace('+', '%'));
}
