using System.Text.Json;
using GateKeeper.Core.Changes;
using GateKeeper.Git;

namespace GateKeeper.Forges.PlainGit;

/// <summary>What the operator told the guard of a repository; lies beside the repository, where no pusher can write.</summary>
internal sealed record GuardSettings(string Gate, IReadOnlyList<string> Trunks, IReadOnlyList<string> Agents)
{
    public const string Folder = "gatekeeper";

    /// <summary>What an earlier installation was told; null when there is none.</summary>
    public static GuardSettings? ReadOrNull(string repository) =>
        File.Exists(Path.Combine(repository, Folder, "guard.json")) ? Read(repository) : null;

    public static GuardSettings Read(string repository) =>
        JsonSerializer.Deserialize<GuardSettings>(File.ReadAllText(Path.Combine(repository, Folder, "guard.json")))!;

    public void Write(string repository) => File.WriteAllText(Path.Combine(repository, Folder, "guard.json"), JsonSerializer.Serialize(this));
}

/// <summary>One ref that somebody wants to move.</summary>
internal sealed record RefUpdate(string Old, string New, string Ref)
{
    public bool Creates => Old.All(digit => digit == '0');

    public bool Deletes => New.All(digit => digit == '0');
}

/// <summary>The lines of one note before and after a push.</summary>
internal sealed record NoteUpdate(string Ref, string Key, IReadOnlyList<string> Before, IReadOnlyList<string> After)
{
    /// <summary>Whether it comes to be there more than once, or as something else than a note: readers differ in what they would see.</summary>
    public bool Ambiguous { get; init; }

    /// <summary>The path of a file in it that lies where git writes none, so that some find it and others write a second one; null where there is none.</summary>
    public string? Misplaced { get; init; }
}

/// <summary>What the guard must know of the repository to judge a push.</summary>
internal interface IGuardedRepository
{
    /// <summary>The ref that a name leads to, through symbolic ones.</summary>
    string Resolve(string reference);

    bool IsThere(string reference);

    bool IsForward(RefUpdate update);

    bool IsCommit(string id);

    /// <summary>The addresses of who wrote and who committed it.</summary>
    IReadOnlyList<string> Makers(string commit);

    IEnumerable<NoteUpdate> Notes(RefUpdate update);

    /// <summary>Why what a push brings is more than notes come to, though its tip need not show it; null when it is not.</summary>
    string? Bulk(RefUpdate update);
}

/// <summary>
/// Judges pushes to a repository whose trunk is the gate's: nobody else moves a trunk, nobody speaks in another's name, nothing that was
/// said is taken out again.
/// </summary>
internal sealed class GuardRules(GuardSettings settings, Accounts accounts, IGuardedRepository repository, DateTimeOffset now)
{
    private const int MostByOne = 128 << 10;
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(10);

    /// <summary>Why the push is refused, as a whole; null when it may go in.</summary>
    public string? Refuse(Account? account, IEnumerable<RefUpdate> updates)
    {
        if (account is not { } by)
            return "the server does not say who is pushing (GATEKEEPER_ACCOUNT, GL_USER or REMOTE_USER): ask its operator";
        foreach (var update in updates)
        {
            if (!LocalRefs.IsText(update.Ref))
                return $"{update.Ref}: a name must be UTF-8, so that everybody reads the same";
            if (RefuseOne(by, update with { Ref = repository.Resolve(update.Ref) }) is { } why)
                return $"{update.Ref}: {why}";
        }

        return null;
    }

    private string? RefuseOne(Account by, RefUpdate update)
    {
        var gate = by.Name == settings.Gate;
        if (update.Ref.StartsWith("refs/heads/", StringComparison.Ordinal))
        {
            if (!IsTrunk(update.Ref["refs/heads/".Length..]))
                return Doubt(update);
            return !gate ? $"only the gate ({settings.Gate}) moves a trunk; propose your branch instead (gatekeeper propose)"
                : update.Deletes ? "a trunk is not deleted"
                : !update.Creates && !repository.IsForward(update) ? "a trunk only moves forwards"
                : null;
        }

        if (update.Ref.StartsWith("refs/tags/", StringComparison.Ordinal))
            return update.Creates || gate ? Doubt(update) : "a tag stays where it is";
        if (PushProbe.IsName(update.Ref))
            return !gate ? $"only the gate ({settings.Gate}) tries here whether it can push" : update.Deletes || (update.Creates && repository.IsCommit(update.New)) ? null : "it is made of a commit and taken back, and does not move";
        if (update.Ref is not (Notes.Reviews or Notes.Discuss or Notes.Ci or Notes.Analyses or PlainGitForge.EvidenceRef)
            && !update.Ref.StartsWith("refs/devtools/archives/", StringComparison.Ordinal))
            return "refs of this name are not taken here";
        if (update.Deletes || (!update.Creates && !repository.IsForward(update)))
            return "what was said is not taken out again: pull, and push on top";
        if (!repository.IsCommit(update.New))
            return "it must be a commit";
        if (update.Ref == PlainGitForge.EvidenceRef)
            return gate ? null : "only the gate writes its evidence";
        return !update.Ref.StartsWith("refs/notes/", StringComparison.Ordinal) ? null
            : (gate ? null : repository.Bulk(update)) ?? repository.Notes(update).Select(note => RefuseNote(by, gate, note)).FirstOrDefault(why => why is not null);
    }

