using System.Text;
using GateKeeper.Git;
using GateKeeper.Tests.GitHub.Imitation;
using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub;

/// <summary>What people do with git, and what is to be seen of it.</summary>
internal sealed partial class GitHubPlace
{
    /// <summary>
    /// Pushes a commit with these files: onto what the branch has, else onto the commit named, else onto main; answers the commit. With a
    /// fork it is pushed to that person's own. A file without text is deleted.
    /// </summary>
    /// <exception cref="HubRefusal">The server would not have it.</exception>
    public Task<string> PushAsync(string who, string branch, string message, IReadOnlyDictionary<string, string?> files, string? onto = null, string? fork = null, bool amend = false) => DoAsync(() =>
    {
        var repository = fork is null ? Repository : Fork(fork);
        var tip = repository.Tip(branch);
        var below = repository.Commit(onto ?? (amend ? repository.Commit(tip)!.Parents.First().Sha : tip) ?? Repository.Tip("main"))!;
        var made = Commit(repository, who, message, files, [below], TreeDefinition.From(amend && onto is null ? repository.Commit(tip)! : below));
        Move(who, repository, branch, made);
        return made;
    });

    /// <summary>One file, named as its content.</summary>
    public Task<string> PushAsync(string who, string branch, string file, string? onto = null, string? fork = null) =>
        PushAsync(who, branch, $"Add {file}", new Dictionary<string, string?> { [file] = $"{file}\n" }, onto, fork);

    /// <summary>A branch with one file and a pull request of it, by somebody who may push, or from that person's fork.</summary>
    public async Task<int> ProposeAsync(string who, string file, string @base = "main", bool draft = false)
    {
        var fork = HubCaller.Person(Who(who)).AtLeast(Repository, "write") ? null : who;
        await PushAsync(who, $"add-{file}", file, Tip(@base), fork);
        return await OpenAsync(who, $"add-{file}", $"Add {file}", @base, draft, fork: fork);
    }

    /// <summary>A branch comes to lie where somebody says, by force where it must.</summary>
    public Task MoveBranchAsync(string who, string branch, string sha, string? fork = null) => DoAsync(() => Move(who, fork is null ? Repository : Fork(fork), branch, sha));

    /// <summary>The head of a branch is signed by whoever committed it, and the host finds this of it; answers the commit.</summary>
    public Task<string> SignHeadAsync(string who, string branch, string state = "VALID") => DoAsync(() =>
    {
        var head = Repository.Commit(Repository.Tip(branch))!;
        var unsigned = LibGit2Sharp.Commit.CreateBuffer(head.Author, head.Committer, head.Message, head.Tree, head.Parents, false, null);
        var made = Repository.Git.ObjectDatabase.CreateCommitWithSignature(unsigned, "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----").Sha;
        Repository.Signatures[made] = state;
        Move(who, Repository, branch, made);
        return made;
    });

    /// <summary>What the host finds of a signature now; nothing else tells of it.</summary>
    public void Finds(string commit, string state) => Repository.Signatures[commit] = state;

    public Task DeleteBranchAsync(string who, string branch) => DoAsync(() => Move(who, Repository, branch, new string('0', 40)));

    /// <summary>Another branch is merged into one's own, as people do to bring it up to date; answers the merge.</summary>
    public Task<string> MergeIntoAsync(string who, string branch, string sha) => DoAsync(() =>
    {
        var (first, second) = (Repository.Commit(Repository.Tip(branch))!, Repository.Commit(sha)!);
        var made = Repository.Git.ObjectDatabase.CreateCommit(Sign(who), Sign(who), $"Merge {sha[..7]} into {branch}\n", Repository.Git.ObjectDatabase.MergeCommits(first, second, new()).Tree, [first, second], prettifyMessage: false).Sha;
        Move(who, Repository, branch, made);
        return made;
    });

    /// <summary>Somebody who goes by no rule moves the trunk past the gate: an administrator in the night.</summary>
    public Task<string> PushPastTheGateAsync(string file, string branch = "main", string who = Admin) => DoAsync(() =>
    {
        var rulesets = Repository.Rulesets.ToList();
        Repository.Rulesets.Clear();
        var below = Repository.Commit(Repository.Tip(branch))!;
        var made = Commit(Repository, who, $"Add {file}", new Dictionary<string, string?> { [file] = $"{file}\n" }, [below], TreeDefinition.From(below));
        Move(who, Repository, branch, made);
        Repository.Rulesets.AddRange(rulesets);
        return made;
    });

