namespace GateKeeper.Git;

/// <summary>A repository is of a kind that is not supported; the text says in one sentence which, and why.</summary>
internal sealed class UnsupportedRepositoryException(string message) : GitException(message);

/// <summary>Tells by its files, or by what git says of it, whether a repository is of a kind that is not supported.</summary>
internal static class ServerKind
{
    /// <exception cref="UnsupportedRepositoryException">It lies on this machine and is of such a kind.</exception>
    public static void Check(string url)
    {
        var inside = Path.Combine(url, ".git", "config");
        var file = File.Exists(inside) ? inside : Path.Combine(url, "config");
        if (!File.Exists(file))
            return;
        foreach (var (key, value) in File.ReadLines(file).Select(line => line.Split('=', 2)).Where(parts => parts.Length == 2).Select(parts => (parts[0].Trim().ToLowerInvariant(), parts[1].Trim().ToLowerInvariant())))
        {
            if (key == "objectformat" && value != "sha1")
                throw Sha256(url);
            if ((key == "promisor" && value is "true" or "yes" or "on" or "1") || key == "partialclone")
                throw Partial(url);
        }
    }

    public static UnsupportedRepositoryException Sha256(string url) =>
        new($"{url} names its objects by SHA-256, which is not supported: neither LibGit2Sharp nor the forges can read such repositories; one that was made with git init --object-format=sha1 works");

    /// <summary>What git said, or one sentence where it means such a kind.</summary>
    /// <exception cref="UnsupportedRepositoryException">The server is of a kind that is not supported.</exception>
    public static string Told(string url, string said) =>
        said.Contains("mismatched algorithms", StringComparison.Ordinal) ? throw Sha256(url)
        : said.Contains("promisor remote", StringComparison.Ordinal) || said.Contains("lazy fetching disabled", StringComparison.Ordinal) ? throw Partial(url)
        : said;

    private static UnsupportedRepositoryException Partial(string url) =>
        new($"{url} is a partial clone, which is not supported: it does not hold all of its own objects, so it cannot give them; fetch from the repository that it was cloned from, or make a whole clone of that");
}
