using System.Text;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Git;

/// <summary>
/// What a commit says and who says it, read as it was meant: in the encoding that its header names, and where none is named and it is no
/// UTF-8, as Latin-1, which is what git takes it for. The library reads everything as UTF-8 and loses what is not.
/// </summary>
internal sealed record CommitWords(string Message, string AuthorName, string AuthorEmail)
{
    private const char Lost = '\uFFFD';

    static CommitWords() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public string Subject => Message.Split('\n', 2)[0];

    public static CommitWords Of(GitProgram git, Commit commit) => Of(git, [commit])[commit.Sha];

    /// <summary>Of many, by their ids: the library gives no bytes, so those that it lost something of are read by one process.</summary>
    public static IReadOnlyDictionary<string, CommitWords> Of(GitProgram git, IReadOnlyCollection<Commit> commits)
    {
        var words = commits.DistinctBy(commit => commit.Sha).ToDictionary(commit => commit.Sha, Plain);
        var lost = commits.Where(commit => !IsUtf8(commit.Encoding) || words[commit.Sha].IsLost).DistinctBy(commit => commit.Sha).ToList();
        if (lost.Count == 0)
            return words;
        var raw = git.NeedAsync(["cat-file", "--batch"], CancellationToken.None, Encoding.ASCII.GetBytes(string.Concat(lost.Select(commit => commit.Sha + "\n")))).GetAwaiter().GetResult().Bytes;
        var at = 0;
        foreach (var commit in lost)
        {
            // "id commit size", a line feed, the object, a line feed: what is of another shape is another's answer.
            var end = raw.AsSpan(at).IndexOf((byte)'\n');
            if (end < 0 || Encoding.ASCII.GetString(raw, at, end).Split(' ') is not [var id, "commit", var length] || id != commit.Sha || !int.TryParse(length, out var size) || at + end + size + 2 > raw.Length)
                throw new ObjectMissingException("commit", commit.Sha, "what git cat-file answers");
            words[commit.Sha] = Read(raw.AsSpan(at + end + 1, size).ToArray(), commit.Encoding) ?? words[commit.Sha];
            at += end + size + 2;
        }

        return words;
    }

    /// <summary>As the library has it. A date that nobody can read takes the whole signature with it, and the words are read all the same.</summary>
    private static CommitWords Plain(Commit commit) => Signatures.Author(commit) is { } author ? new(commit.Message, author.Name, author.Email) : new(commit.Message, "", "");

    private bool IsLost => AuthorEmail.Length == 0 || Message.Contains(Lost, StringComparison.Ordinal) || AuthorName.Contains(Lost, StringComparison.Ordinal) || AuthorEmail.Contains(Lost, StringComparison.Ordinal);

    private static CommitWords? Read(byte[] raw, string? encoding)
    {
        var end = raw.AsSpan().IndexOf("\n\n"u8);
        var start = raw.AsSpan().IndexOf("\nauthor "u8);
        if (end < 0 || start < 0 || start > end)
            return null;
        var line = raw.AsSpan(start + "\nauthor ".Length)[..raw.AsSpan(start + 1).IndexOf((byte)'\n')];
        var author = Text(line.ToArray(), encoding);
        var (open, close) = (author.LastIndexOf('<'), author.LastIndexOf('>'));
        return open < 0 || close < open ? null : new(Text(raw[(end + 2)..], encoding), author[..open].Trim(), author[(open + 1)..close].Trim());
    }

    private static string Text(byte[] bytes, string? encoding)
    {
        try
        {
            return Encoding.GetEncoding(IsUtf8(encoding) ? "utf-8" : encoding!, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback).GetString(bytes);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return IsUtf8(encoding) ? Encoding.Latin1.GetString(bytes) : Text(bytes, null);
        }
    }

    private static bool IsUtf8(string? encoding) => string.IsNullOrEmpty(encoding) || encoding.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || encoding.Equals("utf8", StringComparison.OrdinalIgnoreCase);
}
