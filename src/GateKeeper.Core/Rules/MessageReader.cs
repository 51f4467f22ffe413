using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Rules;

/// <summary>Reads the words with which changes land.</summary>
internal static class MessageReader
{
    private const int MostBlocks = 20;
    private static readonly string[] Known = ["title", "number", "description", "author", "revision", "approvers", "url"];

    public static LandingRules Read(Fields message, LandingRules rules)
    {
        var (leaves, place) = (message.Has("without-comments") || message.Has("without-block"), message.PlaceOf(message.Has("without-comments") ? "without-comments" : "without-block"));
        var (subject, body) = (Template(message, "subject") ?? rules.Subject, Template(message, "body") ?? rules.Body);
        var (text, trailers) = WordedTrailers.Of(body);
        rules = rules with { Subject = subject, Body = text, Trailers = trailers, LeftOut = new(message.Flag("without-comments", false), [.. Blocks(message)]) };
        if (leaves && !$"{subject} {body}".Contains("{description}", StringComparison.Ordinal))
            message.Problems.Add(new(place, "nothing is left out: neither subject nor body has {description}", IsWarning: true));
        message.Done("\"message\"");
        return rules;
    }

    private static IEnumerable<MarkedBlock> Blocks(Fields message)
    {
        var node = message.Take("without-block");
        if (node is Node.Sequence { Items.Count: 0 or > MostBlocks } list)
            message.Problems.Add(new(list.Place, list.Items.Count == 0 ? "\"without-block\" is an empty list" : $"\"without-block\" has {list.Items.Count:N0} blocks; at most {MostBlocks} are left out"));
        foreach (var item in node is Node.Sequence { Items.Count: <= MostBlocks } items ? items.Items : node is null or Node.Sequence ? [] : [node])
        {
            if (Fields.Of(item, "a block that is left out", message.Problems) is not { } block)
                continue;
            var read = new MarkedBlock(Line(block, "from", required: true) ?? "", Line(block, "to", required: false));
            block.Done("a block that is left out");
            yield return read;
        }
    }

    private static string? Line(Fields block, string key, bool required)
    {
        var place = block.PlaceOf(key);
        if (block.Text(key, required) is not { } text)
            return null;
        if (text.Contains('\n', StringComparison.Ordinal) || string.IsNullOrWhiteSpace(text))
            block.Problems.Add(new(place, $"\"{key}\" must be one line that is not blank: the whole of a line of the description"));
        return text.TrimEnd();
    }

    private static string? Template(Fields fields, string key)
    {
        var place = fields.PlaceOf(key);
        if (fields.Text(key) is not { } text)
            return null;
        if (text.Split('{').Skip(1).Any(part => !part.Contains('}', StringComparison.Ordinal)))
            fields.Problems.Add(new(place, $"\"{key}\" opens {{ and does not close it"));
        foreach (var name in text.Split('{').Skip(1).Where(part => part.Contains('}', StringComparison.Ordinal)).Select(part => part.Split('}')[0]).Where(name => !Known.Contains(name)))
            fields.Problems.Add(new(place, $"there is no {{{name}}} to fill in{fields.Problems.Hint(name, Known)}: {string.Join(", ", Known)} are known"));
        return text;
    }
}
