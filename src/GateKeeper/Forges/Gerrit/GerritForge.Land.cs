using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Forges.Gerrit;

/// <content>
/// Landing: by a push of the tested commit, which closes its changes by itself; or, on servers that grant no push, by asking the server to
/// submit the revision, and comparing what it made of it with what was tested.
/// </content>
internal sealed partial class GerritForge
{
    public bool LandsSingly(LandingMethod method) => place.Submits;

    public Task<PushAnswer> LandAsync(string trunk, Effect.Land land, LandingMethod method, TimeSpan limit) =>
        place.Submits ? SubmitAsync(trunk, land, limit) : mirror.PushAsync(trunk, land.From, land.To, limit, CancellationToken.None);

    private async Task<PushAnswer> SubmitAsync(string trunk, Effect.Land land, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        var revision = land.Changes[0].Candidate.Revision;
        var (status, text) = (0, "");
        try
        {
            // Submitting takes the branch where it stands, so it must stand where the candidate was built.
            if (await mirror.ReadBackAsync(trunk, deadline.Token) != land.From)
                return new PushAnswer.Moved("the trunk moved before it was submitted");
            var number = Number(revision);
            if (await AlongAsync(number, deadline.Token) is { } along)
                return new PushAnswer.Refused(along);
            await VoteAsync(revision, deadline.Token);
            (status, text) = await client.AskAsync(HttpMethod.Post, $"changes/{sweep.Id(number)}/revisions/{revision.Commit.Hex}/submit", "{}", deadline.Token);
        }
        catch (Exception error) when (error is ForgeException or OperationCanceledException or GitException)
        {
            (status, text) = ((error as ForgeException)?.Status ?? 0, error.Message);
        }

        try
        {
            return await LookAsync(trunk, land, status, text);
        }
        catch (Exception error) when (error is GitException or ForgeException or LibGit2SharpException)
        {
            return new PushAnswer.Unclear(error.Message);
        }
    }

    /// <summary>
    /// A server may demand the gate's own vote before it submits, and the vote may still tell of a time when the trunk failed too. Where the
    /// gate may not give it, the server's answer to the submission tells what is missing.
    /// </summary>
    private async Task VoteAsync(Revision revision, CancellationToken cancellation)
    {
        try
        {
            await client.PostAsync($"changes/{sweep.Id(Number(revision))}/revisions/{revision.Commit.Hex}/review", new ReviewDto("", Tag, "NONE", new Dictionary<string, int> { [place.Labels.Gate] = 1 }), GerritJson.Default.ReviewDto, GerritJson.Default.ReviewedDto, cancellation);
        }
        catch (ForgeException error) when (error.Status is >= 400 and < 500)
        {
            Complaint = $"the server does not let {place.User} vote {place.Labels.Gate}: {error.Message}";
        }
    }

    /// <summary>What the server would submit beside the change: whoever sets a topic must not land what nobody judged.</summary>
    private async Task<string?> AlongAsync(long number, CancellationToken cancellation)
    {
        // What it does not say is not nothing.
        if (await client.GetAsync($"changes/{sweep.Id(number)}/submitted_together?o=NON_VISIBLE_CHANGES", GerritJson.Default.TogetherDto, cancellation) is not { Changes: { } seen, NonVisibleChanges: { } unseen })
            throw new ForgeException("the server does not say what it would submit with it", null);
        return seen.Count + unseen == 0 ? null : "the server would submit other changes with it (by its topic, or changes below it that are open): land those first, or take the topic away";
    }

    /// <summary>
    /// Whatever the server answered: where the trunk moved, it is first found out whether ours went in, for it may have done so on top of what
    /// nobody tested; then the trunk's own line tells as what.
    /// </summary>
    private async Task<PushAnswer> LookAsync(string trunk, Effect.Land land, int status, string text)
    {
        var tip = await mirror.LookAtAsync(trunk, CancellationToken.None);
        var revision = land.Changes[0].Candidate.Revision;
        if (tip == land.From.Hex)
            return status is 409 && text.Contains("is not current revision", StringComparison.Ordinal) ? new PushAnswer.Moved(text)
                : status is >= 400 and < 500 ? new PushAnswer.Refused(text) { NeedsRebase = Rebases.Any(sign => text.Contains(sign, StringComparison.Ordinal)) }
                : new PushAnswer.Unclear(text);

        // The mirror's own handle belongs to its loop.
        using var own = new Repository(mirror.Path);
        if (status != 200 && !Holds(own, tip, revision.Commit))
        {
            if ((await sweep.NowAsync(Number(revision), CancellationToken.None) ?? throw new ForgeException($"the server does not say what became of {revision}", null)).Status != "MERGED")
                return new PushAnswer.Moved($"somebody else moved {trunk} to {tip}");
            tip = await mirror.LookAtAsync(trunk, CancellationToken.None);
        }

        var made = ForgeMade.Of(own, tip, land.From, land.To, revision.Commit);
        return made is { } there && ForgeMade.IsTested(own, there, land.To)
            ? new PushAnswer.Done(there)
            : new PushAnswer.Other($"the server submitted {revision}, and what {trunk} holds on top of {land.From} ({made?.ToString() ?? "nothing"}) is not what was tested ({land.To}): compare git diff {land.To.Hex} {tip}");
    }

    /// <summary>How the server says that only another revision can be submitted.</summary>
    private static readonly string[] Rebases = ["path conflict", "due to a conflict", "requires a local merge", "to be a fast-forward", "because the commit is empty"];

    private static bool Holds(Repository repository, string? tip, CommitSha commit) =>
        tip is not null && repository.ObjectDatabase.FindMergeBase(repository.Commit(commit), repository.Commit(tip))?.Sha == commit.Hex;

    private static long Number(Revision revision) => long.Parse(revision.Change.Value, CultureInfo.InvariantCulture);
}
