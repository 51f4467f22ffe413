using System.Text.Json.Serialization;

namespace GateKeeper.Forges.Gerrit;

// What the server says of projects, rights and groups. As in the rest of its answers, what is false or empty is left out.

internal sealed record RuleDto(string Action = "ALLOW", bool Force = false, int? Min = null, int? Max = null);

internal sealed record PermissionDto(string? Label = null, bool Exclusive = false, IReadOnlyDictionary<string, RuleDto>? Rules = null);

internal sealed record SectionDto(IReadOnlyDictionary<string, PermissionDto>? Permissions = null);

internal sealed record ProjectDto(string Name = "", string? State = null, IReadOnlyDictionary<string, LabelDto>? Labels = null);

internal sealed record AccessDto(
    bool ConfigVisible = false,
    IReadOnlyDictionary<string, SectionDto>? Local = null,
    ProjectDto? InheritsFrom = null,
    IReadOnlyDictionary<string, GroupDto?>? Groups = null);

internal sealed record GroupDto(
    string Id = "", string? Name = null, string? OwnerId = null, IReadOnlyList<AccountDto>? Members = null, IReadOnlyList<GroupDto>? Includes = null);

internal sealed record LabelRulesDto(
    string Name = "", string ProjectName = "", string? Function = null, IReadOnlyDictionary<string, string>? Values = null, string? CopyCondition = null);

internal sealed record RequirementRulesDto(string Name = "", string? SubmittabilityExpression = null);

internal sealed record EmailDto(string Email = "");

internal sealed record CheckedDto(int Status = 0, string? Message = null);

internal sealed record AccessChangeDto(IReadOnlyDictionary<string, SectionDto>? Remove, IReadOnlyDictionary<string, SectionDto>? Add, string Message);

internal sealed record LabelChangeDto(string Function, IReadOnlyDictionary<string, string> Values, int DefaultValue, string? CopyCondition);

internal sealed record RequirementChangeDto(string Name, string ApplicabilityExpression, string SubmittabilityExpression);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(AccessDto))]
[JsonSerializable(typeof(ProjectDto))]
[JsonSerializable(typeof(GroupDto))]
[JsonSerializable(typeof(IReadOnlyList<GroupDto>))]
[JsonSerializable(typeof(IReadOnlyList<LabelRulesDto>))]
[JsonSerializable(typeof(IReadOnlyList<RequirementRulesDto>))]
[JsonSerializable(typeof(IReadOnlyList<EmailDto>))]
[JsonSerializable(typeof(CheckedDto))]
[JsonSerializable(typeof(AccessChangeDto))]
[JsonSerializable(typeof(LabelChangeDto))]
[JsonSerializable(typeof(RequirementChangeDto))]
internal sealed partial class AccessJson : JsonSerializerContext;
