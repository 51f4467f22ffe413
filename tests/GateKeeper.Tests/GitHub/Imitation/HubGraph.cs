using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>Answers any query on what there is, field by field; a field that there is not, fails it as a whole, as GitHub's check of it would.</summary>
internal sealed partial class HubGraph(HubServer server, HubCaller caller)
{
    private const int MostNodes = 500_000;

    private static readonly Dictionary<string, string[]> Kinds = new()
    {
        ["Actor"] = ["User", "Bot", "Organization", "Mannequin"],
        ["RepositoryOwner"] = ["User", "Organization"],
        ["GitObject"] = ["Commit", "Tree", "Blob", "Tag"],
        ["Assignable"] = ["PullRequest"],
        ["Closable"] = ["PullRequest"],
        ["Comment"] = ["PullRequest", "IssueComment", "PullRequestReview"],
        ["UniformResourceLocatable"] = ["PullRequest", "Commit", "CheckRun", "User", "Repository"],
        ["RequirableByPullRequest"] = ["CheckRun", "StatusContext"],
        ["StatusCheckRollupContext"] = ["CheckRun", "StatusContext"],
        ["RequestedReviewer"] = ["User", "Team", "Bot", "Mannequin"],
    };

    private readonly HubJson json = new(server);
    private readonly JsonArray errors = [];
    private IReadOnlyDictionary<string, HubSpread> fragments = new Dictionary<string, HubSpread>();
    private Dictionary<string, JsonNode?> variables = [];
    private string operationName = "query";
    private int nodes;

    /// <summary>What the query cost, in points.</summary>
    public int Cost { get; private set; } = 1;

    public JsonObject Answer(JsonObject asked)
    {
        try
        {
            var query = new HubQuery((string?)asked["query"] ?? "");
            var name = (string?)asked["operationName"];
            var operation = (name is null ? query.Operations.FirstOrDefault() : query.Operations.Find(each => each.Name == name)) ?? throw Wrong("No operation named " + name);
            if (operation.Kind != "query")
                throw Wrong($"the imitation has no {operation.Kind}");
            (fragments, variables, operationName) = (query.Fragments, Variables(operation, asked["variables"] as JsonObject), operation.Name is null ? "query" : $"query {operation.Name}");
            Price(operation);
            var data = Tell(Root(), operation.Selections, []);
            var answer = new JsonObject { ["data"] = data };
            if (errors.Count > 0)
                answer["errors"] = errors;
            return answer;
        }
        catch (HubSyntax error)
        {
            return new() { ["errors"] = new JsonArray(new JsonObject { ["message"] = error.Message, ["locations"] = Location(error.Line, error.Column) }) };
        }
        catch (HubGraphError error)
        {
            return new() { ["errors"] = new JsonArray(error.Error) };
        }
    }

    private static HubGraphError Wrong(string message) => new(new() { ["message"] = message });

    private static JsonArray Location(int line, int column) => new(new JsonObject { ["line"] = line, ["column"] = column });

    private static Dictionary<string, JsonNode?> Variables(HubOperation operation, JsonObject? given)
    {
        var variables = new Dictionary<string, JsonNode?>();
        foreach (var variable in operation.Variables)
        {
            if (given is not null && given.TryGetPropertyValue(variable.Name, out var value))
                variables[variable.Name] = value;
            else if (variable.Default is not null)
                variables[variable.Name] = variable.Default.Read(new Dictionary<string, JsonNode?>());
            if (variable.Required && variables.GetValueOrDefault(variable.Name) is null)
                throw Wrong($"Variable ${variable.Name} of required type was provided invalid value");
        }

        return variables;
    }

    /// <summary>GitHub's formula: how often each list must be asked for, were all of them full, in hundreds.</summary>
    private void Price(HubOperation operation)
    {
        var requests = 0L;
        var possible = 0L;
        Walk(operation.Selections, 1);
        if (possible > MostNodes)
            throw new HubGraphError(new() { ["type"] = "MAX_NODE_LIMIT_EXCEEDED", ["message"] = $"This query requests up to {possible:N0} possible nodes which exceeds the maximum limit of {MostNodes:N0}." });
        (Cost, nodes) = (Math.Max(1, (int)Math.Round(requests / 100.0, MidpointRounding.AwayFromZero)), (int)possible);

        void Walk(IReadOnlyList<HubSelection> selections, long times)
        {
            foreach (var selection in selections)
            {
                if (selection is HubSpread spread)
                {
                    Walk(Spread(spread).Selections, times);
                    continue;
                }

                var (field, below) = ((HubField)selection, times);
                if ((field.Arguments.GetValueOrDefault("first") ?? field.Arguments.GetValueOrDefault("last"))?.Read(variables) is { } size)
                {
                    requests += times;
                    below = times * (long)size;
                    possible += below;
                }

                Walk(field.Selections, below);
            }
        }
    }

