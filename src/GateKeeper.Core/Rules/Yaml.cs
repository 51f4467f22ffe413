using GateKeeper.Core.Changes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GateKeeper.Core.Rules;

/// <summary>A place in a rules file, counted from 1, as editors count.</summary>
public readonly record struct Place(int Line, int Column)
{
    public override string ToString() => $"{Line}:{Column}";
}

/// <summary>One thing wrong (or, as a warning, doubtful) in a rules file: where, and what was expected.</summary>
public sealed record RuleProblem(Place Place, string Message, bool IsWarning = false)
{
    public override string ToString() => $"{Place}: {(IsWarning ? "warning" : "error")}: {Message}";
}

/// <summary>A YAML value and where it stands.</summary>
internal abstract record Node(Place Place)
{
    public sealed record Scalar(Place Place, string Text, bool Plain) : Node(Place);

    public sealed record Sequence(Place Place, IReadOnlyList<Node> Items) : Node(Place);

    public sealed record Mapping(Place Place, IReadOnlyList<Entry> Entries) : Node(Place);

    public sealed record Entry(Scalar Key, Node Value);

    public string Kind => this switch { Scalar => "a value", Sequence => "a list", _ => "a mapping" };
}

/// <summary>
/// Reads YAML into nodes. The text is hostile: its depth is measured on the event stream, before anything recursive sees it, and
/// anchors, aliases and tags, which could make a small file large or mean something else than it shows, are refused.
/// </summary>
internal static class Yaml
{
    public const int MaxLength = 1 << 20;
    private const int MaxDepth = 32;
    private const int MaxEvents = 200_000;
    private const int MaxKey = 200;
    private const char NotText = '\ufffd';

    public static Node? Read(string text, ProblemList problems)
    {
        if (text.Length > MaxLength)
            return Refuse(problems, new(1, 1), "the file is larger than 1 MiB");
        if (Disguised(text) is var (place, letter))
            return Refuse(problems, place, letter == NotText ? "the file is not UTF-8: save it as that" : $"the character U+{(int)letter:X4} is not allowed: the file would read otherwise than it looks; delete it");

        var events = Events(text, problems);
        return events is null ? null : new Reader(events, problems).Document();
    }

    /// <summary>
    /// The first character that an editor may not show and that the parser heeds: it ends a line, or the file, or turns the order of what is
    /// shown. A tab and the ends of lines are what they look like.
    /// </summary>
    private static (Place, char)? Disguised(string text)
    {
        for (var (at, line, begin) = (0, 1, 0); at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == '\n')
                (line, begin) = (line + 1, at + 1);
            else if (letter is '\r' ? at + 1 == text.Length || text[at + 1] != '\n' : letter != '\t' && (char.IsControl(letter) || letter is '\u2028' or '\u2029' or NotText || Invisible.TurnsOrder(letter)))
                return (new(line, at - begin + 1), letter);
        }

