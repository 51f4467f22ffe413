using System.Globalization;
using System.Text;
using GateKeeper.Core.Changes;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Git;

/// <summary>
/// Writes commits as git has them: the library refuses a maker without an address, which git takes, and cuts what a name ends with.
/// </summary>
internal static class CommitWriter
{
    private static readonly char[] Ends = ['<', '>', '\n', '\r', '\0'];

    public static CommitSha Write(Repository repository, Maker author, Maker committer, string message, string tree, IEnumerable<Commit> parents)
    {
        var text = new StringBuilder().Append("tree ").Append(tree).Append('\n');
        foreach (var parent in parents)
            text.Append("parent ").Append(parent.Sha).Append('\n');
        text.Append("author ").Append(Line(author)).Append("\ncommitter ").Append(Line(committer)).Append("\n\n").Append(message.Replace("\0", "", StringComparison.Ordinal));
        return new(repository.ObjectDatabase.Write<Commit>(Encoding.UTF8.GetBytes(text.ToString())).Sha);
    }

    private static string Line(Maker maker)
    {
        var minutes = (int)maker.When.Offset.TotalMinutes;
        return string.Create(
            CultureInfo.InvariantCulture, $"{Clean(maker.Name)} <{Clean(maker.Email)}> {maker.When.ToUnixTimeSeconds()} {(minutes < 0 ? '-' : '+')}{Math.Abs(minutes) / 60:00}{Math.Abs(minutes) % 60:00}");
    }

    /// <summary>Without what would end a name or a line there.</summary>
    private static string Clean(string text) => string.Concat(text.Split(Ends)).Trim();
}
