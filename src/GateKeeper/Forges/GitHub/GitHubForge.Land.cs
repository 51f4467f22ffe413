using System.Globalization;
using System.Text.Json;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Forges.GitHub;

/// <content>
/// Landing: by a push of the tested commit, after which GitHub closes what it brings by itself; or, where commits are rewritten, by asking
/// GitHub to merge at the very head, so that people see it merged, and comparing what it made with what was tested.
/// </content>
internal sealed partial class GitHubForge
{
    public bool LandsSingly(LandingMethod method) => place.ThroughForge ?? method is LandingMethod.Squash or LandingMethod.Rebase;

    public async Task<PushAnswer> LandAsync(string trunk, Effect.Land land, LandingMethod method, TimeSpan limit)
    {
        if (LandsSingly(method))
            return await MergeAsync(trunk, land, method, limit);
        var answer = await mirror.PushAsync(trunk, land.From, land.To, limit, CancellationToken.None);
        return answer is PushAnswer.Refused refused ? new PushAnswer.Refused(Refusals.Explain(refused.Why)) : answer;
    }

    private async Task<PushAnswer> MergeAsync(string trunk, Effect.Land land, LandingMethod method, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        var revision = land.Changes[0].Candidate.Revision;
        var (status, text, made) = (0, "", (CommitSha?)null);
        try
        {
            // The merge is made on the branch where it stands, so it must stand where the candidate was built.
            if (await mirror.ReadBackAsync(trunk, deadline.Token) != land.From)
                return new PushAnswer.Moved("the trunk moved before GitHub was asked to merge");
            var (title, body) = MessageOf(land.To);
            var answer = await client.DoAsync(
                HttpMethod.Put, $"{place.Path}/pulls/{revision.Change.Value}/merge",
                new() { ["sha"] = revision.Commit.Hex, ["merge_method"] = Word(method), ["commit_title"] = title, ["commit_message"] = body }, deadline.Token);
            (status, made) = (200, CommitSha.TryParse(JsonSerializer.Deserialize(answer, GitHubJson.Default.MergedDto)?.Sha, out var commit) ? commit : null);
        }
        catch (Exception error) when (error is ForgeException or OperationCanceledException or GitException or JsonException)
        {
            (status, text) = ((error as ForgeException)?.Status ?? 0, error.Message);
        }

        try
        {
            return await LookAsync(trunk, land, method, status, text, made);
        }
        catch (Exception error) when (error is GitException or LibGit2SharpException or ForgeException)
        {
            return new PushAnswer.Unclear(error.Message);
        }
    }

    /// <summary>Whether what GitHub merges conflicts, where what was tested does not: one that was stacked on a change that was squashed since.</summary>
    private static bool Clashes(Repository own, CommitSha onto, CommitSha head) => !own.ObjectDatabase.CanMergeWithoutConflict(own.Commit(onto), own.Commit(head));

    private static string Branch(string reference) => reference.StartsWith("refs/heads/", StringComparison.Ordinal) ? reference["refs/heads/".Length..] : reference;

    private static string Word(LandingMethod method) => method switch { LandingMethod.Squash => "squash", LandingMethod.Rebase => "rebase", _ => "merge" };

    /// <summary>The words of the tested commit: its trailers say what landed.</summary>
    private (string Title, string Body) MessageOf(CommitSha commit)
    {
        // The mirror's own handle belongs to its loop.
        using var own = new Repository(mirror.Path);
        var parts = own.Commit(commit).Message.Split('\n', 2);
        return (parts[0], parts.Length > 1 ? parts[1].Trim('\n') : "");
    }

