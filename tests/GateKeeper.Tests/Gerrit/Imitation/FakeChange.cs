using System.Security.Cryptography;
using LibGit2Sharp;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>A vote as it stands on one patch set; a copied one keeps the moment and the mark of the original.</summary>
internal sealed record FakeVote(int Account, string Label, int Value, DateTimeOffset Date, string? Tag, string Mark, bool Copied, bool AfterMerge)
{
    /// <summary>Who cast it in the account's name.</summary>
    public int? Speaker { get; init; }
}

/// <summary>Words on a change.</summary>
internal sealed record FakeMessage(string Id, int Author, DateTimeOffset Date, string Text, int PatchSet, string? Tag, int? RealAuthor);

/// <summary>One patch set and the votes on it; a vote of zero is one that was taken back or deleted.</summary>
internal sealed class FakePatchSet(int number, Commit commit, int uploader, DateTimeOffset created, string kind, string group)
{
    public int Number => number;

    public Commit Commit => commit;

    public int Uploader => uploader;

    public DateTimeOffset Created => created;

    public string Kind => kind;

    public string Group => group;

    public string? Description { get; init; }

    public List<FakeVote> Votes { get; } = [];

    public FakeVote? Vote(int account, string label) => Votes.Find(vote => vote.Account == account && vote.Label == label);

    public void Set(FakeVote vote)
    {
        Votes.RemoveAll(each => each.Account == vote.Account && each.Label == vote.Label);
        Votes.Add(vote);
    }
}

/// <summary>A change with its patch sets, and the log that is kept of it: one commit for every update on refs/changes/NN/N/meta.</summary>
internal sealed class FakeChange(FakeProject project, int number, string changeId, int owner, DateTimeOffset created)
{
    private static readonly string[] Order =
    [
        "Patch-set", "Patch-set-description", "Current", "Change-id", "Subject", "Branch", "Status", "Topic", "Commit", "Hashtags", "Tag", "Groups", "Reviewer", "CC",
        "Label", "Copied-Label", "Submission-id", "Submitted-with", "Real-user", "Private", "Work-in-progress",
    ];

    public FakeProject Project => project;

    public int Number => number;

    public string ChangeId => changeId;

    public int Owner => owner;

    public DateTimeOffset Created => created;

    public DateTimeOffset Updated { get; private set; }

    public string Branch { get; set; } = "";

    public string Subject { get; set; } = "";

    public string Status { get; set; } = "NEW";

    public string? Topic { get; set; }

    public SortedSet<string> Hashtags { get; } = new(StringComparer.Ordinal);

    public bool WorkInProgress { get; set; }

    public bool Private { get; set; }

    public bool ReviewStarted { get; set; }

    public string? SubmissionId { get; set; }

    public int? Submitter { get; set; }

    public DateTimeOffset? Submitted { get; set; }

    /// <summary>The server landed it by itself, and kept what it had demanded; of what was pushed past it nothing is kept.</summary>
    public bool WasJudged { get; set; }

    public List<FakePatchSet> PatchSets { get; } = [];

    /// <summary>The current one is the latest, but for an older one that was pushed to the trunk.</summary>
    public FakePatchSet Current { get; set; } = null!;

    /// <summary>REVIEWER or CC, by account.</summary>
    public SortedDictionary<int, string> Reviewers { get; } = [];

    public List<FakeMessage> Messages { get; } = [];

    public string Meta { get; private set; } = "";

    public bool IsOpen => Status == "NEW";

    public string Reference(int patchSet) => $"refs/changes/{number % 100:00}/{number}/{patchSet}";

    public string MetaReference => $"refs/changes/{number % 100:00}/{number}/meta";

    public static string NewMark() => RandomNumberGenerator.GetHexString(40, lowercase: true);

    public FakePatchSet Upload(Commit commit, int uploader, DateTimeOffset at, string kind, string group, string? description = null)
    {
        var patchSet = new FakePatchSet(PatchSets.Count + 1, commit, uploader, at, kind, group) { Description = description };
        PatchSets.Add(patchSet);
        Current = patchSet;
        Subject = commit.MessageShort;
        project.Set(Reference(patchSet.Number), commit.Sha);
        return patchSet;
    }

    /// <summary>One update: words for people, and footers for the server, of which only the last paragraph's are its own.</summary>
    public void Write(FakeServer server, int author, int patchSet, string? message, params (string Name, string Value)[] footers)
    {
        var title = footers.Any(footer => footer.Name == "Commit") ? (Meta.Length == 0 ? "Create change" : $"Create patch set {patchSet}") : $"Update patch set {patchSet}";
        var lines = footers.Prepend(("Patch-set", $"{patchSet}")).OrderBy(footer => Array.IndexOf(Order, footer.Item1)).Select(footer => $"{footer.Item1}: {footer.Item2}\n");
        var text = $"{title}\n\n{(message is null ? "" : message + "\n\n")}{string.Concat(lines)}";
        var now = server.Now;
        var who = new Signature($"Gerrit User {author}", $"{author}@{server.Id}", now);
        var tree = project.Git.ObjectDatabase.CreateTree(new TreeDefinition());
        var commit = project.Git.ObjectDatabase.CreateCommit(
            who, new Signature("Gerrit Code Review", "root@localhost", now), text, tree, Meta.Length == 0 ? [] : [project.Git.Lookup<Commit>(Meta)], prettifyMessage: false);
        project.Set(MetaReference, commit.Sha);
        (Meta, Updated) = (commit.Sha, now);
        if (message is not null)
            Messages.Add(new(commit.Sha, author, now, message, patchSet, footers.Where(footer => footer.Name == "Tag").Select(footer => footer.Value).FirstOrDefault(),
                footers.Where(footer => footer.Name == "Real-user").Select(footer => (int?)int.Parse(footer.Value.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault()));
    }

    /// <summary>Words are taken out of the log, which is written anew from there on.</summary>
    public void Unsay(FakeServer server, string message, string instead)
    {
        var after = new Stack<Commit>();
        for (var commit = project.Git.Lookup<Commit>(Meta); ; commit = commit.Parents.First())
        {
            after.Push(commit);
            if (commit.Sha == message)
                break;
        }

        foreach (var old in after.ToList())
        {
            var text = old.Sha == message ? old.Message.Replace(Messages.Find(each => each.Id == message)!.Text, instead, StringComparison.Ordinal) : old.Message;
            var made = project.Git.ObjectDatabase.CreateCommit(
                old.Author, old.Committer, text, old.Tree, old.Sha == message ? old.Parents : [project.Git.Lookup<Commit>(Meta)], prettifyMessage: false).Sha;
            Messages.FindAll(each => each.Id == old.Sha).ForEach(each => Messages[Messages.IndexOf(each)] = each with { Id = made, Text = old.Sha == message ? instead : each.Text });
            Meta = made;
        }

        project.Set(MetaReference, Meta);
        Updated = server.Now;
    }
}
