using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Tests.Gerrit;

/// <summary>What people do with git: they push changes, patch sets and, where they may, the trunk; and what can be read from it.</summary>
internal abstract partial class GerritPlace
{
    private readonly string directory = Directory.CreateTempSubdirectory("gatekeeper-place-").FullName;
    private readonly DateTimeOffset begun = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1);
    private Repository? clone;
    private int pushed;
    private int made;

    /// <summary>Whatever is on a side branch of this name is what everybody has cloned.</summary>
    private Repository Clone => clone ??= new Repository(Repository.Init(System.IO.Path.Combine(directory, "clone.git"), isBare: true));

    /// <summary>These files become the trunk's first commit; then the trunk is the gate's alone.</summary>
    public async Task StartAsync(IReadOnlyDictionary<string, string> files, bool rights = true)
    {
        var first = Commit(Admin, "The beginning\n", files, null, new TreeDefinition());
        await GitAsync(Admin, "push", $"{first}:refs/heads/main");
        if (rights)
            await PrepareRightsAsync();
    }

    /// <summary>
    /// Pushes for review: a new change, or a new patch set of one, which does what the older did and these files beside. It lies on the
    /// commit named, else where the older lay, else on the trunk's tip. The options are what follows the branch: "%wip,topic=t,hashtag=h".
    /// </summary>
    /// <exception cref="GitException">The server refused it.</exception>
    public async Task<GerritChange> PushAsync(
        string who, string subject, IReadOnlyDictionary<string, string> files, string? onto = null, GerritChange? amend = null, string options = "", string branch = "main", string? body = null, string? author = null, string? committer = null)
    {
        var id = amend?.ChangeId ?? "I" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Project} {++pushed}")))[..40];
        var old = amend is null ? null : await CommitAsync(amend.Commit);
        var below = onto is not null ? await CommitAsync(onto) : old?.Parents.Single() ?? await CommitAsync(await TipAsync(branch));
        var tree = TreeDefinition.From(below);
        if (old is not null)
            Carry(old, tree);
        var made = Commit(who, $"{subject}\n\n{(body is null ? "" : body + "\n\n")}Change-Id: {id}\n", files, below, tree, author, committer);
        return await PushAsync(who, made, $"refs/for/{branch}{options}", id);
    }

    /// <summary>Somebody who may (for this moment only) moves the trunk past the gate; answers the new tip.</summary>
    public async Task<string> PushTrunkAsync(string subject, IReadOnlyDictionary<string, string> files, string branch = "main")
    {
        var below = await CommitAsync(await TipAsync(branch));
        var made = Commit(Admin, subject + "\n", files, below, TreeDefinition.From(below));
        await PushPastTheGateAsync(made, branch);
        return made;
    }

    /// <summary>Somebody who may (for this moment only) pushes an existing commit to the trunk.</summary>
    public async Task PushPastTheGateAsync(string commit, string branch = "main")
    {
        await AddMemberAsync("bots", Admin);
        await CommitAsync(commit);
        await GitAsync(Admin, "push", $"{commit}:refs/heads/{branch}");
        await RemoveMemberAsync("bots", Admin);
    }

    /// <summary>A patch set's content as a new commit elsewhere, by another committer, with the same author and words.</summary>
    public async Task<string> RewriteAsync(string who, GerritChange change, string onto)
    {
        var (old, below) = (await CommitAsync(change.Commit), await CommitAsync(onto));
        var tree = TreeDefinition.From(below);
        Carry(old, tree);
        return Clone.ObjectDatabase.CreateCommit(old.Author, Sign(who), old.Message, Clone.ObjectDatabase.CreateTree(tree), [below], prettifyMessage: false).Sha;
    }

    /// <summary>A merge of a commit into another, not pushed yet.</summary>
    public async Task<string> MergeAsync(string who, string onto, string commit, string subject)
    {
        var (first, second) = (await CommitAsync(onto), await CommitAsync(commit));
        var merged = Clone.ObjectDatabase.MergeCommits(first, second, new());
        return Clone.ObjectDatabase.CreateCommit(Sign(who), Sign(who), subject + "\n", merged.Tree, [first, second], prettifyMessage: false).Sha;
    }

    /// <summary>A merge of one branch as it stands into another, pushed for review.</summary>
    public async Task<GerritChange> PushMergeAsync(string who, string from, string into)
    {
        var id = "I" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Project} {++pushed}")))[..40];
        return await PushAsync(who, await MergeAsync(who, await TipAsync(into), await TipAsync(from), $"Merge {from} into {into}\n\nChange-Id: {id}"), $"refs/for/{into}", id);
    }

    /// <summary>A change with these very words, in which "ID" stands for its Change-Id.</summary>
    public async Task<GerritChange> PushWordsAsync(string who, string message, string file)
    {
        var id = "I" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Project} {++pushed}")))[..40];
        return await PushAsync(who, await CommitAsAsync(who, message.Replace("ID", id, StringComparison.Ordinal), file), "refs/for/main", id);
    }

    /// <summary>A commit on the trunk's tip that is not pushed yet.</summary>
    public async Task<string> CommitAsAsync(string who, string message, string file)
    {
        var below = await CommitAsync(await TipAsync());
        return Commit(who, message, new Dictionary<string, string> { [file] = file + "\n" }, below, TreeDefinition.From(below));
    }

    /// <summary>Pushes a commit wherever somebody wants; answers what git said, well or ill. The door is the gate's way.</summary>
    public async Task<GitAnswer> TryPushAsync(string who, string commit, string reference, bool force = false, bool door = false)
    {
        await CommitAsync(commit);
        return await new GitProgram(Clone.Info.Path, System.IO.Path.Combine(directory, "home")).RunAsync([.. As(who), "push", .. force ? ["-f"] : Array.Empty<string>(), door ? $"{Url}a/{Project}" : Remote, $"{commit}:{reference}"], default);
    }

    /// <summary>The subjects of the trunk's own commits, oldest first.</summary>
    public async Task<IReadOnlyList<string>> TrunkLogAsync(string branch = "main")
    {
        var log = new List<string>();
        for (var at = await CommitAsync(await TipAsync(branch)); at is not null; at = at.Parents.FirstOrDefault())
            log.Insert(0, at.MessageShort);
        return log;
    }

    public async Task<string> TipAsync(string branch = "main") =>
        (string)(await Rest.CallAsync(Admin, "GET", $"{ProjectPath}/branches/{Uri.EscapeDataString(branch)}")).Json["revision"]!;

    /// <summary>A commit of the server's, by its id.</summary>
    public async Task<Commit> CommitAsync(string sha)
    {
        if (Clone.Lookup<Commit>(sha) is null)
            await GitAsync(Gate, "fetch", "--no-auto-gc", "+refs/heads/*:refs/heads/*", "+refs/changes/*:refs/changes/*");
        return Clone.Lookup<Commit>(sha);
    }

    /// <summary>The log that the server keeps of a change, oldest update first.</summary>
    public async Task<IReadOnlyList<GerritUpdate>> LogAsync(GerritChange change)
    {
        var reference = $"refs/changes/{change.Number % 100:00}/{change.Number}/meta";
        await GitAsync(Gate, "fetch", $"+{reference}:{reference}");
        var log = new List<GerritUpdate>();
        for (var at = (Commit)Clone.Refs[reference].ResolveToDirectReference().Target; at is not null; at = at.Parents.FirstOrDefault())
            log.Insert(0, new(at.Author.Name + " <" + at.Author.Email + ">", at.Message));
        return log;
    }

    /// <summary>Puts a ref of any name at the trunk's tip. A pattern says which one exactly: a name alone could mean several.</summary>
    public async Task PlantAsync(string reference)
    {
        var (local, last) = ($"refs/plant/{Clone.Refs.Count()}", reference[(reference.LastIndexOf('/') + 1)..]);
        Clone.Refs.Add($"{local}/{last}", (await CommitAsync(await TipAsync())).Id);
        await AddMemberAsync("bots", Admin);
        await GitAsync(Admin, "push", $"{local}/*:{reference[..^last.Length]}*");
        await RemoveMemberAsync("bots", Admin);
    }

    private string Remote => $"{DirectUrl}a/{Project}";

    private async Task<GerritChange> PushAsync(string who, string commit, string reference, string changeId)
    {
        var said = (await GitAsync(who, "push", $"{commit}:{reference}")).Error;
        var number = int.Parse(ChangeLink().Match(said) is { Success: true } link ? link.Groups[1].Value : throw new GitException($"no change in: {said}"), System.Globalization.CultureInfo.InvariantCulture);
        var told = (await Rest.CallAsync(who, "GET", $"changes/{Uri.EscapeDataString(Project)}~{number}?o=CURRENT_REVISION")).Json;
        return new(number, changeId, commit, (int)told["revisions"]![commit]!["_number"]!);
    }

    private Task<GitAnswer> GitAsync(string who, string verb, params string[] arguments)
    {
        var options = arguments.Where(argument => argument.StartsWith('-'));
        return new GitProgram(Clone.Info.Path, System.IO.Path.Combine(directory, "home"))
            .NeedAsync([.. As(who), verb, .. options, Remote, .. arguments.Except(options)], default);
    }

    /// <summary>No two commits are of the same second, so that none is another by chance.</summary>
    private Signature Sign(string who) => new(who, Email(who), begun.AddSeconds(++made));

    private static string[] As(string who) => ["-c", $"http.extraHeader=Authorization: Basic {GerritRest.Basic(who)}"];

    private string Commit(string who, string message, IReadOnlyDictionary<string, string> files, Commit? below, TreeDefinition tree, string? author = null, string? committer = null)
    {
        foreach (var (path, text) in files)
            tree.Add(path, Clone.ObjectDatabase.CreateBlob(new MemoryStream(Encoding.UTF8.GetBytes(text))), Mode.NonExecutableFile);
        var person = Sign(who);
        return Clone.ObjectDatabase.CreateCommit(author is null ? person : Sign(author), committer is null ? person : Sign(committer), message, Clone.ObjectDatabase.CreateTree(tree), below is null ? [] : [below], prettifyMessage: false).Sha;
    }

    /// <summary>What the older patch set changed, on another commit.</summary>
    private void Carry(Commit old, TreeDefinition tree)
    {
        foreach (var entry in Clone.Diff.Compare<TreeChanges>(old.Parents.FirstOrDefault()?.Tree, old.Tree))
        {
            if (entry.Status == ChangeKind.Deleted)
                tree.Remove(entry.Path);
            else
                tree.Add(entry.Path, old.Tree[entry.Path]);
        }
    }

    private void DisposeGit()
    {
        clone?.Dispose();
        Runs.Files.Delete(directory);
    }

    [GeneratedRegex(@"/\+/(\d+) ")]
    private static partial Regex ChangeLink();
}
