using System.Globalization;
using System.Text.Json.Serialization;

namespace GateKeeper.Forges.Gerrit;

// What the server says and is told, as its REST documentation names the fields. False and empty ones are left out by the server, so
// everything has a default; what is not named here is not read.

internal sealed record AccountDto(
    [property: JsonPropertyName("_account_id")] long Id = 0, string? Name = null, string? Email = null, string? Username = null, IReadOnlyList<string>? SecondaryEmails = null);

internal sealed record CapabilitiesDto(
    [property: JsonPropertyName("viewSecondaryEmails")] bool ViewSecondaryEmails = false, [property: JsonPropertyName("administrateServer")] bool AdministrateServer = false);

internal sealed record ApprovalDto(
    [property: JsonPropertyName("_account_id")] long Id = 0, string? Name = null, string? Email = null, string? Username = null, int Value = 0);

internal sealed record LabelDto(IReadOnlyList<ApprovalDto>? All = null, IReadOnlyDictionary<string, string>? Values = null)
{
    public int Clamp(int score) => Scores.Any() ? Math.Clamp(score, Scores.Min(), Scores.Max()) : score;

    /// <summary>The scores that can be given; the server writes them "+1", " 0", "-1".</summary>
    public IEnumerable<int> Scores => (Values?.Keys ?? []).Select(text => int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var score) ? score : 0);
}

internal sealed record ExpressionDto(string? Expression = null);

internal sealed record RequirementDto(
    string Name = "", string Status = "", ExpressionDto? SubmittabilityExpressionResult = null)
{
    public bool IsMet => Status is "SATISFIED" or "OVERRIDDEN" or "NOT_APPLICABLE" or "FORCED";
}

internal sealed record RevisionDto(
    [property: JsonPropertyName("_number")] int Number = 0, AccountDto? Uploader = null, AccountDto? RealUploader = null);

internal sealed record MessageDto(string Id = "", AccountDto? Author = null, string Message = "", string? Tag = null);

internal sealed record ChangeDto(
    [property: JsonPropertyName("_number")] long Number = 0,
    string Project = "",
    string Branch = "",
    string ChangeId = "",
    string Subject = "",
    string Status = "",
    string? Topic = null,
    string MetaRevId = "",
    string Created = "",
    string Updated = "",
    int CurrentRevisionNumber = 0,
    bool WorkInProgress = false,
    bool IsPrivate = false,
    IReadOnlyList<string>? Hashtags = null,
    AccountDto? Owner = null,
    IReadOnlyDictionary<string, LabelDto>? Labels = null,
    string? CurrentRevision = null,
    IReadOnlyDictionary<string, RevisionDto>? Revisions = null,
    IReadOnlyList<RequirementDto>? SubmitRequirements = null,
    IReadOnlyList<MessageDto>? Messages = null,
    [property: JsonPropertyName("_more_changes")] bool MoreChanges = false);

internal sealed record BranchDto(string Ref = "", string Revision = "");

internal sealed record ReviewDto(string Message, string Tag, string Notify, IReadOnlyDictionary<string, int>? Labels);

internal sealed record ReviewedDto(IReadOnlyDictionary<string, int>? Labels = null);

internal sealed record TogetherDto(IReadOnlyList<ChangeDto>? Changes = null, int? NonVisibleChanges = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(IReadOnlyList<ChangeDto>))]
[JsonSerializable(typeof(IReadOnlyList<AccountDto>))]
[JsonSerializable(typeof(IReadOnlyList<BranchDto>))]
[JsonSerializable(typeof(ChangeDto))]
[JsonSerializable(typeof(AccountDto))]
[JsonSerializable(typeof(CapabilitiesDto))]
[JsonSerializable(typeof(ReviewDto))]
[JsonSerializable(typeof(ReviewedDto))]
[JsonSerializable(typeof(TogetherDto))]
internal sealed partial class GerritJson : JsonSerializerContext;
