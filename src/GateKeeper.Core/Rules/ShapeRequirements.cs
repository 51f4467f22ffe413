using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Reads the requirements of what a change looks like: its labels, its words and its commits.</summary>
internal static class ShapeRequirements
{
    public static LabelsAre Labels(Fields fields) =>
        new(fields.Labels("labels") ?? [], fields.Labels("any-label") ?? [], fields.Labels("no-labels") ?? []);

    public static CarriesTrailer Trailer(Fields fields)
    {
        var place = fields.PlaceOf("trailer");
        var key = fields.Text("trailer") ?? "";
        if (!key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
            fields.Problems.Add(new(place, $"\"{key}\" is no key of trailers: letters, digits and -, such as Signed-off-by, without the colon; \"matches\" is for the value"));
        Misplaced.Tell(fields, "not-matches", "only a \"message\" has it");
        return new(key, fields.Pattern("matches")) { WithoutMerges = fields.Flag("without-merges", false) };
    }

    public static MessageMatches Message(Fields fields)
    {
        Misplaced.Tell(fields, "without-merges", "here it stands inside of \"message\"");
        Misplaced.Tell(fields, "matches", "here it stands inside of \"message\"");
        Misplaced.Tell(fields, "not-matches", "here it stands inside of \"message\"");
        if (fields.Mapping("message") is not { } message)
            return new(null, false, false);

        if (!message.Has("matches") && !message.Has("not-matches"))
            message.Error("\"message\" needs matches or not-matches");
        var (pattern, never) = (message.Pattern("matches"), message.Pattern("not-matches", "so nothing passes"));
        var place = message.PlaceOf("in");
        var where = message.List("in") ?? ["title"];
        foreach (var word in where.Where(word => word is not ("title" or "commits")))
            fields.Problems.Add(new(place, $"\"in\" may hold title and commits, not \"{word}\""));
        if (message.Has("without-merges") && !where.Contains("commits"))
            message.Error("without-merges", "\"without-merges\" asks for nothing here: it is for in: [commits]");
        var withoutMerges = message.Flag("without-merges", false);
        message.Done("\"message\"");
        return new(pattern, where.Contains("title"), where.Contains("commits")) { Never = never, WithoutMerges = withoutMerges };
    }

    public static CommitsAre Commits(Fields fields)
    {
        int? max = null;
        if (fields.Mapping("commits") is { } commits)
        {
            max = commits.Number("max", 1, 100_000, required: true);
            commits.Done("\"commits\"");
        }

        var place = fields.PlaceOf("linear");
        var (said, linear) = (fields.Has("linear"), fields.Flag("linear", false));
        if (said && !linear && max is null)
            fields.Problems.Add(new(place, "\"linear: false\" asks for nothing; leave it out"));
        return new(max, linear);
    }
}
