using System.Globalization;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using GateKeeper.Tests.Gerrit;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests.Stories;

/// <summary>The common words, spoken to a Gerrit.</summary>
internal sealed class OnGerrit : ForgeWorld
{
    private readonly GerritWorld world;
    private readonly Dictionary<string, GerritChange> changes = [];
    private readonly HashSet<string> branched = [];
    private readonly Dictionary<string, (string Name, string File)> names = [];

    private OnGerrit(GerritWorld world) => this.world = world;

    public override string Trunk => "tool/main";

    public override Gatehouse House => world.House;

    public override ManualTime Time => world.Time;

    public override string WordsOfPassedTests => "tests passed on";

    public override IReadOnlyList<string> WordsOfHiddenTeam => [$"the group {world.Place.Core} does not exist or cannot be seen by gatekeeper", "visible_to_all"];

    public override string WordsOfAnotherTarget => "bob's approval was removed by admin";

    public override string WordsOfRefusal => "not permitted: update";

    public override string GateEmail => GerritPlace.GateEmail;

    public override string? PageOf => $"c/{world.Place.Project}/\\+/";

    protected override IReadOnlyDictionary<Trait, string> Lacks { get; } = new Dictionary<Trait, string>
    {
        [Trait.Retitling] = "on Gerrit the title is the commit's own, so another title is another revision",
        [Trait.Commits] = "on Gerrit a change is one commit",
        [Trait.Rewording] = "on Gerrit nobody makes other words of what was said",
    };

    public static async Task<ForgeWorld> BeginAsync(string kind, string more, string gates) => new OnGerrit(await GerritWorld.StartAsync(kind, more, gates));

    public override async Task<string> ProposeAsync(string name, string? file = null, string? below = null, string? body = null, string target = "main", string? text = null)
    {
        await BranchAsync(target);
        var change = await world.Place.PushAsync(
            "ana", $"Add {name}", new Dictionary<string, string> { [file ?? name + ".txt"] = text ?? name + "\n" }, below is null ? null : changes[below].Commit, body: body, branch: target);
        var id = change.Number.ToString(CultureInfo.InvariantCulture);
        changes[id] = change;
        names[id] = (name, file ?? name + ".txt");
        return id;
    }

    public override async Task AmendAsync(string change, string file) => changes[change] = await world.AmendAsync(changes[change], file);

    public override async Task RebaseAsync(string who, string change) => changes[change] = await world.Place.RebaseAsync(who, changes[change]);

    public override async Task<string> ProposeMergeAsync(string from, string into)
    {
        await BranchAsync(into);
        var change = await world.Place.PushMergeAsync("ana", from, into);
        var id = change.Number.ToString(CultureInfo.InvariantCulture);
        changes[id] = change;
        return id;
    }

    public override async Task<string> LastWordsAsync(string trunk = "main") => (await world.Place.CommitAsync(await world.Place.TipAsync(trunk))).Message;

    public override async Task RestackAsync(string change, string? below = null) =>
        changes[change] = await world.Place.PushAsync("ana", $"Add {names[change].Name}", new Dictionary<string, string>(), below is null ? await world.Place.TipAsync() : changes[below].Commit, changes[change]);

    public override async Task JoinAsync(string change, string below) =>
        changes[change] = await world.Place.PushAsync("ana", $"Add {names[change].Name}", new Dictionary<string, string> { [names[below].File] = names[below].Name + "\n" }, await world.Place.TipAsync(), changes[change]);

    public override async Task GoOnAsync(string change, string who, string file, string? text = "more\n", string? author = null, string? committer = null, string message = "More") =>
        changes[change] = await world.Place.PushAsync(who, message, new Dictionary<string, string> { [file] = text! }, amend: changes[change], author: author, committer: committer);

    public override Task ApproveAsync(string change, string who = "bob") => world.ApproveAsync(changes[change], who);

    public override Task VetoAsync(string change, string who, string words = "this breaks the build") => world.Place.VoteAsync(who, changes[change], "Code-Review", -2, words);

    public override Task WithdrawAsync(string change, string who) => world.Place.VoteAsync(who, changes[change], "Code-Review", 0);

    public override async Task LiftAsync(string change, string who, string whose)
    {
        if (who != GerritPlace.Admin)
            await world.Place.GrantAsync("core", "refs/heads/*", "removeLabel-Code-Review", -2, 2);
        await world.Place.DeleteVoteAsync(who, changes[change], whose, "Code-Review");
    }

