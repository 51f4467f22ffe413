using System.Globalization;
using System.Text;

namespace GateKeeper.Core.Reports;

/// <summary>The value of an attribute: its beginning and its end, however much lies between.</summary>
internal sealed class AttributeText
{
    private const int Most = 400;
    private readonly StringBuilder first = new();
    private char[]? last;
    private long count;

    /// <summary>Takes a value and the quote that closes it.</summary>
    public static string Read(DeclaredText text, char quote)
    {
        var value = new AttributeText();
        while (text.Read() is >= 0 and var letter && letter != quote)
        {
            if (letter == '&')
                value.Add(Entity(text, quote));
            else
                value.Add((char)letter);
        }

        return value.Whole();
    }

    /// <summary>What follows an ampersand. What has a name of its own is left as it stands: nobody looks up what it means.</summary>
    private static string Entity(DeclaredText text, char quote)
    {
        var name = new StringBuilder();
        while (name.Length < 10 && text.Peek() is >= 0 and var letter && letter != quote && (char.IsAsciiLetterOrDigit((char)letter) || letter == '#'))
            name.Append((char)text.Read());
        var known = text.Peek() != ';' ? null : name.ToString() switch
        {
            "lt" => "<",
            "gt" => ">",
            "amp" => "&",
            "quot" => "\"",
            "apos" => "'",
            ['#', 'x' or 'X', .. var digits] => Letter(digits, NumberStyles.AllowHexSpecifier),
            ['#', .. var digits] => Letter(digits, NumberStyles.None),
            _ => null,
        };
        if (known is null)
            return $"&{name}";
        text.Read();
        return known;
    }

    private static string? Letter(string digits, NumberStyles style) =>
        int.TryParse(digits, style, CultureInfo.InvariantCulture, out var number) && Rune.IsValid(number) ? new Rune(number).ToString() : null;

    private void Add(string letters)
    {
        foreach (var letter in letters)
            Add(letter);
    }

    private void Add(char letter)
    {
        if (first.Length < Most)
            first.Append(letter);
        else
            (last ??= new char[Most])[count++ % Most] = letter;
    }

    private string Whole()
    {
        if (last is null)
            return first.ToString();
        if (count <= Most)
            return first.Append(last, 0, (int)count).ToString();
        var at = (int)(count % Most);
        return first.Append("...").Append(last, at, Most - at).Append(last, 0, at).ToString();
    }
}
