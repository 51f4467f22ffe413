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

    public static CommitWords Of(GitProgram git, Commit commit)
    {
        // A date that nobody can read takes the whole signature with it, and the words are read all the same.
        var (message, author) = (commit.Message, Signatures.Author(commit));
        var plain = new CommitWords(message, author?.Name ?? "", author?.Email ?? "");
        if (author is not null && IsUtf8(commit.Encoding) && !message.Contains(Lost, StringComparison.Ordinal) && !author.Name.Contains(Lost, StringComparison.Ordinal) && !author.Email.Contains(Lost, StringComparison.Ordinal))
            return plain;

        // The library gives no bytes. Such commits are rare, so a process for each is no matter.
        var raw = git.NeedAsync(["cat-file", "commit", commit.Sha], CancellationToken.None).GetAwaiter().GetResult().Bytes;
        return Read(raw, commit.Encoding) ?? plain;
    }

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
