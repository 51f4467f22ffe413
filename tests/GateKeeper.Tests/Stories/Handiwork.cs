using System.Text;
using LibGit2Sharp;

namespace GateKeeper.Tests.Stories;

/// <summary>Commits as people make them with their own tools, in a repository that is at hand.</summary>
internal static class Handiwork
{
    /// <summary>A commit with one file more, or one less.</summary>
    public static string OnTop(Repository git, string below, Signature author, Signature committer, string message, string file, string? text)
    {
        var parent = git.Lookup<Commit>(below);
        var tree = TreeDefinition.From(parent);
        if (text is null)
            tree.Remove(file);
        else
            tree.Add(file, Blob(git, text), Mode.NonExecutableFile);
        return git.ObjectDatabase.CreateCommit(author, committer, message.TrimEnd('\n') + "\n", git.ObjectDatabase.CreateTree(tree), [parent], prettifyMessage: false).Sha;
    }

    /// <summary>One commit of all that a branch brings, in the words of its last.</summary>
    public static string Join(Repository git, string head, string onto)
    {
        var (last, below) = (git.Lookup<Commit>(head), git.Lookup<Commit>(onto));
        return git.ObjectDatabase.CreateCommit(last.Author, last.Committer, last.Message, git.ObjectDatabase.MergeCommits(below, last, new()).Tree, [below], prettifyMessage: false).Sha;
    }

    /// <summary>A merge of one into the other, in which a file may come that neither has, or another text for one that both have.</summary>
    public static string Merge(Repository git, Signature by, string head, string other, string? sneaked = null, Signature? committer = null)
    {
        var (first, second) = (git.Lookup<Commit>(head), git.Lookup<Commit>(other));
        var tree = git.ObjectDatabase.MergeCommits(first, second, new()).Tree;
        if (sneaked is not null)
            tree = git.ObjectDatabase.CreateTree(TreeDefinition.From(tree).Add(sneaked, Blob(git, "sneaked\n"), Mode.NonExecutableFile));
        return git.ObjectDatabase.CreateCommit(by, committer ?? by, $"Merge branch 'main' into {head[..7]}\n", tree, [first, second], prettifyMessage: false).Sha;
    }

    private static Blob Blob(Repository git, string text) => git.ObjectDatabase.CreateBlob(new MemoryStream(Encoding.UTF8.GetBytes(text)));
}
