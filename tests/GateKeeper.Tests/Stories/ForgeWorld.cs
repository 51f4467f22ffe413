using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests.Stories;

/// <summary>What not every forge has, or not in a way that a story could use.</summary>
internal enum Trait
{
    Drafts,
    Labels,
    Teams,
    LiftingForOthers,
    RefusingTheGate,
    GoingAway,
    Rewriting,
    Layers,
    Signs,
    Retitling,
    Commits,
    Pushers,
    Unsaying,
    Rewording,
}

/// <summary>
/// A trunk on some forge, the people around it and a gate that watches it, spoken of in the words that all forges have in common: ana
/// proposes, bob and carol are the core. A change is told by its id. What a forge has not, it says, and the story is skipped with those words.
/// </summary>
internal abstract class ForgeWorld : IAsyncDisposable
{
    public static readonly IReadOnlyList<string> Kinds = [ImitatedGerrit, RealGerrit, ImitatedGitHub, PlainGit];

    private const string ImitatedGerrit = "an imitated Gerrit";
    private const string RealGerrit = "a real Gerrit";
    public const string ImitatedGitHub = "an imitated GitHub";
    public const string PlainGit = "plain git";

    /// <summary>The name of the trunk in reports and alarms.</summary>
    public abstract string Trunk { get; }

    public abstract Gatehouse House { get; }

    public abstract ManualTime Time { get; }

    /// <summary>How the gate says that the tests passed when a change was proposed.</summary>
    public abstract string WordsOfPassedTests { get; }

    /// <summary>How it says that a team cannot be seen, and what would mend it.</summary>
    public virtual IReadOnlyList<string> WordsOfHiddenTeam => [];

    /// <summary>Why an approval for another target is none for this one.</summary>
    public virtual string WordsOfAnotherTarget => $"{Called("bob")} approved before the target was main";

    /// <summary>Where on the forge's host people look at changes, before a change's number; null where there are no such pages.</summary>
    public virtual string? PageOf => null;

    /// <summary>How the forge refuses a push to the trunk.</summary>
    public virtual string WordsOfRefusal => "";

    /// <summary>Whether a squash or a rebase is made by the forge of the branch as it is: what was stacked on another is then rebased when that has landed.</summary>
    public virtual bool RewritesBranches => false;

    /// <summary>Who lifts vetoes by the forge's rights, not by the rules'.</summary>
    public virtual string Admin => "admin";

    protected abstract IReadOnlyDictionary<Trait, string> Lacks { get; }

    public IEnumerable<string> Alarms => House.Notebook.Alarms.Select(alarm => alarm.Name);

    public static async Task<ForgeWorld> StartAsync(string kind, string more = "", string gates = "") => kind switch
    {
        PlainGit => await OnPlainGit.BeginAsync(more, gates),
        ImitatedGitHub => await OnGitHub.BeginAsync(more, gates),
        _ => await OnGerrit.BeginAsync(kind == RealGerrit ? Gerrit.GerritPlace.Real : Gerrit.GerritPlace.Fake, more, gates),
    };

    /// <summary>Skips the story where the forge has not what it is about, and says so.</summary>
    public void Needs(Trait trait)
    {
        if (Lacks.TryGetValue(trait, out var why))
            Assert.Ignore(why);
    }

    /// <summary>The address in somebody's commits.</summary>
    public virtual string Address(string who) => $"{who}@example.org";
    public bool Has(Trait trait) => !Lacks.ContainsKey(trait);

    /// <summary>How a person is called in reports.</summary>
    public virtual string Called(string who) => who;

    /// <summary>A change with one file of its own, titled "Add name"; on top of another where one is named. The file holds its name, or the text.</summary>
    public abstract Task<string> ProposeAsync(string name, string? file = null, string? below = null, string? body = null, string target = "main", string? text = null);

    /// <summary>What a file on the trunk holds.</summary>
    public abstract Task<string> TrunkFileAsync(string file);

    /// <summary>A new revision, with one more file, titled "Amended".</summary>
    public abstract Task AmendAsync(string change, string file);

    /// <summary>Somebody rebases it onto the trunk's tip without touching what it does.</summary>
    public abstract Task RebaseAsync(string who, string change);

    /// <summary>It gets other words, and stays the revision that it was.</summary>
    public virtual Task RetitleAsync(string change, string title, string body = "") => throw Lacking();

    /// <summary>One more commit on top, by somebody who may; a file without text goes.</summary>
    public virtual Task AddAsync(string change, string who, string message, string file, string? text = "more\n") => throw Lacking();

    /// <summary>One trunk as it stands is to be merged into another.</summary>
    public abstract Task<string> ProposeMergeAsync(string from, string into);

    /// <summary>The words of the last commit of a trunk.</summary>
    public abstract Task<string> LastWordsAsync(string trunk = "main");

    /// <summary>Its author puts it, untouched, onto what another change is now, or onto the trunk's tip.</summary>
    public abstract Task RestackAsync(string change, string? below = null);

    /// <summary>Its author makes one commit of it and of the change that it is stacked on, in its own words, on the trunk's tip.</summary>
    public abstract Task JoinAsync(string change, string below);

