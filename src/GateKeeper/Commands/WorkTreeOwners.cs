using System.ComponentModel;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;
using GateKeeper.Git;

namespace GateKeeper.Commands;

/// <summary>The owners files of a person's work tree, for whoever writes rules there.</summary>
internal static class WorkTreeOwners
{
    /// <summary>What is wrong with those that the rules name; nothing where the rules do not lie at the top of a work tree, or git cannot be asked.</summary>
    public static async Task<IReadOnlyList<RuleProblem>> WarningsAsync(Ruleset rules, RulePlaces places, string folder, CancellationToken cancellation)
    {
        if (!rules.Gates.SelectMany(gate => gate.Require.Flatten()).OfType<OwnersApprove>().Any() || await PathsAsync(folder, cancellation) is not { } paths)
            return [];
        return [.. OwnersWarnings.Of(rules, places, owners => Read(owners, paths, folder))];
    }

    private static async Task<IReadOnlyList<string>?> PathsAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            var git = new GitProgram(folder, home: null);
            var top = await git.RunAsync(["rev-parse", "--show-cdup"], cancellation);
            if (!top.Ok || top.Text.Trim().Length > 0)
                return null;
            var listed = await git.NeedAsync(["ls-files", "-z", "--cached", "--others", "--exclude-standard"], cancellation);
            return [.. listed.Text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Distinct()];
        }
        catch (Exception error) when (error is GitException or Win32Exception or IOException)
        {
            return null;
        }
    }

    private static OwnersFile? Read(OwnersApprove owners, IReadOnlyList<string> paths, string folder)
    {
        var parts = paths.Where(owners.Reads).Select(path => Part(path, new FileInfo(Path.Combine(folder, path)))).OfType<OwnersPart>().ToList();
        return parts.Count == 0 ? null
            : owners.Nested ? OwnersFile.Of(parts)
            : parts[0] is { Unread: { } unread } ? OwnersFile.Unreadable(unread)
            : OwnersFile.Parse(parts[0].Text);
    }

    /// <summary>Null for a file that the work tree has not any more.</summary>
    private static OwnersPart? Part(string path, FileInfo file)
    {
        try
        {
            return file.LinkTarget is not null || Directory.Exists(file.FullName) ? new(path, "", "it is no regular file")
                : !file.Exists ? null
                : file.Length > OwnersFile.MostBytes ? new(path, "", OwnersFile.TooLarge)
                : new(path, File.ReadAllText(file.FullName));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new(path, "", error.Message);
        }
    }
}
