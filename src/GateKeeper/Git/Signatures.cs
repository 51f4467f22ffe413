using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>Who made a commit, and when. The address may be empty: git and the forges take such commits.</summary>
internal sealed record Maker(string Name, string Email, DateTimeOffset When)
{
    public static Maker Of(Signature signature) => new(signature.Name, signature.Email, signature.When);
}

/// <summary>
/// Reads who made a commit, and when, without being stopped by what somebody wrote there: git lets pass dates beyond every calendar and
/// people without a name, and the library throws on both.
/// </summary>
internal static class Signatures
{
    /// <summary>
    /// Who made a commit and when is read with care wherever it is read, so an old or odd date keeps no notes from being fetched. All else
    /// that git finds wrong with an object there is refused.
    /// </summary>
    public static readonly string[] OddDates =
        [.. ((string[])["badDate", "badDateOverflow", "badTimezone", "zeroPaddedDate", "missingSpaceBeforeDate"]).SelectMany(what => (string[])["-c", $"fetch.fsck.{what}=ignore"])];

    /// <summary>Why a commit cannot be worked with, in words for whoever brought it; null when it can.</summary>
    public static string? Problem(Commit commit) =>
        Read(() => commit.Author) is null || Read(() => commit.Committer) is null
            ? $"who made its commit {commit.Sha[..10]}, or when, cannot be read (a name and a date within the calendar are needed): amend it, with --reset-author"
            : null;

    /// <summary>Its author; null where that cannot be read.</summary>
    public static Maker? Author(Commit commit) => Read(() => commit.Author);

    /// <summary>The committer's address; empty when it cannot be read.</summary>
    public static string Committer(Commit commit) => Read(() => commit.Committer)?.Email ?? "";

    /// <summary>Its author's address, and when it was committed; nobody's and of the beginning of time where that cannot be read.</summary>
    public static (string Author, DateTimeOffset At) Of(Commit commit) => (Read(() => commit.Author)?.Email ?? "", Read(() => commit.Committer)?.When ?? DateTimeOffset.UnixEpoch);

    /// <summary>The addresses of who wrote and who committed it, those that can be read.</summary>
    public static IReadOnlyList<string> Makers(Commit commit) => [.. new[] { Read(() => commit.Author), Read(() => commit.Committer) }.OfType<Maker>().Select(made => made.Email).Where(email => email.Length > 0)];

    /// <summary>Whether a failure is by what somebody wrote into an object, not by the machine.</summary>
    public static bool IsContent(Exception error) => error is LibGit2SharpException or ArgumentException or OverflowException or FormatException;

    private static Maker? Read(Func<Signature> read)
    {
        try
        {
            // The gate writes it again where it replays or joins commits, so it must be one that can be written.
            var found = Maker.Of(read());
            return string.IsNullOrWhiteSpace(found.Name) ? null : found;
        }
        catch (Exception error) when (IsContent(error))
        {
            return null;
        }
    }
}
