using GateKeeper.Git;

namespace GateKeeper.Forges.GitHub;

/// <summary>A login that was tried: in whose name the gate speaks there, by the API and by git.</summary>
internal sealed record GitHubReach(GitHubPlace Place, GitHubClient Client, Credential Credential, string Login, long Id) : IDisposable
{
    private const string GitUser = "x-access-token";

    /// <exception cref="ForgeException">The host does not answer, or does not take the credential; the message says what to do.</exception>
    public static async Task<GitHubReach> OpenAsync(GitHubPlace place, string? app, string secret, Budget budget, TimeProvider time, CancellationToken cancellation)
    {
        Login login = app is null ? new TokenLogin(secret) : new AppLogin(place, app, secret, time);
        Credential? credential = null;
        login.Renewed += token =>
        {
            if (credential is null)
                credential = new(GitUser, token, place.GitAddress);
            else
                credential.Renew(token);
        };
        var client = new GitHubClient(place, new(place, login, budget, time));
        var (self, errors, _) = await client.QueryAsync("self", new() { ["owner"] = place.Owner, ["name"] = place.Name }, GraphJson.Default.GraphAnswerSelfDataDto, data => data.RateLimit, cancellation);
        if (self is not { Viewer: { } viewer, Repository: { } repository })
            throw new ForgeException($"GitHub does not show {place} to this credential: {string.Join("; ", errors.Select(error => error.Message))}", 404);
        return repository.IsArchived
            ? throw new ForgeException($"{place} is archived, and nothing can land there", null)
            : new(place, client, credential!, viewer.Login, viewer.DatabaseId ?? 0);
    }

    public void Dispose() => Client.Dispose();

    public override string ToString() => $"{Login} at {Place}";
}
