using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

internal static class GatesReader
{
    private const int MostGates = 1000;

    /// <summary>Null where there are more than are read: then nothing can be said of what names them, or is named by them.</summary>
    public static List<Gate>? Read(Fields file, KnownNames names)
    {
        var gates = new List<Gate>();
        var node = file.Take("gates");
        if (node is not Node.Sequence { Items.Count: > 0 } list)
        {
            file.Problems.Add(new(node?.Place ?? file.Place, "\"gates\" must be a list of at least one gate: without a gate nothing may land"));
            return gates;
        }

        if (list.Items.Count > MostGates)
        {
            file.Problems.Add(new(list.Place, $"there are {list.Items.Count:N0} gates; at most {MostGates:N0} are read"));
            return null;
        }

        var before = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.Items)
        {
            if (Fields.Of(item, "a gate", file.Problems) is not { } fields)
                continue;
            var gate = One(fields, names);
            if (gate.InsteadOf is { } other && !before.Contains(other))
                fields.Error($"instead-of names \"{other}\", which is no gate before this one{fields.Problems.Hint(other, before)}");
            if (!before.Add(gate.Name))
                fields.Error($"there are two gates named \"{gate.Name}\"");
            gates.Add(gate);
        }

        return gates;
    }

    private static Gate One(Fields fields, KnownNames names)
    {
        var name = fields.Text("name", required: true) ?? "";
        var when = fields.Mapping("when");
        var require = fields.Mapping("require");
        if (require is null)
            fields.Error($"gate \"{name}\" requires nothing: \"require\" is missing");
        var insteadOf = fields.Text("instead-of");
        var gate = new Gate(
            name,
            when is null ? null : ConditionsReader.Read(when, names, loosens: insteadOf is not null),
            require is null ? new AnyOf([]) : Requirement(require, names),
            insteadOf);
        if (insteadOf is not null && when is null)
            fields.Error($"gate \"{name}\" stands instead of another, so \"when\" must say where");
        fields.Done($"gate \"{name}\"");
        fields.Problems.Places.Note(gate, fields.Place);
        return gate;
    }

    private static Requirement Requirement(Fields fields, KnownNames names)
    {
        var requirement = Single(fields, names);
        fields.Done("\"require\"");
        if (requirement is not null)
            return requirement;
        fields.Error("\"require\" must hold one requirement, all: [...] or any: [...]");
        return new AnyOf([]);
    }

    private static Requirement? Single(Fields fields, KnownNames names)
    {
        var kinds = Kinds.Where(kind => fields.Has(kind.Key)).ToList();
        if (kinds.Count == 0)
            return null;
        if (kinds.Count > 1)
            fields.Error($"one requirement at a time: put {string.Join(" and ", kinds.Select(kind => kind.Key))} into all: [...]");
        var place = fields.PlaceOf(kinds[0].Key);
        var requirement = kinds[0].Value(fields, names);
        foreach (var (key, _) in kinds.Skip(1))
            fields.Take(key);
        foreach (var part in requirement.Flatten())
            fields.Problems.Places.Note(part, place);
        return requirement;
    }

    private static Dictionary<string, Func<Fields, KnownNames, Requirement>> Kinds { get; } = new()
    {
        ["approvals"] = (fields, names) => Different(fields, new Approvals(
            fields.Number("approvals", 1, 100, required: true) ?? 1, names.GroupOf(fields, "from", required: true) ?? "")
        {
            DespiteVetoes = fields.Flag("despite-vetoes", false),
            LiftedBy = names.GroupOf(fields, "lifted-by"),
            Self = fields.Flag("self", false),
            CoAuthors = fields.Flag("co-authors", false),
        }),
        ["no-veto-from"] = (fields, names) => new NoVeto(names.GroupOf(fields, "no-veto-from") ?? "") { LiftedBy = names.GroupOf(fields, "lifted-by") },
        ["vote"] = (fields, names) => LabelVote(fields, names),
        ["no-vote"] = (fields, names) => NoLabelVote(fields, names),
        ["go-ahead"] = (fields, names) => new GoAhead(names.GroupsOf(fields, "go-ahead", author: true)),
        ["tests"] = (fields, names) => Tests(fields, names),
        ["owners"] = (fields, names) => new OwnersApprove(fields.Path("owners"))
        {
            Unowned = names.GroupOf(fields, "unowned"),
            AuthorCounts = fields.Flag("author-counts", false),
        },
        ["labels"] = (fields, _) => Labels(fields),
        ["any-label"] = (fields, _) => Labels(fields),
        ["no-labels"] = (fields, _) => Labels(fields),
        ["trailer"] = (fields, _) => Trailer(fields),
        ["message"] = (fields, _) => Message(fields),
        ["commits"] = (fields, _) => Commits(fields),
        ["linear"] = (fields, _) => Commits(fields),
        ["size"] = (fields, _) => Size(fields.Mapping("size")),
        ["all"] = (fields, names) => new AllOf(Parts(fields, "all", names), fields.Flag("different-people", false)),
        ["any"] = (fields, names) => new AnyOf(Parts(fields, "any", names)),
    };

    private static Requirement Different(Fields fields, Requirement requirement) =>
        fields.Flag("different-people", false) ? new AllOf([requirement], true) : requirement;

    private static ValueList<Requirement> Parts(Fields fields, string key, KnownNames names)
    {
        var node = fields.Take(key);
        if (node is not Node.Sequence { Items.Count: > 0 } list)
        {
            fields.Problems.Add(new(node?.Place ?? fields.Place, $"\"{key}\" must be a list of requirements that is not empty"));
            return [];
        }

        return [.. list.Items.Select(item => Fields.Of(item, "a requirement", fields.Problems)).OfType<Fields>().Select(part => Requirement(part, names))];
    }

    private static LabelVote LabelVote(Fields fields, KnownNames names)
    {
        var from = names.GroupOf(fields, "from", required: true) ?? "";
        var (self, coAuthors) = (fields.Flag("self", false), fields.Flag("co-authors", false));
        var vote = fields.Mapping("vote");
        var requirement = new LabelVote(
            vote?.WholeText("label", "a label with scores is named whole, such as Code-Review") ?? "", vote?.Number("at-least", -100, 100, required: true) ?? 0, vote?.Number("count", 1, 100) ?? 1, from)
        {
            Self = self,
            CoAuthors = coAuthors,
        };
        vote?.Done("\"vote\"");
        return requirement;
    }

    private static NoLabelVote NoLabelVote(Fields fields, KnownNames names)
    {
        var from = names.GroupOf(fields, "from", required: true) ?? "";
        var vote = fields.Mapping("no-vote");
        var requirement = new NoLabelVote(vote?.WholeText("label", "a label with scores is named whole, such as Code-Review") ?? "", vote?.Number("at-most", -100, 100, required: true) ?? 0, from);
        vote?.Done("\"no-vote\"");
        return requirement;
    }

    private static TestsPass Tests(Fields fields, KnownNames names)
    {
        var place = fields.PlaceOf("tests");
        var list = fields.List("tests", single: true) ?? [];
        if (list is not ["all"])
        {
            foreach (var name in list)
            {
                var test = names.Test(name);
                var problem = test is null ? $"there is no test \"{name}\"{fields.Problems.Hint(name, names.Tests.Select(known => known.Name))}"
                    : !test.Voting ? $"test {name} has voting: false, so no gate may require it"
                    : !test.AtQueue ? $"test {name} runs only at proposal, so no gate may require it"
                    : null;
                if (problem is not null)
                    fields.Problems.Add(new(place, problem));
            }

            return new(list);
        }

        if (names.Voting.Count == 0)
            fields.Problems.Add(new(place, "tests: all, and there is no voting test"));
        return new(names.Voting);
    }

    private static LabelsAre Labels(Fields fields) =>
        new(fields.Labels("labels") ?? [], fields.Labels("any-label") ?? [], fields.Labels("no-labels") ?? []);

    private static CarriesTrailer Trailer(Fields fields)
    {
        var place = fields.PlaceOf("trailer");
        var key = fields.Text("trailer") ?? "";
        if (!key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
            fields.Problems.Add(new(place, $"\"{key}\" is no key of trailers: letters, digits and -, such as Signed-off-by, without the colon; \"matches\" is for the value"));
        return new(key, fields.Pattern("matches"));
    }

    private static MessageMatches Message(Fields fields)
    {
        if (fields.Mapping("message") is not { } message)
            return new(Pattern.TryParse("", out _)!, false, false);

        if (!message.Has("matches"))
            message.Error("\"matches\" is missing");
        var pattern = message.Pattern("matches") ?? Pattern.TryParse("", out _)!;
        var place = message.PlaceOf("in");
        var where = message.List("in") ?? ["title"];
        foreach (var word in where.Where(word => word is not ("title" or "commits")))
            fields.Problems.Add(new(place, $"\"in\" may hold title and commits, not \"{word}\""));
        message.Done("\"message\"");
        return new(pattern, where.Contains("title"), where.Contains("commits"));
    }

    private static CommitsAre Commits(Fields fields)
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

    private static SizeIs Size(Fields? size)
    {
        var requirement = new SizeIs(size?.Number("max-lines", 0, int.MaxValue), size?.Number("max-files", 0, int.MaxValue));
        if (size is not null && requirement is { MaxLines: null, MaxFiles: null })
            size.Error("\"size\" needs max-lines or max-files");
        size?.Done("\"size\"");
        return requirement;
    }
}