        return null;
    }

    private static List<ParsingEvent>? Events(string text, ProblemList problems)
    {
#pragma warning disable RS0030 // a StringReader reads memory, not a file
        var scanner = new Scanner(new System.IO.StringReader(text));
#pragma warning restore RS0030
        var parser = new Parser(scanner);
        var events = new List<ParsingEvent>();
        var open = new Stack<ParsingEvent>();
        while (Next(text, parser, scanner, open, problems) is { } current)
        {
            if (current is MappingStart or SequenceStart)
                open.Push(current);
            else if (current is MappingEnd or SequenceEnd)
                open.Pop();
            if (open.Count > MaxDepth)
                return Refuse<List<ParsingEvent>>(problems, At(current.Start), $"nested deeper than {MaxDepth}");
            if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
                return Refuse<List<ParsingEvent>>(problems, At(current.Start), "anchors and aliases are not allowed: write the value out");
            if (current is NodeEvent { Tag.IsEmpty: false })
                return Refuse<List<ParsingEvent>>(problems, At(current.Start), "tags are not allowed");
            if (events.Count == MaxEvents)
                return Refuse<List<ParsingEvent>>(problems, At(current.Start), $"the file holds more than {MaxEvents:N0} values, keys and brackets");
            events.Add(current);
            if (current is StreamEnd)
                return events;
        }

        return null;
    }

    /// <summary>
    /// The next event; null where there is none to be had, and then it is among the problems why. On what is no YAML the parser throws its
    /// own exception or any other, so whatever it throws says one thing: here the file cannot be read.
    /// </summary>
    private static ParsingEvent? Next(string text, Parser parser, Scanner scanner, Stack<ParsingEvent> open, ProblemList problems)
    {
        try
        {
            if (parser.MoveNext())
                return parser.Current;
            return Refuse<ParsingEvent>(problems, At(scanner.CurrentPosition), "the file ends before what it began");
        }
        catch (YamlException error)
        {
            if ((TabAround(text, (int)scanner.CurrentPosition.Line) ?? TabAround(text, (int)error.Start.Line)) is { } tab)
                return Refuse<ParsingEvent>(problems, tab, "a tab stands here; indent with spaces");
            return Refuse<ParsingEvent>(problems, At(error.Start), (error.InnerException?.Message ?? error.Message).Replace("  ", " ", StringComparison.Ordinal).TrimEnd('.') + Unclosed(open));
        }
#pragma warning disable CA1031 // its own faults, too, are the file's: they come of what is written there
        catch (Exception)
#pragma warning restore CA1031
        {
            if (TabAround(text, (int)scanner.CurrentPosition.Line) is { } tab)
                return Refuse<ParsingEvent>(problems, tab, "a tab stands here; indent with spaces");
            return Refuse<ParsingEvent>(problems, At(scanner.CurrentPosition), "this is no YAML" + (Unclosed(open) is { Length: > 0 } unclosed ? unclosed : ": a bracket, a brace or a quote may be missing its other half, or a line its indent"));
        }
    }

    /// <summary>
    /// A tab in the indent of the line at which the parser stumbled, or beside it; null where there is none. Most editors show it as spaces,
    /// and the parser speaks of what comes after it.
    /// </summary>
    private static Place? TabAround(string text, int stumbled)
    {
        var lines = text.Split('\n');
        foreach (var number in new[] { stumbled, stumbled + 1, stumbled - 1 }.Where(number => number >= 1 && number <= lines.Length))
        {
            var line = lines[number - 1];
            var indent = line.Length - line.TrimStart(' ', '\t').Length;
            if (line.AsSpan(0, indent).IndexOf('\t') is >= 0 and var at && line.AsSpan(indent).Trim().Length > 0)
                return new(number, at + 1);
        }

        return null;
    }

    /// <summary>The innermost bracket or brace that still waits for its other half: most often the cause, however far below the parser stumbled.</summary>
    private static string Unclosed(Stack<ParsingEvent> open) => open.FirstOrDefault() switch
    {
        MappingStart { Style: MappingStyle.Flow } brace => $"; the {{ at {At(brace.Start)} is not closed before: a }} may be missing",
        SequenceStart { Style: SequenceStyle.Flow } bracket => $"; the [ at {At(bracket.Start)} is not closed before: a ] may be missing",
        _ => "",
    };

    private static Node? Refuse(ProblemList problems, Place place, string message) => Refuse<Node>(problems, place, message);

    private static T? Refuse<T>(ProblemList problems, Place place, string message)
        where T : class
    {
        problems.Add(new(place, message));
        return null;
    }

    private static Place At(Mark mark) => new((int)mark.Line, (int)mark.Column);

    private sealed class Reader(List<ParsingEvent> events, ProblemList problems)
    {
        private int next;

        public Node? Document()
        {
            next = events.FindIndex(item => item is DocumentStart) + 1;
            if (next == 0)
                return Refuse(problems, new(1, 1), "the file is empty");
            var root = Value();
            if (events.Skip(next).FirstOrDefault(item => item is DocumentStart) is { } second)
                problems.Add(new(At(second.Start), "a second document begins here; a rules file is one document"));
            return root;
        }

        private Node Value()
        {
            var current = events[next++];
            var place = At(current.Start);
            switch (current)
            {
                case SequenceStart:
                    var items = new List<Node>();
                    while (events[next] is not SequenceEnd)
                        items.Add(Value());
                    next++;
                    return new Node.Sequence(place, items);
                case MappingStart:
                    return Mapping(place);
                default:
                    var scalar = (Scalar)current;
                    return new Node.Scalar(place, scalar.Value, scalar.Style is ScalarStyle.Plain);
            }
        }

        private Node.Mapping Mapping(Place place)
        {
            var entries = new List<Node.Entry>();
            var keys = new HashSet<string>(StringComparer.Ordinal);
            while (events[next] is not MappingEnd)
            {
                var key = Value();

                // Where a key is empty the parser may leave the value out.
                if (events[next] is MappingEnd)
                {
                    problems.Add(new(key.Place, "a key or its value is missing: write KEY: VALUE"));
                    break;
                }

                var value = Value();
                if (key is not Node.Scalar name)
                    problems.Add(new(key.Place, "a key must be a plain word"));
                else if (name.Text.Length > MaxKey)
                    problems.Add(new(key.Place, $"a key is longer than {MaxKey} characters"));
                else if (!keys.Add(name.Text))
                    problems.Add(new(key.Place, $"\"{name.Text}\" is there twice"));
                else
                    entries.Add(new(name, value));
            }

            next++;
            return new(place, entries);
        }
    }
}
