using System.Globalization;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using GateKeeper.Tests.GitHub;
using LibGit2Sharp;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests.Stories;

/// <summary>The common words, spoken to a GitHub.</summary>
internal sealed class OnGitHub : ForgeWorld
{
    private readonly GitHubWorld world;

    private OnGitHub(GitHubWorld world) => this.world = world;

    public override string Trunk => "widgets/main";

    public override Gatehouse House => world.House;

    public override ManualTime Time => world.Time;

    public override string WordsOfPassedTests => "pass  tests: unit passed";

    public override IReadOnlyList<string> WordsOfHiddenTeam => ["the team acme/core may not be seen", "grant the App the organization's permission Members (read)"];

    public override string WordsOfRefusal => "GH013";

    public override string? PageOf => "acme/widgets/pull/";

    public override string Admin => GitHubPlace.Admin;

    public override string GateEmail => "99001+gatekeeper[bot]@users.noreply.127.0.0.1";

    public override bool RewritesBranches => true;

    public override string Address(string who) => world.Place.Server.Account(who).Email;

    protected override IReadOnlyDictionary<Trait, string> Lacks { get; } = new Dictionary<Trait, string>
    {
        [Trait.Layers] = "on GitHub reviewers are shown all that a pull request brings, also what another was for",
    };

    public static async Task<ForgeWorld> BeginAsync(string more, string gates) => new OnGitHub(await GitHubWorld.StartAsync(more, gates));

    public override async Task<string> ProposeAsync(string name, string? file = null, string? below = null, string? body = null, string target = "main", string? text = null)
    {
        await world.Place.PushAsync("ana", $"add-{name}", $"Add {name}{(body is null ? "" : $"\n\n{body}")}", new Dictionary<string, string?> { [file ?? name + ".txt"] = text ?? name + "\n" }, below is null ? world.Place.Tip(target) : world.Place.Head(Number(below)));
        return (await world.Place.OpenAsync("ana", $"add-{name}", $"Add {name}", target, body: body ?? "")).ToString(CultureInfo.InvariantCulture);
    }

    public override async Task AmendAsync(string change, string file)
    {
        await world.Place.PushAsync("ana", await BranchAsync(change), "Amended", new Dictionary<string, string?> { [file] = "more\n" }, amend: true);
        await world.Place.RenameAsync("ana", Number(change), "Amended");
    }

    public override async Task RebaseAsync(string who, string change) =>
        await world.Place.MoveBranchAsync(who, await BranchAsync(change), Replay(world.Place.Repository.Git, world.Place.Head(Number(change)), world.Place.Tip()));

    public override Task RetitleAsync(string change, string title, string body = "") => world.Place.RenameAsync("ana", Number(change), title, body);

    public override async Task AddAsync(string change, string who, string message, string file, string? text = "more\n") =>
        await world.Place.PushAsync(who, await BranchAsync(change), message, new Dictionary<string, string?> { [file] = text });

    public override async Task<string> ProposeMergeAsync(string from, string into)
    {
        await world.Place.MoveBranchAsync("ana", "join", world.Place.Tip(into));
        await world.Place.MergeIntoAsync("ana", "join", world.Place.Tip(from));
        return (await world.Place.OpenAsync("ana", "join", $"Merge {from} into {into}", into)).ToString(CultureInfo.InvariantCulture);
    }

    public override Task<string> LastWordsAsync(string trunk = "main") => Task.FromResult(world.Place.CommitOf(world.Place.Tip(trunk)).Message);

    public override Task RestackAsync(string change, string? below = null) => MoveAsync(change, "ana", head => Replay(Git, head, below is null ? world.Place.Tip() : world.Place.Head(Number(below))));

    public override Task JoinAsync(string change, string below) => MoveAsync(change, "ana", head => Handiwork.Join(Git, head, world.Place.Tip()));

    public override Task GoOnAsync(string change, string who, string file, string? text = "more\n", string? author = null, string? committer = null, string message = "More") =>
        MoveAsync(change, who, head => Handiwork.OnTop(Git, head, Sign(author ?? who), Sign(committer ?? who), message, file, text));

    /// <summary>As the button "Update branch" does it, or as somebody would by hand to look like that.</summary>
    public override Task UpdateAsync(string change, string? sneaked = null) =>
        MoveAsync(change, "ana", head => Handiwork.Merge(Git, Sign("ana"), head, world.Place.Tip(), sneaked, new("GitHub", "noreply@github.com", world.Place.Server.Now)));

    public override Task ApproveAsync(string change, string who = "bob") => world.Place.ApproveAsync(who, Number(change));

    public override Task VetoAsync(string change, string who, string words = "this breaks the build") => world.Place.ReviewAsync(who, Number(change), "REQUEST_CHANGES", words);

    public override Task WithdrawAsync(string change, string who) => world.Place.DismissAsync(who, Number(change), who);

    public override Task LiftAsync(string change, string who, string whose) => world.Place.DismissAsync(who, Number(change), whose);

    public override Task SayAsync(string change, string who, string words) => world.Place.CommentAsync(who, Number(change), words);

    public override async Task UnsayAsync(string change, string words) => await world.Place.DeleteCommentAsync(GitHubPlace.Admin, await SaidWhereAsync(change, words));

    public override async Task RewordAsync(string change, string who, string words, string other) => await world.Place.EditCommentAsync(who, await SaidWhereAsync(change, words), other);

    private async Task<long> SaidWhereAsync(string change, string words) => (await world.Place.CommentsAsync(Number(change))).First(comment => comment.Text.StartsWith(words, StringComparison.Ordinal)).Id;

