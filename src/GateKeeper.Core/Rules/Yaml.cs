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

    public static Node? Read(string text, List<RuleProblem> problems)
    {
        if (text.Length > MaxLength)
            return Refuse(problems, new(1, 1), "the file is larger than 1 MiB");

        try
        {
            var events = Events(text, problems);
            return events is null ? null : new Reader(events, problems).Document();
        }
        catch (YamlException error)
        {
            return Refuse(problems, At(error.Start), error.InnerException?.Message ?? error.Message);
        }
    }

    private static List<ParsingEvent>? Events(string text, List<RuleProblem> problems)
    {
#pragma warning disable RS0030 // a StringReader reads memory, not a file
        var parser = new Parser(new System.IO.StringReader(text));
#pragma warning restore RS0030
        var events = new List<ParsingEvent>();
        for (var depth = 0; parser.MoveNext();)
        {
            var current = parser.Current!;
            depth += current.NestingIncrease;
            if (depth > MaxDepth + 2)
                return Refuse<List<ParsingEvent>>(problems, At(current.Start), $"nested deeper than {MaxDepth}");
            if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
                return Refuse<List<ParsingEvent>>(problems, At(current.Start), "anchors and aliases are not allowed: write the value out");
            if (current is NodeEvent { Tag.IsEmpty: false })
                return Refuse<List<ParsingEvent>>(problems, At(current.Start), "tags are not allowed");
            events.Add(current);
        }

        return events;
    }

    private static Node? Refuse(List<RuleProblem> problems, Place place, string message) => Refuse<Node>(problems, place, message);

    private static T? Refuse<T>(List<RuleProblem> problems, Place place, string message)
        where T : class
    {
        problems.Add(new(place, message));
        return null;
    }

    private static Place At(Mark mark) => new((int)mark.Line, (int)mark.Column);

    private sealed class Reader(List<ParsingEvent> events, List<RuleProblem> problems)
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
                var value = Value();
                if (key is not Node.Scalar name)
                    problems.Add(new(key.Place, "a key must be a plain word"));
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
