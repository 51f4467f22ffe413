using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Git;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Forges.Gerrit;

/// <content>Making one view of what was read.</content>
internal sealed partial class GerritForge
{
    private readonly Dictionary<string, ChangeId> owners = [];

    public ForgeView Observe(ForgeQuestion question)
    {
        var tips = string.Join(' ', question.Trunks.Values.Select(trunk => trunk.Tip.Hex));
        if (!moved && ReferenceEquals(seen.Refs, mirror.Refs) && seen.Tips == tips)
            return view;

        (moved, seen) = (false, (mirror.Refs, tips));
        owners.Clear();
        var read = open.Values.Where(change => question.Trunks.ContainsKey(change.Branch)).Select(change => (change, log: logs.Read(change.Number, change.MetaRevId))).ToList();
        foreach (var (change, log) in read)
        {
            foreach (var commit in log?.PatchSets.Values ?? [])
                owners[$"{change.Branch} {commit.Hex}"] = Id(change);
        }

        return view = new([.. read.Select(item => Propose(item.change, item.log, question))], teams.ToDictionary(team => team.Key, team => team.Value.Members), Unfetchable())
        {
            AccountOf = accounts.OfAddress,
            Canonical = accounts.Named,
            Version = view.Version + 1,
            BelongsElsewhere = BelongsElsewhere,
            Means = Means,
        };
    }

    private static ChangeId Id(ChangeDto change) => new(change.Number.ToString(CultureInfo.InvariantCulture));

    private string? Unfetchable() => mirror.Unfetchable.Where(item => item.Key.StartsWith("refs/heads/", StringComparison.Ordinal)).Select(item => $"{item.Key} cannot be fetched: {item.Value.Why}").FirstOrDefault();

    private Proposal Propose(ChangeDto change, ChangeLog? log, ForgeQuestion question)
    {
        var id = Id(change);
        var unknowns = new List<string>();
        var reference = $"{RefOf(change.Number)}/{change.CurrentRevisionNumber}";
        if (log is null)
            unknowns.Add("its own log could not be fetched, so who voted what on which patch set is not known");
        else if (Ballots.Disagreement(log, change, accounts.Of) is { } differs)
            unknowns.Add(differs);
        if (mirror.Unfetchable.TryGetValue(reference, out var problem))
            unknowns.Add($"patch set {change.CurrentRevisionNumber} cannot be fetched: {problem.Why}");
        else if (!CommitSha.TryParse(change.CurrentRevision, out _) || mirror.Repository.Lookup<Commit>(change.CurrentRevision) is null)
            unknowns.Add($"patch set {change.CurrentRevisionNumber} has not been fetched yet");
        else if (log is not null && log.PatchSets.GetValueOrDefault(change.CurrentRevisionNumber).Hex != change.CurrentRevision)
            unknowns.Add("the server shows another patch set than the change's own log; it is read again");

        // Read again at the next look, whatever the server says of when it moved.
        if (unknowns.Count > 0)
            again.Add(change.Number);

        var revision = change.Revisions?.GetValueOrDefault(change.CurrentRevision ?? "");
        var author = change.Owner is { Id: > 0 } owner ? accounts.Of(owner.Id) : new("nobody");
        var known = log ?? new ChangeLog("", []);
        var labels = change.Labels ?? new Dictionary<string, LabelDto>();
        var body = mirror.Repository.Lookup<Commit>(change.CurrentRevision ?? "")?.Message ?? "";
        return new(
            new()
            {
                Id = id,
                Number = id.Value,
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
                Requests = [.. AskedOnGerrit.Requests(known, place.Labels, labels, accounts.Of, new(place.User), question.FirstSeen)],
                Checks = [.. Checks(known, change)],
                Unmet = [.. Unmet(change)],
                Unknowns = [.. unknowns],
                LandingTrailers = [new("Change-Id", change.ChangeId)],
            },
            change.Branch);
    }