    /// <summary>What is there already, from before the guard, may be taken away.</summary>
    private string? Doubt(RefUpdate update) =>
        !update.Deletes && RefNames.Doubt(update.Ref, Trunks(update.Ref), Notes.Own) is { } why ? $"{why}; choose another name" : null;

    /// <summary>The trunks as the settings name them; for a tag also the one of its name, if that is there.</summary>
    private IEnumerable<string> Trunks(string reference) =>
        reference.StartsWith("refs/tags/", StringComparison.Ordinal) && reference["refs/tags/".Length..] is var name && IsTrunk(name) && repository.IsThere($"refs/heads/{name}")
            ? settings.Trunks.Append(name)
            : settings.Trunks;

    private string? RefuseNote(Account by, bool gate, NoteUpdate note)
    {
        if (note.Misplaced is { } path)
            return $"{path}: git puts no note there; write it with git notes";
        if (!repository.IsCommit(note.Key))
            return $"a note on {note.Key}, which is no commit here";
        if (note.Ambiguous)
            return $"the note on {note.Key[..10]} is there twice, or is no file; write it in one place";
        if (note.Before.Except(note.After).Any())
            return $"a line of the note on {note.Key[..10]} was changed or removed; notes are only added to";
        return note.After.Except(note.Before).Select(line => NoteLines.Problem(line) ?? RefuseLine(by, gate, note, line)).FirstOrDefault(why => why is not null)
            ?? (gate ? null : TooMuch(by, note));
    }

    /// <summary>A note that grew beyond what readers read would hide what others say in it, so each has a share.</summary>
    private string? TooMuch(Account by, NoteUpdate note) =>
        note.After.Where(line => accounts.Of(Speaker(note.Ref, line)) == by).Sum(line => line.Length) > MostByOne
            ? $"{by} has said more than {MostByOne >> 10} KiB in the note on {note.Key[..10]}"
            : null;

    private static string Speaker(string reference, string line) =>
        (reference is Notes.Discuss ? NoteLines.Comment(line)?.Author : reference is Notes.Reviews ? NoteLines.Request(line)?.Requester : NoteLines.Ci(line)?.Agent) ?? "";

    private string? RefuseLine(Account by, bool gate, NoteUpdate note, string line) => note.Ref switch
    {
        Notes.Discuss => NoteLines.Comment(line) is { } comment ? Speaks(by, gate, comment.Author) ?? Clock(comment.Timestamp) : "a line is no comment",
        Notes.Reviews => NoteLines.Request(line) is { } request ? Speaks(by, gate, request.Requester) ?? Clock(request.Timestamp) ?? Belongs(note, request, by, gate) ?? Retargets(note, request) : "a line is no request",
        _ => gate || settings.Agents.Contains(by.Name) ? null : "only the gate and the agents that its operator names report results",
    };

    private string? Speaks(Account by, bool gate, string address) =>
        accounts.Of(address) == by || (gate && accounts.Of(address) is null) || (gate && by.Name == settings.Gate)
            ? null
            : $"{by} may not speak as \"{address}\"";

    /// <summary>The order is the log's, so what was written long ago may come now: offline, or repeated by the usual client with its old time.</summary>
    private string? Clock(string? timestamp) =>
        timestamp is null || (Review.Time(timestamp) is { } at && at - now <= ClockTolerance) ? null : "a line's timestamp is no time, or one that is yet to come; set the clock";

    /// <summary>A review is its author's: whoever requested it again would be taken for its author.</summary>
    private string? Belongs(NoteUpdate note, RequestLine request, Account by, bool gate) =>
        gate ? null
        : !note.Before.Select(NoteLines.Request).OfType<RequestLine>().Where(before => accounts.MayRequest(before.Requester, repository.Makers(note.Key))).All(before => accounts.Of(before.Requester) == by)
            ? "the review is another's; comment on it, or propose a commit of your own"
        : !accounts.MayRequest(request.Requester, repository.Makers(note.Key))
            ? $"{note.Key[..10]} was written and committed by others, for whom it is to propose; commit it yourself (git rebase --force-rebase), or propose a commit of your own"
        : null;

    /// <summary>A review's target is what was reviewed for; another target is another review.</summary>
    private static string? Retargets(NoteUpdate note, RequestLine request) =>
        request.IsAbandoned || note.Before.Select(NoteLines.Request).OfType<RequestLine>().All(before => before.IsAbandoned || before.TargetRef == request.TargetRef)
            ? null
            : "a request's target does not change; abandon it and propose a new commit for the other target";

    /// <summary>While a pattern of trunks cannot be read, any branch may be meant by it.</summary>
    private bool IsTrunk(string branch) => settings.Trunks.Any(pattern => pattern == branch || Glob.TryParse(pattern, out _, PatternOf.Branch)?.Matches(branch) != false);
}
