using System.Text.Json;
using System.Text.Json.Serialization;

namespace GateKeeper.Forges.GitHub;

/// <summary>An App in its own words: what it asks for, which an installation need not have granted.</summary>
internal sealed record AppItselfDto(long Id, string Slug, Dictionary<string, string>? Permissions = null, IReadOnlyList<string>? Events = null);

/// <summary>What was granted to an App where it is installed.</summary>
internal sealed record GrantDto(long Id, long AppId, Dictionary<string, string>? Permissions = null, IReadOnlyList<string>? Events = null, string? RepositorySelection = null, DateTimeOffset? SuspendedAt = null, string? HtmlUrl = null);

internal sealed record RepositoryDto(
    string FullName, OwnerDto Owner, string DefaultBranch, bool Archived = false, bool Disabled = false, RoleDto? Permissions = null, bool? AllowMergeCommit = null, bool? AllowSquashMerge = null, bool? AllowRebaseMerge = null);

internal sealed record OwnerDto(string Login, long Id, string? Type = null);

internal sealed record RoleDto(bool Admin = false, bool Push = false);

internal sealed record BranchDto(string Name);

/// <summary>A rule as it holds for one branch, and the ruleset that it comes from.</summary>
internal sealed record BranchRuleDto(string Type, JsonElement? Parameters = null, string? RulesetSourceType = null, string? RulesetSource = null, long? RulesetId = null);

/// <summary>A ruleset. Who may pass it is there only for those who may write it.</summary>
internal sealed record RulesetDto(
    long Id, string Name, string? Target = null, string? SourceType = null, string? Source = null, string? Enforcement = null,
    IReadOnlyList<PasserDto>? BypassActors = null, string? CurrentUserCanBypass = null, ConditionsDto? Conditions = null, IReadOnlyList<RuleDto>? Rules = null);

internal sealed record PasserDto(string ActorType, long? ActorId = null, string? BypassMode = null);

internal sealed record ConditionsDto(RefNamesDto? RefName = null);

internal sealed record RefNamesDto(IReadOnlyList<string>? Include = null, IReadOnlyList<string>? Exclude = null);

/// <summary>The older protection of a branch.</summary>
internal sealed record ProtectionDto(
    DemandedChecksDto? RequiredStatusChecks = null, SwitchDto? EnforceAdmins = null, DemandedReviewsDto? RequiredPullRequestReviews = null, PushersDto? Restrictions = null, SwitchDto? RequiredLinearHistory = null,
    SwitchDto? AllowForcePushes = null, SwitchDto? AllowDeletions = null, SwitchDto? RequiredSignatures = null, SwitchDto? LockBranch = null);

internal sealed record SwitchDto(bool Enabled);

internal sealed record DemandedChecksDto(IReadOnlyList<string>? Contexts = null);

internal sealed record DemandedReviewsDto(int RequiredApprovingReviewCount = 0, bool RequireCodeOwnerReviews = false, PushersDto? BypassPullRequestAllowances = null);

internal sealed record PushersDto(IReadOnlyList<UserDto>? Users = null, IReadOnlyList<SlugDto>? Teams = null, IReadOnlyList<SlugDto>? Apps = null);

internal sealed record SlugDto(string Slug, long Id = 0);

internal sealed record ContentDto(string Path, string? Type = null, string? Content = null);

internal sealed record TreeDto(IReadOnlyList<ContentDto> Tree);

internal sealed record HookDto(string? Url = null, string? ContentType = null, JsonElement? InsecureSsl = null);

internal sealed record DeliveryDto(DateTimeOffset DeliveredAt, string Status, int StatusCode, string Event);

internal sealed record LimitsDto(LimitsByKindDto Resources);

internal sealed record LimitsByKindDto(LimitDto Core, LimitDto Graphql);

internal sealed record LimitDto(int Limit, int Remaining, long Reset);

internal sealed record RunsDto(IReadOnlyList<CheckRunDto> CheckRuns);

internal sealed record CheckRunDto(string Name, SlugDto? App = null, MadeSuiteDto? CheckSuite = null);

internal sealed record MadeSuiteDto(long Id);

internal sealed record MadeRunsDto(IReadOnlyList<MadeRunDto> WorkflowRuns);

internal sealed record MadeRunDto(string Path, string Event, long? CheckSuiteId = null);

internal sealed record TeamDto(string Slug, string? Permission = null);

internal sealed record TipDto(string Name, CommitTipDto Commit);

internal sealed record CommitTipDto(string Sha);

internal sealed record StatusDto(string Context, UserDto? Creator = null);

internal sealed record QueueDataDto(RateDto? RateLimit, QueueRepositoryDto? Repository);

internal sealed record QueueRepositoryDto(QueueDto? MergeQueue);

internal sealed record QueueDto(string Id);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AppItselfDto))]
[JsonSerializable(typeof(GrantDto))]
[JsonSerializable(typeof(RepositoryDto))]
[JsonSerializable(typeof(BranchDto))]
[JsonSerializable(typeof(IReadOnlyList<BranchDto>))]
[JsonSerializable(typeof(IReadOnlyList<BranchRuleDto>))]
[JsonSerializable(typeof(RulesetDto))]
[JsonSerializable(typeof(IReadOnlyList<RulesetDto>))]
[JsonSerializable(typeof(ProtectionDto))]
[JsonSerializable(typeof(TreeDto))]
[JsonSerializable(typeof(ContentDto))]
[JsonSerializable(typeof(IReadOnlyList<ContentDto>))]
[JsonSerializable(typeof(HookDto))]
[JsonSerializable(typeof(IReadOnlyList<DeliveryDto>))]
[JsonSerializable(typeof(LimitsDto))]
[JsonSerializable(typeof(UserDto))]
[JsonSerializable(typeof(IReadOnlyList<UserDto>))]
[JsonSerializable(typeof(IReadOnlyList<SlugDto>))]
[JsonSerializable(typeof(RunsDto))]
[JsonSerializable(typeof(MadeRunsDto))]
[JsonSerializable(typeof(IReadOnlyList<TeamDto>))]
[JsonSerializable(typeof(TipDto))]
[JsonSerializable(typeof(IReadOnlyList<StatusDto>))]
internal sealed partial class DoctorJson : JsonSerializerContext;

/// <summary>GraphQL speaks in another case than REST.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GraphAnswer<QueueDataDto>))]
internal sealed partial class QueueJson : JsonSerializerContext;
