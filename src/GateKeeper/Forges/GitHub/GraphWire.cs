using System.Text.Json;
using System.Text.Json.Serialization;

namespace GateKeeper.Forges.GitHub;

internal sealed record GraphAnswer<T>(T? Data, IReadOnlyList<GraphError>? Errors);

internal sealed record GraphError(string? Type, string? Message, IReadOnlyList<JsonElement>? Path);

internal sealed record RateDto(int Cost, int Remaining, DateTimeOffset ResetAt);

internal sealed record PagesDto<T>(PageInfoDto PageInfo, IReadOnlyList<T?> Nodes, int? TotalCount = null)
{
    public PagesDto<T> With(PagesDto<T> next) => this with { PageInfo = next.PageInfo.EndCursor is null ? next.PageInfo with { EndCursor = PageInfo.EndCursor } : next.PageInfo, Nodes = [.. Nodes, .. next.Nodes] };
}

internal sealed record PageInfoDto(bool HasNextPage, string? EndCursor);

internal sealed record PullsDataDto(RateDto? RateLimit, IReadOnlyList<PullDto?>? Nodes);

internal sealed record MoreDataDto(RateDto? RateLimit, PullDto? Node);

internal sealed record AuthorsDataDto(RateDto? RateLimit, IReadOnlyList<CommitDto?>? Nodes);

internal sealed record ReportsDataDto(RateDto? RateLimit, ReportedRepositoryDto? Repository);

internal sealed record ReportedRepositoryDto(CommitDto? Object);

internal sealed record SelfDataDto(RateDto? RateLimit, ViewerDto? Viewer, SelfRepositoryDto? Repository);

internal sealed record ViewerDto(string Login, long? DatabaseId);

internal sealed record SelfRepositoryDto(string NameWithOwner, bool IsArchived, NameDto? DefaultBranchRef);

internal sealed record NameDto(string Name);

internal sealed record WhoDto([property: JsonPropertyName("__typename")] string Kind, string Login, long? DatabaseId);

/// <summary>A pull request with all that was asked of it.</summary>
internal sealed record PullDto(
    [property: JsonPropertyName("__typename")] string Kind, string Id, long Number, string Title, string Body, string State, bool IsDraft, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, WhoDto? Author,
    string BaseRefName, string HeadRefName, string HeadRefOid, HeadRepositoryDto? HeadRepository, PagesDto<NameDto> Labels, PagesDto<OpinionDto> Reviews, PagesDto<EventDto> TimelineItems,
    PagesDto<CommentDto> Comments, PagesDto<ThreadDto> ReviewThreads, PagesDto<PullCommitDto> Commits)
{
    public HeadOwnerDto? HeadRepositoryOwner { get; init; }

    /// <summary>Whether its branch lies in a fork; null where that is not told.</summary>
    public bool? IsCrossRepository { get; init; }

    /// <summary>The branch that it comes from, as GitHub writes it: with its owner where it lies in a fork; null where it is not told whose that is.</summary>
    [JsonIgnore]
    public string? HeadLabel =>
        IsCrossRepository == false ? HeadRefName
        : IsCrossRepository == true && (HeadRepositoryOwner?.Login ?? HeadRepository?.NameWithOwner?.Split('/')[0]) is { Length: > 0 } owner ? $"{owner}:{HeadRefName}"
        : null;

    /// <summary>All that a verdict may rest on, as one text: equal for what is equal. What the gate itself said there is no part of it.</summary>
    public string Fingerprint() => JsonSerializer.Serialize(
        this with { UpdatedAt = default, Comments = Comments with { PageInfo = NoMore, Nodes = [.. Comments.Nodes.Where(comment => comment?.ViewerDidAuthor != true).Select(comment => comment is null ? null : comment with { ReactionGroups = null })] } }, GraphJson.Default.PullDto);

    private static readonly PageInfoDto NoMore = new(false, null);

    /// <summary>The lists that were not told, or not whole, whether or not the host says why: what is missing there is not known, which is not that there is nothing.</summary>
    public IReadOnlyList<string> Holes() =>
        [.. new[] { Hole("labels", Labels), Hole("reviews", Reviews), Hole("events", TimelineItems), Hole("comments", Comments), Hole("conversations", ReviewThreads), Hole("commits", Commits) }.OfType<string>()];

    /// <summary>With nothing in the lists that could not be had, for those who have taken note of the <see cref="Holes"/>.</summary>
    public PullDto WithoutHoles() => Holes().Count == 0 ? this : this with
    {
        Labels = Whole(Labels),
        Reviews = Whole(Reviews),
        TimelineItems = Whole(TimelineItems),
        Comments = Whole(Comments),
        ReviewThreads = Whole(ReviewThreads),
        Commits = Whole(Commits),
    };

    private static string? Hole<T>(string name, PagesDto<T>? pages)
        where T : class => pages is { PageInfo: not null, Nodes: { } nodes } && nodes.All(node => node is not null) ? null : name;

    private static PagesDto<T> Whole<T>(PagesDto<T>? pages)
        where T : class => new(pages?.PageInfo ?? NoMore, [.. (pages?.Nodes ?? []).OfType<T>()], pages?.TotalCount);

    /// <summary>Whether all is there that the host's own description says is always there: an answer without it tells nothing of the pull request.</summary>
    [JsonIgnore]
    public bool IsWhole =>
        !new object?[] { Id, Title, Body, State, BaseRefName, HeadRefName, HeadRefOid }.Contains(null) && HasLists;

    [JsonIgnore]
    public bool HasLists =>
        Lists(Labels, label => label.Name)
        && Lists(Reviews, review => review.State, review => review.FullDatabaseId, review => Named(review.Author))
        && Lists(TimelineItems, item => item.Kind, item => Named(item.Actor), item => item.Review is { FullDatabaseId: null } ? null : "", item => item.Label is { Name: null } ? null : "")
        && Lists(Comments, comment => comment.Body, comment => Named(comment.Author)) && Lists(ReviewThreads) && Lists(Commits, commit => commit.Commit?.Oid);

    private static string? Named(WhoDto? who) => who is null ? "" : who.Login;

    /// <summary>Holes in a list are told among the errors; what is in it has what it must have.</summary>
    private static bool Lists<T>(PagesDto<T>? list, params Func<T, object?>[] needs) =>
        list is { PageInfo: not null, Nodes: not null } && list.Nodes.OfType<T>().All(item => needs.All(need => need(item) is not null));

    /// <summary>Whether a list has a page that was not read.</summary>
    [JsonIgnore]
    public bool HasMore => Labels.PageInfo.HasNextPage || Reviews.PageInfo.HasNextPage || TimelineItems.PageInfo.HasNextPage || Comments.PageInfo.HasNextPage || ReviewThreads.PageInfo.HasNextPage || Commits.PageInfo.HasNextPage;

    public PullDto With(PullDto next) => this with
    {
        Labels = Labels.With(next.Labels),
        Reviews = Reviews.With(next.Reviews),
        TimelineItems = TimelineItems.With(next.TimelineItems),
        Comments = Comments.With(next.Comments),
        ReviewThreads = ReviewThreads.With(next.ReviewThreads),
        Commits = Commits.With(next.Commits),
    };
}

