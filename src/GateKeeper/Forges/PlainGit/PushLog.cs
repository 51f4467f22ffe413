using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Git;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Forges.PlainGit;

/// <summary>One ref that one push moved, as the guard saw it.</summary>
internal sealed record PushEntry(long Order, DateTimeOffset At, Account By, string Ref, string Old, string New);

/// <summary>
/// The log that the guard keeps in <c>refs/gatekeeper/push-log</c>, which no pusher can write: a line of commits, one a push, whose
/// messages say time, account and what moved. It is the truth for order and for who pushed what.
/// </summary>
internal sealed class PushLog(Repository repository)
{
    public const string Ref = "refs/gatekeeper/push-log";

    /// <summary>Stands in the place of a ref: what a push brought and moved no branch to.</summary>
    public const string Beside = "beside";
    private readonly List<PushEntry> entries = [];
    private readonly Dictionary<string, List<PushEntry>> byBranch = [];
    private readonly Dictionary<string, PushEntry> firstTo = [];
    private string? tip;

    /// <summary>The commit that the log began with when its guard was installed: nobody can make another log that begins with it.</summary>
    public string? First { get; private set; }

    /// <summary>Reads what is new; answers the new entries, oldest first.</summary>
    public IReadOnlyList<PushEntry> Grow(string? to)
    {
        if (to is null || to == tip)
            return [];
        var fresh = new Stack<Commit>();
        var commit = repository.FindCommit(to);
        for (; commit is not null && commit.Sha != tip; commit = repository.Below(commit))
            fresh.Push(commit);
        if (commit is null)
        {
            entries.Clear();
            byBranch.Clear();
            firstTo.Clear();
            First = fresh.TryPeek(out var first) ? first.Sha : null;
        }

        var begin = entries.Count;
        foreach (var item in fresh)
            foreach (var entry in Read(entries.Count == 0 ? 1 : entries[^1].Order + 1, item.Message).ToList())
                Add(entry);
        tip = to;
        return entries[begin..];
    }

    /// <summary>Who last moved a branch to this commit; null when the log does not say.</summary>
    public Account? Uploader(string branch, CommitSha commit)
    {
        for (var i = entries.Count - 1; i >= 0; i--)
        {
            if (entries[i].Ref == branch && entries[i].New == commit.Hex)
                return entries[i].By;
        }

        return null;
    }

    /// <summary>
    /// The pushes that may have brought some commits first, the oldest first: all of their branch, and those that brought one of them to
    /// another place. Where the log has a gap, nobody is told; nor is it told who pushed what was there before the log.
    /// </summary>
    public IEnumerable<Push> Of(string branch, IEnumerable<CommitSha> wanted)
    {
        var own = byBranch.GetValueOrDefault(branch) ?? [];
        var begun = own.FindLastIndex(push => IsNothing(push.Old));
        var all = own.Select((push, at) => (push, isOld: at < begun))
            .Concat(wanted.Select(commit => firstTo.GetValueOrDefault(commit.Hex)).OfType<PushEntry>().Where(push => push.Ref != branch).Select(push => (push, isOld: false)))
            .OrderBy(item => item.push.Order).ToList();
        string? at = null;
        foreach (var (push, isOld) in all)
        {
            if (push.Ref == branch)
            {
                if (!IsNothing(push.Old) && push.Old != at)
                    yield return new(new(push.Old), null, IsTold: false, isOld);
                at = push.New;
            }

            if (!IsNothing(push.New))
                yield return new(new(push.New), push.By, IsTold: true, isOld);
        }
    }

    /// <summary>Where a branch has been.</summary>
    public IEnumerable<CommitSha> Heads(string branch) =>
        (byBranch.GetValueOrDefault(branch) ?? []).SelectMany(push => new[] { push.Old, push.New }).Where(head => !IsNothing(head)).Distinct().Select(head => new CommitSha(head));

    private static bool IsNothing(string id) => id.All(digit => digit == '0');

    /// <summary>The text of one entry: a line for each ref.</summary>
    public static string Write(DateTimeOffset at, Account by, IEnumerable<(string Old, string New, string Ref)> moved) =>
        string.Concat(moved.Select(item => string.Create(CultureInfo.InvariantCulture, $"{at.ToUnixTimeMilliseconds()}\t{by.Name}\t{item.Old}\t{item.New}\t{item.Ref}\n")));

    /// <summary>Reads the text of one entry. What is no line of one says nothing.</summary>
    internal static IEnumerable<PushEntry> Read(long order, string message)
    {
        foreach (var parts in message.Split('\n').Select(line => line.Split('\t')).Where(parts => parts.Length == 5))
        {
            if (long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < 253_402_300_799_000)
                yield return new(order, DateTimeOffset.FromUnixTimeMilliseconds(at), new(parts[1]), parts[4], parts[2], parts[3]);
        }
    }

    private void Add(PushEntry entry)
    {
        entries.Add(entry);
        var isBranch = entry.Ref.StartsWith("refs/heads/", StringComparison.Ordinal);
        if (isBranch || entry.Ref == Beside)
            firstTo.TryAdd(entry.New, entry);
        if (!isBranch)
            return;
        if (!byBranch.TryGetValue(entry.Ref, out var list))
            byBranch[entry.Ref] = list = [];
        list.Add(entry);
    }
}
