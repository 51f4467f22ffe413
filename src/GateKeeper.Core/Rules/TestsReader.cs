using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Rules;

internal static class TestsReader
{
    private const int MostTests = 1000;
    private const int MostDaysOfARun = 30;
    private const int MostDaysFresh = 36_500;
    private static readonly string[] OnlyForRuns = ["run", "prepare", "inputs", "env", "junit", "retries", "network", "fresh-for"];

    /// <summary>Null where there are more than are read: then nothing can be said of what names them.</summary>
    public static List<TestDefinition>? Read(Fields file)
    {
        var tests = new List<TestDefinition>();
        if (file.Mapping("tests") is not { } fields)
            return tests;

        if (fields.Names.Count() > MostTests)
        {
            fields.Error($"there are {fields.Names.Count():N0} tests; at most {MostTests:N0} are read");
            return null;
        }

        foreach (var name in fields.Names.ToList())
        {
            if (name == "all" || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
                fields.Error(name, $"a test cannot be called \"{name}\": letters, digits, - _ and . make a name, and \"all\" has a meaning of its own");
            var place = fields.KeyPlaceOf(name);
            if (fields.Mapping(name) is not { } test)
                continue;
            tests.Add(test.Has("check") ? ReadCheck(name, test) : ReadRun(name, test));
            fields.Problems.Places.Note(tests[^1], place);
        }

        return tests;
    }

    private static TestDefinition ReadRun(string name, Fields fields)
    {
        var test = new TestDefinition
        {
            Name = name,
            Run = fields.Text("run"),
            Prepare = fields.Mapping("prepare") is { } prepare ? ReadPrepare(prepare) : null,
            Timeout = fields.Duration("timeout", MostDaysOfARun) ?? TimeSpan.FromMinutes(60),
            Inputs = fields.Patterns("inputs") ?? TestDefinition.Everything,
            Retries = fields.Number("retries", 0, 20) ?? 1,
            Env = fields.Mapping("env") is { } env ? Pairs(env) : [],
            Junit = Reports(fields),
            Voting = fields.Flag("voting", true),
            FreshFor = fields.Duration("fresh-for", MostDaysFresh),
            Network = fields.Flag("network", false),
        };
        test = At(test, fields);
        if (test.Run is null)
            fields.Error($"test {name} needs \"run\" (the gate runs it) or \"check\" (somebody reports it)");
        fields.Done($"test {name}");
        return test;
    }

    private static TestDefinition ReadCheck(string name, Fields fields)
    {
        var place = fields.PlaceOf("check");
        var check = fields.Text("check", required: true) ?? "";
        if (check.Any("*%".Contains))
            fields.Problems.Add(new(place, $"\"{check}\" is the whole name of a check and no pattern: nothing that is called otherwise counts", IsWarning: true));
        var from = fields.Mapping("from");
        if (from is null)
            fields.Error($"test {name} is a check: \"from\" must say whose report counts");
        else if (!from.Names.Any())
            fields.Error("from", $"\"from\" of {name} is empty: it must say whose report counts");
        ValueList<KeyValuePair<string, string>> source = from is null ? [] : from.WholeValues("those whose report counts");
        var test = new TestDefinition
        {
            Name = name,
            Timeout = fields.Duration("timeout", MostDaysOfARun) ?? TimeSpan.FromMinutes(60),
            Retries = 0,
            Voting = fields.Flag("voting", true),
            Check = new()
            {
                Name = check,
                From = source,
                OnRevision = fields.OneOf("on", "candidate", "revision") == "revision",
                Accept = fields.Whole("accept", "accepted results") ?? ["success"],
                DefinedIn = Definition(fields, source),
            },
        };
        foreach (var key in OnlyForRuns.Where(fields.Has))
        {
            fields.Error(key, $"\"{key}\" does not go with \"check\": somebody else runs it");
            fields.Take(key);
        }

        test = At(test, fields);
        fields.Done($"test {name}");
        return test;
    }

    /// <summary>Where somebody could edit what the check does: as named, or where the workflows lie that the source names.</summary>
    private static Glob? Definition(Fields fields, ValueList<KeyValuePair<string, string>> from)
    {
        var place = fields.PlaceOf("defined-in");
        if ((fields.Text("defined-in") ?? (from.Any(pair => pair.Key == "workflow") ? ".github/**" : null)) is not { } pattern)
            return null;
        if (!fields.Problems.MayHold(1, place))
            return null;
        var glob = Glob.TryParse(pattern, out var problem);
        if (glob is null)
            fields.Problems.Add(new(place, problem));
        return glob;
    }

    private static TestDefinition At(TestDefinition test, Fields fields)
    {
        var place = fields.PlaceOf("at");
        if (fields.List("at") is not { } at)
            return test;
        foreach (var word in at.Where(word => word is not ("proposal" or "queue")))
            fields.Problems.Add(new(place, $"\"at\" may hold proposal and queue, not \"{word}\""));
        return test with { AtProposal = at.Contains("proposal"), AtQueue = at.Contains("queue") };
    }

    private static PrepareDefinition ReadPrepare(Fields fields)
    {
        var prepare = new PrepareDefinition(
            fields.Text("run", required: true) ?? "",
            fields.Patterns("inputs", required: true) ?? TestDefinition.Everything,
            fields.Flag("network", false),
            fields.Duration("timeout", MostDaysOfARun) ?? TimeSpan.FromMinutes(60));
        fields.Done("\"prepare\"");
        return prepare;
    }

    private static string? Reports(Fields fields)
    {
        var place = fields.PlaceOf("junit");
        if (fields.Patterns("junit", single: true) is not { Count: > 0 } patterns)
            return null;
        foreach (var several in patterns.Select(pattern => pattern.Pattern).Where(pattern => pattern.Split(' ') is { Length: > 1 } parts && Array.TrueForAll(parts, part => part.Any("*.".Contains))))
            fields.Problems.Add(new(place, $"\"{several}\" is one pattern with a space in it; several patterns are a list: [{string.Join(", ", several.Split(' ').Select(part => $"\"{part}\""))}]", IsWarning: true));
        return string.Join('\n', patterns);
    }

    private static ValueList<KeyValuePair<string, string>> Pairs(Fields fields) =>
        [.. fields.Names.ToList().Select(key => KeyValuePair.Create(key, fields.Text(key) ?? ""))];
}
