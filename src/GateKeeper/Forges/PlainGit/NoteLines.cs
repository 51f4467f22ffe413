using System.Text.Json;

namespace GateKeeper.Forges.PlainGit;

internal sealed record CommentRange(long StartLine, long StartColumn, long EndLine, long EndColumn);

internal sealed record CommentLocation(string? Commit, string? Path, CommentRange? Range);

/// <summary>A line of <c>refs/notes/devtools/discuss</c>. Nothing in it is authenticated.</summary>
internal sealed record CommentLine
{
    public string? Timestamp { get; init; }

    public string Author { get; init; } = "";

    public string? Original { get; init; }

    public string? Parent { get; init; }

    public CommentLocation? Location { get; init; }

    public string Description { get; init; } = "";

    public bool? Resolved { get; init; }

    public string? Signature { get; init; }
}

/// <summary>A line of <c>refs/notes/devtools/reviews</c>.</summary>
internal sealed record RequestLine
{
    public string? Timestamp { get; init; }

    public string? ReviewRef { get; init; }

    public string? TargetRef { get; init; }

    public string Requester { get; init; } = "";

    public IReadOnlyList<string> Reviewers { get; init; } = [];

    public string Description { get; init; } = "";

    public string? BaseCommit { get; init; }

    public string? Alias { get; init; }

    public bool IsAbandoned => string.IsNullOrEmpty(TargetRef);

    /// <summary>
    /// The request that stands: the newest by its timestamp. Of equal ones an abandonment wins, then one with an alias, because a merge of
    /// notes may have sorted them either way.
    /// </summary>
    public static RequestLine? Current(IEnumerable<RequestLine> lines) => lines
        .Select((line, index) => (line, index))
        .OrderBy(item => item.line.Timestamp ?? "", StringComparer.Ordinal)
        .ThenBy(item => item.line.IsAbandoned).ThenBy(item => item.line.Alias is not null).ThenBy(item => item.index)
        .Select(item => item.line).LastOrDefault();
}

/// <summary>A line of <c>refs/notes/devtools/ci</c>.</summary>
internal sealed record CiLine(string? Timestamp, string Status, string Agent);

/// <summary>
/// Reads lines of notes. A line that is no JSON, too long, of another version, or that names a key twice or in other letters, is no line:
/// readers differ in what they would make of it. git-appraise is written in Go, whose reader takes "Resolved" for "resolved".
/// </summary>
internal static class NoteLines
{
    public const int MaxLine = 64 << 10;
    private const string OtherVersion = "a line is of a format version that is not known";

    private static readonly HashSet<string> Keys = new(StringComparer.OrdinalIgnoreCase)
    {
        "v", "timestamp", "reviewRef", "targetRef", "requester", "reviewers", "description", "baseCommit", "alias", "author", "original", "parent", "location", "resolved", "signature",
        "url", "status", "agent", "commit", "path", "range", "startLine", "startColumn", "endLine", "endColumn",
    };

    public static IEnumerable<string> Split(string blob) => blob.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0);

    public static RequestLine? Request(string line) => Read(line, root => new RequestLine
    {
        Timestamp = Text(root, "timestamp"),
        ReviewRef = Text(root, "reviewRef"),
        TargetRef = Text(root, "targetRef"),
        Requester = Text(root, "requester") ?? "",
        Reviewers = root.TryGetProperty("reviewers", out var list) && list.ValueKind is JsonValueKind.Array ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")] : [],
        Description = Text(root, "description") ?? "",
        BaseCommit = Text(root, "baseCommit"),
        Alias = Text(root, "alias"),
    });

    public static CommentLine? Comment(string line) => Read(line, root => new CommentLine
    {
        Timestamp = Text(root, "timestamp"),
        Author = Text(root, "author") ?? "",
        Original = Text(root, "original"),
        Parent = Text(root, "parent"),
        Location = root.TryGetProperty("location", out var location) && location.ValueKind is JsonValueKind.Object ? Location(location) : null,
        Description = Text(root, "description") ?? "",
        Resolved = root.TryGetProperty("resolved", out var resolved) && resolved.ValueKind is not JsonValueKind.Null ? resolved.GetBoolean() : null,
        Signature = Text(root, "signature"),
    });

    public static CiLine? Ci(string line) => Read(line, root => new CiLine(Text(root, "timestamp"), Text(root, "status") ?? "", Text(root, "agent") ?? ""));

    /// <summary>
    /// Whether somebody may have said something in a line that is not read, so that what was said is not known. What is no JSON object or
    /// of another version is nothing to any reader.
    /// </summary>
    public static bool Loses<T>(string line, Func<string, T?> read)
        where T : class =>
        line.Length > MaxLine || (line.StartsWith('{') && read(line) is null && Problem(line) is not OtherVersion);

    /// <summary>Why the line must not be accepted from a pusher; null when it may.</summary>
    public static string? Problem(string line)
    {
        if (line.Length > MaxLine)
            return $"a line is longer than {MaxLine} characters";
        try
        {
            using var document = JsonDocument.Parse(line, new() { MaxDepth = 8 });
            return document.RootElement.ValueKind is not JsonValueKind.Object ? "a line is no JSON object"
                : KeyProblem(document.RootElement) is { } doubt ? doubt
                : document.RootElement.TryGetProperty("v", out var version) && !(version.ValueKind is JsonValueKind.Number && version.TryGetInt32(out var number) && number == 0) ? OtherVersion
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second is what a name gives that is escaped to half a character.
            return "a line is no JSON";
        }
    }

    private static T? Read<T>(string line, Func<JsonElement, T> read)
        where T : class
    {
        if (Problem(line) is not null)
            return null;
        try
        {
            using var document = JsonDocument.Parse(line, new() { MaxDepth = 8 });
            return read(document.RootElement);
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static CommentLocation Location(JsonElement location) => new(
        Text(location, "commit"), Text(location, "path"),
        location.TryGetProperty("range", out var range) && range.ValueKind is JsonValueKind.Object
            ? new(Number(range, "startLine"), Number(range, "startColumn"), Number(range, "endLine"), Number(range, "endColumn"))
            : null);

    private static string? KeyProblem(JsonElement element)
    {
        if (element.ValueKind is not JsonValueKind.Object)
            return null;
        var keys = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in element.EnumerateObject())
        {
            // Go folds these two letters as well, and .NET does not.
            var name = property.Name.Replace('\u017F', 's').Replace('\u212A', 'k');
            if (!keys.Add(name))
                return $"a line has the key \"{property.Name}\" twice";
            if (Keys.TryGetValue(name, out var known) && known != property.Name)
                return $"a line has the key \"{property.Name}\"; write \"{known}\"";
            if (KeyProblem(property.Value) is { } inner)
                return inner;
        }

        return null;
    }

    private static string? Text(JsonElement element, string key) =>
        element.TryGetProperty(key, out var value) && value.ValueKind is not JsonValueKind.Null ? value.GetString() : null;

    private static long Number(JsonElement element, string key) => element.TryGetProperty(key, out var value) ? value.GetInt64() : 0;
}
