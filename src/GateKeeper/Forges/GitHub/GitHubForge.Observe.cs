using System.Globalization;
using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;
using GateKeeper.Git;

namespace GateKeeper.Forges.GitHub;

/// <content>Making one view of what was read.</content>
internal sealed partial class GitHubForge
{
    private (IReadOnlyDictionary<string, string>? Refs, string Tips) seen;
    private readonly FirstPushes first;
    private ForgeView view = new([], new Dictionary<string, Core.Gates.GroupMembers>(), null);
    private (long Version, Func<string, Account?> Of) people = (-1, _ => null);

    /// <summary>What those who write beside the loop need to know; swapped whole, never changed.</summary>
    private volatile IReadOnlyDictionary<long, Desk> desks = new Dictionary<long, Desk>();

    /// <summary>A pull request as those who write there see it.</summary>
    /// <param name="Id">How GraphQL names it.</param>
    /// <param name="Own">The gate's own comment there.</param>
    /// <param name="Asking">The comments that ask something and bear no sign yet that they were read.</param>
    /// <param name="LandedSince">When its revision was first seen on its trunk while it was still open; null while it is not there.</param>
    /// <param name="LandedAs">As which commit, where the trunk says so.</param>
    /// <param name="Head">Its revision; null where the host names none.</param>
    private sealed record Desk(string Id, long? Own, IReadOnlyList<long> Asking, DateTimeOffset? LandedSince, CommitSha? LandedAs, CommitSha? Head);

    public ForgeView Observe(ForgeQuestion question)
    {
        var tips = string.Join(' ', question.Trunks.Values.Select(trunk => trunk.Tip.Hex));
        if (!moved && ReferenceEquals(seen.Refs, mirror.Refs) && seen.Tips == tips)
            return view;

        (moved, seen) = (false, (mirror.Refs, tips));
        if (people.Version != accounts.Version)
            people = (accounts.Version, address => accounts.OfAddress(address));
        var fresh = new Dictionary<long, Desk>();
        var proposals = open.Values.Where(look => question.Trunks.ContainsKey(look.Pull!.BaseRefName)).Select(look => Try(look, question, fresh)).ToList();
        desks = fresh;
        return view = new([.. proposals], teams.ToDictionary(team => team.Key, team => team.Value.Members), Unfetchable())
        {
            AccountOf = people.Of,
            Canonical = accounts.Named,
            Version = view.Version + 1,
            Means = Means,
            FirstPushed = FirstPushed,
            Reports = reports.ToDictionary(),
            Signatures = SignaturesOf,
            DescribesDependencies = true,
        };
    }

    private IReadOnlyDictionary<CommitSha, CommitSignature> SignaturesOf(Change change) =>
        open.TryGetValue(long.Parse(change.Id.Value, CultureInfo.InvariantCulture), out var look) ? SignaturesOnGitHub.Of(look.Pull!, who => who.DatabaseId is { } id ? accounts.Learn(who.Login, id) : null) : new Dictionary<CommitSha, CommitSignature>();

    private string? Unfetchable() => mirror.Unfetchable.Where(item => item.Key.StartsWith("refs/heads/", StringComparison.Ordinal)).Select(item => $"{item.Key} cannot be fetched: {item.Value.Why}").FirstOrDefault();

    /// <summary>What one pull request brings stops nobody else; it is read again by the next look.</summary>
    private Proposal Try(Look look, ForgeQuestion question, Dictionary<long, Desk> seenDesks)
    {
        try
        {
            return Propose(look, question, seenDesks);
        }
        catch (Exception error)
        {
            seen = default;
            var pull = look.Pull!;
            return Proposal.Unread(new(pull.Number.ToString(CultureInfo.InvariantCulture)), pull.Title ?? "", pull.HeadRefOid, pull.BaseRefName, error);
        }
    }

    private Proposal Propose(Look look, ForgeQuestion question, Dictionary<long, Desk> seenDesks)
    {
        var pull = look.Pull!;
        var id = new ChangeId(pull.Number.ToString(CultureInfo.InvariantCulture));
        var head = CommitSha.TryParse(pull.HeadRefOid, out var sha) ? sha : default;
        var pushes = uploads.GetValueOrDefault(pull.Number) ?? Uploads.Unknown;
        var targetSetAt = Opinions.TargetSetAt(pull);
        var requests = AskedOnGitHub.Requests(pull, pushes, targetSetAt, HeadSeen(pull, question), accounts.Of, question.FirstSeen).ToList();
        var trunk = question.Trunks[pull.BaseRefName];
        var landedAs = head.Hex is null ? null : trunk.LandedAs(id, head);
        var landed = landedAs is not null || (head.Hex is not null && trunk.IsAncestor(head, trunk.Tip));
        seenDesks[pull.Number] = new(
            pull.Id, OwnComment(pull),
            [.. requests.Where(item => item.Comment.ReactionGroups?.Any(reaction => reaction is { Content: "EYES", ViewerHasReacted: true }) != true).Select(item => item.Request.Order)],
            landed ? question.FirstSeen($"{pull.Number} landed {pull.HeadRefOid}") : null,
            landedAs, head.Hex is null ? null : head);
        return new(
            new()
            {
                Id = id,
                Number = id.Value,
                Url = place.UrlOf(id),
                Branch = pull.HeadLabel,
                Title = pull.Title,
                Description = pull.Body.Replace("\r", "", StringComparison.Ordinal),
                Current = new(id, head),
                Target = pull.BaseRefName,
                TargetSetAt = targetSetAt,
                Author = accounts.Of(pull.Author),
                AuthorHand = pull.Author is { DatabaseId: { } number } who ? new(accounts.Of(who).Name, place.AddressOf(number, accounts.Of(who).Name), accounts.Of(who)) : null,
                Uploader = pushes.UploaderOf(pull.HeadRefOid, who => accounts.Learn(who.Login, who.Id), gate),
                ProposedAt = pull.CreatedAt,
                Draft = pull.IsDraft,
                Labels = [.. Opinions.Labels(pull, accounts.Of)],
                Votes = [.. Opinions.Votes(pull, accounts.Of)],
                Requests = [.. requests.Select(item => item.Request)],
                Unmet = [.. Unmet(pull)],
                Unknowns = [.. Unknowns(look, pull)],
            },
            pull.BaseRefName)
        {
            Earlier = [.. Opinions.Earlier(pull)],
        };
    }

