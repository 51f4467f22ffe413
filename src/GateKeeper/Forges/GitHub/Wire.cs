using System.Text.Json;
using System.Text.Json.Serialization;

namespace GateKeeper.Forges.GitHub;

internal sealed record ClaimsDto(long Iat, long Exp, string Iss);

internal sealed record TokenWishDto(IReadOnlyList<string> Repositories, Dictionary<string, string> Permissions);

internal sealed record TokenDto(string Token, DateTimeOffset ExpiresAt);

internal sealed record InstallationDto(long Id, Dictionary<string, string>? Permissions, long AppId, DateTimeOffset? SuspendedAt);

/// <summary>A pull request in the list that shows which moved.</summary>
internal sealed record ListedDto([property: JsonRequired] string NodeId, long Number, DateTimeOffset UpdatedAt, [property: JsonRequired] HeadDto Head, [property: JsonRequired] HeadDto Base);

internal sealed record HeadDto([property: JsonRequired] string Ref, [property: JsonRequired] string Sha);

/// <summary>A push as the host recorded it.</summary>
internal sealed record PushDto([property: JsonRequired] string Before, [property: JsonRequired] string After, [property: JsonRequired] string Ref, DateTimeOffset Timestamp, UserDto? Actor);

internal sealed record UserDto([property: JsonRequired] string Login, long Id);

internal sealed record RuleDto(string Type, JsonElement? Parameters);

internal sealed record ReportsDto(long TotalCount);

internal sealed record MergedDto(string? Sha);

internal sealed record ErrorDto(string? Message, IReadOnlyList<JsonElement>? Errors);

/// <summary>What a text of the host's says in its own words.</summary>
internal static class Wire
{
    /// <summary>Whether a text is a refusal in the host's own words and nothing else: what people wrote is among the data, and is never taken for one.</summary>
    public static bool IsRefusal(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("message", out _) && root.TryGetProperty("documentation_url", out _) && !root.TryGetProperty("data", out _) && !root.TryGetProperty("id", out _);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second is what a name gives that is escaped to half a character.
            return false;
        }
    }

    public static string Message(string text)
    {
        try
        {
            var error = JsonSerializer.Deserialize(text, GitHubJson.Default.ErrorDto);
            var more = error?.Errors?.Select(item => item.ValueKind is JsonValueKind.Object && item.TryGetProperty("message", out var said) ? said.ToString() : item.ToString()) ?? [];
            return string.Join("; ", more.Prepend(error?.Message ?? "").Where(part => part.Length > 0));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Not every refusal is the host's own: something between may answer with a page.
            return text.Length <= 200 ? text.Trim() : $"{text[..200].Trim()}...";
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ClaimsDto))]
[JsonSerializable(typeof(TokenWishDto))]
[JsonSerializable(typeof(TokenDto))]
[JsonSerializable(typeof(InstallationDto))]
[JsonSerializable(typeof(IReadOnlyList<ListedDto>))]
[JsonSerializable(typeof(IReadOnlyList<PushDto>))]
[JsonSerializable(typeof(IReadOnlyList<UserDto>))]
[JsonSerializable(typeof(IReadOnlyList<RuleDto>))]
[JsonSerializable(typeof(ReportsDto))]
[JsonSerializable(typeof(MergedDto))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(ErrorDto))]
internal sealed partial class GitHubJson : JsonSerializerContext;
