using System.Globalization;
using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.PlainGit;

/// <summary>Who wrote a line, in which place of the order, and when, as the push log tells; by nobody known where it has a gap.</summary>
internal sealed record Attribution(long Order, Account? By, DateTimeOffset At)
{
    /// <summary>The notes have moved and the log has not followed yet: such a line may be the newest of all.</summary>
    public static Attribution Awaited { get; } = new(long.MaxValue, null, DateTimeOffset.UnixEpoch);

    public bool IsAwaited => Order == long.MaxValue;

    /// <summary>Where the operator trusts what notes say: what a report says of itself. Without a time it comes before all others.</summary>
    public static Attribution Trusted(CiLine line)
    {
        var at = Review.Time(line.Timestamp) ?? DateTimeOffset.UnixEpoch;
        return new(at.ToUnixTimeSeconds(), new(line.Agent), at);
    }
}

/// <summary>All that the notes say of one review. Its id is the commit that it began with, for ever.</summary>
/// <param name="id">The commit that it began with.</param>
/// <param name="requestLines">The lines of the note that asks for it.</param>
/// <param name="commentLines">The lines of the note that discusses it.</param>
/// <param name="problem">Why not all that was said is known; null when it is.</param>
/// <param name="accounts">Whose the addresses are; where it is not said, each is somebody's own.</param>
/// <param name="mayRequest">Whether a review of this commit is for the owner of an address to ask for; anybody's where it is not said.</param>
internal sealed class Review(
    string id, IReadOnlyList<string> requestLines, IReadOnlyList<string> commentLines, string? problem = null, Accounts? accounts = null, Func<string, bool>? mayRequest = null)
{
    public string Id => id;

    /// <summary>Why not all that was said of it is known; null when it is.</summary>
    public string? Problem => problem;

    public RequestLine? Request { get; } = RequestLine.Current(Own(requestLines, accounts, mayRequest));

    /// <summary>Every request line of who began the review: the first of them tells when that was.</summary>
    public IReadOnlyList<RequestLine> Requests { get; } = [.. Own(requestLines, accounts, mayRequest)];

    public IReadOnlyList<(string Raw, CommentLine Line)> Comments { get; } =
        [.. commentLines.Distinct().Select(raw => (raw, line: NoteLines.Comment(raw))).Where(item => item.line is not null).Select(item => (item.raw, item.line!))];

    /// <summary>What it is, or was before it was abandoned, to land on.</summary>
    public string Target => Requests.Select(request => request.TargetRef).LastOrDefault(target => !string.IsNullOrEmpty(target)) ?? "";

    public string Title => (Request?.Description ?? "").Split('\n', 2)[0].Trim();

    public string Body => (Request?.Description ?? "").Split('\n', 2) is [_, var body] ? body.Trim('\r', '\n').TrimEnd() : "";

    /// <summary>The first commit, or the one that stands for it after a rebase.</summary>
    public string Start => CommitSha.TryParse(Request?.Alias, out var alias) ? alias.Hex : id;

    /// <summary>What stands for it on its trunk, by what the gate wrote there when it had landed as another commit.</summary>
    public IEnumerable<CommitSha> Aliases => Requests.Select(request => CommitSha.TryParse(request.Alias, out var alias) ? alias : (CommitSha?)null).OfType<CommitSha>();

    /// <summary>Every commit that ever stood for it.</summary>
    public IEnumerable<CommitSha> Starts => Aliases.Prepend(new(id));

    /// <summary>The votes, each bound to the commit that its writer looked at; what cannot open anything says why.</summary>
    public IEnumerable<Vote> Votes(Accounts accounts, Func<string, Attribution?> attribution, string? doubt, bool trusted)
    {
        var guarded = doubt is null;
        var edits = new CommentEdits([.. Comments.Select(comment => comment.Line)], accounts);
        foreach (var (raw, line) in Comments)
        {
            if (accounts.Of(line.Author) is not { } by || edits.Value(line) is not { } value)
                continue;

            // An approval is worth something on the commit that was looked at alone; an objection needs none.
            var on = On(line.Original is null ? line : edits.First(line) ?? line);
            if (on is null && value is VoteValue.Approval)
                continue;
            var (seen, order) = Seen(raw, line);
            yield return new Vote
            {
                By = by,
                Value = value,
                On = on ?? new(Id),
                At = seen?.At ?? Time(line.Timestamp) ?? DateTimeOffset.UnixEpoch,
                Order = order,
                RemovedBy = value is VoteValue.Veto && Comments.Any(later => edits.TakesBack(later.Line, line) && Seen(later.Raw, later.Line) is var (how, place) && Doubt(by, how) is null && place > order) ? by : null,

                // Who takes back an acceptance does not take back what he objects to.
                Void = Doubt(by, seen) ?? (value is VoteValue.Withdrawal ? "takes back an acceptance" : null),
                VoidForNow = guarded && seen?.IsAwaited == true,
            };
        }

        (Attribution? Seen, long? Order) Seen(string raw, CommentLine line) =>
            attribution(raw) is var seen && guarded ? (seen, seen?.Order) : (seen, trusted ? Time(line.Timestamp)?.ToUnixTimeSeconds() : null);

        string? Doubt(Account by, Attribution? seen) =>
            !guarded && !trusted ? $"cannot be believed: {doubt}"
            : guarded && seen is null or { By: null, Order: 0 } ? "was written before the guard was installed, so nobody knows who wrote it"
            : guarded && seen!.IsAwaited ? "is not in the guard's log yet, so nobody knows yet who wrote it"
            : guarded && seen!.By is null ? "is not in the guard's log, so nobody knows who wrote it"
            : guarded && seen!.By != by ? $"was pushed by {seen.By}"
            : null;
    }

    /// <summary>When the target was set that it has now; null when it never had another.</summary>
    public DateTimeOffset? TargetSetAt()
    {
        var targets = Requests.Where(request => !request.IsAbandoned).ToList();
        return targets.Select(request => request.TargetRef).Distinct().Count() > 1
            ? targets.Where(request => request.TargetRef == Target).Select(request => Time(request.Timestamp)).Max()
            : null;
    }

    /// <summary>A review belongs to who began it: what others request under its commit is not a word on it.</summary>
    private static IEnumerable<RequestLine> Own(IEnumerable<string> lines, Accounts? accounts, Func<string, bool>? mayRequest)
    {
        var requests = lines.Select(NoteLines.Request).OfType<RequestLine>().Where(request => mayRequest?.Invoke(request.Requester) != false).ToList();
        var owner = requests.MinBy(request => Time(request.Timestamp) ?? DateTimeOffset.MinValue)?.Requester;
        return owner is null ? [] : requests.Where(request => (accounts ?? Accounts.Trusting).Same(request.Requester, owner));
    }

    /// <summary>Requests of the gate: new comments whose first line is one. On a repository that nobody guards or trusts, nobody asks anything.</summary>
    public IEnumerable<Request> Asked(Accounts accounts, Func<string, Attribution?> attribution, bool guarded, bool trusted, Func<string, DateTimeOffset> firstSeen)
    {
        if (!guarded && !trusted)
            yield break;
        var edits = Comments.Where(comment => comment.Line.Original is not null).ToLookup(comment => comment.Line.Original!, comment => comment.Line.Author);
        foreach (var (raw, line) in Comments.Where(comment => comment.Line is { Original: null, Parent: null }))
        {
            var seen = attribution(raw);
            if (RequestText.Parse(line.Description) is not var (kind, argument, reason) || accounts.Of(line.Author) is not { } by)
                continue;

            // What its writer made other words of asks nothing any more, but that a hold is lifted by asking for that.
            if (kind is not (RequestKind.Hold or RequestKind.Freeze) && edits[GoJson.Hash(GoJson.Canonical(line))].Any(editor => accounts.Same(editor, line.Author)))
                continue;

            // What only holds up is heard whoever said it: the log may not have come yet, and what is older than the log stands too.
            if (guarded && seen?.By != by && kind is not (RequestKind.Hold or RequestKind.Freeze))
                continue;
            yield return new Request
            {
                Kind = kind,
                By = by,
                On = CommitSha.TryParse(line.Location?.Commit, out var on) ? on : new(""),
                Argument = argument,
                Reason = reason,
                At = firstSeen($"{id} {GoJson.Hash(raw)}"),
                Order = (guarded ? seen?.Order : Time(line.Timestamp)?.ToUnixTimeSeconds()) ?? 0,
            };
        }
    }

    private static CommitSha? On(CommentLine line) => CommitSha.TryParse(line.Location?.Commit, out var on) ? on : null;

    public static DateTimeOffset? Time(string? timestamp) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
