using System.Globalization;
using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.PlainGit;

/// <summary>Who wrote a line, in which place of the order, and when, as the push log tells.</summary>
internal sealed record Attribution(long Order, Account By, DateTimeOffset At);

/// <summary>All that the notes say of one review. Its id is the commit that it began with, for ever.</summary>
internal sealed class Review(string id, IReadOnlyList<string> requestLines, IReadOnlyList<string> commentLines, IReadOnlyList<string> ciLines)
{
    public string Id => id;

    public RequestLine? Request { get; } = RequestLine.Current(requestLines.Select(NoteLines.Request).OfType<RequestLine>());

    /// <summary>Every request line: the first of them tells when the review began.</summary>
    public IReadOnlyList<RequestLine> Requests { get; } = [.. requestLines.Select(NoteLines.Request).OfType<RequestLine>()];

    public IReadOnlyList<(string Raw, CommentLine Line)> Comments { get; } =
        [.. commentLines.Distinct().Select(raw => (raw, line: NoteLines.Comment(raw))).Where(item => item.line is not null).Select(item => (item.raw, item.line!))];

    /// <summary>What it is, or was before it was abandoned, to land on.</summary>
    public string Target => Requests.Select(request => request.TargetRef).LastOrDefault(target => !string.IsNullOrEmpty(target)) ?? "";

    public IReadOnlyList<CiLine> Ci { get; } = [.. ciLines.Select(NoteLines.Ci).OfType<CiLine>()];

    public string Title => (Request?.Description ?? "").Split('\n', 2)[0].Trim();

    public string Body => (Request?.Description ?? "").Split('\n', 2) is [_, var body] ? body.Trim() : "";

    /// <summary>The first commit, or the one that stands for it after a rebase.</summary>
    public string Start => CommitSha.TryParse(Request?.Alias, out var alias) ? alias.Hex : id;

    /// <summary>The votes, each bound to the commit that its writer looked at; what cannot open anything says why.</summary>
    public IEnumerable<Vote> Votes(Accounts accounts, Func<string, Attribution?> attribution, bool guarded, bool trusted)
    {
        var votes = Comments.Where(comment => comment.Line.Original is null).ToList();
        foreach (var (raw, line) in votes)
        {
            if (Value(line, votes) is not { } value || accounts.Of(line.Author) is not { } by || !CommitSha.TryParse(line.Location?.Commit, out var on))
                continue;
            var seen = attribution(raw);
            yield return new Vote
            {
                By = by,
                Value = value,
                On = on,
                At = seen?.At ?? Time(line.Timestamp) ?? DateTimeOffset.UnixEpoch,
                Order = guarded ? seen?.Order : Time(line.Timestamp)?.ToUnixTimeSeconds(),
                Void = !guarded && !trusted ? "cannot be believed: this repository has no guard (gatekeeper guard), so anybody may write in another's name"
                    : guarded && seen is null ? "was written before the guard was installed, so nobody knows who wrote it"
                    : guarded && seen!.By != by ? $"was pushed by {seen.By}"
                    : null,
            };
        }

        // "vote 0": a line by the same author that edits his vote and says nothing of it takes it back.
        foreach (var (raw, edit) in Comments.Where(comment => comment.Line is { Original: not null, Resolved: null }))
        {
            if (votes.Find(vote => GoJson.Hash(GoJson.Canonical(vote.Line)) == edit.Original && vote.Line.Author == edit.Author) is not { Line: not null } vote
                || accounts.Of(edit.Author) is not { } by || !CommitSha.TryParse(vote.Line.Location?.Commit, out var on))
                continue;
            var seen = attribution(raw);
            yield return new Vote { By = by, Value = VoteValue.Withdrawal, On = on, At = seen?.At ?? Time(edit.Timestamp) ?? DateTimeOffset.UnixEpoch, Order = guarded ? seen?.Order : Time(edit.Timestamp)?.ToUnixTimeSeconds() };
        }
    }

    /// <summary>Requests of the gate: new comments whose first line is one. On a repository that nobody guards or trusts, nobody asks anything.</summary>
    public IEnumerable<Request> Asked(Accounts accounts, Func<string, Attribution?> attribution, bool guarded, bool trusted, Func<string, DateTimeOffset> firstSeen)
    {
        if (!guarded && !trusted)
            yield break;
        foreach (var (raw, line) in Comments.Where(comment => comment.Line is { Original: null, Parent: null }))
        {
            var seen = attribution(raw);
            if (RequestText.Parse(line.Description) is not var (kind, argument, reason) || accounts.Of(line.Author) is not { } by || (guarded && seen?.By != by))
                continue;
            yield return new Request
            {
                Kind = kind,
                By = by,
                On = CommitSha.TryParse(line.Location?.Commit, out var on) ? on : new(""),
                Argument = argument,
                Reason = reason,
                At = firstSeen($"{id} {GoJson.Hash(raw)}"),
                Order = (guarded ? seen!.Order : Time(line.Timestamp)?.ToUnixTimeSeconds()) ?? 0,
            };
        }
    }

    /// <summary>A whole-commit comment that accepts opens, one that rejects closes; an answer under one's own objection takes it back.</summary>
    private static VoteValue? Value(CommentLine line, List<(string Raw, CommentLine Line)> all) => line switch
    {
        { Resolved: null } => null,
        { Resolved: false } => VoteValue.Veto,
        { Parent: null, Location.Path: null } => VoteValue.Approval,
        { Parent: { } parent } when all.Exists(other => other.Line.Author == line.Author && other.Line.Resolved == false && GoJson.Hash(GoJson.Canonical(other.Line)) == parent) => VoteValue.Withdrawal,
        _ => null,
    };

    public static DateTimeOffset? Time(string? timestamp) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
