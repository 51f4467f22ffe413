using System.Globalization;
using System.Text;

namespace GateKeeper.Core.Changes;

/// <summary>
/// Text from outside as it may be shown: what would move a cursor, colour, hide or reorder what stands around it is written out instead,
/// as <c>\u001b</c>. That is how JSON writes it too, so text that is JSON stays JSON and means the same.
/// </summary>
public static class Harmless
{
    /// <summary>Ends of lines and tabs stay; a carriage return before the end of a line goes.</summary>
    public static string Text(string text) => !text.Any(IsHarmful) ? text : Text(text.AsSpan());

    /// <summary>The same of what is one line, such as a title or a path: an end of a line in it, too, is written out.</summary>
    public static string Line(string text) => Text(text).Replace("\n", @"\u000a", StringComparison.Ordinal);

    public static string Text(ReadOnlySpan<char> text)
    {
        var shown = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (!IsHarmful(text[at]))
                shown.Append(text[at]);
            else if (text[at] != '\r' || at + 1 == text.Length || text[at + 1] != '\n')
                shown.Append("\\u").Append(((int)text[at]).ToString("x4", CultureInfo.InvariantCulture));
        }

        return shown.ToString();
    }

    private static bool IsHarmful(char letter) => (char.IsControl(letter) && letter is not ('\n' or '\t')) || letter is '\u2028' or '\u2029' || Invisible.TurnsOrder(letter);
}