    /// <summary>
    /// Somebody goes on with it: a commit on top or, where a change is one commit, the next patch set. Without a text the file goes; without
    /// an author it is in his own name.
    /// </summary>
    public abstract Task GoOnAsync(string change, string who, string file, string? text = "more\n", string? author = null, string? committer = null, string message = "More");

    /// <summary>The trunk is merged into its branch, by a merge that may bring a file of its own or another text for one that is there.</summary>
    public virtual Task UpdateAsync(string change, string? sneaked = null) => throw Lacking();

    public abstract Task ApproveAsync(string change, string who = "bob");

    public abstract Task VetoAsync(string change, string who, string words = "this breaks the build");

    /// <summary>Whoever vetoed takes the veto back.</summary>
    public abstract Task WithdrawAsync(string change, string who);

    /// <summary>Somebody takes another's veto away.</summary>
    public virtual Task LiftAsync(string change, string who, string whose) => throw Lacking();

    public abstract Task SayAsync(string change, string who, string words);

    /// <summary>What somebody said is deleted.</summary>
    public virtual Task UnsayAsync(string change, string words) => throw Lacking();

    /// <summary>Whoever said something makes other words of it.</summary>
    public virtual Task RewordAsync(string change, string who, string words, string other) => throw Lacking();

    public virtual Task LabelAsync(string change, string who, string label) => throw Lacking();

    public virtual Task UnlabelAsync(string change, string who, string label) => throw Lacking();

    public abstract Task RetargetAsync(string change, string target);

    public abstract Task WithdrawChangeAsync(string change);

    public abstract Task ReopenAsync(string change);

    public virtual Task SetDraftAsync(string change, bool draft) => throw Lacking();

    public virtual Task RemoveFromCoreAsync(string who) => throw Lacking();

    public virtual Task ShowCoreAsync(bool visible) => throw Lacking();

    public virtual Task LetTheGatePushAsync(bool may) => throw Lacking();

    /// <summary>Somebody moves the trunk past the gate, as "Past the gate".</summary>
    public abstract Task PushTrunkAsync(string file, string text = "x\n");

    /// <summary>Puts a ref of any name beside the trunk, at its tip, past the gate and past everybody's rights.</summary>
    public abstract Task PlantAsync(string reference);

    /// <summary>While it is down it answers nobody.</summary>
    public virtual void GoDown(bool down) => throw Lacking();

    /// <summary>The next question is answered with an error.</summary>
    public virtual void FailNextQuestion() => throw Lacking();

    /// <summary>The next push to the trunk, or the next report, is done and then answered with an error.</summary>
    public virtual void FailAfter(bool push) => throw Lacking();

    /// <summary>From now on, or no more, what is to be said on one change alone is answered with an error of the server.</summary>
    public abstract void FailTelling(string change, bool fails);

    /// <summary>From now on, or no more, every question that names one change is answered with an error of the server, or only the one before it lands.</summary>
    public virtual void FailAsking(string change, bool fails, bool inTheLastLook) => throw Lacking();

    /// <summary>How people name a change in a Depends-On line.</summary>
    public abstract string Reference(string change);

    public abstract Task<IReadOnlyList<string>> TrunkLogAsync();

    /// <summary>The author's name and the committer's address, of the trunk's tip.</summary>
    public abstract Task<(string Author, string CommitterEmail)> TipAsync();

    public abstract string GateEmail { get; }

    /// <summary>Whether a gate that starts fetches again what is proposed, and with it what its copy lacks.</summary>
    public virtual bool FetchesAnewAtTheStart => false;

    /// <summary>Whether the forge shows it as landed.</summary>
    public abstract Task<bool> HasLandedAsync(string change);

    /// <summary>How the forge's own sign for tests stands there; null where there is none yet.</summary>
    public virtual Task<bool?> SignAsync(string change) => throw Lacking();

    /// <summary>What the gate told people there that it did, or that they must do.</summary>
    public abstract Task<IReadOnlyList<string>> SaidAsync(string change);

    /// <summary>All that the gate shows there at this moment.</summary>
    public virtual async Task<string> ShownAsync(string change) => string.Join('\n', await SaidAsync(change));

    /// <summary>The same worker looks after other repositories too, from when it opens.</summary>
    public abstract void Beside(params RepositorySettings[] others);

    public abstract Task OpenAsync(ILoggerFactory? logs = null);

    public abstract Task CloseAsync();

    /// <summary>A second gate on the same trunk, sharing the first one's store.</summary>
    public abstract Task<Gatehouse> OpenSecondAsync();

    /// <summary>Lets the gate work until nothing more happens by itself; some time has passed since it last looked.</summary>
    public abstract Task SettleAsync();

    public IEnumerable<Progress> Open => House.Pictures.SelectMany(picture => picture.Plan.Open);

    public Progress Status(string change) => Open.Single(status => status.Change.Id.Value == change);

    public string Why(string change) => Status(change).Judgement.Whole.Reason;

    public abstract ValueTask DisposeAsync();

    private static InvalidOperationException Lacking() => new("this forge has no such thing: ask for the trait first");
}
