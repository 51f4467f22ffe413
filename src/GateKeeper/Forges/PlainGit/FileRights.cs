using System.Diagnostics;
using GateKeeper.Git;

namespace GateKeeper.Forges.PlainGit;

/// <summary>One file or folder of a repository: whose it is, and its mode as in chmod.</summary>
internal sealed record FileRight(string Path, string Owner, string Group, UnixFileMode Mode, bool IsFolder);

/// <summary>Who can write a repository's files: whoever can needs no push, and no hook judges it.</summary>
internal static class FileRights
{
    private const int MostNamed = 5;
    private static readonly string[] Watched = ["HEAD", "config", "packed-refs", "hooks", "objects", "refs", "refs/heads", GuardSettings.Folder];

    /// <summary>The files by which a hook could be passed by, and the folder that holds them all. Null where they cannot be looked at.</summary>
    public static async Task<IReadOnlyList<FileRight>?> ReadAsync(string repository, CancellationToken cancellation)
    {
        List<string> paths = [Path.GetDirectoryName(repository)!, repository, .. Watched.Select(name => Path.Combine(repository, name)).Where(Path.Exists)];
        foreach (var folder in ((string[])["hooks", GuardSettings.Folder, "refs/heads"]).Select(name => Path.Combine(repository, name)).Where(Directory.Exists))
            paths.AddRange(Directory.EnumerateFileSystemEntries(folder).Where(path => !path.EndsWith(".sample", StringComparison.Ordinal)));
        var start = new ProcessStartInfo("stat", ["--format=%U\t%G\t%a\t%F\t%n", "--", .. paths]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Keep("PATH");
        start.Environment["LC_ALL"] = "C";
        using var process = Children.Start(start);
        var (told, _) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        await process.WaitForExitAsync(cancellation);
        var lines = (await told).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t', 5)).ToList();
        return process.ExitCode == 0 && lines.TrueForAll(line => line.Length == 5)
            ? [.. lines.Select(line => new FileRight(line[4], line[0], line[1], (UnixFileMode)Convert.ToInt32(line[2], 8), line[3] == "directory"))]
            : null;
    }

    /// <summary>
    /// Whose a repository on this machine is, where that is not the account that asks, and that one can write it all the same, as root can: each
    /// file that it makes there is one that the owner cannot write. Else null.
    /// </summary>
    public static async Task<string?> ForeignAsync(string repository, CancellationToken cancellation) =>
        Environment.IsPrivilegedProcess && Directory.Exists(repository)
        && (await ReadAsync(repository, cancellation))?.FirstOrDefault(file => file.Path == repository) is { Owner: not "root" } top ? top.Owner : null;

    public static Finding Judge(string repository, IReadOnlyList<FileRight>? files)
    {
        const string What = "nobody else: the repository's files";
        if (files?.FirstOrDefault(file => file.Path == repository) is not { } top)
            return Finding.Unknown(What, $"whose the files of {repository} are cannot be seen", "look as the account that they belong to, on the server");
        var reasons = new List<string>();
        Name("everybody on the machine can write", files.Where(file => file.Mode.HasFlag(UnixFileMode.OtherWrite) && !(file.Path != repository && file.IsFolder && file.Mode.HasFlag(UnixFileMode.StickyBit))));
        foreach (var group in files.Where(file => file.Mode.HasFlag(UnixFileMode.GroupWrite) && file.Path.StartsWith(repository, StringComparison.Ordinal)).GroupBy(file => file.Group))
            Name($"the system's group {group.Key} can write", group);
        foreach (var owner in files.Where(file => file.Owner != top.Owner && file.Owner != "root" && file.Path.StartsWith(repository, StringComparison.Ordinal)).GroupBy(file => file.Owner))
            Name($"{owner.Key} can write", owner);
        return reasons.Count == 0
            ? Finding.Right(What, $"only {top.Owner} can write them; people must reach them through the front end, never with a shell of that account")
            : Finding.Wrong(What, $"{string.Join("; ", reasons)}, and whoever writes files passes by the hooks", $"let one account have them that nobody logs in with: chown -R {top.Owner} {repository} && chmod -R go-w {repository}");

        void Name(string who, IEnumerable<FileRight> which)
        {
            var paths = which.Select(file => file.Path).ToList();
            if (paths.Count > 0)
                reasons.Add($"{who} {string.Join(", ", paths.Take(MostNamed))}{(paths.Count > MostNamed ? $" and {paths.Count - MostNamed} more" : "")}");
        }
    }
}
