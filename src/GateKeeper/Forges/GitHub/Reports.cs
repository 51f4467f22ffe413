using System.Globalization;
using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.GitHub;

/// <summary>Reads what others reported on a commit. The source is what the host itself vouches for: the App, the workflow's file and event, the account.</summary>
internal static class Reports
{
    /// <summary>The App as which whoever can push a branch has a workflow of his own report, under any name.</summary>
    public const string Actions = "github-actions";

    public static IEnumerable<Check> Of(CommitSha commit, IEnumerable<ContextDto> contexts) => contexts.Select(context => context.Kind switch
    {
        "CheckRun" => new Check
        {
            Name = context.Name ?? "",
            On = commit,
            State = (context.Status == "COMPLETED" ? context.Conclusion : context.Status == "IN_PROGRESS" ? "running" : "pending")?.ToLowerInvariant() ?? "",
            At = context.StartedAt ?? DateTimeOffset.UnixEpoch,
            EndedAt = context.Status == "COMPLETED" ? context.CompletedAt : null,
            Order = context.DatabaseId,
            Run = context.CheckSuite?.DatabaseId?.ToString(CultureInfo.InvariantCulture),
            Source = [.. Source(context.CheckSuite)],
        },
        _ => new Check
        {
            Name = context.Context ?? "",
            On = commit,
            State = context.State is "EXPECTED" or "PENDING" ? "pending" : context.State?.ToLowerInvariant() ?? "",
            At = context.CreatedAt ?? DateTimeOffset.UnixEpoch,
            Order = context.CreatedAt?.ToUnixTimeSeconds(),
            Source = context.Creator is { } creator ? [new("user", creator.Kind == "Bot" && !creator.Login.EndsWith("[bot]", StringComparison.Ordinal) ? $"{creator.Login}[bot]" : creator.Login)] : [],
        },
    });

    private static IEnumerable<KeyValuePair<string, string>> Source(SuiteDto? suite)
    {
        if (suite?.App is { } app)
        {
            yield return new("app", app.Slug);

            // Actions go by their name alone, so that nobody forgets to say which workflow is meant.
            if (app is { DatabaseId: { } id, Slug: not Actions })
                yield return new("app", id.ToString(CultureInfo.InvariantCulture));
        }

        if (suite?.WorkflowRun is not { } run)
            yield break;
        yield return new("event", run.Event);
        if (run.File?.Path is { } path)
            yield return new("workflow", path);
    }
}
