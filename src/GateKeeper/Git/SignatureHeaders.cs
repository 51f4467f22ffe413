using System.Text;
using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>What kind of signature a commit carries, whatever it is worth.</summary>
internal enum SignatureKind
{
    None,
    Ssh,
    OpenPgp,
    X509,
    Odd,

    /// <summary>The commit itself is not there.</summary>
    Gone,
}

/// <summary>
/// Reads which commits carry which kind of signature, all in one process. Git itself ends with an error at a kind that it does not know, so
/// only those that it can look at are given to it.
/// </summary>
internal static class SignatureHeaders
{
    private static readonly (string Begins, SignatureKind Kind)[] Known =
    [
        ("-----BEGIN SSH SIGNATURE-----", SignatureKind.Ssh),
        ("-----BEGIN PGP SIGNATURE-----", SignatureKind.OpenPgp),
        ("-----BEGIN PGP MESSAGE-----", SignatureKind.OpenPgp),
        ("-----BEGIN SIGNED MESSAGE-----", SignatureKind.X509),
    ];

    public static async Task<IReadOnlyDictionary<CommitSha, SignatureKind>> ReadAsync(GitProgram git, IReadOnlyCollection<CommitSha> commits, CancellationToken cancellation)
    {
        var raw = (await git.NeedAsync(["cat-file", "--batch"], cancellation, Encoding.ASCII.GetBytes(string.Concat(commits.Select(commit => $"{commit.Hex}\n"))))).Bytes;
        var (kinds, at) = (new Dictionary<CommitSha, SignatureKind>(), 0);
        foreach (var commit in commits)
        {
            // "id commit size", a line feed, the object, a line feed.
            var end = raw.AsSpan(at).IndexOf((byte)'\n');
            if (end >= 0 && Encoding.ASCII.GetString(raw, at, end) == $"{commit.Hex} missing")
            {
                (kinds[commit], at) = (SignatureKind.Gone, at + end + 1);
                continue;
            }

            if (end < 0 || Encoding.ASCII.GetString(raw, at, end).Split(' ') is not [var id, "commit", var length] || id != commit.Hex || !int.TryParse(length, out var size) || at + end + size + 2 > raw.Length)
                throw new ObjectMissingException("commit", commit.Hex, "what git cat-file answers");
            kinds[commit] = Of(raw.AsSpan(at + end + 1, size));
            at += end + size + 2;
        }

        return kinds;
    }

    private static SignatureKind Of(ReadOnlySpan<byte> commit)
    {
        var head = commit.IndexOf("\n\n"u8) is >= 0 and var end ? commit[..end] : commit;
        if (head.IndexOf("\ngpgsig "u8) is var first && first < 0)
            return SignatureKind.None;
        var value = head[(first + "\ngpgsig ".Length)..];

        // Two of them are read as one by some readers and not by others.
        if (value.IndexOf("\ngpgsig "u8) >= 0)
            return SignatureKind.Odd;
        var line = Encoding.ASCII.GetString(value.IndexOf((byte)'\n') is >= 0 and var stop ? value[..stop] : value).TrimEnd();
        return Array.Find(Known, known => known.Begins == line) is { Begins: not null } kind ? kind.Kind : SignatureKind.Odd;
    }
}
