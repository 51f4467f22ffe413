using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Git;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Forges.Gerrit;

/// <content>Making one view of what was read.</content>
internal sealed partial class GerritForge
{
    /// <summary>What it has, whoever the gate is there.</summary>
    public static ForgeTraits Has { get; } = new("Gerrit") { Vouched = ["user"], HasLabels = true, HasDrafts = true, HasScores = true, HasTeams = true };

    public ForgeTraits Traits => Has with { Gate = new(place.User), Repository = place.Project };

    public ForgeView Observe(ForgeQuestion question)
    {
        var tips = string.Join(' ', question.Trunks.Values.Select(trunk => trunk.Tip.Hex));
        if (!moved && ReferenceEquals(seen.Refs, mirror.Refs) && seen.Tips == tips)
            return view;

        (moved, seen) = (false, (mirror.Refs, tips));
        var read = open.Values.Where(change => question.Trunks.ContainsKey(change.Branch)).Select(change => (change, log: logs.Read(change.Number, change.MetaRevId))).ToList();
        owners.Take(read.Where(item => item.log is not null).Select(item => (item.change, item.log!)));

        return view = new([.. read.Select(item => Try(item.change, item.log, question))], teams.ToDictionary(team => team.Key, team => team.Value.Members), Unfetchable())
        {
            AccountOf = accounts.OfAddress,
            Canonical = accounts.Named,
            Version = view.Version + 1,
            BelongsElsewhere = owners.BelongsElsewhere,
            FirstPushed = (change, _) => Uploaders(change),
            Below = (_, revision) => Find(revision.Hex)?.Parents.ToList() is [var parent] ? [new(parent.Sha)] : [],
            Means = owners.Means,
            Names = read.GroupBy(item => item.change.ChangeId).Where(group => group.Count() == 1).ToDictionary(group => group.Key, group => Id(group.Single().change)),
        };
    }

    /// <summary>Whoever uploaded an earlier patch set may have brought what is in the current one.</summary>
    private Dictionary<CommitSha, Pushers> Uploaders(Change change) =>
        logs.Last(long.Parse(change.Id.Value, CultureInfo.InvariantCulture)) is not { } log ? [] : new()
        {
            [change.Current.Commit] = new([.. log.Entries.OfType<LogEntry.Uploaded>().TakeWhile(upload => upload.Commit != change.Current.Commit).Select(upload => accounts.Of(upload.By)).Distinct()], AreKnown: true),
        };

    private static ChangeId Id(ChangeDto change) => new(change.Number.ToString(CultureInfo.InvariantCulture));

    private string? Unfetchable() => mirror.Unfetchable.Where(item => item.Key.StartsWith("refs/heads/", StringComparison.Ordinal)).Select(item => $"{item.Key} cannot be fetched: {item.Value.Why}").FirstOrDefault();

    /// <summary>What one change brings stops nobody else.</summary>
    private Proposal Try(ChangeDto change, ChangeLog? log, ForgeQuestion question)
    {
        try
        {
            return Propose(change, log, question);
        }
        catch (Exception error) when (Objects.IsMissing(error))
        {
            again.Add(change.Number);
            return Unread(change) with { Change = Unread(change).Change with { Unknowns = [error.Message] } };
        }
        catch (Exception error) when (Signatures.IsContent(error))
        {
            return Unread(change) with { Change = Unread(change).Change with { Obstacles = [$"it cannot be read: {error.Message}"] } };
        }
        catch (Exception error)
        {
            again.Add(change.Number);
            return Proposal.Unread(Id(change), change.Subject ?? "", change.CurrentRevision, change.Branch, error);
        }
    }

    private static Proposal Unread(ChangeDto change)
    {
        var id = Id(change);
        return new(new() { Id = id, Number = id.Value, Title = change.Subject, Current = new(id, new(change.CurrentRevision ?? "")), Target = change.Branch, Author = new("nobody") }, change.Branch);
    }

