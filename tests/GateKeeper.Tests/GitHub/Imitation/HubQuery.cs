using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>A query's text is not one, with the place at which that shows.</summary>
internal sealed class HubSyntax(string message, int line, int column) : Exception(message)
{
    public int Line => line;

    public int Column => column;
}

internal abstract record HubSelection(int Line, int Column);

internal sealed record HubField(string Alias, string Name, IReadOnlyDictionary<string, HubValue> Arguments, IReadOnlyList<HubSelection> Selections, int Line, int Column) : HubSelection(Line, Column);

/// <summary>An inline fragment where it has no name, else a spread.</summary>
internal sealed record HubSpread(string? Name, string? On, IReadOnlyList<HubSelection> Selections, int Line, int Column) : HubSelection(Line, Column);

internal sealed record HubVariable(string Name, bool Required, HubValue? Default);

internal sealed record HubOperation(string Kind, string? Name, IReadOnlyList<HubVariable> Variables, IReadOnlyList<HubSelection> Selections);

/// <summary>A value as it is written: with variables in it.</summary>
internal sealed record HubValue(string Kind, string Text, IReadOnlyList<HubValue> Items, IReadOnlyDictionary<string, HubValue> Fields)
{
    public JsonNode? Read(IReadOnlyDictionary<string, JsonNode?> variables) => Kind switch
    {
        "variable" => variables.GetValueOrDefault(Text)?.DeepClone(),
        "number" when Text.Contains('.', StringComparison.Ordinal) => double.Parse(Text, CultureInfo.InvariantCulture),
        "number" => long.Parse(Text, CultureInfo.InvariantCulture),
        "list" => new JsonArray([.. Items.Select(item => item.Read(variables))]),
        "object" => new JsonObject(Fields.Select(field => KeyValuePair.Create(field.Key, field.Value.Read(variables)))),
        "name" => Text switch { "null" => null, "true" => true, "false" => false, _ => Text },
        _ => Text,
    };
}

/// <summary>Reads the text of a query: operations, variables with defaults, aliases, arguments, fragments.</summary>
internal sealed class HubQuery
{
    private static readonly IReadOnlyDictionary<string, HubValue> None = new Dictionary<string, HubValue>();
    private readonly List<(string Text, int Line, int Column)> tokens = [];
    private int at;

    public HubQuery(string text)
    {
        Split(text);
        while (at < tokens.Count)
        {
            if (Peek == "fragment")
            {
                Next();
                var name = Next();
                Expect("on");
                var (on, (_, line, column)) = (Next(), tokens[at]);
                Fragments[name] = new(name, on, Selections(), line, column);
            }
            else
            {
                Operations.Add(Operation());
            }
        }
    }

    public List<HubOperation> Operations { get; } = [];

    public Dictionary<string, HubSpread> Fragments { get; } = [];

    private string Peek => at < tokens.Count ? tokens[at].Text : "";

    private void Split(string text)
    {
        var (line, start) = (1, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var (letter, from) = (text[i], i);
            if (letter == '\n')
            {
                (line, start) = (line + 1, i + 1);
            }
            else if (letter == '#')
            {
                while (i + 1 < text.Length && text[i + 1] != '\n')
                    i++;
            }
            else if (letter == '"')
            {
                for (i++; i < text.Length && text[i] != '"'; i++)
                    i += text[i] == '\\' ? 1 : 0;
                tokens.Add((text[from..(i + 1)], line, from - start + 1));
            }
            else if (letter == '.' && text.AsSpan(i).StartsWith("..."))
            {
                tokens.Add(("...", line, from - start + 1));
                i += 2;
            }
            else if (char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')
            {
                while (i + 1 < text.Length && (char.IsAsciiLetterOrDigit(text[i + 1]) || text[i + 1] is '_' or '.'))
                    i++;
                tokens.Add((text[from..(i + 1)], line, from - start + 1));
            }
            else if (!char.IsWhiteSpace(letter) && letter != ',')
            {
                tokens.Add((letter.ToString(), line, from - start + 1));
            }
        }
    }

    private string Next() => at < tokens.Count ? tokens[at++].Text : throw Wrong("end of file");

    private void Expect(string text)
    {
        if (Peek != text)
            throw Wrong($"\"{Peek}\"");
        at++;
    }

    private bool Skip(string text)
    {
        if (Peek != text)
            return false;
        at++;
        return true;
    }

    private HubSyntax Wrong(string what)
    {
        var (_, line, column) = tokens.Count == 0 ? ("", 1, 1) : tokens[Math.Min(at, tokens.Count - 1)];
        return new($"Parse error on {what} at [{line}, {column}]", line, column);
    }

    private HubOperation Operation()
    {
        if (Peek == "{")
            return new("query", null, [], Selections());
        var kind = Next();
        if (kind is not ("query" or "mutation" or "subscription"))
            throw Wrong($"\"{kind}\"");
        var name = Peek is "(" or "{" or "@" ? null : Next();
        var variables = new List<HubVariable>();
        if (Skip("("))
        {
            while (!Skip(")"))
            {
                Expect("$");
                var variable = Next();
                Expect(":");
                var required = Type();
                variables.Add(new(variable, required, Skip("=") ? Value() : null));
            }
        }

        return new(kind, name, variables, Selections());
    }

    /// <summary>Whether it must be given.</summary>
    private bool Type()
    {
        if (Skip("["))
        {
            Type();
            Expect("]");
        }
        else
        {
            Next();
        }

        return Skip("!");
    }

    private List<HubSelection> Selections()
    {
        var selections = new List<HubSelection>();
        Expect("{");
        while (!Skip("}"))
        {
            var (_, line, column) = at < tokens.Count ? tokens[at] : throw Wrong("end of file");
            if (Skip("..."))
            {
                if (Skip("on"))
                    selections.Add(new HubSpread(null, Next(), Selections(), line, column));
                else if (Peek == "{")
                    selections.Add(new HubSpread(null, null, Selections(), line, column));
                else
                    selections.Add(new HubSpread(Next(), null, [], line, column));
                continue;
            }

            var name = Next();
            var alias = name;
            if (Skip(":"))
                name = Next();
            var arguments = Skip("(") ? Fields(")") : None;
            selections.Add(new HubField(alias, name, arguments, Peek == "{" ? Selections() : [], line, column));
        }

        return selections;
    }

    private Dictionary<string, HubValue> Fields(string end)
    {
        var fields = new Dictionary<string, HubValue>();
        while (!Skip(end))
        {
            var name = Next();
            Expect(":");
            fields[name] = Value();
        }

        return fields;
    }

    private HubValue Value()
    {
        var text = Next();
        switch (text)
        {
            case "$":
                return new("variable", Next(), [], None);
            case "[":
                var items = new List<HubValue>();
                while (!Skip("]"))
                    items.Add(Value());
                return new("list", "", items, None);
            case "{":
                return new("object", "", [], Fields("}"));
            default:
                return text[0] == '"' ? new("text", Plain(text[1..^1]), [], None) : new(char.IsAsciiDigit(text[0]) || text[0] == '-' ? "number" : "name", text, [], None);
        }
    }

    private static string Plain(string text)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
            plain.Append(text[i] != '\\' ? text[i] : text[++i] switch { 'n' => '\n', 't' => '\t', var letter => letter });
        return plain.ToString();
    }
}
