using System.Security.Cryptography;
using System.Text;
using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>Lays out the trunk's .gitattributes files, and nothing else, in a directory of their own for merges to read.</summary>
internal sealed class TrunkAttributes(Repository repository, string directory)
{
    private readonly Dictionary<string, IReadOnlyList<(string Path, string Blob)>> known = [];

    /// <summary>A directory whose name comes from what is in it, so that equal attributes share one.</summary>
    public string For(string tree)
    {
        var files = Find(tree);
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files))))[..20];
        var path = Path.Combine(directory, name);
        if (Directory.Exists(path))
            return path;

        var fresh = path + ".new";
        Directory.CreateDirectory(fresh);
        foreach (var (file, blob) in files)
        {
            var target = Path.Combine(fresh, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var content = repository.Blob(blob).GetContentStream();
            using var written = File.Create(target);
            content.CopyTo(written);
        }

        Directory.Move(fresh, path);
        return path;
    }

    // Only the trunk's own trees come here, and what is on the trunk has passed the bounds.
    private IReadOnlyList<(string Path, string Blob)> Find(string tree)
    {
        if (known.TryGetValue(tree, out var before))
            return before;

        var found = new List<(string, string)>();
        foreach (var entry in repository.Tree(tree))
        {
            if (entry.Mode is Mode.Directory)
                found.AddRange(Find(entry.Target.Sha).Select(file => ($"{entry.Name}/{file.Path}", file.Blob)));
            else if (entry is { Name: ".gitattributes", Mode: Mode.NonExecutableFile or Mode.ExecutableFile })
                found.Add((entry.Name, entry.Target.Sha));
        }

        return known[tree] = found;
    }
}
