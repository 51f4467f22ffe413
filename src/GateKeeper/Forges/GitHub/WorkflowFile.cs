using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace GateKeeper.Forges.GitHub;

/// <summary>When a workflow of GitHub Actions runs, as far as its file says it.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="On">Its events and what is said of each; null where the file cannot be read.</param>
internal sealed record WorkflowFile(string Path, IReadOnlyDictionary<string, YamlMappingNode?>? On)
{
    private const int MostLetters = 1 << 20;
    private const int MostDeep = 50;
    private const int LongestPattern = 1000;

    public static WorkflowFile Read(string path, string text)
    {
        try
        {
            if (!IsPlain(text))
                return new(path, null);
            var file = new YamlStream();
            file.Load(new StringReader(text));
            return new(path, file.Documents is [{ RootNode: YamlMappingNode root }, ..] && root.Children.TryGetValue(new YamlScalarNode("on"), out var on) ? Events(on) : null);
        }
#pragma warning disable CA1031 // the library throws what it likes on what is no YAML, and all of it says the same
        catch (Exception)
#pragma warning restore CA1031
        {
            return new(path, null);
        }
    }

    /// <summary>
    /// Whether a text may be made into nodes, which is done by recursion and compares keys by all that they hold: it is not long, not deep,
    /// and its keys are words.
    /// </summary>
    private static bool IsPlain(string text)
    {
        if (text.Length > MostLetters)
            return false;
        var parser = new Parser(new StringReader(text));
        var open = new Stack<bool?>();
        while (parser.MoveNext())
        {
            var isNode = parser.Current is NodeEvent or AnchorAlias;
            var isKey = isNode && open.TryPeek(out var keyIsNext) && keyIsNext == true;
            if (isKey && parser.Current is not Scalar)
                return false;

            // Of a mapping every other node is a key; of a list none is.
            if (isNode && open.TryPop(out var which))
                open.Push(!which);
            if (parser.Current is MappingStart or SequenceStart)
                open.Push(parser.Current is MappingStart ? true : null);
            else if (parser.Current is MappingEnd or SequenceEnd)
                open.Pop();
            if (open.Count > MostDeep)
                return false;
        }

        return true;
    }

    public bool Has(string @event) => On?.ContainsKey(@event) == true;

    /// <summary>Whether a push makes it run only where some paths change; then it may report nothing at all.</summary>
    public bool LooksAtPaths => Push is { } push && (List(push, "paths") ?? List(push, "paths-ignore")) is not null;

    /// <summary>Whether a push to a branch makes it run.</summary>
    public bool RunsOn(string branch)
    {
        if (Has("create"))
            return true;
        if (!Has("push"))
            return false;
        if (Push is not { } push)
            return true;
        if (List(push, "branches") is { } only)
            return Last(only, branch);
        if (List(push, "branches-ignore") is { } ignored)
            return !Last(ignored, branch);
        return List(push, "tags") is null && List(push, "tags-ignore") is null;
    }

    private YamlMappingNode? Push => On?.GetValueOrDefault("push");

    private static Dictionary<string, YamlMappingNode?>? Events(YamlNode on) => on switch
    {
        YamlScalarNode { Value: { } one } => new() { [one] = null },
        YamlSequenceNode several => several.Children.OfType<YamlScalarNode>().Select(each => each.Value).OfType<string>().Distinct().ToDictionary(each => each, _ => (YamlMappingNode?)null),
        YamlMappingNode each => each.Children.Where(pair => pair.Key is YamlScalarNode { Value: not null }).ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => pair.Value as YamlMappingNode),
        _ => null,
    };

    private static List<string>? List(YamlMappingNode of, string name) => !of.Children.TryGetValue(new YamlScalarNode(name), out var value) ? null
        : value is YamlSequenceNode several ? [.. several.Children.OfType<YamlScalarNode>().Select(each => each.Value).OfType<string>()]
        : value is YamlScalarNode { Value: { Length: > 0 } one } ? [one] : [];

    /// <summary>The last pattern that fits says whether it is meant.</summary>
    private static bool Last(List<string> patterns, string branch)
    {
        var meant = false;
        foreach (var pattern in patterns)
        {
            var not = pattern.StartsWith('!');
            if (Fits(branch, not ? pattern[1..] : pattern))
                meant = !not;
        }

        return meant;
    }

    /// <summary>What is no pattern fits nothing, as on the host, which refuses the file.</summary>
    private static bool Fits(string branch, string pattern)
    {
        try
        {
            return pattern.Length <= LongestPattern && Regex.IsMatch(branch, Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Two stars cross slashes here, other than in rulesets; a question mark and a plus follow what they count.</summary>
    private static string Translate(string pattern)
    {
        var text = new StringBuilder(@"\A");
        for (var at = 0; at < pattern.Length; at++)
        {
            var letter = pattern[at];
            if (letter == '*')
            {
                var twice = at + 1 < pattern.Length && pattern[at + 1] == '*';
                text.Append(twice ? ".*" : "[^/]*");
                at += twice ? 1 : 0;
            }
            else if (letter == '[' && pattern.IndexOf(']', at + 1) is var end && end > at + 1)
            {
                text.Append('[').Append(pattern[(at + 1)..end].Replace(@"\", @"\\", StringComparison.Ordinal)).Append(']');
                at = end;
            }
            else
            {
                text.Append(letter is '?' or '+' && at > 0 ? letter.ToString() : Regex.Escape(letter == '\\' && at + 1 < pattern.Length ? pattern[++at].ToString() : letter.ToString()));
            }
        }

        return text.Append(@"\z").ToString();
    }
}
