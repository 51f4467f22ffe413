using System.Text.Json.Nodes;
using GateKeeper.Tests.GitHub.Imitation;

namespace GateKeeper.Tests.GitHub;

/// <summary>What people and programs do on the server's pages; pull requests are told by their numbers.</summary>
internal sealed partial class GitHubPlace
{
    /// <summary>A pull request of a branch that is there, of the repository itself or of somebody's fork of it.</summary>
    public async Task<int> OpenAsync(string who, string branch, string title, string @base = "main", bool draft = false, string body = "", string? fork = null) =>
        (await DoAsync(() => Server.Open(Who(who), Repository, fork is null ? Repository : Fork(fork), branch, title, @base, body, draft))).Number;

    /// <summary>"APPROVE", "REQUEST_CHANGES" or "COMMENT"; answers the review's id.</summary>
    /// <exception cref="HubRefusal">The server would not have it: nobody approves his own.</exception>
    public async Task<long> ReviewAsync(string who, int pull, string verb, string body = "") => (await DoAsync(() => Server.Review(Caller(who), Pull(pull), verb, body))).Id;

    public Task<long> ApproveAsync(string who, int pull) => ReviewAsync(who, pull, "APPROVE");

    public Task<long> VetoAsync(string who, int pull) => ReviewAsync(who, pull, "REQUEST_CHANGES");

    /// <summary>Somebody takes the newest yes or no of a reviewer away.</summary>
    public Task DismissAsync(string who, int pull, string reviewer, string message = "no longer") => DoAsync(() =>
        Server.Dismiss(Who(who), Pull(pull), Pull(pull).Reviews.Last(review => review.Author == Who(reviewer) && review.State is "APPROVED" or "CHANGES_REQUESTED"), message));

    /// <summary>The words of a review are changed afterwards.</summary>
    public Task EditReviewAsync(int pull, long review, string body) => DoAsync(() =>
    {
        var edited = Pull(pull).Reviews.First(each => each.Id == review);
        (edited.Body, edited.Edited) = (body, Server.Now);
        Server.Touch(Pull(pull));
        Hooks.Review(Pull(pull), edited, "edited", edited.Author);
    });

    /// <summary>The commit that a review was made on is gone for good.</summary>
    public Task ForgetReviewedCommitAsync(int pull, long review) => DoAsync(() => { Pull(pull).Reviews.First(each => each.Id == review).Commit = null; });

    /// <summary>Answers the comment's id.</summary>
    public async Task<long> CommentAsync(string who, int pull, string body) => (await DoAsync(() => Server.Comment(Who(who), Pull(pull), body))).Id;

    /// <summary>Somebody, not always its author, changes what a comment says.</summary>
    public Task EditCommentAsync(string who, long comment, string body) => DoAsync(() => Server.Edit(Who(who), Comment(comment), body));

    public Task DeleteCommentAsync(string who, long comment) => DoAsync(() => Server.Delete(Who(who), Comment(comment)));

    public Task MinimizeCommentAsync(long comment) => DoAsync(() => { Comment(comment).Minimized = true; });

    public Task LabelAsync(string who, int pull, string label) => DoAsync(() => Server.Label(Who(who), Pull(pull), label));

    public Task UnlabelAsync(string who, int pull, string label) => DoAsync(() => Server.Unlabel(Who(who), Pull(pull), label));

    /// <summary>The pull request is aimed at another branch, by somebody or, after its old base was deleted, by the server.</summary>
    public Task RetargetAsync(string who, int pull, string @base, bool automatic = false) => DoAsync(() => Server.Retarget(Who(who), Pull(pull), @base, automatic));

    public Task RenameAsync(string who, int pull, string title, string? body = null) => DoAsync(() => Server.Rename(Who(who), Pull(pull), title, body));

    public Task SetDraftAsync(string who, int pull, bool draft) => DoAsync(() => Server.SetDraft(Who(who), Pull(pull), draft));

    public Task CloseAsync(string who, int pull) => DoAsync(() => Server.Close(Pull(pull), Who(who)));

    public Task ReopenAsync(string who, int pull) => DoAsync(() => Server.Reopen(Who(who), Pull(pull)));

    /// <summary>Somebody presses the merge button; answers the commit.</summary>
    /// <exception cref="HubRefusal">The server would not merge it.</exception>
    public Task<string> MergeAsync(string who, int pull, string method = "merge") => DoAsync(() => HubMerge.Press(Server, Caller(who), Pull(pull), method, null, null, null));

    /// <summary>Asks a person, or a team by its name with a slash before it, for a review.</summary>
    public Task RequestReviewAsync(int pull, string reviewer, bool asCodeOwner = false) => DoAsync(() =>
    {
        object whom = reviewer.StartsWith('/') ? Server.Teams.First(team => team.Slug == reviewer[1..]) : Who(reviewer);
        Pull(pull).Requests.Add((whom, asCodeOwner));
        Server.Touch(Pull(pull));
    });

    /// <summary>A conversation about a line; answers its id.</summary>
    public Task<long> StartThreadAsync(int pull, string path) => DoAsync(() =>
    {
        var thread = new HubThread(Server.NextId(), path);
        Pull(pull).Threads.Add(thread);
        Server.Touch(Pull(pull));
        return thread.Id;
    });

    public Task ResolveThreadAsync(int pull, long thread, bool resolved = true) => DoAsync(() => { Pull(pull).Threads.First(each => each.Id == thread).Resolved = resolved; });

