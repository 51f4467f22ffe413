using System.Globalization;
using GateKeeper.Core.Landing;
using GateKeeper.Git;

namespace GateKeeper.Forges.Gerrit;

/// <content>
/// Landing: by a push of the tested commit, which closes its changes by itself; or, on servers that grant no push, by asking the server to
/// submit the revision, and comparing what it made of it with what was tested.
/// </content>
internal sealed partial class GerritForge
{
    public bool LandsSingly => place.Submits;

    public Task<PushAnswer> LandAsync(string trunk, Effect.Land land, TimeSpan limit) =>
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
            (status, text) = await client.AskAsync(HttpMethod.Post, $"changes/{sweep.Id(number)}/revisions/{revision.Commit.Hex}/submit", "{}", deadline.Token);
        }
        catch (Exception error) when (error is ForgeException or OperationCanceledException or GitException)
        {
            text = error.Message;
        }

        // Whatever it answered, the trunk tells.
        await mirror.RefreshOneAsync(trunk, CancellationToken.None);
        var tip = mirror.Refs.GetValueOrDefault(trunk);
        if (tip == land.From.Hex)
            return status is 409 && text.Contains("is not current revision", StringComparison.Ordinal) ? new PushAnswer.Moved(text)
                : status is >= 400 and < 500 ? new PushAnswer.Refused(text)
                : new PushAnswer.Unclear(text);
        if (tip is null || !mirror.FirstParents(tip).Skip(1).Take(1).Contains(land.From.Hex) && tip != revision.Commit.Hex)
            return new PushAnswer.Moved($"somebody else moved {trunk} to {tip}");
        return mirror.TreeOf(new(tip)) == mirror.TreeOf(land.To)
            ? new PushAnswer.Done(new(tip))
            : new PushAnswer.Other($"the server submitted {revision} as {tip[..10]}, and that is not what was tested ({land.To}): compare git diff {land.To.Hex} {tip}");
    }
}