    /// <summary>Whatever was answered, the trunk tells.</summary>
    private async Task<PushAnswer> LookAsync(string trunk, Effect.Land land, LandingMethod method, int status, string text, CommitSha? said)
    {
        var tip = await mirror.LookAtAsync(trunk, CancellationToken.None);
        using var own = new Repository(mirror.Path);
        var (revision, replayed) = (land.Changes[0].Candidate.Revision, method is LandingMethod.Rebase);
        if (tip == land.From.Hex)
        {
            return status switch
            {
                409 => new PushAnswer.Moved(text),
                405 when text.Contains("Base branch was modified", StringComparison.Ordinal) => new PushAnswer.Moved(text),
                >= 400 and < 500 and not 429 when text.Contains("not mergeable", StringComparison.Ordinal) && Clashes(own, land.From, revision.Commit) => new PushAnswer.Refused(
                    $"GitHub merges its branch as that is, with all commits since it left {Branch(trunk)}, and finds a conflict there. GitHub said: {text}") { NeedsRebase = true },
                >= 400 and < 500 and not 429 => new PushAnswer.Refused(Refusals.Explain(text)) { NeedsRebase = text.Contains("can't be rebased", StringComparison.Ordinal) },
                _ => new PushAnswer.Unclear(text),
            };
        }

        var made = said ?? ForgeMade.Of(own, tip, land.From, land.To, revision.Commit, replayed);
        if (made is { } commit && ForgeMade.IsTested(own, commit, land.To) && ForgeMade.StandsOn(own, commit, land.From, land.To, revision.Commit, replayed))
            return new PushAnswer.Done(commit);
        if (said is null && desks.GetValueOrDefault(long.Parse(revision.Change.Value, CultureInfo.InvariantCulture)) is { Id: { } id })
        {
            var look = (await sweep.PullsAsync([id], CancellationToken.None)).GetValueOrDefault(id);
            if (look is null or { Pull: null, Problem: not null })
                throw new ForgeException($"GitHub does not say what became of {revision}: {look?.Problem ?? "it does not answer about it"}", null);
            if (look is { Pull.State: not "MERGED" })
                return new PushAnswer.Moved($"somebody else moved {trunk} to {tip}");
        }

        return new PushAnswer.Other($"GitHub merged {revision} as {made?.Hex ?? "another commit"}, and that is not what was tested ({land.To}): somebody moved {trunk} in that moment. Compare git diff {land.To.Hex} {made?.Hex ?? tip}");
    }
}

/// <summary>What GitHub says when it does not take a landing, told apart, each with who can mend it.</summary>
internal static class Refusals
{
    private static readonly (string Sign, string Meaning)[] Known =
    [
        ("without `workflows` permission", "it changes files under .github/workflows, which an App may push only with the permission Workflows (write): grant it on the App's page, and accept it for the installation"),
        ("signature", "GitHub's rules for this branch demand signed commits, which a push of the gate's does not have: take that rule away for the App, or set \"landing\": {\"through\": \"forge\"} with squash, which GitHub signs"),
        ("GH006", "GitHub's protection of this branch does not let the gate push: name the App under \"Restrict who can push\" and among those who may bypass what it demands (gatekeeper doctor says what exactly)"),
        ("GH013", "GitHub's rules for this branch do not let the gate push: put the App among those who bypass the ruleset, always (gatekeeper doctor says which)"),
        ("rule violations", "GitHub's rules for this branch do not let the gate land: put the App among those who bypass the ruleset, always (gatekeeper doctor says which)"),
        ("is not allowed on this repository", "this way to merge is switched off in the repository's settings (General, Pull Requests): switch it on, or set \"landing\": {\"through\": \"push\"}"),
        ("archived", "the repository is archived, and nothing can be written there"),
        ("not accessible by integration", "the App lacks a permission: gatekeeper doctor says which"),
        ("can't be rebased", "GitHub cannot replay its commits on the branch, one by one: rebase it, or merge its commits into one"),
        ("not mergeable", "GitHub finds that it cannot be merged, or has not found out yet"),
    ];

    public static string Explain(string why) =>
        Array.Find(Known, known => why.Contains(known.Sign, StringComparison.OrdinalIgnoreCase)) is { Meaning: { } meaning } ? $"{meaning}. GitHub said: {why}" : why;
}