    private Proposal Propose(ChangeDto change, ChangeLog? log, ForgeQuestion question)
    {
        var id = Id(change);
        var unknowns = new List<string>();
        var reference = $"{RefOf(change.Number)}/{change.CurrentRevisionNumber}";
        if (unread.WhyOf(change.Number) is { } why)
            unknowns.Add($"what the server says of it could not be read, which is tried again: {why}");
        if (log is null)
            unknowns.Add("its own log could not be fetched, so who voted what on which patch set is not known");
        else if (Ballots.Disagreement(log, change, accounts.Of) is { } differs)
            unknowns.Add(differs);
        if (mirror.Unfetchable.TryGetValue(reference, out var problem))
            unknowns.Add($"patch set {change.CurrentRevisionNumber} cannot be fetched: {problem.Why}");
        else if (!CommitSha.TryParse(change.CurrentRevision, out _) || Find(change.CurrentRevision) is null)
            unknowns.Add($"patch set {change.CurrentRevisionNumber} has not been fetched yet");
        else if (log is not null && log.PatchSets.GetValueOrDefault(change.CurrentRevisionNumber).Hex != change.CurrentRevision)
            unknowns.Add("the server shows another patch set than the change's own log; it is read again");

        // Read again at the next look, whatever the server says of when it moved.
        if (unknowns.Count > 0)
            again.Add(change.Number);
        if (log is not null && IsUndefined(change, log))
            unknowns.Add($"the server does not say what {place.Labels.Review} means on this change, and somebody has voted with it: who administers the server has to define its scores, or the settings have to name the label that reviewers vote with");
        if (change.SubmitRequirements is null)
            unknowns.Add("the server does not tell which of its own requirements the change meets");
        unknowns.AddRange(doubts.GetValueOrDefault(change.Number) ?? []);

        var revision = change.Revisions?.GetValueOrDefault(change.CurrentRevision ?? "");
        var author = change.Owner is { Id: > 0 } owner ? accounts.Of(owner.Id) : new("nobody");
        var known = log ?? new ChangeLog("", 0, []);
        var labels = change.Labels ?? new Dictionary<string, LabelDto>();
        var body = Find(change.CurrentRevision) is { } found && Signatures.Problem(found) is null ? CommitWords.Of(mirror.Git, found).Message : "";
        return new(
            new()
            {
                Id = id,
                Number = id.Value,
                Url = place.UrlOf(id),
                Title = change.Subject,
                Description = WithoutFooters(body),
                Current = new(id, new(change.CurrentRevision ?? "")),
                Target = change.Branch,
                Author = author,
                Uploader = revision?.Uploader is { Id: > 0 } uploader ? accounts.Of(uploader.Id) : null,
                ProposedAt = Time(change.Created),
                Draft = change.WorkInProgress || change.IsPrivate,
                Labels = [.. Labels(change, known)],
                Votes = [.. Ballots.Votes(known, place.Labels, labels, accounts.Of, revision?.RealUploader is { Id: > 0 } real && real.Id != revision.Uploader?.Id ? real.Id : null)],
                Requests = [.. AskedOnGerrit.Requests(change.Number, known, place.Labels, labels, accounts.Of, new(place.User), question.FirstSeen)],
                Checks = [.. Checks(known, change)],
                Unmet = [.. Unmet(change)],
                Obstacles = [.. Unseen(change, question.Trunks[change.Branch])],
                Unknowns = [.. unknowns],
                LandingTrailers = [new("Change-Id", change.ChangeId)],
            },
            change.Branch);
    }

    /// <summary>
    /// Others' label votes are reports too, for rules that name a label and a user: those given on this very patch set, in the user's own
    /// name. What the server carried here was found out about something else.
    /// </summary>
    private IEnumerable<Check> Checks(ChangeLog log, ChangeDto change) =>
        log.Entries.Where(entry => entry.PatchSet == change.CurrentRevisionNumber)
            .Where(entry => GiverOf(entry) is not null).GroupBy(entry => GiverOf(entry)!.Value).Select(group => group.Last()).OfType<LogEntry.Scored>()
            .Where(scored => scored.Score != 0 && scored.By == scored.For && scored.Label != place.Labels.Gate && scored.Label != place.Labels.Review)
            .Select(scored => new Check
            {
                Name = scored.Label,
                On = new(change.CurrentRevision ?? ""),
                State = scored.Score > 0 ? "success" : "failure",
                Order = scored.Place,
                At = scored.At,
                Source = [new("label", scored.Label), new("user", accounts.Of(scored.By).Name)],
            });

    private static (string Label, long Account)? GiverOf(LogEntry entry) => entry switch
    {
        LogEntry.Scored scored => (scored.Label, scored.For),
        LogEntry.Copied copied => (copied.Label, copied.By),
        LogEntry.Deleted deleted => (deleted.Label, deleted.Voter),
        _ => null,
    };

