namespace GateKeeper.Core.Reports;

/// <summary>What the reader of tags stands on.</summary>
internal enum Tag
{
    /// <summary>The declaration with which a document begins.</summary>
    Declaration,
    Start,
    End,
}

/// <summary>
/// Reads tags one after the other from what should be XML and may be half of it, several, or something else. It takes one look at each
/// character, keeps a bounded piece of each attribute, resolves no entity but the five of XML and numbers, and is never at a loss: what is
/// no tag is passed over, and a tag that is cut off is none.
/// </summary>
internal sealed class Markup(DeclaredText text)
{
    private const int MostName = 200;
    private const int MostAttributes = 40;
    private readonly List<(string Name, string Value)> attributes = [];
    private readonly char[] word = new char[MostName];
    private readonly AttributeText values = new(text);

    public Tag Tag { get; private set; }

    /// <summary>The name without its prefix.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Whether a start is its own end.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>The value of an attribute of the tag; empty where it has none.</summary>
    public string this[string name] => attributes.Find(attribute => attribute.Name == name).Value ?? "";

    /// <summary>False when there is no other tag.</summary>
    public bool Read()
    {
        while (text.Read() is >= 0 and var letter)
        {
            if (letter == '<' && IsTag())
                return true;
        }

        return false;
    }

    /// <summary>What follows a &lt; that was taken.</summary>
    private bool IsTag()
    {
        switch (text.Peek())
        {
            case '!':
                text.Read();
                Exclamation();
                return false;
            case '?':
                text.Read();
                return IsDeclaration();
            case '/':
                text.Read();
                return IsEnd();
            case ':' or '_':
                return IsStart();
            case var letter:
                return letter >= 0 && char.IsLetter((char)letter) && IsStart();
        }
    }

    private bool IsStart()
    {
        (Tag, Name, IsEmpty) = (Tag.Start, Local(), false);
        attributes.Clear();
        while (true)
        {
            switch (Skip())
            {
                case '>':
                    text.Read();
                    return true;
                case '/':
                    text.Read();
                    IsEmpty = text.Peek() == '>';
                    break;
                case '<' or -1:
                    return false;
                default:
                    Attribute();
                    break;
            }
        }
    }

    private bool IsEnd()
    {
        (Tag, Name) = (Tag.End, Local());
        while (text.Peek() is not ('>' or '<' or -1))
            text.Read();
        return text.Peek() == '>' && text.Read() == '>';
    }

    private bool IsDeclaration()
    {
        (Tag, Name) = (Tag.Declaration, Word());
        return PassOver("?>") && Name == "xml";
    }

    private void Attribute()
    {
        var name = Word();
        if (Skip() != '=')
        {
            // Whatever it is, it is passed, so that the reading comes to an end.
            if (name.Length == 0)
                text.Read();
            return;
        }

        text.Read();
        var value = Skip() is '"' or '\'' ? values.Read((char)text.Read()) : Word();
        if (attributes.Count < MostAttributes && !attributes.Exists(attribute => attribute.Name == name))
            attributes.Add((name, value));
    }

    /// <summary>Comments, pieces of plain text, and declarations, which are passed over with all that they define.</summary>
    private void Exclamation()
    {
        if (text.Peek() == '-')
        {
            text.Read();
            if (text.Peek() == '-' && text.Read() == '-')
                PassOver("-->");
        }
        else if (text.Peek() == '[')
        {
            PassOver("]]>");
        }
        else
        {
            Definitions();
        }
    }

    private void Definitions()
    {
        var (depth, quote) = (0, 0);
        while (text.Read() is >= 0 and var letter)
        {
            if (quote != 0)
                quote = letter == quote ? 0 : quote;
            else if (letter is '"' or '\'')
                quote = letter;
            else if (letter == '<' && text.Peek() == '!')
                Nested();
            else if (letter == '[')
                depth++;
            else if (letter == ']')
                depth = Math.Max(0, depth - 1);
            else if (letter == '>' && depth == 0)
                return;
        }
    }

    /// <summary>A comment among definitions may hold a single quote; all else is closed by its own &gt;, which closes nothing else there.</summary>
    private void Nested()
    {
        text.Read();
        if (text.Peek() != '-')
            return;
        text.Read();
        if (text.Peek() == '-' && text.Read() == '-')
            PassOver("-->");
    }

    /// <summary>True when the end was found.</summary>
    private bool PassOver(string end)
    {
        var matched = 0;
        while (text.Read() is >= 0 and var letter)
        {
            // The end of what is looked for never begins with two letters that differ, so a longer row of the first one keeps its place.
            if (letter == end[matched])
                matched++;
            else if (!(matched > 1 && letter == end[0] && end[0] == end[1]))
                matched = letter == end[0] ? 1 : 0;
            if (matched == end.Length)
                return true;
        }

        return false;
    }

    private int Skip()
    {
        while (text.Peek() is >= 0 and var letter && char.IsWhiteSpace((char)letter))
            text.Read();
        return text.Peek();
    }

    private string Local()
    {
        var name = Word();
        return name[(name.LastIndexOf(':') + 1)..];
    }

    private string Word()
    {
        var length = 0;
        while (text.Peek() is >= 0 and var letter && letter is not ('>' or '<' or '/' or '=' or '?') && !char.IsWhiteSpace((char)letter))
        {
            text.Read();
            if (length < MostName)
                word[length++] = (char)letter;
        }

        return Known(word.AsSpan(0, length));
    }

    /// <summary>The words of these files are few, and there are millions of them in one.</summary>
    private static string Known(ReadOnlySpan<char> word) => word switch
    {
        "testcase" => "testcase",
        "testsuite" => "testsuite",
        "failure" => "failure",
        "error" => "error",
        "skipped" => "skipped",
        "property" => "property",
        "system-out" => "system-out",
        "name" => "name",
        "classname" => "classname",
        "time" => "time",
        "file" => "file",
        "line" => "line",
        "message" => "message",
        "type" => "type",
        _ => new(word),
    };
}