    private HubSpread Spread(HubSpread spread) => spread.Name is null ? spread : fragments.GetValueOrDefault(spread.Name) ?? throw Wrong($"Fragment {spread.Name} was used, but not defined");

    private JsonObject Tell(HubNode node, IReadOnlyList<HubSelection> selections, List<JsonNode> path)
    {
        var told = new JsonObject();
        var wanted = new List<(string Alias, List<HubField> Fields)>();
        Collect(node, selections, wanted);
        foreach (var (alias, fields) in wanted)
        {
            List<JsonNode> at = [.. path, alias];
            told[alias] = fields[0].Name == "__typename" ? node.Type : Find(node, fields, at);
        }

        return told;
    }

    private void Collect(HubNode node, IReadOnlyList<HubSelection> selections, List<(string Alias, List<HubField> Fields)> wanted)
    {
        foreach (var selection in selections)
        {
            switch (selection)
            {
                case HubField field when wanted.Find(each => each.Alias == field.Alias) is { Fields: { } known }:
                    known.Add(field);
                    break;
                case HubField field:
                    wanted.Add((field.Alias, [field]));
                    break;
                case HubSpread spread:
                    var real = Spread(spread);
                    if (real.On is null || Is(node.Type, real.On))
                        Collect(node, real.Selections, wanted);
                    break;
            }
        }
    }

    private static bool Is(string type, string kind) => type == kind || kind is "Node" or "PullRequestTimelineItems" || (Kinds.TryGetValue(kind, out var types) && types.Contains(type));

    private JsonNode? Find(HubNode node, List<HubField> fields, List<JsonNode> path)
    {
        var field = fields[0];
        var find = node.Find(field.Name) ?? throw new HubGraphError(new()
        {
            ["path"] = new JsonArray([operationName, .. path.Where(step => step.GetValueKind() == System.Text.Json.JsonValueKind.String).Select(step => step.DeepClone())]),
            ["extensions"] = new JsonObject { ["code"] = "undefinedField", ["typeName"] = node.Type, ["fieldName"] = field.Name },
            ["locations"] = Location(field.Line, field.Column),
            ["message"] = $"Field '{field.Name}' doesn't exist on type '{node.Type}'",
        });
        try
        {
            if (server.Orders.Forbidden.Contains($"{node.Type}.{field.Name}"))
                throw new HubForbidden();
            var arguments = new HubArguments(field.Name, new JsonObject(field.Arguments.Select(each => KeyValuePair.Create(each.Key, each.Value.Read(variables)))));
            return Complete(find(arguments), [.. fields.SelectMany(each => each.Selections)], path, field);
        }
        catch (HubForbidden error)
        {
            return Refuse("FORBIDDEN", error.Message, path, field);
        }
    }

    private JsonNode? Refuse(string type, string message, List<JsonNode> path, HubField field)
    {
        var error = new JsonObject { ["type"] = type, ["path"] = new JsonArray([.. path.Select(step => step.DeepClone())]) };
        if (type == "FORBIDDEN")
            error["extensions"] = new JsonObject { ["saml_failure"] = false };
        error["locations"] = Location(field.Line, field.Column);
        error["message"] = message;
        errors.Add(error);
        return null;
    }

    private JsonNode? Complete(object? value, IReadOnlyList<HubSelection> selections, List<JsonNode> path, HubField field)
    {
        switch (value)
        {
            case null:
                return null;
            case HubMissing missing:
                return Refuse("NOT_FOUND", missing.Message, path, field);
            case HubHidden:
                return Refuse("FORBIDDEN", new HubForbidden().Message, path, field);
            case HubNode node:
                return selections.Count > 0 ? Tell(node, selections, path) : throw Wrong($"Field must have selections (field '{field.Name}' returns {node.Type} but has no selections. Did you mean '{field.Name} {{ ... }}'?)");
            case IEnumerable<object?> list:
                return new JsonArray([.. list.Select((item, index) => Complete(item, selections, [.. path, index], field))]);
            default:
                if (selections.Count > 0)
                    throw Wrong($"Selections can't be made on scalars (field '{field.Name}')");
                return value switch { string text => text, bool truth => truth, int number => number, long number => number, _ => throw new InvalidOperationException($"{field.Name} is a {value.GetType()}") };
        }
    }
}

/// <summary>What was asked for by a name that nothing has.</summary>
internal sealed record HubMissing(string Message);

/// <summary>What is there and may not be seen.</summary>
internal sealed record HubHidden;