    /// <summary>Pushes with git itself, over HTTP; answers what git said, well or ill.</summary>
    public async Task<GitAnswer> TryPushAsync(string token, string sha, string reference, bool force = false, string? fork = null)
    {
        var secret = Convert.ToBase64String(Encoding.UTF8.GetBytes($"x-access-token:{token}"));
        return await new GitProgram(Repository.Directory, Path.Combine(directory, "home")).RunAsync(
            ["-c", $"http.extraHeader=Authorization: Basic {secret}", "push", .. force ? ["--force"] : Array.Empty<string>(), fork is null ? GitUrl : $"{Server.Address}{Fork(fork).FullName}.git", $"{sha}:{reference}"], default);
    }

    /// <summary>A commit that lies in no branch yet.</summary>
    public Task<string> CommitAsync(string who, string message, IReadOnlyDictionary<string, string?> files, string? onto = null) => DoAsync(() =>
    {
        var below = Repository.Commit(onto ?? Repository.Tip("main"))!;
        return Commit(Repository, who, message, files, [below], TreeDefinition.From(below));
    });

    /// <summary>Somebody deletes the fork; what was proposed from it stays.</summary>
    public Task DeleteForkAsync(string owner) => DoAsync(() => { Fork(owner).Deleted = true; });

    public string Tip(string branch = "main") => Repository.Tip(branch) ?? throw new InvalidOperationException($"there is no branch {branch}");

    public string Head(int pull) => Pull(pull).HeadSha;

    /// <summary>The subjects of the trunk's own commits, oldest first.</summary>
    public Task<IReadOnlyList<string>> TrunkLogAsync(string branch = "main") => Server.DoAsync(() =>
    {
        var log = new List<string>();
        for (var at = Repository.Commit(Repository.Tip(branch)); at is not null; at = at.Parents.FirstOrDefault())
            log.Insert(0, at.MessageShort);
        return (IReadOnlyList<string>)log;
    });

    /// <summary>The text of a file on a branch, or null.</summary>
    public string? File(string path, string branch = "main") => (Repository.Commit(Tip(branch))![path]?.Target as Blob)?.GetContentText();

    public Commit CommitOf(string sha) => Repository.Commit(sha) ?? throw new InvalidOperationException($"there is no commit {sha}");

    public Task CatchUpAsync() => DoAsync(Server.CatchUp);

    private Task<bool> BeginAsync(IReadOnlyDictionary<string, string> files) => DoAsync(() =>
    {
        var first = Commit(Repository, Admin, "The beginning", files.ToDictionary(each => each.Key, each => (string?)each.Value), [], new TreeDefinition());
        Move(Admin, Repository, "main", first);
        Move(Admin, Repository, "stable", first);
    });

    private HubRepository Fork(string owner) => Server.Repositories.Find(each => each.Owner == Who(owner) && each.Parent == Repository && !each.Deleted) ?? Server.AddRepository(Who(owner), Name, Repository);

    private void Move(string who, HubRepository repository, string branch, string sha)
    {
        if (Server.Move(Caller(who), repository, $"refs/heads/{branch}", repository.Tip(branch) ?? new string('0', 40), sha) is { } refused)
            throw new HubRefusal(refused.Status, $"{refused.Said}\n{refused.Word}");
    }

    private Signature Sign(string who) => new(who, Who(who).Email, Server.Now);

    private string Commit(HubRepository repository, string who, string message, IReadOnlyDictionary<string, string?> files, Commit[] parents, TreeDefinition tree)
    {
        var git = repository.Git;
        foreach (var (path, text) in files)
        {
            if (text is null)
                tree.Remove(path);
            else
                tree.Add(path, git.ObjectDatabase.CreateBlob(new MemoryStream(Encoding.UTF8.GetBytes(text))), Mode.NonExecutableFile);
        }

        return git.ObjectDatabase.CreateCommit(Sign(who), Sign(who), message.TrimEnd('\n') + "\n", git.ObjectDatabase.CreateTree(tree), parents, prettifyMessage: false).Sha;
    }
}