    public override Task LabelAsync(string change, string who, string label) => world.Place.LabelAsync(who, Number(change), label);

    public override Task UnlabelAsync(string change, string who, string label) => world.Place.UnlabelAsync(who, Number(change), label);

    public override Task RetargetAsync(string change, string target) => world.Place.RetargetAsync(GitHubPlace.Admin, Number(change), target);

    public override Task WithdrawChangeAsync(string change) => world.Place.CloseAsync("ana", Number(change));

    public override Task ReopenAsync(string change) => world.Place.ReopenAsync("ana", Number(change));

    public override Task SetDraftAsync(string change, bool draft) => world.Place.SetDraftAsync("ana", Number(change), draft);

    public override Task RemoveFromCoreAsync(string who) => world.Place.RemoveMemberAsync("core", who);

    public override async Task ShowCoreAsync(bool visible)
    {
        // A token keeps what it was given, so the gate must need another.
        await world.Place.GrantAsync("members", visible ? "read" : null);
        world.Place.Server.RevokeTokens();
    }

    public override Task LetTheGatePushAsync(bool may) => may ? world.Place.RemoveRulesetsAsync() : world.Place.AddRulesetAsync("nobody", "main", "update");

    public override Task PushTrunkAsync(string file, string text = "x\n") => world.Place.PushAsync(GitHubPlace.Admin, "main", "Past the gate", new Dictionary<string, string?> { [file] = text });

    public override Task PlantAsync(string reference)
    {
        world.Place.Repository.Git.Refs.Add(reference, new ObjectId(world.Place.Tip()));
        return Task.CompletedTask;
    }

    public override void GoDown(bool down) => world.Place.Orders.Down(down);

    public override void FailNextQuestion() => world.Place.Orders.FailNext("GET", "/pulls", 503);

    public override void FailTelling(string change, bool fails)
    {
        world.Place.Orders.Forget();
        if (fails)
            world.Place.Orders.FailNext("POST", $"/issues/{change}/comments", 502, times: 10_000);
    }

    public override void FailAsking(string change, bool fails, bool inTheLastLook)
    {
        world.Place.Orders.Forget();
        if (fails)
            world.Place.Orders.FailNext("POST", $"\"{GitHub.Imitation.HubJson.NodeId("PR", world.Place.Repository.Pull(Number(change))!.Id)}\"", times: 10_000);
    }

    public override void FailAfter(bool push) => world.Place.Orders.FailNext("POST", push ? "/git-receive-pack" : "/check-runs", 502, afterDoing: true);

    public override string Reference(string change) => $"#{change}";

    public override Task<string> TrunkFileAsync(string file) => Task.FromResult(((Blob)world.Place.CommitOf(world.Place.Tip())[file].Target).GetContentText());

    public override Task<IReadOnlyList<string>> TrunkLogAsync() => world.TrunkLogAsync();

    public override Task<(string Author, string CommitterEmail)> TipAsync() =>
        Task.FromResult(world.Place.CommitOf(world.Place.Tip()) is var commit ? (commit.Author.Name, commit.Committer.Email) : default);

    public override async Task<bool> HasLandedAsync(string change) => await world.Place.StateAsync(Number(change)) == "MERGED";

    public override async Task<bool?> SignAsync(string change) => (await world.Place.GateChecksAsync(Number(change))).OrderBy(check => check.Id).LastOrDefault() switch
    {
        null => null,
        { Conclusion: "failure" } => false,
        { Conclusion: "success" } => true,
        var check => check.Summary!.Contains(WordsOfPassedTests, StringComparison.Ordinal) ? true : null,
    };

    /// <summary>One comment is for whoever must act, and the check says at its end that it landed.</summary>
    public override async Task<IReadOnlyList<string>> SaidAsync(string change) =>
        [.. await world.Place.GateCommentsAsync(Number(change)), .. (await world.Place.GateChecksAsync(Number(change))).Where(check => check.Conclusion == "success").Select(check => check.Summary!)];

    public override async Task<string> ShownAsync(string change) => string.Join('\n', (await world.Place.GateChecksAsync(Number(change))).Select(check => $"{check.Title}\n{check.Summary}"));

    public override void Beside(params RepositorySettings[] others) => world.Beside = [.. world.Beside, .. others];

    public override Task OpenAsync(ILoggerFactory? logs = null) => world.OpenAsync(logs);

    public override Task CloseAsync() => world.CloseAsync();

    public override Task<Gatehouse> OpenSecondAsync() => Gatehouse.OpenAsync(world.Settings("two"), world.Time, LoggerFactory.Create(_ => { }), observing: false, default);

    public override Task SettleAsync() => world.SettleAsync();

    public override ValueTask DisposeAsync() => world.DisposeAsync();

    /// <summary>The same change by the same author, on another commit.</summary>
    internal static string Replay(Repository git, string commit, string onto)
    {
        var (old, below) = (git.Lookup<Commit>(commit), git.Lookup<Commit>(onto));
        return git.ObjectDatabase.CreateCommit(old.Author, old.Committer, old.Message, git.ObjectDatabase.CherryPickCommit(old, below, 0, new()).Tree, [below], prettifyMessage: false).Sha;
    }

    private Repository Git => world.Place.Repository.Git;

    private Signature Sign(string who) => new(who, Address(who), world.Place.Server.Now);

    private async Task MoveAsync(string change, string who, Func<string, string> made) => await world.Place.MoveBranchAsync(who, await BranchAsync(change), made(world.Place.Head(Number(change))));

    private static int Number(string change) => int.Parse(change, CultureInfo.InvariantCulture);

    private async Task<string> BranchAsync(string change) => (await world.Place.PullAsync(Number(change))).HeadRef;
}
