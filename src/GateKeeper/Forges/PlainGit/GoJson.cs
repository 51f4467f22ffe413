using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GateKeeper.Forges.PlainGit;

/// <summary>
/// Writes JSON as git-appraise's own serialiser does, byte for byte, because comments are named by the hash of these bytes: compact, keys
/// in a fixed order, empty ones left out, and the escapes of Go.
/// </summary>
internal static class GoJson
{
    public static string Hash(string canonical) =>
#pragma warning disable CA5350 // the format's own choice; it names, it does not protect
        Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(canonical)));
#pragma warning restore CA5350

    public static string Canonical(CommentLine comment)
    {
        var text = new StringBuilder("{");
        Field(text, "timestamp", Padded(comment.Timestamp));
        Field(text, "author", comment.Author);
        Field(text, "original", comment.Original);
        Field(text, "parent", comment.Parent);
        if (comment.Location is { } location)
            Raw(text, "location", Canonical(location));
        Field(text, "description", comment.Description);
        if (comment.Resolved is { } resolved)
            Raw(text, "resolved", resolved ? "true" : "false");
        Field(text, "signature", comment.Signature);
        return text.Append('}').ToString();
    }

    public static string Canonical(RequestLine request)
    {
        var text = new StringBuilder("{");
        Field(text, "timestamp", request.Timestamp);
        Field(text, "reviewRef", request.ReviewRef);
        Raw(text, "targetRef", Quote(request.TargetRef ?? ""));
        Field(text, "requester", request.Requester);
        if (request.Reviewers.Count > 0)
            Raw(text, "reviewers", $"[{string.Join(',', request.Reviewers.Select(Quote))}]");
        Field(text, "description", request.Description);
        Field(text, "baseCommit", request.BaseCommit);
        Field(text, "alias", request.Alias);
        return text.Append('}').ToString();
    }

    public static string Ci(string timestamp, string? url, string? status, string agent)
    {
        var text = new StringBuilder("{");
        Field(text, "timestamp", timestamp);
        Field(text, "url", url);
        Field(text, "status", status);
        Field(text, "agent", agent);
        return text.Append('}').ToString();
    }

    private static string Canonical(CommentLocation location)
    {
        var text = new StringBuilder("{");
        Field(text, "commit", location.Commit);
        Field(text, "path", location.Path);
        if (location.Range is { } range)
        {
            var inner = new StringBuilder("{");
            Raw(inner, "startLine", range.StartLine.ToString(CultureInfo.InvariantCulture));
            Number(inner, "startColumn", range.StartColumn);
            Number(inner, "endLine", range.EndLine);
            Number(inner, "endColumn", range.EndColumn);
            Raw(text, "range", inner.Append('}').ToString());
        }

        return text.Append('}').ToString();
    }

    private static string? Padded(string? timestamp) =>
        timestamp is { Length: < 10 } && long.TryParse(timestamp, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? timestamp.PadLeft(10, '0') : timestamp;

    private static void Field(StringBuilder text, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            Raw(text, key, Quote(value));
    }

    private static void Number(StringBuilder text, string key, long value)
    {
        if (value != 0)
            Raw(text, key, value.ToString(CultureInfo.InvariantCulture));
    }

    private static void Raw(StringBuilder text, string key, string value) =>
        text.Append(text.Length > 1 ? "," : "").Append('"').Append(key).Append("\":").Append(value);

    private static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '<' or '>' or '&' or 0x2028 or 0x2029 or < 0x20 => text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => text.Append(rune.ToString()),
            };
        }

        return text.Append('"').ToString();
    }
}