    private IEnumerable<Label> Labels(ChangeDto change, ChangeLog log)
    {
        var tagged = log.Entries.OfType<LogEntry.Tagged>().ToList();

        // The server may leave hashtags out; the log has them all the same.
        foreach (var hashtag in change.Hashtags ?? tagged.LastOrDefault()?.Hashtags ?? [])
        {
            // Who set it is who last left it there where it was not before.
            var setter = tagged.Where((entry, at) => entry.Hashtags.Contains(hashtag) && (at == 0 || !tagged[at - 1].Hashtags.Contains(hashtag))).LastOrDefault();
            yield return new(hashtag, setter is null ? null : accounts.Of(setter.By));
        }

        if (change.Topic is { Length: > 0 } topic)
            yield return new($"topic:{topic}", log.Entries.OfType<LogEntry.Topic>().LastOrDefault(entry => entry.Name == topic) is { } set ? accounts.Of(set.By) : null);
    }

    /// <summary>Whether there are scores of which nobody can say whether they approve or veto.</summary>
    private bool IsUndefined(ChangeDto change, ChangeLog log) =>
        log.Entries.OfType<LogEntry.Scored>().Any(scored => scored.Label == place.Labels.Review) && change.Labels?.GetValueOrDefault(place.Labels.Review)?.Scores.Any() != true;

    /// <summary>What the server itself demands beside the gate's own label.</summary>
    private IEnumerable<string> Unmet(ChangeDto change) => (change.SubmitRequirements ?? [])
        .Where(requirement => !requirement.IsMet && !IsOwn(requirement))
        .Select(requirement => $"the server's own requirement {requirement.Name} is {(requirement.Status == "ERROR" ? "in error" : "not met")}{(requirement.SubmittabilityExpressionResult?.Expression is { Length: > 0 } expression ? $" ({expression})" : "")}");

    /// <summary>Whether a requirement asks for nothing but the gate's label: then the gate meets it by landing.</summary>
    private bool IsOwn(RequirementDto requirement) =>
        requirement.SubmittabilityExpressionResult?.Expression is { } expression
        && expression.Split([' ', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Where(word => word is not ("AND" or "OR" or "NOT")).Select(word => word.TrimStart('-'))
            .All(word => Array.Exists([$"label:{place.Labels.Gate}=", $"label:{place.Labels.Gate}>", $"label:{place.Labels.Gate}<"], start => word.StartsWith(start, StringComparison.Ordinal)));

    /// <summary>
    /// What a revision stands on must be on the trunk, or be the current patch set of another open change: else its reviewers were shown
    /// less than it brings.
    /// </summary>
    private IEnumerable<string> Unseen(ChangeDto change, TrunkView trunk)
    {
        var unseen = new List<string>();
        var below = Find(change.CurrentRevision) is { } head ? mirror.Repository.Below(head) : null;
        for (var steps = 0; below is not null && steps < MostBelow && !trunk.HasLanded(new(below.Sha)); steps++, below = mirror.Repository.Below(below))
        {
            var commit = new CommitSha(below.Sha);
            if (!owners.IsCurrent(change.Branch, commit))
                unseen.Add(commit.Abbreviated);
        }

        if (unseen.Count > 0)
            yield return $"it stands on {Core.Landing.Words.Some(unseen)}, which is neither on {change.Branch} nor the current patch set of an open change for it, so its reviewers were not shown that: rebase onto {change.Branch}, or onto the newest patch set";
    }

    private const int MostBelow = 1000;

    private Commit? Find(string? id) => CommitSha.TryParse(id, out var sha) ? mirror.Repository.FindCommit(sha) : null;

    /// <summary>The body of a message without its footers: a Change-Id in the gate's own words would be taken for another patch set.</summary>
    private static string WithoutFooters(string message)
    {
        var before = TrailerBlock.Of(message.Replace("\r", "", StringComparison.Ordinal)).Before.Split("\n\n", 2);
        return string.Join('\n', (before.Length > 1 ? before[1] : "").Split('\n').Where(line => !line.StartsWith("Change-Id:", StringComparison.OrdinalIgnoreCase)));
    }

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParse(text.Split('.')[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : DateTimeOffset.UnixEpoch;
}
