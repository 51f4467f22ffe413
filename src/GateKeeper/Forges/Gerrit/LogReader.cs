using GateKeeper.Core.Changes;
using GateKeeper.Git;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Forges.Gerrit;

/// <summary>A change's own log up to one id, which is immutable by that id.</summary>
internal sealed record ChangeLog(string Id, int Commits, IReadOnlyList<LogEntry> Entries)
{
    /// <summary>The commit of each patch set.</summary>
    public IReadOnlyDictionary<int, CommitSha> PatchSets { get; } =
        Entries.OfType<LogEntry.Uploaded>().GroupBy(entry => entry.PatchSet).ToDictionary(group => group.Key, group => group.Last().Commit);

    /// <summary>Where the log last says that the change was aimed at another branch; -1 where it never was.</summary>
    public int Retargeted => Entries.OfType<LogEntry.Targeted>().Skip(1).Select(entry => entry.Place).LastOrDefault(-1);

    /// <summary>The scores that stand on a patch set as the log has them: given there, or carried there by the server.</summary>
    public Dictionary<(string Label, long Account), int> Standing(int patchSet)
    {
        var standing = new Dictionary<(string, long), int>();
        foreach (var entry in Entries.Where(entry => entry.PatchSet == patchSet))
        {
            switch (entry)
            {
                case LogEntry.Scored scored:
                    standing[(scored.Label, scored.For)] = scored.Score;
                    break;
                case LogEntry.Copied copied:
                    standing[(copied.Label, copied.By)] = copied.Score;
                    break;
                case LogEntry.Deleted deleted:
                    standing.Remove((deleted.Label, deleted.Voter));
                    break;
            }
        }

        return standing.Where(item => item.Value != 0).ToDictionary();
    }
}

/// <summary>Reads changes' logs from the mirror, each commit once: a log that only grew is read where it grew.</summary>
internal sealed class LogReader(Mirror mirror)
{
    private const int MostEntries = 20_000;
    private readonly Dictionary<long, ChangeLog> known = [];

    /// <summary>What was last read of a change's log, whatever it is at now.</summary>
    public ChangeLog? Last(long change) => known.GetValueOrDefault(change);

    /// <summary>Null where the mirror does not have it, or it is longer than can be read.</summary>
    public ChangeLog? Read(long change, string id)
    {
        try
        {
            return ReadNow(change, id);
        }
        catch (Exception error) when (Objects.IsMissing(error))
        {
            return null;
        }
    }

    private ChangeLog? ReadNow(long change, string id)
    {
        var before = known.GetValueOrDefault(change);
        if (before?.Id == id)
            return before;

        // Somebody who deletes a comment makes the server write the log anew: then the old one is not below, and all is read again.
        var fresh = new Stack<Commit>();
        var commit = Find(id);
        if (commit is null)
            return null;
        for (; commit is not null && commit.Sha != before?.Id; commit = mirror.Repository.Below(commit))
        {
            if (fresh.Count == MostEntries)
                return null;
            fresh.Push(commit);
        }

        // An entry's place is its commit's, so that it is the same however much was read at once.
        var (place, entries) = commit is null ? (0, new List<LogEntry>()) : (before!.Commits, [.. before.Entries]);
        foreach (var item in fresh)
        {
            var (author, at) = Signatures.Of(item);
            var read = LogCommit.Read(place, author, at, item.Message).ToList();
            entries.AddRange(read);
            entries.AddRange(LogComments.New(mirror.Repository, item, place, at));
            place++;
        }

        return known[change] = new(id, place, entries);
    }

    /// <summary>Whether a log up to one id holds all that it held up to another.</summary>
    public bool Holds(string id, string older) =>
        Find(id) is { } young && Find(older) is { } old && mirror.Repository.ObjectDatabase.FindMergeBase(young, old)?.Sha == older;

    public void Forget(IReadOnlySet<long> open)
    {
        foreach (var gone in known.Keys.Where(change => !open.Contains(change)).ToList())
            known.Remove(gone);
    }

    private Commit? Find(string id) => CommitSha.TryParse(id, out var sha) ? mirror.Repository.FindCommit(sha) : null;
}