    /// <summary>
    /// A program reports: "queued", "in_progress", or "completed" with a conclusion. With a workflow it is one of Actions'. The same name
    /// once more on the same commit is a run of its own; answers its id.
    /// </summary>
    public Task<long> ReportAsync(string app, string sha, string name, string status, string? conclusion = null, string? workflow = null, string @event = "pull_request") => DoAsync(() =>
    {
        var reporter = Server.Apps.First(each => each.Slug == app);
        var run = workflow is null ? null : new HubWorkflowRun(Server.NextId(), @event, 1, workflow, 600 + workflow.Length, Path.GetFileNameWithoutExtension(workflow));
        var check = new HubCheckRun(Server.NextId(), Server.Suite(Repository, reporter, sha, run), name, sha) { Started = Server.Now };
        Repository.CheckRuns.Add(check);
        Set(check, status, conclusion);
        Hooks.Run(Repository, check, status == "completed" ? "completed" : "created", reporter.Bot);
        return check.Id;
    });

    /// <summary>A run that is there goes on, ends, or begins again.</summary>
    public Task UpdateRunAsync(long run, string status, string? conclusion = null) => DoAsync(() =>
    {
        var check = Repository.CheckRuns.First(each => each.Id == run);
        Set(check, status, conclusion);
        Hooks.Run(Repository, check, status == "completed" ? "completed" : "created", check.Suite.App.Bot);
    });

    /// <summary>Somebody asks for a run once more on the server's page: the App is told, and nothing else happens.</summary>
    public Task RerequestAsync(string who, long run) => DoAsync(() => Hooks.Run(Repository, Repository.CheckRuns.First(each => each.Id == run), "rerequested", Who(who)));

    public Task StatusAsync(string user, string sha, string context, string state, string? description = null) => DoAsync(() => { Server.Report(Repository, Who(user), sha, context, state, description, null); });

    /// <summary>Only the App moves these branches from now on, and nobody rewrites or deletes them: two rulesets, as the guide says.</summary>
    public Task LockAsync(params string[] branches) => DoAsync(() =>
    {
        List<string> names = [.. (branches.Length == 0 ? ["main", "stable"] : branches).Select(branch => $"refs/heads/{branch}")];
        Repository.Rulesets.Add(new(Server.NextId(), "the gate only") { Include = names, Rules = [("update", null), ("deletion", null), ("non_fast_forward", null)], Bypass = [("Integration", AppId, "always")] });
        Repository.Rulesets.Add(new(Server.NextId(), "nobody rewrites") { Include = names, Rules = [("deletion", null), ("non_fast_forward", null)] });
    });

    public Task AddRulesetAsync(string name, string branch, string rule, JsonObject? parameters = null, params (string Type, long Id, string Mode)[] bypass) => DoAsync(() =>
        Repository.Rulesets.Add(new(Server.NextId(), name) { Include = [$"refs/heads/{branch}"], Rules = [(rule, Whole(rule, parameters))], Bypass = [.. bypass] }));

    /// <summary>GitHub tells all that a rule could say, also what it does not demand.</summary>
    private static JsonObject? Whole(string rule, JsonObject? said)
    {
        JsonObject? whole = rule switch
        {
            "pull_request" => new()
            {
                ["dismiss_stale_reviews_on_push"] = false,
                ["require_code_owner_review"] = false,
                ["require_last_push_approval"] = false,
                ["required_approving_review_count"] = 0,
                ["required_review_thread_resolution"] = false,
            },
            "required_status_checks" => new() { ["strict_required_status_checks_policy"] = false, ["required_status_checks"] = new JsonArray() },
            _ => null,
        };
        if (whole is null)
            return said;
        foreach (var (name, value) in said ?? [])
            whole[name] = value?.DeepClone();
        return whole;
    }

    public Task RemoveRulesetsAsync() => DoAsync(Repository.Rulesets.Clear);

    public Task SetRoleAsync(string who, string role) => DoAsync(() => { Repository.Roles[Who(who)] = role; });

    /// <summary>Somebody comes to a team; an invited one is "pending".</summary>
    public Task AddMemberAsync(string team, string who, string state = "active") => DoAsync(() =>
    {
        var known = Server.Teams.Find(each => each.Slug == team);
        if (known is null)
            Server.Teams.Add(known = new(Server.NextId(), team));
        known.Members.RemoveAll(member => member.Account == Who(who));
        known.Members.Add(new(Who(who), "member", state));
    });

    public Task RemoveMemberAsync(string team, string who) => DoAsync(() => Server.Teams.First(each => each.Slug == team).Members.RemoveAll(member => member.Account == Who(who)));

    /// <summary>What the App may do from now on; null takes it away. Tokens that are out keep what they have.</summary>
    public Task GrantAsync(string permission, string? level) => DoAsync(() =>
    {
        if (level is null)
            App.Permissions.Remove(permission);
        else
            App.Permissions[permission] = level;
    });

    public Task DeleteAccountAsync(string who) => DoAsync(() => { Who(who).Deleted = true; });

    private static void Set(HubCheckRun check, string status, string? conclusion) => (check.Status, check.Conclusion, check.Completed) = (status, conclusion, status == "completed" ? check.Started : null);

    private HubComment Comment(long id) => Repository.Pulls.SelectMany(pull => pull.Comments).First(comment => comment.Id == id);
}
