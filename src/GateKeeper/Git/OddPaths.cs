using System.ComponentModel;
using System.Text;
using GateKeeper.Core.Rules;

namespace GateKeeper.Git;

/// <summary>Finds the paths of a person's work tree that are something else there than in the repository.</summary>
internal static class OddPaths
{
    private const string Submodule = "160000";
    private static readonly string[] Attributes = ["filter", "eol", "working-tree-encoding", "ident"];

    /// <summary>Of the repository that a folder is in; none where it is in none, or git cannot be asked.</summary>
    public static async Task<IReadOnlyList<OddPath>> OfAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            var top = await new GitProgram(folder, home: null).RunAsync(["rev-parse", "--show-toplevel"], cancellation);
            if (!top.Ok)
                return [];
            var git = new GitProgram(top.Text.TrimEnd('\n'), home: null);
            var staged = await git.NeedAsync(["ls-files", "--stage", "-z"], cancellation);
            var paths = staged.Text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('\t', 2)).Select(parts => (Mode: parts[0][..Submodule.Length], Path: parts[1])).ToList();
            var asked = await git.NeedAsync(["check-attr", "-z", "--stdin", .. Attributes], cancellation, Encoding.UTF8.GetBytes(string.Concat(paths.Select(entry => $"{entry.Path}\0"))));
            return [.. paths.Where(entry => entry.Mode == Submodule).Select(entry => new OddPath(entry.Path, Difference.Submodule)), .. Told(asked.Text.Split('\0')).DistinctBy(odd => odd.Path)];
        }
        catch (Exception error) when (error is GitException or Win32Exception or IOException)
        {
            return [];
        }
    }

    // Path, attribute and value, each ended by a zero byte.
    private static IEnumerable<OddPath> Told(string[] fields)
    {
        for (var at = 0; at + 2 < fields.Length; at += 3)
        {
            var why = (fields[at + 1], fields[at + 2]) switch
            {
                (_, "unspecified" or "unset") => (Difference?)null,
                ("filter", "lfs") => Difference.Lfs,
                ("eol", "crlf") => Difference.LineEndings,
                ("eol", _) => null,
                _ => Difference.Converted,
            };
            if (why is { } difference)
                yield return new(fields[at], difference);
        }
    }
}
