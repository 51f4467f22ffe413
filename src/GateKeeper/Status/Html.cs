using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using GateKeeper.Core.Changes;

namespace GateKeeper.Status;

/// <summary>
/// A piece of a page, written as an interpolated string: what stands in the source goes out as it is, what is filled in is escaped,
/// unless it is a piece of a page itself. So nothing that people wrote can become markup.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Html
{
    private readonly StringBuilder text;

    public Html(int literalLength, int formattedCount) => text = new(literalLength + (formattedCount * 16));

    public static Html None { get; } = $"";

    public bool IsEmpty => text.Length == 0;

    public void AppendLiteral(string literal) => text.Append(literal);

    public void AppendFormatted(Html? piece) => text.Append(piece?.text);

    public void AppendFormatted(IEnumerable<Html> pieces)
    {
        foreach (var piece in pieces)
            text.Append(piece.text);
    }

    public void AppendFormatted<T>(T value) => text.Append(HtmlEncoder.Default.Encode(Harmless.Text(value?.ToString() ?? "")));

    public void AppendFormatted(int value, string format) => text.Append(value.ToString(format, CultureInfo.InvariantCulture));

    public override string ToString() => text.ToString();

    public static Html Of(Html piece) => piece;
}
