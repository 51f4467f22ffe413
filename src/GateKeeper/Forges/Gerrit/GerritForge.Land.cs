using System.Globalization;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Git;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

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
            var number = long.Parse(revision.Change.Value, CultureInfo.InvariantCulture);
            if (await AlongAsync(number, deadline.Token) is { } along)
                return new PushAnswer.Refused(along);
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
        catch (Exception error) when (error is GitException or LibGit2SharpException)
        {
            return new PushAnswer.Unclear(error.Message);
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

    /// <summary>Whatever the server answered, the trunk tells.</summary>
    private async Task<PushAnswer> LookAsync(string trunk, Effect.Land land, int status, string text)
    {
        await mirror.RefreshOneAsync(trunk, CancellationToken.None);

        // The mirror's own handle belongs to its loop.
        using var own = new Repository(mirror.Path);
        var revision = land.Changes[0].Candidate.Revision;
        var tip = mirror.Refs.GetValueOrDefault(trunk);
        if (tip == land.From.Hex)
            return status is 409 && text.Contains("is not current revision", StringComparison.Ordinal) ? new PushAnswer.Moved(text)
                : status is >= 400 and < 500 ? new PushAnswer.Refused(text)
                : new PushAnswer.Unclear(text);
        if (tip is null || (own.Lookup<Commit>(tip)?.Parents.FirstOrDefault()?.Sha != land.From.Hex && tip != revision.Commit.Hex))
            return new PushAnswer.Moved($"somebody else moved {trunk} to {tip}");
        return own.Lookup<Commit>(tip).Tree.Sha == own.Lookup<Commit>(land.To.Hex).Tree.Sha
            ? new PushAnswer.Done(new(tip))
            : new PushAnswer.Other($"the server submitted {revision} as {tip[..10]}, and that is not what was tested ({land.To}): compare git diff {land.To.Hex} {tip}");
    }
}