internal sealed record HeadRepositoryDto(string NameWithOwner);

internal sealed record HeadOwnerDto(string Login);

internal sealed record OpinionDto(string FullDatabaseId, string State, DateTimeOffset? SubmittedAt, WhoDto? Author, OidDto? Commit);

internal sealed record OidDto(string Oid);

internal sealed record EventDto(
    [property: JsonPropertyName("__typename")] string Kind, DateTimeOffset? CreatedAt = null, WhoDto? Actor = null, string? PreviousReviewState = null, ReviewIdDto? Review = null,
    string? CurrentRefName = null, string? NewBase = null, NameDto? Label = null, OidDto? BeforeCommit = null);

internal sealed record ReviewIdDto(string FullDatabaseId);

internal sealed record CommentDto(
    string FullDatabaseId, WhoDto? Author, string Body, DateTimeOffset CreatedAt, DateTimeOffset? LastEditedAt, bool ViewerDidAuthor, IReadOnlyList<ReactionDto>? ReactionGroups);

internal sealed record ReactionDto(string Content, bool ViewerHasReacted);

internal sealed record ThreadDto(bool IsResolved);

internal sealed record PullCommitDto(CommitDto Commit);

internal sealed record CommitDto(string? Id, string Oid, GitActorDto? Author = null, GitActorDto? Committer = null, PagesDto<GitActorDto>? Authors = null, RollupDto? StatusCheckRollup = null, SignatureDto? Signature = null);

internal sealed record SignatureDto(bool IsValid, string State, bool WasSignedByGitHub, LoginDto? Signer);

internal sealed record GitActorDto(string? Email, LoginDto? User);

internal sealed record LoginDto(string Login, long? DatabaseId);

internal sealed record RollupDto(PagesDto<ContextDto> Contexts);

/// <summary>A check run or a status, as its kind says.</summary>
internal sealed record ContextDto(
    [property: JsonPropertyName("__typename")] string Kind, long? DatabaseId = null, string? Name = null, string? Status = null, string? Conclusion = null, DateTimeOffset? StartedAt = null, DateTimeOffset? CompletedAt = null,
    SuiteDto? CheckSuite = null, string? Context = null, string? State = null, DateTimeOffset? CreatedAt = null, WhoDto? Creator = null);

internal sealed record SuiteDto(long? DatabaseId, AppDto? App, WorkflowRunDto? WorkflowRun);

internal sealed record AppDto(long? DatabaseId, string Slug);

internal sealed record WorkflowRunDto(string Event, WorkflowFileDto? File);

internal sealed record WorkflowFileDto(string Path);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PullDto))]
[JsonSerializable(typeof(GraphAnswer<PullsDataDto>))]
[JsonSerializable(typeof(GraphAnswer<MoreDataDto>))]
[JsonSerializable(typeof(GraphAnswer<AuthorsDataDto>))]
[JsonSerializable(typeof(GraphAnswer<ReportsDataDto>))]
[JsonSerializable(typeof(GraphAnswer<SelfDataDto>))]
internal sealed partial class GraphJson : JsonSerializerContext;
