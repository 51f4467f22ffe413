using System.Globalization;
using System.Text;

namespace GateKeeper.Core.Reports;

/// <summary>Reads values of attributes: of each its beginning and its end, however much lies between.</summary>
internal sealed class AttributeText(DeclaredText text)
{
    private const int Most = 400;
    private const int MostEntity = 10;
    private readonly char[] first = new char[Most];
    private readonly char[] last = new char[Most];
    private int begun;
    private long count;

    /// <summary>Takes a value and the quote that closes it.</summary>
    public string Read(char quote)
    {
        (begun, count) = (0, 0);
        while (text.Read() is >= 0 and var letter && letter != quote)
        {
            if (letter == '&')
                Entity(quote);
            else
                Add((char)letter);
        }

        if (count == 0)
            return new(first, 0, begun);
        if (count <= Most)
            return string.Concat(first, last.AsSpan(0, (int)count));
        var at = (int)(count % Most);
        return string.Concat(first, "...", last.AsSpan(at), last.AsSpan(0, at));
    }

    /// <summary>What follows an ampersand. What has a name of its own is left as it stands: nobody looks up what it means.</summary>
    private void Entity(char quote)
    {
        Span<char> name = stackalloc char[MostEntity];
        var length = 0;
        while (length < MostEntity && text.Peek() is >= 0 and var letter && letter != quote && (char.IsAsciiLetterOrDigit((char)letter) || letter == '#'))
            name[length++] = (char)text.Read();
        name = name[..length];
        Rune? known = text.Peek() != ';' ? null : name switch
        {
            "lt" => new('<'),
            "gt" => new('>'),
            "amp" => new('&'),
            "quot" => new('"'),
            "apos" => new('\''),
            ['#', 'x' or 'X', .. var digits] => Letter(digits, NumberStyles.AllowHexSpecifier),
            ['#', .. var digits] => Letter(digits, NumberStyles.None),
            _ => null,
        };
        if (known is { } rune)
        {
            text.Read();
            length = rune.EncodeToUtf16(name);
        }
        else
        {
            Add('&');
        }

        foreach (var letter in name[..length])
            Add(letter);
    }

    private static Rune? Letter(ReadOnlySpan<char> digits, NumberStyles style) =>
        int.TryParse(digits, style, CultureInfo.InvariantCulture, out var number) && Rune.IsValid(number) ? new(number) : null;

    private void Add(char letter)
    {
        if (begun < Most)
            first[begun++] = letter;
        else
            last[count++ % Most] = letter;
    }
}