    private IReadOnlyDictionary<CommitSha, Pushers> FirstPushed(Change change, IReadOnlyCollection<CommitSha> commits) =>
        first.Of(change.Id, commits, (uploads.GetValueOrDefault(long.Parse(change.Id.Value, CultureInfo.InvariantCulture)) ?? Uploads.Unknown).OldestFirst(who => accounts.Learn(who.Login, who.Id), gate));

    /// <summary>When the gate first saw this head, by a clock that is not behind the host's: comments bear the host's times.</summary>
    private DateTimeOffset HeadSeen(PullDto pull, ForgeQuestion question) =>
        question.FirstSeen($"{pull.Number} head {pull.HeadRefOid}") + (client.Ahead > TimeSpan.Zero ? client.Ahead : TimeSpan.Zero) + ClocksDiffer;

    private IEnumerable<string> Unknowns(Look look, PullDto pull)
    {
        if (look.Problem is { } problem)
            yield return problem;
        if (unasked.WhyOf(pull.Number) is { } unpushed)
            yield return $"who pushed it could not be asked, which is tried again: {unpushed}";
        if (lagging.Contains(pull.Number))
            yield return "GitHub's record of its head is not what git has there (it lags behind, or somebody is pushing): it is read again";
        if (mirror.Unfetchable.TryGetValue(HeadRef(pull.Number), out var unfetched))
            yield return $"its revision cannot be fetched: {unfetched.Why}";
        else if (Find(pull.HeadRefOid) is null)
            yield return "its revision has not been fetched yet";
        foreach (var doubt in Doubts(pull))
            yield return doubt;
    }

    /// <summary>Where git shows the head of a pull request: always under its number, and where it lies in this repository under its branch too.</summary>
    private IEnumerable<string> HeadRefs(PullDto pull) =>
        [HeadRef(pull.Number), .. pull.HeadRepository?.NameWithOwner.Equals($"{place.Owner}/{place.Name}", StringComparison.OrdinalIgnoreCase) == true ? [$"refs/heads/{pull.HeadRefName}"] : Array.Empty<string>()];

    private static string HeadRef(long number) => string.Create(CultureInfo.InvariantCulture, $"refs/pull/{number}/head");

    /// <summary>What the host itself demands, where its rules for the trunk do.</summary>
    private IEnumerable<string> Unmet(PullDto pull)
    {
        var threads = pull.ReviewThreads.Nodes.Count(thread => thread?.IsResolved == false);
        var rules = this.rules.GetValueOrDefault(pull.BaseRefName).Rules;
        if (rules.OwnQueue)
            yield return $"GitHub's own merge queue is on for {pull.BaseRefName}, and two queues must not compete: switch it off in the branch's ruleset";
        if (threads > 0 && rules.Resolved)
            yield return $"unresolved conversations: {threads}. GitHub's rules for this branch demand that there are none";
    }

    /// <summary>What a Depends-On line names: #12, GH-12, owner/name#12, or the address of a page of a pull request of this repository.</summary>
    private (ChangeId, CommitSha?)? Means(Change change, string name)
    {
        var match = Reference().Match(name);
        if (!match.Success || (match.Groups["host"] is { Success: true, Value: var host } && !LinkHost.IsOf(place.Web, host)) || (match.Groups["repository"] is { Success: true } repository && !repository.Value.Equals($"{place.Owner}/{place.Name}", StringComparison.OrdinalIgnoreCase)))
            return null;
        var number = match.Groups["number"].Value.TrimStart('0');
        if (number.Length == 0)
            return null;
        return (new(number), open.TryGetValue(long.Parse(number, CultureInfo.InvariantCulture), out var look) && CommitSha.TryParse(look.Pull!.HeadRefOid, out var head) ? head : null);
    }

    [GeneratedRegex(@"\A(?:https?://(?<host>[^/]+)/(?<repository>[^/]+/[^/]+)/pull/|(?<repository>[^/#\s]+/[^/#\s]+)?#|[Gg][Hh]-)?(?<number>[0-9]{1,9})(?:[/?#].*)?\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Reference();
}