    /// <summary>Others' label votes are reports too, for rules that name a label and a user.</summary>
    private IEnumerable<Check> Checks(ChangeLog log, ChangeDto change) =>
        log.Standing(change.CurrentRevisionNumber).Where(vote => vote.Key.Label != place.Labels.Gate && vote.Key.Label != place.Labels.Review).Select(vote => new Check
        {
            Name = vote.Key.Label,
            On = new(change.CurrentRevision ?? ""),
            State = vote.Value > 0 ? "success" : "failure",
            Source = [new("label", vote.Key.Label), new("user", accounts.Of(vote.Key.Account).Name)],
        });

    private IEnumerable<Label> Labels(ChangeDto change, ChangeLog log)
    {
        var tagged = log.Entries.OfType<LogEntry.Tagged>().ToList();
        foreach (var hashtag in change.Hashtags ?? [])
        {
            // Who set it is who last left it there where it was not before.
            var setter = tagged.Where((entry, at) => entry.Hashtags.Contains(hashtag) && (at == 0 || !tagged[at - 1].Hashtags.Contains(hashtag))).LastOrDefault();
            yield return new(hashtag, setter is null ? null : accounts.Of(setter.By));
        }

        if (change.Topic is { Length: > 0 } topic)
            yield return new($"topic:{topic}", log.Entries.OfType<LogEntry.Topic>().LastOrDefault(entry => entry.Name == topic) is { } set ? accounts.Of(set.By) : null);
    }

    /// <summary>What the server itself demands beside the gate's own label.</summary>
    private IEnumerable<string> Unmet(ChangeDto change) => (change.SubmitRequirements ?? [])
        .Where(requirement => !requirement.IsMet && requirement.Name != place.Labels.Gate && requirement.SubmittabilityExpressionResult?.Expression?.Contains($"label:{place.Labels.Gate}", StringComparison.Ordinal) != true)
        .Select(requirement => $"the server's own requirement {requirement.Name} is {(requirement.Status == "ERROR" ? "in error" : "not met")}{(requirement.SubmittabilityExpressionResult?.Expression is { Length: > 0 } expression ? $" ({expression})" : "")}");

    private bool BelongsElsewhere(Change change, CommitSha commit) =>
        owners.TryGetValue($"{change.Target} {commit.Hex}", out var owner) ? owner != change.Id
        : elsewhere.TryGetValue(commit.Hex, out var other) && other.Branch == change.Target && other.Change.ToString(CultureInfo.InvariantCulture) != change.Id.Value;

    /// <summary>The change that a Depends-On line means: a Change-Id for the same trunk, a number, or the address of a change.</summary>
    private (ChangeId Change, CommitSha? Commit)? Means(Change change, string name)
    {
        var found = open.Values.Where(other => other.ChangeId == name || NumberIn(name) == other.Number).OrderByDescending(other => other.Branch == change.Target).FirstOrDefault()
            ?? named.GetValueOrDefault(name)?.OrderByDescending(other => other.Branch == change.Target).FirstOrDefault();
        return found is null ? null : (Id(found), CommitSha.TryParse(found.CurrentRevision, out var commit) ? commit : null);
    }

    private static long? NumberIn(string name) =>
        long.TryParse(name.TrimEnd('/').Split('/', '~').Last(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The body of a message without its footers: a Change-Id in the gate's own words would be taken for another patch set.</summary>
    private static string WithoutFooters(string message)
    {
        var paragraphs = message.Replace("\r", "", StringComparison.Ordinal).TrimEnd('\n').Split("\n\n");
        var last = MessageText.Trailers(message).Count > 0 ? 1 : 0;
        return string.Join("\n\n", paragraphs.Skip(1).SkipLast(last)).Replace("\nChange-Id: ", "\n(Change-Id: ", StringComparison.Ordinal);
    }

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParse(text.Split('.')[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : DateTimeOffset.UnixEpoch;
}