    public override Task SayAsync(string change, string who, string words) => world.Place.SayAsync(who, changes[change], words);

    public override Task UnsayAsync(string change, string words) => world.Place.UnsayAsync(changes[change], words);

    public override async Task LabelAsync(string change, string who, string label)
    {
        await LetEditAsync(who);
        await world.Place.HashtagAsync(who, changes[change], [label]);
    }

    public override async Task UnlabelAsync(string change, string who, string label)
    {
        await LetEditAsync(who);
        await world.Place.HashtagAsync(who, changes[change], [], label);
    }

    public override Task RetargetAsync(string change, string target) => world.Place.MoveAsync(GerritPlace.Admin, changes[change], target);

    public override Task WithdrawChangeAsync(string change) => world.Place.AbandonAsync("ana", changes[change]);

    public override Task ReopenAsync(string change) => world.Place.RestoreAsync("ana", changes[change]);

    public override Task SetDraftAsync(string change, bool draft) => draft ? world.Place.SetWipAsync("ana", changes[change]) : world.Place.SetReadyAsync("ana", changes[change]);

    public override Task RemoveFromCoreAsync(string who) => world.Place.RemoveMemberAsync("core", who);

    public override Task ShowCoreAsync(bool visible) => world.Place.SetGroupVisibleAsync("core", visible);

    public override Task LetTheGatePushAsync(bool may) => may ? world.Place.GrantGatePushAsync() : world.Place.RevokeGatePushAsync();

    public override Task PushTrunkAsync(string file, string text = "x\n") => world.Place.PushTrunkAsync("Past the gate", new Dictionary<string, string> { [file] = text });

    public override Task PlantAsync(string reference) => world.Place.PlantAsync(reference);

    public override void GoDown(bool down) => world.Place.Door.Down(down);

    public override void FailNextQuestion() => world.Place.Door.FailNext("GET", "/changes/", status: 503);

    public override void FailTelling(string change, bool fails) => world.Place.Door.Fail("POST", $"~{change}/revisions/", fails);

    public override void FailAsking(string change, bool fails, bool inTheLastLook)
    {
        world.Place.Door.Fail("GET", $"~{change}?", fails);
        if (!inTheLastLook)
            world.Place.Door.Fail("GET", $"change%3A{change}", fails);
    }

    public override void FailAfter(bool push) => world.Place.Door.FailNext("POST", push ? "/git-receive-pack" : "/review", afterDoing: true);

    public override string Reference(string change) => changes[change].ChangeId;

    public override async Task<string> TrunkFileAsync(string file) => ((LibGit2Sharp.Blob)(await world.Place.CommitAsync(await world.Place.TipAsync()))[file].Target).GetContentText();

    public override Task<IReadOnlyList<string>> TrunkLogAsync() => world.TrunkLogAsync();

    public override async Task<(string Author, string CommitterEmail)> TipAsync() =>
        await world.Place.CommitAsync(await world.Place.TipAsync()) is var commit ? (commit.Author.Name, commit.Committer.Email) : default;

    public override async Task<bool> HasLandedAsync(string change) => await world.Place.StatusAsync(changes[change]) == "MERGED";

    public override async Task<bool?> SignAsync(string change) => await world.Place.LabelAsync(changes[change], "Verified") switch { 1 => true, -1 => false, _ => null };

    public override Task<IReadOnlyList<string>> SaidAsync(string change) => world.SaidAsync(changes[change]);

    public override void Beside(params RepositorySettings[] others) => world.Beside = [.. world.Beside, .. others];

    public override Task OpenAsync(ILoggerFactory? logs = null) => world.OpenAsync(logs);

    public override Task CloseAsync() => world.CloseAsync();

    public override Task<Gatehouse> OpenSecondAsync() => Gatehouse.OpenAsync(world.Settings("two"), world.Time, LoggerFactory.Create(_ => { }), observing: false, default);

    public override Task SettleAsync() => world.SettleAsync();

    public override ValueTask DisposeAsync() => world.DisposeAsync();

    private async Task BranchAsync(string target)
    {
        if (target != "main" && branched.Add(target))
            await world.Place.CreateBranchAsync(target);
    }

    /// <summary>The owner edits his own change's hashtags; others need a right.</summary>
    private Task LetEditAsync(string who) => who == "ana" ? Task.CompletedTask : world.Place.GrantAsync("core", "refs/heads/*", "editHashtags");
}
