using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// What GitHub says of the signatures of commits (GitSignature and GitSignatureState of its GraphQL schema). It verifies keys that people have
/// named to it; what is done on its pages it signs itself.
/// </summary>
internal static class SignaturesOnGitHub
{
    private const string Valid = "VALID";

    /// <summary>What is not so for good: GitHub could not verify it just now.</summary>
    private static readonly HashSet<string> ForNow = ["GPGVERIFY_ERROR", "GPGVERIFY_UNAVAILABLE", "OCSP_ERROR", "OCSP_PENDING"];

    private static readonly Dictionary<string, string> Words = new()
    {
        ["BAD_CERT"] = "is signed with a certificate that GitHub could not verify",
        ["BAD_EMAIL"] = "is signed for another address than its committer's",
        ["EXPIRED_KEY"] = "is signed with a key that has expired",
        ["INVALID"] = "carries a signature that does not fit it",
        ["MALFORMED_SIG"] = "carries a signature that cannot be read",
        ["NOT_SIGNING_KEY"] = "is signed with a key that is not for signing",
        ["NO_USER"] = "is signed, and nobody on GitHub has its committer's address",
        ["OCSP_REVOKED"] = "is signed with a certificate that was revoked",
        ["UNKNOWN_KEY"] = "is signed with a key that nobody has named to GitHub",
        ["UNKNOWN_SIG_TYPE"] = "carries a signature of no known kind",
        ["UNVERIFIED_EMAIL"] = "is signed, and its committer's address is not verified on GitHub",
    };

    /// <summary>Whether GitHub may say something else of one by itself.</summary>
    public static bool MayChange(PullDto pull) => pull.Commits.Nodes.Any(item => item?.Commit.Signature is { } signature && ForNow.Contains(signature.State));

    public static IReadOnlyDictionary<CommitSha, CommitSignature> Of(PullDto pull, Func<LoginDto, Account?> accountOf)
    {
        var told = new Dictionary<CommitSha, CommitSignature>();
        foreach (var commit in pull.Commits.Nodes.OfType<PullCommitDto>().Select(item => item.Commit))
        {
            if (CommitSha.TryParse(commit.Oid, out var sha))
                told[sha] = One(commit.Signature, accountOf);
        }

        return told;
    }

    /// <summary>What one signature is worth; none where the host says that there is none.</summary>
    public static CommitSignature One(SignatureDto? signature, Func<LoginDto, Account?> accountOf) => signature switch
    {
        null or { State: "UNSIGNED" } => new CommitSignature.None(),
        { IsValid: true, State: Valid, WasSignedByGitHub: true } => new CommitSignature.Good("GitHub itself", null),
        { IsValid: true, State: Valid, Signer: { } signer } => accountOf(signer) is { } by ? new CommitSignature.Good(by.Name, by) : new CommitSignature.Good(signer.Login, null),
        { IsValid: true, State: Valid } => new CommitSignature.Good("somebody whom GitHub does not name", null),
        { IsValid: false, State: { } state } when Words.TryGetValue(state, out var why) => new CommitSignature.Bad(why),
        _ => new CommitSignature.Unknown(ForNow.Contains(signature.State) ? $"GitHub could not verify a signature just now ({signature.State}), and is asked again" : $"GitHub says of a signature what this program does not know ({signature.State})"),
    };
}
