using System.Text.Json;
using System.Text.Json.Serialization;
using GateKeeper.Core.Rules;

namespace GateKeeper.Runs;

/// <summary>What a run was asked to do, whole: enough to do it again elsewhere.</summary>
internal sealed record RunDescription(string Command, IReadOnlyDictionary<string, string> Env, IReadOnlyList<string> Inputs, string? Junit, bool Network, PrepareDescription? Prepare)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>What each run has beside what its test says. Its tree and its home lie elsewhere where it is done again.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Surroundings(string home) =>
        [new("PATH", "/usr/local/bin:/usr/bin:/bin"), new("HOME", home), new("TMPDIR", "/tmp"), new("LANG", "C.UTF-8"), new("TZ", "UTC"), new("USER", "run"), new("GATEKEEPER", "1")];

    public static RunDescription Of(TestDefinition test, string? prepareTree) => new(
        test.Run ?? "", new Dictionary<string, string>(test.Env), [.. test.Inputs.Select(input => input.Pattern)], test.Junit, test.Network,
        test.Prepare is { } prepare && prepareTree is not null ? new(prepare.Run, [.. prepare.Inputs.Select(input => input.Pattern)], prepare.Network, prepareTree) : null);

    public string Write() => JsonSerializer.Serialize(this, Options);

    /// <summary>Older runs are described by lines: the command, which had but one, and a variable in each other.</summary>
    public static RunDescription Read(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize<RunDescription>(text, Options) is { Command: not null, Env: not null, Inputs: not null } whole)
                return whole;
        }
        catch (JsonException)
        {
            // One of the older ones.
        }

        var lines = text.Split('\n');
        var variables = lines.Skip(1).Select(line => line.Split('=', 2)).Where(parts => parts.Length == 2).DistinctBy(parts => parts[0]).ToDictionary(parts => parts[0], parts => parts[1]);
        return new(lines[0], variables, [], null, false, null);
    }
}

/// <summary>The prepare step of a run, and the tree that the step saw.</summary>
internal sealed record PrepareDescription(string Command, IReadOnlyList<string> Inputs, bool Network, string Tree);
