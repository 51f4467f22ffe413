using System.Globalization;
using System.Text;

namespace GateKeeper.Core.Reports;

/// <summary>
/// The characters of a file, read as the file itself says: by its byte order mark, by the encoding that its first line declares, or as
/// UTF-8. Bytes that are no text become a question mark of their own (U+FFFD).
/// </summary>
internal sealed class DeclaredText
{
    private const int MostDeclared = 4096;
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly Decoder decoder;
    private readonly char[] letters = new char[8192];
    private int read;
    private int begin;
    private int end;
    private bool finished;

    public DeclaredText(ReadOnlyMemory<byte> bytes)
    {
        var (encoding, mark) = Encoded(bytes.Span);
        (this.bytes, decoder) = (bytes[mark..], encoding.GetDecoder());
    }

    /// <summary>The next character, which stays; -1 at the end.</summary>
    public int Peek() => begin < end || Fill() ? letters[begin] : -1;

    /// <summary>Takes the next character; -1 at the end.</summary>
    public int Read() => begin < end || Fill() ? letters[begin++] : -1;

    private bool Fill()
    {
        while (!finished)
        {
            decoder.Convert(bytes.Span[read..], letters, flush: true, out var used, out var count, out finished);
            (begin, end, read) = (0, count, read + used);
            if (count > 0)
                return true;
        }

        return false;
    }

    private static (Encoding Encoding, int Mark) Encoded(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
        [0xFF, 0xFE, 0, 0, ..] => (Encoding.UTF32, 4),
        [0, 0, 0xFE, 0xFF, ..] => (new UTF32Encoding(bigEndian: true, byteOrderMark: false), 4),
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        [(byte)'<', 0, 0, 0, ..] => (Encoding.UTF32, 0),
        [(byte)'<', 0, ..] => (Encoding.Unicode, 0),
        [0, (byte)'<', ..] => (Encoding.BigEndianUnicode, 0),
        _ => (Declared(bytes[..Math.Min(bytes.Length, MostDeclared)]), 0),
    };

    /// <summary>A declaration that can be read as it stands is in no encoding of wider letters, whatever it says.</summary>
    private static Encoding Declared(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var declaration = text.IndexOf("<?xml", StringComparison.Ordinal);
        var end = declaration < 0 ? -1 : text.IndexOf("?>", declaration, StringComparison.Ordinal);
        var at = end < 0 ? -1 : text.IndexOf("encoding", declaration, end - declaration, StringComparison.Ordinal);
        if (at < 0)
            return Encoding.UTF8;
        var value = text[(at + "encoding".Length)..end].TrimStart(' ', '\t', '\r', '\n', '=');
        var name = value.Length > 1 && value[0] is '"' or '\'' && value.IndexOf(value[0], 1) is > 1 and var close ? value[1..close] : "";
        return name.ToLower(CultureInfo.InvariantCulture).StartsWith("utf", StringComparison.Ordinal) || name.Length == 0 ? Encoding.UTF8 : Known(name) ?? Encoding.UTF8;
    }

    private static Encoding? Known(string name)
    {
        try
        {
            var encoding = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
            return encoding.GetByteCount("<") == 1 ? encoding : null;
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
